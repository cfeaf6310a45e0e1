"""/api/units/{id}/access and …/cameras: what a partner unit may pull by RTSP."""

from __future__ import annotations

from fastapi import APIRouter, Request, status

from patrol_console.edge import ConfiguresCameras, Reading, Writing, console_of
from patrol_console.share import service
from patrol_console.share.schemas import PartnerAccess, PartnerLogin, SharedCameras

router = APIRouter(prefix="/api/units", tags=["share"])


@router.get("/{unit_id}/access")
async def get_access(request: Request, unit_id: str, actor: ConfiguresCameras, reading: Reading) -> PartnerAccess:
    """The unit's login, without its password, and its cameras."""
    return await service.get(console_of(request), reading, actor, unit_id)


@router.post("/{unit_id}/access", status_code=status.HTTP_201_CREATED)
async def give_access(request: Request, unit_id: str, actor: ConfiguresCameras, writing: Writing) -> PartnerLogin:
    """A login for the unit, or another password; what is open by the old one ends."""
    return await service.give(console_of(request), writing, actor, unit_id)


@router.delete("/{unit_id}/access", status_code=status.HTTP_204_NO_CONTENT)
async def withdraw_access(request: Request, unit_id: str, actor: ConfiguresCameras, writing: Writing) -> None:
    """No login and no cameras any more; what is open ends."""
    await service.withdraw(console_of(request), writing, actor, unit_id)


@router.put("/{unit_id}/cameras")
async def put_shared_cameras(
    request: Request, unit_id: str, actor: ConfiguresCameras, body: SharedCameras, writing: Writing
) -> PartnerAccess:
    """Which cameras the unit may pull; what is taken away ends."""
    return await service.choose(console_of(request), writing, actor, unit_id, body.camera_ids)
