"""Lines that many cameras share, and their budgets."""
