"""/api/units: whose cameras there are."""

from __future__ import annotations

from fastapi import APIRouter, Request, status

from patrol_console.edge import ConfiguresAreas, Reading, SeesAreas, Writing, console_of
from patrol_console.unit import service
from patrol_console.unit.schemas import Unit, UnitCreate, UnitList

router = APIRouter(prefix="/api/units", tags=["unit"])


@router.get("")
async def list_units(actor: SeesAreas, reading: Reading) -> UnitList:
    """The units that sit in areas the reader may see."""
    return await service.listing(reading, actor)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_unit(request: Request, actor: ConfiguresAreas, body: UnitCreate, writing: Writing) -> Unit:
    """A new unit in an area."""
    return await service.create(console_of(request), writing, actor, body)
