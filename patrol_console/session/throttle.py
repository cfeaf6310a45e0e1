"""Wrong passwords make the one who guesses wait. In memory, bounded; one for each process.

Counted for an account from one address, for an address, and for an account from anywhere. The last is high, and an
address from which the account has signed in before is not held by it: guessing must lock nobody else out.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass

from hub.clock import Clock
from hub.errors import ErrorKind, HubError

_MOST_KEYS = 10_000  # the longest untouched is forgotten first
_PEOPLE_BEHIND_ONE_ADDRESS = 4  # an office shares one: it may err so many times as often as one account
_ADDRESSES_OF_ONE_ACCOUNT = 10  # an account may be mistyped from so many places before strange ones wait


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
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()  # (account, address) that was right once

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
        """The account starts anew at this address; the other counts get their one try back."""
        pair, *others = self._keys(account, address)
        self._counted.pop(pair[0], None)
        for key, _ in others:
            if (tries := self._counted.get(key)) is not None:
                tries.count -= 1
        self._known[account, address] = None
        self._known.move_to_end((account, address))
        if len(self._known) > _MOST_KEYS:
            self._known.popitem(last=False)

    def _keys(self, account: str, address: str) -> list[tuple[str, int]]:
        keys = [
            (f"pair {account} {address}", self._tries),
            (f"address {address}", self._tries * _PEOPLE_BEHIND_ONE_ADDRESS),
        ]
        if (account, address) not in self._known:
            keys.append((f"account {account}", self._tries * _ADDRESSES_OF_ONE_ACCOUNT))
        return keys

    def _refuse(self, key: str, most: int) -> None:
        tries = self._counted.get(key)
        if tries is None:
            return
        left = tries.last_at + self._wait_s - self._clock.monotonic()
        if left <= 0:
            del self._counted[key]
        elif tries.count >= most:
            raise HubError(ErrorKind.LIMITED, "patrol_console.too_many_tries", seconds=math.ceil(left))
