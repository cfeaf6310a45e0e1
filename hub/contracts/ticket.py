"""查看凭证: the right of one person to one camera's picture, for a short time and one opening."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from hub.contracts.base import Contract, UtcTime


class TicketAction(StrEnum):
    """What the ticket opens."""

    LIVE = "live"
    SNAPSHOT = "snapshot"
    TEST = "test"  # the technician's "does it come?"
    PTZ = "ptz"
    FIX = "fix"  # its settings are changed by ONVIF, or put back
    SWEEP = "sweep"  # of a gateway's cameras: `camera_id` is `gateway:<id>`
    DISCOVER = "discover"  # what is on the gateway's network: `camera_id` is `gateway:<id>`


class Ticket(Contract):
    """Signed by `hub.tickets`; a stream that is open ends with a revocation, not with `expires_at`."""

    ticket_id: str
    user_id: str
    unit_id: str | None = None
    camera_id: str
    action: TicketAction = TicketAction.LIVE
    purpose: str  # wall | alert | detail | setup | patrol
    reference: str | None = None
    audio: bool = False
    watermark: Annotated[str, Field(max_length=80)] | None = None  # who looks; drawn on the picture with the time
    holder: Annotated[str, Field(max_length=80)] | None = None  # the person's name, told to whoever wants the head too
    expires_at: UtcTime
