"""/api/cameras/{id}/events: what it reported by itself."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from hub.contracts.camera_event import CameraEventKind
from patrol_console.camera.service import found
from patrol_console.camera_event import repository
from patrol_console.edge import Reading, SeesCameras, console_of
from patrol_console.page import cursor_of, time_and_id
from patrol_console.record.schemas import DeviceEvent
from patrol_console.record.service import device_event
from patrol_console.rights import Action

router = APIRouter(prefix="/api/cameras", tags=["camera"])


class DeviceEventList(BaseModel):
    """GET /api/cameras/{id}/events, newest first."""

    items: list[DeviceEvent]
    next: str | None = None


@router.get("/{camera_id}/events")
async def list_device_events(
    request: Request,
    camera_id: str,
    actor: SeesCameras,
    reading: Reading,
    kind: CameraEventKind | None = None,
    cursor: Annotated[str | None, Query(max_length=512)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> DeviceEventList:
    """The device events of one camera."""
    await found(console_of(request), reading, actor, camera_id, Action.CAMERA_SEE)
    after = None if cursor is None else time_and_id(cursor)
    rows = await repository.listing(reading, camera_id, None if kind is None else kind.value, after, limit + 1)
    shown = rows[:limit]
    more = len(rows) > limit
    return DeviceEventList(
        items=[device_event(row) for row in shown],
        next=cursor_of(shown[-1].at.isoformat(), shown[-1].id) if more else None,
    )
