"""Wrong passwords make their account and their address wait. In memory, bounded; one for each process."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass

from hub.clock import Clock
from hub.errors import ErrorKind, HubError

_MOST_KEYS = 10_000  # the longest untouched is forgotten first
_PEOPLE_BEHIND_ONE_ADDRESS = 4  # an office shares one: it may err so many times as often as one account


@dataclass(slots=True)
class _Tries:
    count: int
    last_at: float


class Throttle:
    """Counts a try before it is checked, so that many at once cannot slip through; a right one is taken back."""

    def __init__(self, clock: Clock, tries: int, wait_s: float) -> None:
        self._clock = clock
        self._tries = tries
        self._wait_s = wait_s
        self._counted: OrderedDict[str, _Tries] = OrderedDict()

    def begin(self, account: str, address: str) -> None:
        """Count a try, or raise HubError LIMITED `patrol_console.too_many_tries` with the seconds to wait."""
        keys = self._keys(account, address)
        for key, most in keys:
            self._refuse(key, most)
        for key, _ in keys:
            tries = self._counted.setdefault(key, _Tries(0, 0.0))
            tries.count += 1
            tries.last_at = self._clock.monotonic()
            self._counted.move_to_end(key)
        while len(self._counted) > _MOST_KEYS:
            self._counted.popitem(last=False)

    def was_right(self, account: str, address: str) -> None:
        """The account starts anew; the address gets its one try back."""
        (of_account, _), (of_address, _) = self._keys(account, address)
        self._counted.pop(of_account, None)
        if (tries := self._counted.get(of_address)) is not None:
            tries.count -= 1

    def _keys(self, account: str, address: str) -> tuple[tuple[str, int], tuple[str, int]]:
        return (f"account {account}", self._tries), (f"address {address}", self._tries * _PEOPLE_BEHIND_ONE_ADDRESS)

    def _refuse(self, key: str, most: int) -> None:
        tries = self._counted.get(key)
        if tries is None:
            return
        left = tries.last_at + self._wait_s - self._clock.monotonic()
        if left <= 0:
            del self._counted[key]
        elif tries.count >= most:
            raise HubError(ErrorKind.LIMITED, "patrol_console.too_many_tries", seconds=math.ceil(left))
