"""/api/outages: what is dark together, and which cameras."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from patrol_console.edge import Reading, SeesCameras, console_of
from patrol_console.outage import service
from patrol_console.outage.schemas import OutageDetail, OutageList

router = APIRouter(prefix="/api/outages", tags=["outage"])


@router.get("")
async def list_outages(
    actor: SeesCameras,
    reading: Reading,
    going_on: bool | None = None,
    cursor: Annotated[str | None, Query(max_length=512)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> OutageList:
    """Outages of cameras that the reader may see, newest first."""
    return await service.listing(reading, actor, going_on, cursor, limit)


@router.get("/{outage_id}")
async def get_outage(request: Request, outage_id: str, actor: SeesCameras, reading: Reading) -> OutageDetail:
    """One outage, with those of its cameras that the reader may see."""
    return await service.get(console_of(request), reading, actor, outage_id)
