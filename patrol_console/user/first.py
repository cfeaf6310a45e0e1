"""The first start: a root area and an administrator with a random password, shown once and kept by nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from hub.ids import new_id
from patrol_console.area.service import plant
from patrol_console.rights import Role
from patrol_console.session.passwords import random_password
from patrol_console.tables.area import AreaRow
from patrol_console.tables.user import UserRow
from patrol_console.user import repository

if TYPE_CHECKING:
    from patrol_console.console import Console

USERNAME = "admin"


@dataclass(frozen=True, slots=True)
class FirstAdministrator:
    """Shown once; only its hash is kept."""

    username: str
    password: str


async def ensure_first_administrator(console: Console, password: str | None = None) -> FirstAdministrator | None:
    """Make the first administrator, on a root area named after the centre; None where somebody exists already.

    Two consoles that start at once make one: the second finds the first's.
    """
    async with console.database.reading() as reading:
        if not await repository.is_empty(reading):
            return None
    chosen = password or random_password()
    hashed = await console.sessions.passwords.hash(chosen)
    async with console.database.exclusive(), console.database.writing() as session:
        if not await repository.is_empty(session):
            return None
        now = console.clock.now()
        root = await session.scalar(select(AreaRow).where(AreaRow.parent_id.is_(None)).limit(1))
        root = root or plant(session, None, console.settings.centre_name, now)
        user = UserRow(
            id=new_id("user", now),
            username=USERNAME,
            display_name=USERNAME,
            language=console.settings.language,
            password_hash=hashed,
            created_at=now,
        )
        session.add(user)
        await session.flush()
        await repository.replace_roles(session, user.id, [(Role.ADMINISTRATOR.value, root.id)])
    return FirstAdministrator(USERNAME, chosen)
