"""The administrative tree."""
