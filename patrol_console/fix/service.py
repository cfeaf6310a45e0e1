"""A cure of one camera, from the order to the record. The gateway does it; no transaction is held while it works.

First a dry run: what stood in the camera is in its record before anything is changed, so that an undo is there however
the rest ends.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy.ext.asyncio import AsyncSession

from hub.contracts.cure import FixOrder, FixResult, Outcome, UndoStep
from hub.contracts.device import Reason
from hub.contracts.ticket import Ticket, TicketAction
from hub.errors import ErrorKind, HubError
from hub.ids import new_id
from patrol_console import outbox
from patrol_console.camera.service import found
from patrol_console.camera.state import live_of
from patrol_console.event.notice import Notice
from patrol_console.fix import repository
from patrol_console.fix.schemas import Fixed, FixOrdered
from patrol_console.rights import Action, Actor

if TYPE_CHECKING:
    from patrol_console.console import Console


_NOT_BEGUN: Final = frozenset({ErrorKind.CONFLICT, ErrorKind.LIMITED, ErrorKind.NOT_FOUND, ErrorKind.FORBIDDEN})


async def fix(console: Console, actor: Actor, camera_id: str, body: FixOrdered, lang: str) -> Fixed:
    """Mend it. Raises HubError INVALID, CONFLICT, NOT_FOUND, FORBIDDEN, and as the gateway says."""
    if body.empty:
        raise HubError(ErrorKind.INVALID, "cure.nothing_asked")
    area_path = await _allowed(console, actor, camera_id)
    order = FixOrder(wish=body, dry_run=True)
    plan = await _ordered(console, actor, camera_id, order)
    if body.dry_run or plan.outcome is not Outcome.PLANNED:
        return Fixed.of(plan, lang, can_undo=False)
    async with console.database.writing() as writing:
        seq = await repository.begin(writing, console.clock.now(), actor, camera_id, "fix", plan)
    try:
        result = await _ordered(console, actor, camera_id, order.model_copy(update={"dry_run": False}))
    except HubError as error:
        if error.kind in _NOT_BEGUN:  # of any other end it is not known what became of the camera: the undo stays
            failed = FixResult(outcome=Outcome.FAILED, problem=Reason.of(error))
            async with console.database.writing() as writing:
                await repository.end(writing, seq, failed)
        raise
    async with console.database.writing() as writing:
        await repository.end(writing, seq, result)
        _tell(console, writing, camera_id, area_path)
    console.outbox.wake()
    return Fixed.of(result, lang, can_undo=result.outcome in (Outcome.DONE, Outcome.NOT_PUT_BACK))


async def undo(console: Console, actor: Actor, camera_id: str, lang: str, *, dry_run: bool) -> Fixed:
    """Put the last fix back. Raises HubError CONFLICT `cure.no_record_to_undo`, and as `fix`."""
    area_path = await _allowed(console, actor, camera_id)
    async with console.database.reading() as reading:
        last = await repository.to_undo(reading, camera_id)
    if last is None:
        raise HubError(ErrorKind.CONFLICT, "cure.no_record_to_undo")
    steps = tuple(UndoStep.model_validate(step) for step in last.undo)
    result = await _ordered(console, actor, camera_id, FixOrder(undo=steps, dry_run=dry_run))
    if dry_run:
        return Fixed.of(result, lang, can_undo=True)
    async with console.database.writing() as writing:
        seq = await repository.begin(writing, console.clock.now(), actor, camera_id, "undo", result)
        await repository.end(writing, seq, result)
        if not result.failed:
            await repository.undone(writing, last.seq)
        _tell(console, writing, camera_id, area_path)
    console.outbox.wake()
    return Fixed.of(result, lang, can_undo=result.failed)


async def _allowed(console: Console, actor: Actor, camera_id: str) -> str:
    """The path of its area, if this person may configure it and its owner allows it now."""
    async with console.database.reading() as reading:
        camera = await found(console, reading, actor, camera_id, Action.CAMERA_CONFIGURE)
    _, reason = live_of(camera.camera, camera.cause, console.settings.gateway)
    if reason in ("no_consent", "disabled"):
        raise HubError(ErrorKind.CONFLICT, f"patrol_console.live_{reason}", camera=camera.camera.name)
    return camera.area_path


async def _ordered(console: Console, actor: Actor, camera_id: str, order: FixOrder) -> FixResult:
    now = console.clock.now()
    ticket = Ticket(
        ticket_id=new_id("tkt", now),
        user_id=actor.user_id,
        unit_id=actor.unit_id,
        camera_id=camera_id,
        action=TicketAction.FIX,
        purpose="setup",
        expires_at=now + timedelta(seconds=console.settings.console.ticket_s),
    )
    return await console.gateway.fix(camera_id, console.signer.sign(ticket), order)


def _tell(console: Console, writing: AsyncSession, camera_id: str, area_path: str) -> None:
    notice = Notice(noun="camera", id=camera_id, change="updated", camera_id=camera_id, area_path=area_path)
    outbox.tell(writing, console.clock.now(), notice)
