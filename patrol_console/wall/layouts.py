"""Saved layouts: each belongs to the person who saved it; to everybody else it is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from hub.errors import ErrorKind, HubError
from hub.ids import new_id
from patrol_console import outbox
from patrol_console.event.notice import Notice
from patrol_console.rights import Actor
from patrol_console.tables.wall import WallLayoutRow
from patrol_console.wall import repository
from patrol_console.wall.schemas import (
    MOST_LAYOUTS,
    Arrangement,
    WallLayout,
    WallLayoutChange,
    WallLayoutList,
    WallLayoutSave,
)

if TYPE_CHECKING:
    from typing import Literal

    from patrol_console.console import Console


async def listing(reading: AsyncSession, actor: Actor) -> WallLayoutList:
    """One's own."""
    return WallLayoutList(items=[_view(row) for row in await repository.layouts(reading, actor.user_id)])


async def save(console: Console, writing: AsyncSession, actor: Actor, body: WallLayoutSave) -> WallLayout:
    """A new one. Raises HubError CONFLICT `layout_name_taken`, LIMITED `too_many_layouts`, FORBIDDEN for a terminal."""
    require_person(actor)
    await repository.hold(writing, actor.user_id)
    await _check_name(writing, actor, body.name, None)
    if await repository.count_layouts(writing, actor.user_id) >= MOST_LAYOUTS:
        raise HubError(ErrorKind.LIMITED, "patrol_console.too_many_layouts", most=MOST_LAYOUTS)
    if body.is_default:
        await repository.no_default(writing, actor.user_id)
    now = console.clock.now()
    row = WallLayoutRow(
        id=new_id("layout", now),
        user_id=actor.user_id,
        name=body.name,
        arrangement=body.arrangement.model_dump(mode="json"),
        is_default=body.is_default,
        created_at=now,
        changed_at=now,
    )
    writing.add(row)
    _tell(console, writing, row, "created")
    return _view(row)


async def change(
    console: Console, writing: AsyncSession, actor: Actor, layout_id: str, body: WallLayoutChange
) -> WallLayout:
    """Another name, another content, or the one to begin with. Raises HubError NOT_FOUND, CONFLICT."""
    row = await _found(writing, actor, layout_id)
    if body.name is not None:
        await _check_name(writing, actor, body.name, row.id)
        row.name = body.name
    if body.arrangement is not None:
        row.arrangement = body.arrangement.model_dump(mode="json")
    if body.is_default is not None:
        if body.is_default:
            await repository.no_default(writing, actor.user_id)
        row.is_default = body.is_default
    row.changed_at = console.clock.now()
    _tell(console, writing, row, "updated")
    return _view(row)


async def remove(console: Console, writing: AsyncSession, actor: Actor, layout_id: str) -> None:
    """Gone; the page can save it anew. Raises HubError NOT_FOUND."""
    row = await _found(writing, actor, layout_id)
    _tell(console, writing, row, "removed")
    await writing.delete(row)


def require_person(actor: Actor) -> None:
    """Raise HubError FORBIDDEN for this machine's terminal: it has no walls."""
    if actor.session_id is None:
        raise HubError(ErrorKind.FORBIDDEN, "patrol_console.not_allowed")


async def _found(writing: AsyncSession, actor: Actor, layout_id: str) -> WallLayoutRow:
    await repository.hold(writing, actor.user_id)
    row = await repository.layout(writing, actor.user_id, layout_id)
    if row is None:
        raise HubError(ErrorKind.NOT_FOUND, "patrol_console.no_layout")
    return row


async def _check_name(writing: AsyncSession, actor: Actor, name: str, but: str | None) -> None:
    if await repository.name_is_taken(writing, actor.user_id, name, but):
        raise HubError(ErrorKind.CONFLICT, "patrol_console.layout_name_taken", name=name)


def _tell(
    console: Console, writing: AsyncSession, row: WallLayoutRow, what: Literal["created", "updated", "removed"]
) -> None:
    outbox.tell(writing, console.clock.now(), Notice(noun="layout", id=row.id, change=what, user_id=row.user_id))


def _view(row: WallLayoutRow) -> WallLayout:
    return WallLayout(
        id=row.id,
        name=row.name,
        arrangement=Arrangement.model_validate(row.arrangement),
        is_default=row.is_default,
        changed_at=row.changed_at,
    )
