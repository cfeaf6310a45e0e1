"""The description of the API that the page's client is made of is the one that the routes give."""

from __future__ import annotations

from pathlib import Path

from patrol_console.openapi import document

COMMITTED = Path(__file__).parents[2] / "patrol_console" / "web" / "openapi.json"


def test_the_committed_description_is_the_one_of_todays_routes() -> None:
    """Else: `python -m patrol_console.openapi > patrol_console/web/openapi.json`, then `npm run generate` there."""
    assert COMMITTED.read_text("utf-8") == document()
