"""/api/alerts: the queue, one alert, what can be done to it, its evidence."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from hub.contracts.severity import Severity
from patrol_console.alert import service
from patrol_console.alert.schemas import Acknowledge, AlertDetail, AlertList, Dismiss
from patrol_console.alert.state import AlertGroup, Verb
from patrol_console.edge import AcknowledgesAlerts, DismissesAlerts, Reading, SeesAlerts, Writing, console_of

router = APIRouter(prefix="/api/alerts", tags=["alert"])


@router.get("")
async def list_alerts(
    actor: SeesAlerts,
    reading: Reading,
    group: AlertGroup | None = None,
    area_id: str | None = None,
    camera_id: str | None = None,
    severity: Severity | None = None,
    cursor: Annotated[str | None, Query(max_length=512)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> AlertList:
    """The alerts the reader may see, newest first."""
    wish = service.Wish(group, area_id, camera_id, severity, cursor, limit)
    return await service.listing(reading, actor, wish)


@router.get("/{alert_id}")
async def get_alert(alert_id: str, actor: SeesAlerts, reading: Reading) -> AlertDetail:
    """One alert with its timeline."""
    return await service.get(reading, actor, alert_id)


@router.post("/{alert_id}/acknowledge")
async def acknowledge(
    request: Request, alert_id: str, actor: AcknowledgesAlerts, _: Acknowledge, writing: Writing
) -> AlertDetail:
    """Take it; the second person reads who was first."""
    return await service.step(console_of(request), writing, actor, alert_id, Verb.ACKNOWLEDGE)


@router.post("/{alert_id}/dismiss")
async def dismiss(
    request: Request, alert_id: str, actor: DismissesAlerts, body: Dismiss, writing: Writing
) -> AlertDetail:
    """Put it aside as false, with a reason."""
    return await service.step(console_of(request), writing, actor, alert_id, Verb.DISMISS, note=body.reason)


@router.get(
    "/{alert_id}/evidence.jpg",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}},
)
async def evidence(request: Request, alert_id: str, actor: SeesAlerts, reading: Reading) -> Response:
    """The drawn, masked picture kept with the alert."""
    return await service.evidence(console_of(request), reading, actor, alert_id)
