"""The ramp: how fast cameras may be opened, over all and at one address.

Six hundred connections at once bring down a recorder, a village uplink and our own loop; thirty-two cameras behind one
recorder share its address. Runs on the gateway's loop; holds no camera, only the times at which the next may open.
"""

from __future__ import annotations

from hub.clock import Clock

_REMEMBERED_ADDRESSES = 10_000  # more than any gateway has cameras; the oldest are forgotten when their turn is past


class Ramp:
    """Gives each opening its turn: at most `per_s` a second over all and `per_address_s` at one address."""

    def __init__(self, clock: Clock, per_s: float, per_address_s: float) -> None:
        self._clock = clock
        self._gap_s = 1 / per_s
        self._address_gap_s = 1 / per_address_s
        self._next = 0.0
        self._next_at: dict[str, float] = {}
        self.opens = 0

    async def turn(self, address: str) -> None:
        """Wait until it is this address's turn; a caller that is cancelled leaves its place empty."""
        now = self._clock.monotonic()
        # First the address's own turn, then a place in the common row at that time or later.
        at_address = max(now, self._next_at.get(address, 0.0))
        self._next_at[address] = at_address + self._address_gap_s
        if len(self._next_at) > _REMEMBERED_ADDRESSES:
            self._next_at = {key: when for key, when in self._next_at.items() if when > now}
        if at_address > now:
            await self._clock.sleep(at_address - now)
            now = self._clock.monotonic()
        at = max(now, self._next)
        self._next = at + self._gap_s
        if at > now:
            await self._clock.sleep(at - now)
        self.opens += 1
