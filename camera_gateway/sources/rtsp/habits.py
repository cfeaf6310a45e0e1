"""What a camera was found not to bear, kept over its tries: a source lives for one try and would learn it each time.

One for all sources of a gateway, on its loop. Bounded; what was learned is forgotten after an hour, since a firmware or
a firewall may have been mended.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from hub.addresses import PinnedAddress
from hub.clock import Clock

KEPT_S: Final = 3600.0
KEPT_MAX: Final = 4096


class Habit(StrEnum):
    """One thing not to be tried again for a while."""

    CLOSES_ON_GET_PARAMETER = "closes_on_get_parameter"
    CLOSES_ON_AUDIO = "closes_on_audio"  # or does not play with it
    NO_UDP = "no_udp"  # set up, and nothing came: a firewall between


class Habits:
    """By address and path."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[tuple[str, int, str, Habit], float] = {}

    def note(self, address: PinnedAddress, habit: Habit) -> None:
        """It was so just now."""
        key = (address.ip, address.port, address.path, habit)
        self._until.pop(key, None)
        while len(self._until) >= KEPT_MAX:
            del self._until[next(iter(self._until))]
        self._until[key] = self._clock.monotonic() + KEPT_S

    def has(self, address: PinnedAddress, habit: Habit) -> bool:
        """Whether it was so within the last hour."""
        key = (address.ip, address.port, address.path, habit)
        until = self._until.get(key)
        if until is not None and until <= self._clock.monotonic():
            del self._until[key]
            return False
        return until is not None
