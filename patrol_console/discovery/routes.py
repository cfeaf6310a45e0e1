"""/api/discoveries: what is on the gateway's network."""

from __future__ import annotations

from fastapi import APIRouter, Request, status

from patrol_console.discovery import service
from patrol_console.discovery.schemas import Discovery, DiscoveryList, DiscoveryStart
from patrol_console.edge import ConfiguresCameras, Reading, console_of, language

router = APIRouter(prefix="/api/discoveries", tags=["discovery"])


@router.post("", status_code=status.HTTP_202_ACCEPTED)
async def start_discovery(
    request: Request, actor: ConfiguresCameras, body: DiscoveryStart, reading: Reading
) -> Discovery:
    """Begin to look, on the whole network or in a range of at most 4096 addresses; one search at a time."""
    return await service.begin(console_of(request), reading, actor, body, language(request))


@router.get("")
async def list_discoveries(request: Request, actor: ConfiguresCameras) -> DiscoveryList:
    """One's own searches of the last hour, the newest first, without their devices."""
    return await service.listing(console_of(request), actor, language(request))


@router.get("/{discovery_id}")
async def get_discovery(request: Request, discovery_id: str, actor: ConfiguresCameras, reading: Reading) -> Discovery:
    """How far it is, and each device with the cameras that it is already."""
    return await service.get(console_of(request), reading, actor, discovery_id, language(request))


@router.delete("/{discovery_id}", status_code=status.HTTP_204_NO_CONTENT)
async def end_discovery(request: Request, discovery_id: str, actor: ConfiguresCameras) -> None:
    """Stop looking; what was found stays."""
    await service.end(console_of(request), actor, discovery_id)
