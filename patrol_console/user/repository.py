"""What people ask of the database."""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from patrol_console.tables.area import AreaRow
from patrol_console.tables.user import RoleRow, UserRow


async def listing(session: AsyncSession, which: ColumnElement[bool]) -> list[UserRow]:
    """People who hold a role in such an area, by name."""
    holders = select(RoleRow.user_id).join(AreaRow, AreaRow.id == RoleRow.area_id).where(which)
    return list(await session.scalars(select(UserRow).where(UserRow.id.in_(holders)).order_by(UserRow.username)))


async def locked(session: AsyncSession, user_id: str) -> UserRow | None:
    """The row for a change."""
    return await session.get(UserRow, user_id, with_for_update=True)


async def replace_roles(session: AsyncSession, user_id: str, roles: list[tuple[str, str]]) -> None:
    """These (role, area id) and no others."""
    await session.execute(delete(RoleRow).where(RoleRow.user_id == user_id))
    session.add_all(RoleRow(user_id=user_id, role=role, area_id=area_id) for role, area_id in dict.fromkeys(roles))
    await session.flush()


async def is_empty(session: AsyncSession) -> bool:
    """Whether nobody exists yet."""
    return await session.scalar(select(UserRow.id).limit(1)) is None
