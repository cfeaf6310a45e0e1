"""Screens: windows of one person that show what that person's desk puts there, on this machine or another.

A window says every few seconds that it is there. What it shows is kept when it goes, so that it finds its pictures
when it comes back; the list holds only those heard of lately. A heartbeat writes at most once in `_NOTED_EVERY`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from hub.errors import ErrorKind, HubError
from patrol_console import outbox
from patrol_console.event.notice import Notice
from patrol_console.rights import Actor
from patrol_console.tables.wall import WallScreenRow
from patrol_console.wall import repository
from patrol_console.wall.layouts import require_person
from patrol_console.wall.schemas import MOST_SCREENS, Arrangement, WallScreen, WallScreenList

if TYPE_CHECKING:
    from typing import Literal

    from patrol_console.console import Console

GONE_AFTER = timedelta(seconds=30)  # without a heartbeat
_NOTED_EVERY = timedelta(seconds=5)
_KEPT = 2 * MOST_SCREENS  # rows of one person, with those that are not open


async def listing(console: Console, reading: AsyncSession, actor: Actor) -> WallScreenList:
    """One's own that are open now."""
    rows = await repository.open_screens(reading, actor.user_id, console.clock.now() - GONE_AFTER)
    return WallScreenList(items=[_view(row, len(rows)) for row in rows])


async def here(console: Console, writing: AsyncSession, actor: Actor, name: str) -> WallScreen:
    """This window is there. Raises HubError LIMITED `too_many_screens`, FORBIDDEN for a terminal."""
    require_person(actor)
    await repository.hold(writing, actor.user_id)
    now = console.clock.now()
    rows = await repository.open_screens(writing, actor.user_id, now - GONE_AFTER)
    row = next((row for row in rows if row.name == name), None)
    if row is not None:
        if now - row.seen_at >= _NOTED_EVERY:
            row.seen_at = now
        return _view(row, len(rows))
    if len(rows) >= MOST_SCREENS:
        raise HubError(ErrorKind.LIMITED, "patrol_console.too_many_screens", most=MOST_SCREENS)
    row = await repository.screen(writing, actor.user_id, name)
    if row is None:
        await repository.forget_screens(writing, actor.user_id, _KEPT - 1)
        row = WallScreenRow(user_id=actor.user_id, name=name, arrangement=None, revision=0)
        writing.add(row)
    row.seen_at, row.closed, row.identify_at = now, False, None
    _tell(console, writing, row, "created")
    return _view(row, len(rows) + 1)


async def fill(
    console: Console, writing: AsyncSession, actor: Actor, name: str, arrangement: Arrangement
) -> WallScreen:
    """Put this on that screen. Raises HubError NOT_FOUND `no_screen` where no such window is open."""
    row, count = await _found(console, writing, actor, name)
    row.arrangement = arrangement.model_dump(mode="json")
    row.revision += 1
    _tell(console, writing, row, "updated")
    return _view(row, count)


async def identify(console: Console, writing: AsyncSession, actor: Actor, name: str) -> WallScreen:
    """Have it show its name for a moment. Raises HubError NOT_FOUND."""
    row, count = await _found(console, writing, actor, name)
    row.identify_at = console.clock.now()
    _tell(console, writing, row, "updated")
    return _view(row, count)


async def gone(console: Console, writing: AsyncSession, actor: Actor, name: str) -> None:
    """The window goes; what it showed is kept for its return. Raises HubError NOT_FOUND."""
    row, _ = await _found(console, writing, actor, name)
    row.closed = True
    _tell(console, writing, row, "removed")


async def _found(console: Console, writing: AsyncSession, actor: Actor, name: str) -> tuple[WallScreenRow, int]:
    await repository.hold(writing, actor.user_id)
    rows = await repository.open_screens(writing, actor.user_id, console.clock.now() - GONE_AFTER)
    for row in rows:
        if row.name == name:
            return row, len(rows)
    raise HubError(ErrorKind.NOT_FOUND, "patrol_console.no_screen")


def _tell(
    console: Console, writing: AsyncSession, row: WallScreenRow, what: Literal["created", "updated", "removed"]
) -> None:
    outbox.tell(writing, console.clock.now(), Notice(noun="screen", id=row.name, change=what, user_id=row.user_id))


def _view(row: WallScreenRow, count: int) -> WallScreen:
    return WallScreen(
        name=row.name,
        arrangement=None if row.arrangement is None else Arrangement.model_validate(row.arrangement),
        revision=row.revision,
        identify_at=row.identify_at,
        open_screens=count,
    )
