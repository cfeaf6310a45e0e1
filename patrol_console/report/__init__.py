"""Figures over days, computed from what was kept."""
