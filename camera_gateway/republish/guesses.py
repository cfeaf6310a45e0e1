"""Wrong logins make the one who guesses wait. In memory, bounded; the gateway's loop alone touches it.

Counted for a user name from one address, and for an address as a whole: a player with an old password, which repeats
it for ever, must not shut out the others behind the same address.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

TRIES: Final = 5
TRIES_OF_AN_ADDRESS: Final = 60
WAIT_S: Final = 60.0
MOST_KEPT: Final = 10_000  # the longest untouched is forgotten first


class Guesses:
    """Of all connections."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()  # how many, when the last

    def must_wait(self, address: str, username: str) -> bool:
        """Whether this one is not listened to now."""
        return any(self._count(key) >= most for key, most in _keys(address, username))

    def was_wrong(self, address: str, username: str) -> None:
        """Count it."""
        for key, _ in _keys(address, username):
            self._wrong[key] = (self._count(key) + 1, self._now_s())
            self._wrong.move_to_end(key)
        while len(self._wrong) > MOST_KEPT:
            self._wrong.popitem(last=False)

    def was_right(self, address: str, username: str) -> None:
        """It starts anew."""
        self._wrong.pop(_keys(address, username)[0][0], None)

    def _count(self, key: str) -> int:
        count, last_s = self._wrong.get(key, (0, 0.0))
        return count if self._now_s() - last_s < WAIT_S else 0


def _keys(address: str, username: str) -> tuple[tuple[str, int], ...]:
    return (f"pair {address} {username[:64]}", TRIES), (f"address {address}", TRIES_OF_AN_ADDRESS)
