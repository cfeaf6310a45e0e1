"""What the wall asks of the database; always of one person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from patrol_console.tables.user import UserRow
from patrol_console.tables.wall import WallLayoutRow, WallScreenRow


async def hold(session: AsyncSession, user_id: str) -> None:
    """One change of a person's walls after the other (PostgreSQL; SQLite has one writer): limits are counted once."""
    await session.execute(select(UserRow.id).where(UserRow.id == user_id).with_for_update())


async def layouts(session: AsyncSession, user_id: str) -> list[WallLayoutRow]:
    """This person's, by name."""
    question = select(WallLayoutRow).where(WallLayoutRow.user_id == user_id).order_by(WallLayoutRow.name)
    return list(await session.scalars(question))


async def layout(session: AsyncSession, user_id: str, layout_id: str) -> WallLayoutRow | None:
    """One, if it is this person's."""
    question = select(WallLayoutRow).where(WallLayoutRow.id == layout_id, WallLayoutRow.user_id == user_id)
    return await session.scalar(question)


async def name_is_taken(session: AsyncSession, user_id: str, name: str, but: str | None) -> bool:
    """Whether another of this person's layouts is called so."""
    question = select(WallLayoutRow.id).where(WallLayoutRow.user_id == user_id, WallLayoutRow.name == name)
    return await session.scalar(question if but is None else question.where(WallLayoutRow.id != but)) is not None


async def count_layouts(session: AsyncSession, user_id: str) -> int:
    """How many this person has."""
    question = select(func.count()).select_from(WallLayoutRow).where(WallLayoutRow.user_id == user_id)
    return await session.scalar(question) or 0


async def no_default(session: AsyncSession, user_id: str) -> None:
    """None of this person's layouts is the one to begin with."""
    change = update(WallLayoutRow).where(WallLayoutRow.user_id == user_id, WallLayoutRow.is_default)
    await session.execute(change.values(is_default=False))


async def open_screens(session: AsyncSession, user_id: str, since: datetime) -> list[WallScreenRow]:
    """This person's that were heard of after `since` and did not say that they go, by name."""
    question = (
        select(WallScreenRow)
        .where(WallScreenRow.user_id == user_id, WallScreenRow.seen_at > since, ~WallScreenRow.closed)
        .order_by(WallScreenRow.name)
    )
    return list(await session.scalars(question))


async def screen(session: AsyncSession, user_id: str, name: str) -> WallScreenRow | None:
    """One by its name, open or not."""
    return await session.get(WallScreenRow, (user_id, name))


async def forget_screens(session: AsyncSession, user_id: str, beyond: int) -> None:
    """Drop the rows of this person that were seen longest ago, so that `beyond` are left."""
    old = (
        select(WallScreenRow.name)
        .where(WallScreenRow.user_id == user_id)
        .order_by(WallScreenRow.seen_at.desc())
        .offset(beyond)
    )
    names = list(await session.scalars(old))
    if names:
        await session.execute(
            delete(WallScreenRow).where(WallScreenRow.user_id == user_id, WallScreenRow.name.in_(names))
        )
