"""The real clips, models and captures outside the repository, found by PROBE_MATERIAL."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def material_file(name: str) -> Path:
    """The file `name` of the material; skips the test when it is not here."""
    folder = os.environ.get("PROBE_MATERIAL")
    if not folder or not (Path(folder) / name).exists():
        pytest.skip(f"needs {name} of the material (PROBE_MATERIAL)")
    return Path(folder) / name
