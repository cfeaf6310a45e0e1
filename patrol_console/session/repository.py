"""What signing in asks of the database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from patrol_console.rights import Grant, Role
from patrol_console.tables.area import AreaRow
from patrol_console.tables.user import RoleRow, SessionRow, UserRow


async def account(session: AsyncSession, username: str) -> UserRow | None:
    """The person of that (case-folded) name."""
    return await session.scalar(select(UserRow).where(UserRow.username == username))


async def signed_in(session: AsyncSession, session_id: str, now: datetime) -> UserRow | None:
    """Whose session it is, while it lasts and the person is not disabled."""
    return await session.scalar(
        select(UserRow)
        .join(SessionRow, SessionRow.user_id == UserRow.id)
        .where(SessionRow.id == session_id, SessionRow.expires_at > now, UserRow.disabled_at.is_(None))
    )


async def grants(session: AsyncSession, user_id: str) -> tuple[Grant, ...]:
    """The roles a person holds; a role this version does not know is passed over."""
    rows = await session.execute(
        select(RoleRow.role, AreaRow.id, AreaRow.name, AreaRow.path)
        .join(AreaRow, AreaRow.id == RoleRow.area_id)
        .where(RoleRow.user_id == user_id)
        .order_by(AreaRow.path, RoleRow.role)
    )
    known = frozenset(Role)
    return tuple(Grant(Role(role), id_, name, path) for role, id_, name, path in rows if role in known)


async def end_sessions(session: AsyncSession, user_id: str, *, but: str | None = None) -> list[str]:
    """End a person's sessions, save the one named; the ids of those that ended."""
    which = [SessionRow.user_id == user_id] + ([SessionRow.id != but] if but else [])
    return list(await session.scalars(delete(SessionRow).where(*which).returning(SessionRow.id)))


async def end_session(session: AsyncSession, session_id: str) -> None:
    """End one session."""
    await session.execute(delete(SessionRow).where(SessionRow.id == session_id))


async def have_run_out(session: AsyncSession, now: datetime) -> bool:
    """Whether there are sessions to sweep."""
    return await session.scalar(select(SessionRow.id).where(SessionRow.expires_at <= now).limit(1)) is not None


async def sweep(session: AsyncSession, now: datetime) -> set[str]:
    """Forget sessions that have run out; whose they were."""
    gone = delete(SessionRow).where(SessionRow.expires_at <= now).returning(SessionRow.user_id)
    return set(await session.scalars(gone))


async def has_session(session: AsyncSession, user_id: str, now: datetime) -> bool:
    """Whether the person is still signed in anywhere."""
    question = select(SessionRow.id).where(SessionRow.user_id == user_id, SessionRow.expires_at > now).limit(1)
    return await session.scalar(question) is not None
