"""What an attacker would try, held."""
