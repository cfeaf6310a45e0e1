"""The right to ask a gateway what is on its network, and what stands at an address. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hub.contracts.ticket import Ticket, TicketAction
from hub.ids import new_id

if TYPE_CHECKING:
    from patrol_console.console import Console


def joining_ticket(console: Console, user_id: str, unit_id: str | None) -> str:
    """Signed, for the gateway that this console's new cameras get."""
    now = console.clock.now()
    ticket = Ticket(
        ticket_id=new_id("tkt", now),
        user_id=user_id,
        unit_id=unit_id,
        camera_id=f"gateway:{console.settings.gateway.id}",
        action=TicketAction.DISCOVER,
        purpose="setup",
        expires_at=now + timedelta(seconds=console.settings.console.ticket_s),
    )
    return console.signer.sign(ticket)
