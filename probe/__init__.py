"""The command `probe`: above the services, imports them lazily (`probe --help` must be quick)."""
