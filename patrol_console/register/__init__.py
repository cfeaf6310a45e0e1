"""The access register: who looked at what, when, how long and why (Order 799, art. 16)."""
