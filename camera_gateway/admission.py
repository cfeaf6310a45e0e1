"""Who may open a picture: tickets are verified, used once, and refused when withdrawn.

Runs on the gateway's loop, alone in touching what it remembers. A ticket's text is never logged and never kept; only
its id is, until it would have expired anyway.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from hub.bus import Bus
from hub.clock import Clock
from hub.contracts.spec import Revoked
from hub.contracts.ticket import Ticket, TicketAction
from hub.errors import ErrorKind, HubError
from hub.tickets import TicketSigner

# A ticket is remembered a little longer than it lives: the clocks of two machines differ.
_SLACK_S = 30.0
# Nobody waits longer for a picture because Redis is away.
_REDIS_S = 0.3


def names(revoked: Revoked, ticket: Ticket) -> bool:
    """Whether the revocation names this ticket's camera, person or the ticket itself."""
    return (
        revoked.camera_id == ticket.camera_id
        or revoked.user_id == ticket.user_id
        or revoked.ticket_id == ticket.ticket_id
    )


class Admission:
    """The gateway's door.

    `ticket_s` is how long the console's tickets live: when a ticket was made is told from its expiry.
    """

    def __init__(self, signer: TicketSigner, bus: Bus, clock: Clock, ticket_s: float) -> None:
        self._signer = signer
        self._bus = bus
        self._clock = clock
        self._life = timedelta(seconds=ticket_s)
        self._began = clock.now()
        self._used: dict[str, datetime] = {}  # ticket id -> when it may be forgotten
        self._revoked: list[Revoked] = []
        self.admitted = 0
        self.refused = 0

    async def admit(self, text: str, camera_id: str, action: TicketAction) -> Ticket:
        """The ticket, now used.

        Raises HubError FORBIDDEN: `hub.ticket_*` as the signer says, `camera_gateway.ticket_used`,
        `camera_gateway.ticket_revoked`; UNAVAILABLE when it cannot be known whether it was used.
        """
        try:
            ticket = self._signer.verify(text, camera_id=camera_id, action=action)
            self.refuse_revoked(ticket)
            await self._use(ticket)
            # A revocation may have come while Redis was asked.
            self.refuse_revoked(ticket)
        except HubError:
            self.refused += 1
            raise
        self.admitted += 1
        return ticket

    def revoke(self, revoked: Revoked) -> None:
        """Tickets made before it under a name it gives no longer open."""
        now = self._clock.now()
        keep = self._life + timedelta(seconds=_SLACK_S)
        self._revoked = [one for one in self._revoked if one.at + keep > now]
        self._revoked.append(revoked)

    def refuse_revoked(self, ticket: Ticket) -> None:
        """Raises HubError FORBIDDEN `camera_gateway.ticket_revoked` when it was withdrawn."""
        if not self.still(ticket):
            raise HubError(ErrorKind.FORBIDDEN, "camera_gateway.ticket_revoked")

    def still(self, ticket: Ticket) -> bool:
        """Whether it was not withdrawn."""
        made = ticket.expires_at - self._life
        return not any(names(one, ticket) and made <= one.at for one in self._revoked)

    async def _use(self, ticket: Ticket) -> None:
        now = self._clock.now()
        self._used = {key: until for key, until in self._used.items() if until > now}
        if ticket.ticket_id in self._used:
            raise HubError(ErrorKind.FORBIDDEN, "camera_gateway.ticket_used")
        until = ticket.expires_at + timedelta(seconds=_SLACK_S)
        self._used[ticket.ticket_id] = until
        # A camera has one gateway, and a ticket made after this process began was shown to this process or to none:
        # what it remembers is enough while Redis is away. An older one may have been used before a restart.
        known = ticket.expires_at - self._life >= self._began
        try:
            async with asyncio.timeout(_REDIS_S if known else None):
                first = await self._bus.use_once(f"ticket:{ticket.ticket_id}", (until - now).total_seconds())
        except TimeoutError:
            first = True
        except HubError as error:
            if error.kind is not ErrorKind.UNAVAILABLE or not known:
                raise
            first = True
        if not first:
            raise HubError(ErrorKind.FORBIDDEN, "camera_gateway.ticket_used")
