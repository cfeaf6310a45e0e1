"""The ways to look at a camera: a ticket for the live picture, a snapshot, the technician's test. Each is signed here
and done by the gateway; nothing here holds a transaction while it waits.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from fastapi import Response
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from hub.contracts.camera import CameraKind, LiveMode
from hub.contracts.ticket import Ticket, TicketAction
from hub.errors import ErrorKind, HubError
from hub.ids import new_id
from patrol_console.camera.repository import Found
from patrol_console.camera.schemas import TicketGiven, TicketWish, Verdicts
from patrol_console.camera.service import found
from patrol_console.camera.spec import spec_of
from patrol_console.camera.state import live_of
from patrol_console.record.service import keep_verdicts
from patrol_console.rights import Action, Actor, may
from patrol_console.tables.area import UnitRow

if TYPE_CHECKING:
    from patrol_console.console import Console

_WATERMARK_MOST = 80  # as the contract has it
_HOST = re.compile(r"[A-Za-z0-9.\-]{1,253}|\[?[0-9A-Fa-f:.]{2,45}\]?")


async def ticket(
    console: Console, reading: AsyncSession, actor: Actor, camera_id: str, body: TicketWish, asked_host: str | None
) -> TicketGiven:
    """A ticket for the live picture. Raises HubError CONFLICT `live_masks`, `live_no_consent` or `live_disabled`."""
    camera = await found(console, reading, actor, camera_id, Action.CAMERA_LIVE)
    live, reason = live_of(camera.camera, camera.cause, console.settings.gateway)
    if live is LiveMode.OFF:
        raise HubError(ErrorKind.CONFLICT, f"patrol_console.live_{reason}", camera=camera.camera.name)
    audio = (
        body.audio
        and may(actor, Action.CAMERA_LISTEN, camera)
        and spec_of(camera.camera, camera.area_path).audio  # as the gateway has it
    )
    made = _ticket(console, actor, camera, TicketAction.LIVE, body.purpose, body.reference, audio=audio)
    if _is_marked(console.settings.console.watermark, camera):
        made = made.model_copy(update={"watermark": await _who(reading, actor)})
    base, signed = gateway_url(console, asked_host), console.signer.sign(made)
    scheme = "wss" if base.startswith("https:") else "ws"
    return TicketGiven(
        ticket_id=made.ticket_id,
        whep_url=f"{base}/whep/{camera_id}?ticket={signed}" if console.settings.gateway.webrtc_port else None,
        stun_servers=list(console.settings.console.stun_servers),
        mse_url=f"{scheme}{base[base.index(':') :]}/mse/{camera_id}?ticket={signed}",
        audio=audio,
        expires_at=made.expires_at,
    )


async def snapshot(console: Console, reading: AsyncSession, actor: Actor, camera_id: str) -> Response:
    """One JPEG of now. Raises HubError CONFLICT `live_no_consent` or `live_disabled`."""
    camera = await found(console, reading, actor, camera_id, Action.CAMERA_SNAPSHOT)
    await reading.close()  # no connection is held while the gateway works
    _, reason = live_of(camera.camera, camera.cause, console.settings.gateway)
    if reason in ("no_consent", "disabled"):
        raise HubError(ErrorKind.CONFLICT, f"patrol_console.live_{reason}", camera=camera.camera.name)
    made = _ticket(console, actor, camera, TicketAction.SNAPSHOT, "detail", None)
    jpeg, captured_at = await console.gateway.snapshot(camera_id, console.signer.sign(made))
    headers = {"Cache-Control": "no-store"} | ({"X-Captured-At": captured_at} if captured_at else {})
    return Response(jpeg, media_type="image/jpeg", headers=headers)


async def test(console: Console, reading: AsyncSession, actor: Actor, camera_id: str, lang: str) -> Verdicts:
    """What the gateway finds about the camera."""
    camera = await found(console, reading, actor, camera_id, Action.CAMERA_TEST)
    await reading.close()
    _, reason = live_of(camera.camera, camera.cause, console.settings.gateway)
    if reason == "no_consent":
        raise HubError(ErrorKind.CONFLICT, "patrol_console.live_no_consent", camera=camera.camera.name)
    made = _ticket(console, actor, camera, TicketAction.TEST, "setup", None)
    try:
        found_out = Verdicts.model_validate(await console.gateway.test(camera_id, console.signer.sign(made), lang))
    except ValidationError as error:
        raise HubError(ErrorKind.UNAVAILABLE, "patrol_console.gateway_answer") from error
    async with console.database.writing() as writing:
        await keep_verdicts(console, writing, actor.user_id, camera_id, found_out.verdicts)
    return found_out


def gateway_url(console: Console, asked_host: str | None) -> str:
    """The gateway as this browser reaches it: as its holder says, or as set, else the host it asked us by."""
    settings = console.settings
    holder = console.holder.current
    if holder is not None:
        return (holder.public_url or holder.url).rstrip("/")
    if settings.gateway.public_url:
        return settings.gateway.public_url.rstrip("/")
    host = asked_host if asked_host and _HOST.fullmatch(asked_host) else "127.0.0.1"
    host = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return f"{'https' if settings.console.secure_cookie else 'http'}://{host}:{settings.gateway.port}"


def _is_marked(policy: str, camera: Found) -> bool:
    return policy == "all" or (policy == "household" and camera.camera.kind == CameraKind.HOUSEHOLD)


async def _who(reading: AsyncSession, actor: Actor) -> str:
    """The person as a watermark names them: what others read, and the unit, or the name that is typed at sign-in."""
    unit = await reading.get(UnitRow, actor.unit_id) if actor.unit_id else None
    return f"{actor.display_name} · {unit.name if unit else actor.username}"[:_WATERMARK_MOST]


def _ticket(
    console: Console,
    actor: Actor,
    camera: Found,
    action: TicketAction,
    purpose: str,
    reference: str | None,
    *,
    audio: bool = False,
) -> Ticket:
    now = console.clock.now()
    return Ticket(
        ticket_id=new_id("tkt", now),
        user_id=actor.user_id,
        unit_id=actor.unit_id,
        camera_id=camera.camera.id,
        action=action,
        purpose=purpose,
        reference=reference,
        audio=audio,
        expires_at=now + timedelta(seconds=console.settings.console.ticket_s),
    )
