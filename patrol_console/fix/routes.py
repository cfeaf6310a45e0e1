"""/api/cameras/{id}/fix: the camera's own settings are changed by ONVIF, and put back."""

from __future__ import annotations

from fastapi import APIRouter, Request

from patrol_console.edge import ConfiguresCameras, console_of, language
from patrol_console.fix import service
from patrol_console.fix.schemas import Fixed, FixOrdered, UndoOrdered

router = APIRouter(prefix="/api/cameras", tags=["camera"])


@router.post("/{camera_id}/fix")
async def fix_camera(request: Request, camera_id: str, actor: ConfiguresCameras, body: FixOrdered) -> Fixed:
    """Set its substream and its clock, look whether that did, and put it back where not; takes up to some minutes."""
    return await service.fix(console_of(request), actor, camera_id, body, language(request))


@router.post("/{camera_id}/fix/undo")
async def undo_fix(request: Request, camera_id: str, actor: ConfiguresCameras, body: UndoOrdered) -> Fixed:
    """Put back what the last fix changed that was not undone yet."""
    return await service.undo(console_of(request), actor, camera_id, language(request), dry_run=body.dry_run)
