"""/api/cameras/{id}/record and what is written into it by hand."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, status

from patrol_console.edge import ConfiguresCameras, Reading, SeesCameras, Writing, console_of, language
from patrol_console.record import service
from patrol_console.record.schemas import CameraRecord, Repair, RepairNote

router = APIRouter(prefix="/api/cameras", tags=["camera"])


@router.get("/{camera_id}/record")
async def get_record(
    request: Request,
    camera_id: str,
    actor: SeesCameras,
    reading: Reading,
    limit: Annotated[int, Query(ge=1, le=service.MOST_LISTED)] = 50,
) -> CameraRecord:
    """一机一档: what the camera is, and what was found, done and reported; each list the newest first."""
    return await service.get(console_of(request), reading, actor, camera_id, limit, language(request))


@router.post("/{camera_id}/repairs", status_code=status.HTTP_201_CREATED)
async def note_repair(
    request: Request, camera_id: str, actor: ConfiguresCameras, body: RepairNote, writing: Writing
) -> Repair:
    """Note what was done there."""
    return await service.write_note(console_of(request), writing, actor, camera_id, body.note)
