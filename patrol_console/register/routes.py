"""/api/cameras/{id}/viewings: who looked."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from patrol_console.edge import Reading, SeesRegister
from patrol_console.register import service
from patrol_console.register.schemas import ViewingList

router = APIRouter(prefix="/api/cameras", tags=["register"])


@router.get("/{camera_id}/viewings")
async def list_viewings(
    camera_id: str,
    actor: SeesRegister,
    reading: Reading,
    cursor: Annotated[str | None, Query(max_length=512)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ViewingList:
    """The access register of one camera, newest first."""
    return await service.listing(reading, actor, camera_id, cursor, limit)
