"""Outages: many cameras of one line dark at once are one thing to see to, not many."""
