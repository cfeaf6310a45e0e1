"""A person's wish for a camera's head, checked here, signed and done by the gateway, which knows who has it in hand.

Each command has a ticket of its own, so that a right that was withdrawn moves nothing more. No connection to the
database is held while the gateway works. Who takes a head is written into the access register by the gateway's word.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy.ext.asyncio import AsyncSession

from hub.contracts.ptz import PtzCommand, PtzState
from hub.contracts.ticket import Ticket, TicketAction
from hub.errors import ErrorKind, HubError
from hub.ids import new_id
from patrol_console.camera.schemas import Camera
from patrol_console.camera.service import for_change, found, told
from patrol_console.camera.state import live_of
from patrol_console.rights import Action, Actor

if TYPE_CHECKING:
    from patrol_console.console import Console

PURPOSE: Final = "ptz"
_NAME_MOST: Final = 80


async def command(
    console: Console, reading: AsyncSession, actor: Actor, camera_id: str, wish: PtzCommand, lang: str
) -> PtzState:
    """Do it.

    Raises HubError CONFLICT `no_ptz`, `ptz_masked`, `live_no_consent`, `live_disabled`, and as the gateway says.
    """
    camera = await found(console, reading, actor, camera_id, Action.CAMERA_PTZ)
    await reading.close()
    row = camera.camera
    _, reason = live_of(row, camera.cause, console.settings.gateway)
    if reason in ("no_consent", "disabled"):
        raise HubError(ErrorKind.CONFLICT, f"patrol_console.live_{reason}", camera=row.name)
    if not (row.onvif or {}).get("ptz"):
        raise HubError(ErrorKind.CONFLICT, "patrol_console.no_ptz", camera=row.name)
    if row.masks:
        raise HubError(ErrorKind.CONFLICT, "patrol_console.ptz_masked", camera=row.name)
    now = console.clock.now()
    ticket = Ticket(
        ticket_id=new_id("tkt", now),
        user_id=actor.user_id,
        unit_id=actor.unit_id,
        camera_id=camera_id,
        action=TicketAction.PTZ,
        purpose=PURPOSE,
        holder=actor.display_name[:_NAME_MOST],
        expires_at=now + timedelta(seconds=console.settings.console.ticket_s),
    )
    return await console.gateway.ptz(camera_id, console.signer.sign(ticket), wish, lang)


async def put_home(
    console: Console, writing: AsyncSession, actor: Actor, camera_id: str, after_s: int | None, preset: str | None
) -> Camera:
    """Where the camera goes by itself, and when. Raises HubError CONFLICT `no_ptz`."""
    row = await for_change(console, writing, actor, camera_id)
    if not (row.onvif or {}).get("ptz"):
        raise HubError(ErrorKind.CONFLICT, "patrol_console.no_ptz", camera=row.name)
    row.onvif = {**(row.onvif or {}), "home_after_s": after_s, "home_preset": preset}
    row.revision += 1
    await writing.flush()
    return await told(console, writing, actor, camera_id, "updated")
