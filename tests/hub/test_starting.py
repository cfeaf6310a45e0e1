"""A start is cheap: it takes in nothing that a killed process can do without, and collects no garbage."""

from __future__ import annotations

import gc
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from hub.starting import without_collecting

ROOT = Path(__file__).resolve().parent.parent.parent
HEAVY = ("rich", "pygments", "httpx", "alembic", "sqlalchemy.dialects.postgresql", "av", "cv2", "openvino", "PIL")


@pytest.mark.parametrize(
    ("module", "needed"),
    [
        ("patrol_console.app", set()),
        ("camera_gateway.service", set()),
        ("analytics.service", set()),
        ("analytics.judge", {"cv2"}),  # zones are polygons of OpenCV
    ],
)
def test_a_service_starts_without_what_it_can_take_in_later(module: str, needed: set[str]) -> None:
    program = f"import sys, {module}; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == needed


def test_after_a_start_garbage_is_collected_again_also_where_the_start_failed() -> None:
    try:
        with suppress(ZeroDivisionError), without_collecting():
            assert not gc.isenabled()
            raise ZeroDivisionError
        assert gc.isenabled()
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
