"""/api/areas."""

from __future__ import annotations

from fastapi import APIRouter, Request, status

from patrol_console.area import service
from patrol_console.area.schemas import Area, AreaChange, AreaCreate, AreaList
from patrol_console.edge import ConfiguresAreas, Reading, SeesAreas, Writing, console_of

router = APIRouter(prefix="/api/areas", tags=["area"])


@router.get("")
async def list_areas(request: Request, actor: SeesAreas, reading: Reading) -> AreaList:
    """The tree as far as the reader may see it."""
    return await service.listing(console_of(request), reading, actor)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_area(request: Request, actor: ConfiguresAreas, body: AreaCreate, writing: Writing) -> Area:
    """A new area below another."""
    return await service.create(console_of(request), writing, actor, body)


@router.patch("/{area_id}")
async def change_area(
    request: Request, area_id: str, actor: ConfiguresAreas, body: AreaChange, writing: Writing
) -> Area:
    """Rename an area."""
    return await service.rename(console_of(request), writing, actor, area_id, body)


@router.delete("/{area_id}", status_code=status.HTTP_204_NO_CONTENT)
async def remove_area(request: Request, area_id: str, actor: ConfiguresAreas, writing: Writing) -> None:
    """Remove an empty area; 409 while anything is in it."""
    await service.remove(console_of(request), writing, actor, area_id)
