"""Outages as the API has them; counts and lists hold only cameras that the reader may see."""

from __future__ import annotations

from pydantic import BaseModel

from hub.contracts.base import UtcTime
from hub.contracts.camera import CameraState, Cause
from hub.contracts.severity import Severity
from patrol_console.outage.grouping import Scope


class Outage(BaseModel):
    """Many cameras of one line dark at once."""

    id: str
    scope: Scope
    name: str  # the gateway, the network or the area, by its name then
    whole: bool
    silent: bool
    severity: Severity
    began_at: UtcTime
    opened_at: UtcTime
    recovered_at: UtcTime | None
    cameras: int
    back: int
    alert_id: str | None  # for those who may see it


class OutageCamera(BaseModel):
    """One of its cameras, and how it is now."""

    camera_id: str
    name: str
    area_name: str
    state: CameraState | None  # null: taken away since
    cause: Cause | None
    down_since: UtcTime
    back_at: UtcTime | None


class OutageDetail(Outage):
    """GET /api/outages/{id}."""

    items: list[OutageCamera]


class OutageList(BaseModel):
    """GET /api/outages, newest first."""

    items: list[Outage]
    next: str | None = None
