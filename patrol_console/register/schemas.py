"""Lines of the access register as the API has them."""

from __future__ import annotations

from pydantic import BaseModel

from hub.contracts.base import UtcTime


class ViewingLine(BaseModel):
    """One person looked at one camera once, and heard it where `audio`; still open where `closed_at` is null."""

    user_name: str
    unit: str | None
    purpose: str
    reference: str | None
    audio: bool
    opened_at: UtcTime
    closed_at: UtcTime | None
    seconds: float | None
    frames_sent: int


class ViewingList(BaseModel):
    """GET /api/cameras/{id}/viewings, newest first."""

    items: list[ViewingLine]
    next: str | None = None
