"""Who has which camera's head in hand: one person at a time, until they let go or say nothing for a while.

Pure but for the clock; on the gateway's loop, in memory alone: a gateway that starts anew knows of no lease, and the
camera's own time-out has ended what moved. The same person at two windows is one holder.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hub.clock import Clock
from hub.contracts.ptz import LEASE_S, PtzHolder
from hub.contracts.ticket import Ticket
from hub.errors import ErrorKind, HubError

_NAMELESS: Final = "?"


@dataclass(slots=True)
class Lease:
    """One person's hold. `ticket` is the one that took it: the access register knows the hold by it."""

    ticket: Ticket
    until_s: float

    @property
    def name(self) -> str:
        """As others are told."""
        return self.ticket.holder or self.ticket.user_id or _NAMELESS


class Leases:
    """By camera."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: dict[str, Lease] = {}

    def take(self, ticket: Ticket) -> bool:
        """Take it, or hold it longer; True when it was free before.

        Raises HubError CONFLICT `camera_gateway.ptz_held` with the name of whoever has it.
        """
        now_s = self._clock.monotonic()
        held = self._held.get(ticket.camera_id)
        if held is not None and held.ticket.user_id == ticket.user_id:
            held.until_s = now_s + LEASE_S
            return False
        if held is not None and now_s < held.until_s:
            raise HubError(
                ErrorKind.CONFLICT, "camera_gateway.ptz_held", holder=held.name, seconds=round(held.until_s - now_s)
            )
        self._held[ticket.camera_id] = Lease(ticket, now_s + LEASE_S)
        return True

    def holder(self, camera_id: str) -> PtzHolder | None:
        """Who has it now."""
        held = self._held.get(camera_id)
        left_s = -1.0 if held is None else held.until_s - self._clock.monotonic()
        if held is None or left_s <= 0:
            return None
        return PtzHolder(user_id=held.ticket.user_id, name=held.name, seconds=round(left_s, 1))

    def release(self, camera_id: str, user_id: str | None = None) -> Lease | None:
        """It is free; the hold that ended. With `user_id` only that person's."""
        held = self._held.get(camera_id)
        if held is None or (user_id is not None and held.ticket.user_id != user_id):
            return None
        return self._held.pop(camera_id)

    def over(self) -> list[Lease]:
        """Those that nobody renewed; they are free."""
        now_s = self._clock.monotonic()
        ended = [lease for lease in self._held.values() if now_s >= lease.until_s]
        for lease in ended:
            del self._held[lease.ticket.camera_id]
        return ended

    def __len__(self) -> int:
        return len(self._held)
