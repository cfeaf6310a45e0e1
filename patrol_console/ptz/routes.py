"""/api/cameras/{id}/ptz: turn it, or ask who has it in hand and which presets it has."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from hub.contracts.ptz import PtzCommand, PtzState, PtzVerb
from patrol_console.camera.schemas import Camera
from patrol_console.edge import ConfiguresCameras, Reading, TurnsCameras, Writing, console_of, language
from patrol_console.ptz import service

router = APIRouter(prefix="/api/cameras", tags=["camera"])


class PtzHome(BaseModel):
    """PUT /api/cameras/{id}/ptz/home: where it stands when nobody needs it elsewhere."""

    model_config = ConfigDict(extra="forbid")
    after_s: Annotated[int, Field(ge=10, le=86_400)] | None = None  # unmoved for so long: it goes there; null: never
    preset: Annotated[str, Field(min_length=1, max_length=64)] | None = None  # null: the camera's own home


@router.put("/{camera_id}/ptz/home")
async def put_ptz_home(
    request: Request, camera_id: str, actor: ConfiguresCameras, body: PtzHome, writing: Writing
) -> Camera:
    """Set it."""
    return await service.put_home(console_of(request), writing, actor, camera_id, body.after_s, body.preset)


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
