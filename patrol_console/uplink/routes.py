"""/api/uplinks: lines that many cameras share."""

from __future__ import annotations

from fastapi import APIRouter, Request, status

from patrol_console.edge import ConfiguresCameras, Reading, Writing, console_of
from patrol_console.uplink import service
from patrol_console.uplink.schemas import UplinkChange, UplinkCreate, UplinkLine, UplinkList

router = APIRouter(prefix="/api/uplinks", tags=["uplink"])


@router.get("")
async def list_uplinks(request: Request, actor: ConfiguresCameras, reading: Reading) -> UplinkList:
    """The lines whose cameras the reader configures, with how many wait."""
    return await service.listing(console_of(request), reading, actor)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_uplink(request: Request, actor: ConfiguresCameras, body: UplinkCreate, writing: Writing) -> UplinkLine:
    """A budget for an area's, a unit's or a gateway's line."""
    return await service.create(console_of(request), writing, actor, body)


@router.patch("/{uplink_id}")
async def change_uplink(
    request: Request, uplink_id: str, actor: ConfiguresCameras, body: UplinkChange, writing: Writing
) -> UplinkLine:
    """Change what is given."""
    return await service.change(console_of(request), writing, actor, uplink_id, body)


@router.delete("/{uplink_id}", status_code=status.HTTP_204_NO_CONTENT)
async def remove_uplink(request: Request, uplink_id: str, actor: ConfiguresCameras, writing: Writing) -> None:
    """Take the budget away."""
    await service.remove(console_of(request), writing, actor, uplink_id)
