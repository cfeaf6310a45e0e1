"""The floor that the three services stand on: settings, bus, contracts, tickets, errors, clock, log."""
