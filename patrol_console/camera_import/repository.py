"""What imports ask of the database."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import case, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from patrol_console.camera_import.matching import Known, key_of
from patrol_console.camera_import.schemas import Outcome
from patrol_console.rights import Action, Actor, within
from patrol_console.tables.area import AreaRow, UnitRow
from patrol_console.tables.camera import CameraRow
from patrol_console.tables.camera_import import CameraImportLineRow, CameraImportRow

KEPT = 20
"""Imports of one person; the older ones go when a new one begins."""

_CAMERA = (CameraRow.id, CameraRow.name, CameraRow.national_code, CameraRow.url, AreaRow.path)


async def cameras(session: AsyncSession) -> list[Known]:
    """All that are not removed."""
    rows = await session.execute(
        select(*_CAMERA).join(AreaRow, AreaRow.id == CameraRow.area_id).where(CameraRow.removed_at.is_(None))
    )
    return [Known(id_, name, code, key_of(url), path) for id_, name, code, url, path in rows]


async def cameras_with(session: AsyncSession, codes: Sequence[str], urls: Sequence[str]) -> list[Known]:
    """Those that have one of these codes or addresses now."""
    rows = await session.execute(
        select(*_CAMERA)
        .join(AreaRow, AreaRow.id == CameraRow.area_id)
        .where(CameraRow.removed_at.is_(None), CameraRow.national_code.in_(codes) | CameraRow.url.in_(urls))
    )
    return [Known(id_, name, code, key_of(url), path) for id_, name, code, url, path in rows]


async def areas(session: AsyncSession, actor: Actor) -> list[AreaRow]:
    """Those that the person may know of."""
    which = within(actor, Action.AREA_SEE, AreaRow.path)
    return list(await session.scalars(select(AreaRow).where(which).order_by(AreaRow.path)))


async def units(session: AsyncSession, actor: Actor) -> list[UnitRow]:
    """Those that the person may know of."""
    which = within(actor, Action.AREA_SEE, AreaRow.path)
    return list(await session.scalars(select(UnitRow).join(AreaRow, AreaRow.id == UnitRow.area_id).where(which)))


async def own(session: AsyncSession, user_id: str) -> list[CameraImportRow]:
    """A person's imports, the newest first."""
    return list(
        await session.scalars(
            select(CameraImportRow)
            .where(CameraImportRow.user_id == user_id)
            .order_by(CameraImportRow.began_at.desc(), CameraImportRow.id.desc())
            .limit(KEPT)
        )
    )


async def forget_old(session: AsyncSession, user_id: str) -> None:
    """Make room for one more of this person's."""
    kept = [row.id for row in (await own(session, user_id))[: KEPT - 1]]
    old = select(CameraImportRow.id).where(CameraImportRow.user_id == user_id, CameraImportRow.id.not_in(kept))
    await session.execute(delete(CameraImportLineRow).where(CameraImportLineRow.import_id.in_(old)))
    await session.execute(
        delete(CameraImportRow).where(CameraImportRow.user_id == user_id, CameraImportRow.id.not_in(kept))
    )


async def counts(session: AsyncSession, import_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Rows by import and outcome."""
    rows = await session.execute(
        select(CameraImportLineRow.import_id, CameraImportLineRow.outcome, func.count())
        .where(CameraImportLineRow.import_id.in_(import_ids))
        .group_by(CameraImportLineRow.import_id, CameraImportLineRow.outcome)
    )
    found: dict[str, dict[str, int]] = {}
    for import_id, outcome, count in rows:
        found.setdefault(import_id, {})[outcome] = count
    return found


async def lines(
    session: AsyncSession, import_id: str, outcome: Outcome | None, limit: int, *, refused_first: bool
) -> list[CameraImportLineRow]:
    """Rows of an import: in the order of the file, or the refused and what is to be minded before the others."""
    question = select(CameraImportLineRow).where(CameraImportLineRow.import_id == import_id)
    if outcome is not None:
        question = question.where(CameraImportLineRow.outcome == outcome.value)
    if refused_first:
        rank = case(
            (CameraImportLineRow.outcome == Outcome.REFUSED.value, 0),
            (CameraImportLineRow.code.is_not(None), 1),
            else_=2,
        )
        question = question.order_by(rank)
    return list(await session.scalars(question.order_by(CameraImportLineRow.line).limit(limit)))
