"""The manner of every contract: frozen, an explicit version, unknown fields ignored (a newer sender is no error)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a time without a zone; times between processes are UTC")
    try:
        return value.astimezone(UTC)
    except OverflowError as error:  # the year 1 east of Greenwich, the year 9999 west of it
        raise ValueError("a time beyond all calendars") from error


UtcTime = Annotated[datetime, AfterValidator(_utc)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Point = tuple[Share, Share]
Polygon = Annotated[tuple[Point, ...], Field(min_length=3, max_length=64)]
"""Corners (x, y), each 0..1 of the picture's width and height, from the top left."""


class Contract(BaseModel):
    """Base of all messages and of all data inside them."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Message(Contract):
    """Something that travels on a topic; a reader refuses a version that it does not know."""

    version: int = 1
