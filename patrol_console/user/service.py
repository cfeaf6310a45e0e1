"""People: made and changed by an administrator, within the areas that this administrator holds.

An administrator of a part cannot touch a person who holds a role outside that part: a new password for somebody
greater would be a way up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from hub.contracts.spec import Revoked
from hub.errors import ErrorKind, HubError
from hub.ids import new_id
from patrol_console import outbox
from patrol_console.event.notice import Notice
from patrol_console.rights import Action, Actor, Grant, Place, may, require, within
from patrol_console.session.passwords import random_password
from patrol_console.session.repository import end_sessions, grants
from patrol_console.tables.area import AreaRow, UnitRow
from patrol_console.tables.user import UserRow
from patrol_console.user import repository
from patrol_console.user.schemas import GivenRole, UserChange, UserCreate, UserList, UserRecord
from patrol_console.user.view import person

if TYPE_CHECKING:
    from patrol_console.console import Console


_ROOT = 2  # slashes in the path of a root area


async def listing(reading: AsyncSession, actor: Actor) -> UserList:
    """The people who hold a role in an area that the reader administers; their roles elsewhere stay unnamed."""
    rows = await repository.listing(reading, within(actor, Action.USER_CONFIGURE, AreaRow.path))
    return UserList(items=[_record(row, _seen(actor, await grants(reading, row.id))) for row in rows])


async def create(console: Console, writing: AsyncSession, actor: Actor, body: UserCreate) -> UserRecord:
    """A new person. Raises HubError CONFLICT `username_taken`."""
    made = None if body.password is not None else random_password()
    password = body.password.get_secret_value() if body.password is not None else str(made)
    hashed = await console.sessions.passwords.hash(password)  # before the write transaction begins
    now = console.clock.now()
    await _check_roles(writing, actor, body.roles)
    await _check_unit(writing, actor, body.unit_id)
    row = UserRow(
        id=new_id("user", now),
        username=body.username.casefold(),
        display_name=body.display_name,
        unit_id=body.unit_id,
        language=body.language,
        password_hash=hashed,
        created_at=now,
    )
    writing.add(row)
    try:
        await writing.flush()
    except IntegrityError as error:
        raise HubError(ErrorKind.CONFLICT, "patrol_console.username_taken", username=body.username) from error
    await repository.replace_roles(writing, row.id, [(given.role.value, given.area_id) for given in body.roles])
    record = _record(row, await grants(writing, row.id))
    return record.model_copy(update={"one_time_password": made})


async def change(console: Console, writing: AsyncSession, actor: Actor, user_id: str, body: UserChange) -> UserRecord:
    """Change a person; what gave sight before ends at once."""
    hashed = None
    if body.password is not None:
        hashed = await console.sessions.passwords.hash(body.password.get_secret_value())
    gone = HubError(ErrorKind.NOT_FOUND, "patrol_console.no_user")
    row = await repository.locked(writing, user_id)
    if row is None:
        raise gone
    held = await grants(writing, user_id)
    _check_reach(actor, held, gone)
    if body.disabled and user_id == actor.user_id:
        raise HubError(ErrorKind.CONFLICT, "patrol_console.disable_oneself")
    now = console.clock.now()
    row.display_name = body.display_name or row.display_name
    row.language = body.language or row.language
    if body.disabled is not None:
        row.disabled_at = (row.disabled_at or now) if body.disabled else None
    if body.roles is not None:
        await _check_roles(writing, actor, body.roles)
        await repository.replace_roles(writing, user_id, [(given.role.value, given.area_id) for given in body.roles])
    if hashed is not None:
        row.password_hash = hashed
    await writing.flush()
    if body.disabled or hashed is not None:
        own = actor.session_id if user_id == actor.user_id else None
        outbox.tell_sessions_ended(writing, now, user_id, await end_sessions(writing, user_id, but=own))
    if body.disabled or hashed is not None or body.roles is not None:
        outbox.tell_revoked(writing, now, Revoked(user_id=user_id, at=now))
        outbox.tell(writing, now, Notice(noun="session", id=user_id, change="updated", user_id=user_id))
    return _record(row, await grants(writing, user_id))


async def _check_roles(session: AsyncSession, actor: Actor, roles: list[GivenRole]) -> None:
    gone = HubError(ErrorKind.NOT_FOUND, "patrol_console.no_area")
    for given in roles:
        area = await session.get(AreaRow, given.area_id)
        if area is None:
            raise gone
        require(actor, Action.USER_CONFIGURE, area, see=Action.AREA_SEE, missing=gone)


async def _check_unit(session: AsyncSession, actor: Actor, unit_id: str | None) -> None:
    """A unit's name stands in the access register: only those of one's own areas can be given."""
    if unit_id is None:
        return
    area = await session.scalar(
        select(AreaRow).join(UnitRow, UnitRow.area_id == AreaRow.id).where(UnitRow.id == unit_id)
    )
    if area is None or not may(actor, Action.USER_CONFIGURE, area):
        raise HubError(ErrorKind.NOT_FOUND, "patrol_console.no_area")


def _check_reach(actor: Actor, held: tuple[Grant, ...], gone: HubError) -> None:
    if not held and not any(
        grant.area_path.count("/") <= _ROOT and may(actor, Action.USER_CONFIGURE, grant) for grant in actor.grants
    ):
        raise gone  # who holds no role is nobody's of a part: else any administrator could take such an account over
    reached = [may(actor, Action.USER_CONFIGURE, Place(grant.area_path)) for grant in held]
    if held and not any(reached):
        raise gone
    if not all(reached):
        raise HubError(ErrorKind.FORBIDDEN, "patrol_console.user_beyond")


def _seen(actor: Actor, held: tuple[Grant, ...]) -> tuple[Grant, ...]:
    return tuple(grant for grant in held if may(actor, Action.USER_CONFIGURE, Place(grant.area_path)))


def _record(row: UserRow, held: tuple[Grant, ...]) -> UserRecord:
    shown = person(Actor(row.id, row.username, row.display_name, row.unit_id, row.language, held))
    return UserRecord(**shown.model_dump(), disabled=row.disabled_at is not None, created_at=row.created_at)
