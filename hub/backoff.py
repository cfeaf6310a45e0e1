"""How long to wait before the next try: growing, capped, and spread so that many do not knock at once.

Holds a number, no clock and no task; whoever owns the retry sleeps. Any thread, one owner.
"""

from __future__ import annotations

import random


class Backoff:
    """`first_s`, then `factor` times more each time up to `cap_s`; each wait is spread by up to ±`jitter` of itself.

    No wait is ever longer than `cap_s`. `rng` is handed in so that a test can know the waits.
    """

    def __init__(
        self,
        first_s: float,
        cap_s: float,
        rng: random.Random | None = None,
        factor: float = 2.0,
        jitter: float = 0.3,
    ) -> None:
        if first_s <= 0 or cap_s < first_s or factor < 1 or not 0 <= jitter < 1:
            raise ValueError("a back-off needs 0 < first_s <= cap_s, factor >= 1 and 0 <= jitter < 1")
        self._first_s = first_s
        self._cap_s = cap_s
        self._factor = factor
        self._jitter = jitter
        self._rng = rng or random.Random()  # noqa: S311 - spreads load, guards nothing
        self._next_s = first_s

    def next(self) -> float:
        """Seconds to wait now; the following one is longer."""
        base = self._next_s
        self._next_s = min(self._cap_s, base * self._factor)
        spread = 1 + self._jitter * (2 * self._rng.random() - 1)
        return min(self._cap_s, base * spread)

    def reset(self) -> None:
        """It worked: begin small again."""
        self._next_s = self._first_s
