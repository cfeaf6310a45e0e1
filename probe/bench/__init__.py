"""Benches: our whole real path against how others do the same, in one run on one machine. `probe bench …`."""

from probe.bench.cli import app

__all__ = ["app"]
