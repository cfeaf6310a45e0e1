"""Which release this is."""

from __future__ import annotations

from functools import cache
from importlib import metadata


@cache
def version() -> str:
    """Of the distribution; "0" where it is run from a bare checkout."""
    try:
        return metadata.version("probe-patrol")
    except metadata.PackageNotFoundError:
        return "0"
