"""/api/cameras/{id}/ptz: turn it, or ask who has it in hand and which presets it has."""

from __future__ import annotations

from fastapi import APIRouter, Request

from hub.contracts.ptz import PtzCommand, PtzState, PtzVerb
from patrol_console.edge import Reading, TurnsCameras, console_of, language
from patrol_console.ptz import service

router = APIRouter(prefix="/api/cameras", tags=["camera"])


@router.get("/{camera_id}/ptz")
async def look_at_ptz(request: Request, camera_id: str, actor: TurnsCameras, reading: Reading) -> PtzState:
    """Who holds it, and its presets; takes nothing."""
    wish = PtzCommand(verb=PtzVerb.LOOK)
    return await service.command(console_of(request), reading, actor, camera_id, wish, language(request))


@router.post("/{camera_id}/ptz")
async def command_ptz(
    request: Request, camera_id: str, actor: TurnsCameras, body: PtzCommand, reading: Reading
) -> PtzState:
    """Move, stop, home, presets. A move is said again a few times a second, or it ends; 409 where another holds it."""
    return await service.command(console_of(request), reading, actor, camera_id, body, language(request))
