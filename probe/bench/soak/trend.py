"""Whether a figure grows: the slope of Theil and Sen, which a few wild samples do not move. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Final

_MOST_POINTS: Final = 600  # pairs grow with the square


def slope(times: Sequence[float], values: Sequence[float]) -> float:
    """The median slope over all pairs, in units of `values` a unit of `times`; 0 for fewer than two points."""
    points = thinned(times, values, _MOST_POINTS)
    slopes = [
        (later - earlier) / (after - before)
        for index, (before, earlier) in enumerate(points)
        for after, later in points[index + 1 :]
        if after > before
    ]
    return median(slopes) if slopes else 0.0


def thinned(times: Sequence[float], values: Sequence[float], most: int) -> list[tuple[float, float]]:
    """At most `most` points: each the medians of a run of neighbours."""
    run = max(1, -(-len(times) // most))
    return [(median(times[at : at + run]), median(values[at : at + run])) for at in range(0, len(times), run)]
