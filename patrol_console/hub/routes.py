"""GET /api/hub."""

from __future__ import annotations

from fastapi import APIRouter, Request

from patrol_console.edge import Public, Reading, console_of
from patrol_console.hub.schemas import HubFacts
from patrol_console.hub.service import facts

router = APIRouter(prefix="/api/hub", tags=["hub"])


@router.get("")
async def get_hub(request: Request, _: Public, session: Reading) -> HubFacts:
    """What the page must know before anybody has signed in."""
    return await facts(console_of(request), session, request.url.hostname)
