"""Which cameras lie behind which line: in one place, so that spec, list and counts cannot disagree."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.contracts.uplink import Uplink
from patrol_console.tables.area import AreaRow
from patrol_console.tables.camera import CameraRow
from patrol_console.tables.uplink import UplinkRow


class UplinkKind(StrEnum):
    """What lies behind a line."""

    AREA = "area"
    UNIT = "unit"
    GATEWAY = "gateway"


async def all_uplinks(session: AsyncSession) -> list[UplinkRow]:
    """All of them, the oldest first: there are as many as villages, not as many as cameras."""
    return list(await session.scalars(select(UplinkRow).order_by(UplinkRow.created_at, UplinkRow.id)))


def uplinks_of(camera: CameraRow, area_path: str, uplinks: Sequence[UplinkRow]) -> tuple[Uplink, ...]:
    """Every line that this camera's picture comes over; the budgets of all of them hold."""
    refs = {
        UplinkKind.AREA.value: frozenset(step for step in area_path.split("/") if step),
        UplinkKind.UNIT.value: frozenset(() if camera.unit_id is None else (camera.unit_id,)),
        UplinkKind.GATEWAY.value: frozenset((camera.gateway_id,)),
    }
    return tuple(
        Uplink(uplink_id=row.id, name=row.name, mbit_s=row.mbit_s, connections=row.connections)
        for row in uplinks
        if row.ref in refs[row.kind]
    )


def cameras_behind(uplink: UplinkRow) -> ColumnElement[bool]:
    """The same question asked of the database; `AreaRow` must be joined to the camera."""
    match UplinkKind(uplink.kind):
        case UplinkKind.AREA:
            return AreaRow.path.contains(f"/{uplink.ref}/", autoescape=True)
        case UplinkKind.UNIT:
            return CameraRow.unit_id == uplink.ref
        case UplinkKind.GATEWAY:
            return CameraRow.gateway_id == uplink.ref
