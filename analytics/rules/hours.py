"""Whether a moment is within a rule's hours, in the centre's own time. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, tzinfo

from hub.contracts.rule import Hours


def within(hours: Sequence[Hours], at: datetime, zone: tzinfo) -> bool:
    """Whether `at` (aware) is in one of the spans; none given: always.

    A span holds its start and not its end; an end before the start runs over midnight; both equal is the whole day.
    """
    if not hours:
        return True
    now = at.astimezone(zone).time()
    return any(_holds(span, now.replace(tzinfo=None)) for span in hours)


def _holds(span: Hours, now: time) -> bool:
    start, end = span.start.replace(tzinfo=None), span.end.replace(tzinfo=None)
    if start == end:
        return True
    if start < end:
        return start <= now < end
    return now >= start or now < end
