"""Alerts as the API has them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from hub.contracts.base import UtcTime
from hub.contracts.severity import Severity
from patrol_console.alert.state import AlertGroup, AlertState, Verb
from patrol_console.outage.grouping import Scope
from patrol_console.plain import SEVERAL_LINES


class AlertOutage(BaseModel):
    """What an alert of kind `outage` tells of."""

    id: str
    scope: Scope
    name: str
    whole: bool
    silent: bool
    cameras: int
    recovered_at: UtcTime | None


class Alert(BaseModel):
    """Something that asks for a person."""

    id: str
    kind: str
    severity: Severity
    state: AlertState
    camera_id: str
    camera_name: str
    area_id: str
    area_name: str
    rule_name: str | None
    zone_name: str | None
    labels: list[str]
    confidence: float
    captured_at: UtcTime
    raised_at: UtcTime
    acknowledged_at: UtcTime | None
    acknowledged_by: str | None
    closed_at: UtcTime | None
    simulated: bool
    evidence: Literal["ready", "missing"]
    evidence_url: str | None
    outage: AlertOutage | None = None


class TimelineEntry(BaseModel):
    """One thing that happened to the alert; entries are only ever added."""

    at: UtcTime
    verb: Verb
    actor_name: str | None
    from_state: AlertState | None
    to_state: AlertState
    note: str | None
    detail: str | None


class AlertDetail(Alert):
    """GET /api/alerts/{id}; `verbs` are those the reader may use now."""

    timeline: list[TimelineEntry]
    verbs: list[Verb]


class SeverityCounts(BaseModel):
    """How many of each severity."""

    red: int = 0
    orange: int = 0
    yellow: int = 0
    blue: int = 0


class AlertList(BaseModel):
    """GET /api/alerts, newest first; `counts` are of all groups under the same area and camera."""

    items: list[Alert]
    next: str | None = None
    counts: dict[AlertGroup, SeverityCounts]


class Acknowledge(BaseModel):
    """POST /api/alerts/{id}/acknowledge."""

    model_config = ConfigDict(extra="forbid")


class Dismiss(BaseModel):
    """POST /api/alerts/{id}/dismiss: without a reason nothing is dismissed."""

    model_config = ConfigDict(extra="forbid")
    reason: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=2, max_length=500, pattern=SEVERAL_LINES)
    ]
