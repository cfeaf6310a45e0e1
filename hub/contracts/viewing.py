"""Who looked at what: the gateway's word on each ticket that was used; the access register stands on it."""

from __future__ import annotations

from enum import StrEnum

from hub.contracts.base import Message, UtcTime


class ViewingMoment(StrEnum):
    """When in the life of a viewing the message was sent."""

    OPENED = "opened"
    SAMPLE = "sample"
    CLOSED = "closed"


class Viewing(Message):
    """One entry of topic `viewings`; a `sample` comes every ten seconds while the picture is open."""

    ticket_id: str
    camera_id: str
    user_id: str
    unit_id: str | None = None
    purpose: str
    reference: str | None = None
    audio: bool = False  # whether its ticket let this person hear the camera
    moment: ViewingMoment
    at: UtcTime
    frames_sent: int = 0
    frames_dropped: int = 0
    last_media_at: UtcTime | None = None
    closed_because: str | None = None  # viewer | revoked | camera | slow | gateway
