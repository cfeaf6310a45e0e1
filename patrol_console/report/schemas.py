"""The online rate as the API has it; docs/ref/online-rate.md says what counts."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from hub.contracts.base import UtcTime


class OnlineDay(BaseModel):
    """One area on one day of the centre; `rate` is null where no camera was due."""

    day: date
    cameras: int
    due_min: float
    online_min: float
    rate: float | None


class OnlineArea(BaseModel):
    """One area with all below it: each day, and all of them together."""

    area_id: str
    name: str
    has_areas: bool
    cameras: int
    due_min: float
    online_min: float
    rate: float | None
    days: list[OnlineDay]


class OnlineReport(BaseModel):
    """GET /api/reports/online: the area asked for, and each area right below it, the worst first."""

    first: date
    last: date
    until: UtcTime  # what is after is not counted
    area: OnlineArea | None  # null: the reader holds several areas and asked for none
    areas: list[OnlineArea]
