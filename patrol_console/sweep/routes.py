"""/api/sweeps: ordered, followed, stopped."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, status

from hub.contracts.sweep import SweepOutcome
from patrol_console.edge import OrdersSweeps, Reading, Writing, console_of
from patrol_console.sweep import service
from patrol_console.sweep.schemas import Sweep, SweepDetail, SweepList, SweepWish

router = APIRouter(prefix="/api/sweeps", tags=["sweep"])


@router.post("", status_code=status.HTTP_202_ACCEPTED)
async def create_sweep(request: Request, actor: OrdersSweeps, body: SweepWish) -> Sweep:
    """Begin to take keyframes of these cameras; it goes on when the asker is gone."""
    return await service.order(console_of(request), actor, body)


@router.get("")
async def list_sweeps(
    request: Request,
    actor: OrdersSweeps,
    reading: Reading,
    cursor: Annotated[str | None, Query(max_length=512)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> SweepList:
    """The sweeps of areas in which the reader may order one."""
    return await service.listing(console_of(request), reading, actor, cursor, limit)


@router.get("/{sweep_id}")
async def get_sweep(
    request: Request, sweep_id: str, actor: OrdersSweeps, reading: Reading, outcome: SweepOutcome | None = None
) -> SweepDetail:
    """One sweep with the cameras that are done; only those of one outcome where that is asked."""
    return await service.get(console_of(request), reading, actor, sweep_id, outcome)


@router.post("/{sweep_id}/stop")
async def stop_sweep(request: Request, sweep_id: str, actor: OrdersSweeps, writing: Writing) -> Sweep:
    """Stop it; what is open is closed. One that is over stays as it is."""
    return await service.stop(console_of(request), writing, actor, sweep_id)
