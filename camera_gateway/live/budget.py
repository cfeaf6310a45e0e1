"""How much may be drawn anew at once: one sum of pixels a second over all pictures, exact because it is whole numbers.

Touched on the gateway's loop only. Knows sizes and rates, nothing of cameras, decoders or viewers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

WIDEST_PX = 1280
"""A picture drawn anew is never wider: on a wall nobody sees more, and 4K would take the budget of nine."""
MOST_SOURCE_PIXELS = 16 * 1024 * 1024
"""Above it nothing is decoded, whatever the budget: one picture would be 25 MB, and its references as much each."""
FASTEST = 60.0
SLOWEST = 1.0
DECODING_SHARE = 3
"""A third of the work on a pixel is taking it in: 1.5 ms a megapixel of 4.6 (docs/design/numbers.md)."""
_NARROW_PX = 640


@dataclass(frozen=True, slots=True)
class Plan:
    """What is made of one camera's picture, and what of the budget it holds."""

    source_width_px: int
    source_height_px: int
    source_rate: float  # pictures a second that are decoded
    width_px: int  # as encoded; even
    height_px: int
    rate: float  # most pictures a second that are encoded
    pixels_s: int


class Budget:
    """The sum, and the plans that fit into what is left of it.

    A picture drawn at its own size and rate costs width x height x rate. One that is made smaller or slower costs that
    much less in encoding, but is decoded whole: two thirds of what comes out, one third of what goes in.
    """

    def __init__(self, mpixel_s: float) -> None:
        self.pixels_s = round(mpixel_s * 1e6)
        self.used_pixels_s = 0

    def take(self, width_px: int, height_px: int, rate: float) -> Plan | None:
        """The best plan for such a source that fits now, and hold its cost; None where none does."""
        if not 0 < width_px * height_px <= MOST_SOURCE_PIXELS:
            return None
        rate = min(max(rate, SLOWEST), FASTEST)
        for widest, slower in ((WIDEST_PX, 1), (WIDEST_PX, 2), (_NARROW_PX, 1), (_NARROW_PX, 2)):
            plan = _plan(width_px, height_px, rate, widest, slower)
            if self.used_pixels_s + plan.pixels_s <= self.pixels_s:
                self.used_pixels_s += plan.pixels_s
                return plan
        return None

    def give_back(self, plan: Plan) -> None:
        """What `plan` held is free."""
        self.used_pixels_s -= plan.pixels_s


def _plan(width_px: int, height_px: int, rate: float, widest_px: int, slower: int) -> Plan:
    shrink = min(1.0, widest_px / width_px)
    width, height = _even(width_px * shrink), _even(height_px * shrink)
    decoded = width_px * height_px * rate
    encoded = width * height * rate / slower
    pixels_s = math.ceil(encoded + (decoded - encoded) / DECODING_SHARE) if decoded > encoded else math.ceil(encoded)
    return Plan(width_px, height_px, rate, width, height, rate / slower, pixels_s)


def _even(side: float) -> int:
    """4:2:0 has colour for every second pixel only."""
    return max(16, round(side / 2) * 2)
