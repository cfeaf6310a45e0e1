"""The hub's own facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from patrol_console.camera.looking import gateway_url
from patrol_console.hub.schemas import HubFacts
from patrol_console.release import version
from patrol_console.tables.camera import CameraRow

if TYPE_CHECKING:
    from patrol_console.console import Console


async def facts(console: Console, reading: AsyncSession, asked_host: str | None) -> HubFacts:
    """What the page must know before anybody has signed in."""
    drawn = select(CameraRow.id).where(CameraRow.simulated, CameraRow.removed_at.is_(None)).limit(1)
    settings = console.settings
    return HubFacts(
        version=version(),
        centre_name=settings.centre_name,
        timezone=settings.timezone,
        language=settings.language,
        server_time=console.clock.now(),
        simulated=await reading.scalar(drawn) is not None,
        gateway_url=gateway_url(console, asked_host),
    )
