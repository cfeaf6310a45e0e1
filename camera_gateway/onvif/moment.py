"""Times as cameras write them: `2024-08-17-12:30:45Z`, seconds past 59, no zone, no `T`. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_MOMENT: Final = re.compile(
    r"\s*(\d{4})-(\d{1,2})-(\d{1,2})[T\s-]*(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d{1,2}:?\d{2})?\s*\Z",
    re.I | re.A,
)


def parse_moment(text: str) -> datetime | None:
    """UTC; a time without a zone is taken for UTC. None where it is no time.

    Hikvision writes a "-" for the "T", others count past 59 minutes (python-onvif-zeep-async's field reports).
    """
    found = _MOMENT.match(text[:64])
    if not found:
        return None
    zone = found[8] or "Z"
    second = int(found[6] or 0) + float(f"0.{found[7] or 0}")
    made = moment_of(int(found[1]), int(found[2]), int(found[3]), int(found[4]), int(found[5]), second)
    if made is None or zone in "Zz":
        return made
    hours, minutes = int(zone[1:3].rstrip(":")), int(zone[-2:])
    try:
        return made - timedelta(hours=hours, minutes=minutes) * (-1 if zone[0] == "-" else 1)
    except OverflowError:
        return None


def moment_of(year: int, month: int, day: int, hour: int, minute: int, second: float) -> datetime | None:
    """A time in UTC whose hours, minutes and seconds may be past their ends; None where the day is none."""
    if not (0 <= hour < 100 and 0 <= minute < 100 and 0 <= second < 100):
        return None
    try:
        return datetime(year, month, day, tzinfo=UTC) + timedelta(hours=hour, minutes=minute, seconds=second)
    except (ValueError, OverflowError):
        return None
