"""GET /api/machine."""

from __future__ import annotations

from fastapi import APIRouter, Request

from patrol_console.edge import SeesMachine, console_of
from patrol_console.machine.schemas import Machine

router = APIRouter(prefix="/api/machine", tags=["machine"])


@router.get("")
async def get_machine(request: Request, _: SeesMachine) -> Machine:
    """This machine now: cameras, looks, viewers, CPU, memory, disk, and each process of the hub."""
    return await console_of(request).machine.look()
