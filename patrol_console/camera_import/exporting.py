"""The cameras that a person may configure, as rows that an import takes back unchanged. No password is among them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.contracts.watch import WatchMode
from hub.errors import ErrorKind, HubError
from patrol_console.camera_import import repository
from patrol_console.camera_import.places import SEPARATOR, paths_of
from patrol_console.camera_import.sheets import Value, choice
from patrol_console.rights import Action, Actor, may, within
from patrol_console.tables.area import AreaRow, UnitRow
from patrol_console.tables.camera import CameraRow

if TYPE_CHECKING:
    from patrol_console.console import Console

_TAGS = ", "


async def rows(
    console: Console, reading: AsyncSession, actor: Actor, area_id: str | None, lang: str
) -> list[list[Value]]:
    """By area and name. Raises HubError NOT_FOUND `no_area`."""
    which = [within(actor, Action.CAMERA_CONFIGURE, AreaRow.path), CameraRow.removed_at.is_(None)]
    if area_id is not None:
        area = await reading.get(AreaRow, area_id)
        if area is None or not may(actor, Action.CAMERA_CONFIGURE, area):
            raise HubError(ErrorKind.NOT_FOUND, "patrol_console.no_area")
        which.append(AreaRow.path.startswith(area.path, autoescape=True))
    paths = paths_of(await repository.areas(reading, actor))
    found = await reading.execute(
        select(CameraRow, UnitRow.name)
        .join(AreaRow, AreaRow.id == CameraRow.area_id)
        .outerjoin(UnitRow, UnitRow.id == CameraRow.unit_id)
        .where(*which)
        .order_by(AreaRow.path, CameraRow.name, CameraRow.id)
    )
    zone = ZoneInfo(console.settings.timezone)
    return [_row(camera, SEPARATOR.join(paths[camera.area_id]), unit, zone, lang) for camera, unit in found]


async def choices(reading: AsyncSession, actor: Actor) -> tuple[list[str], list[str]]:
    """The areas' paths and the units' names, for a template."""
    areas = await repository.areas(reading, actor)
    configured = [area for area in areas if may(actor, Action.CAMERA_CONFIGURE, area)]
    paths = paths_of(areas)
    units = await repository.units(reading, actor)
    return [SEPARATOR.join(paths[area.id]) for area in configured], sorted({unit.name for unit in units})


def _row(camera: CameraRow, area: str, unit: str | None, zone: ZoneInfo, lang: str) -> list[Value]:
    """In the order of the columns, without that of the password."""
    return [
        camera.name,
        camera.url,
        camera.username,
        area,
        camera.place,
        camera.longitude,
        camera.latitude,
        camera.national_code,
        choice("kind", camera.kind, lang),
        choice("watch", "every", lang, minutes=camera.watch_every_min)
        if camera.watch_mode == WatchMode.INTERVAL
        else choice("watch", camera.watch_mode, lang),
        camera.recordings,
        _TAGS.join(map(str, camera.tags)) or None,
        choice("importance", camera.importance, lang),
        unit,
        _minute(camera.consent_from, zone),
        _minute(camera.consent_until, zone),
        choice("enabled", "true" if camera.enabled else "false", lang),
    ]


def _minute(at: datetime | None, zone: ZoneInfo) -> str | None:
    if at is None:
        return None
    local = at.astimezone(zone).replace(tzinfo=None)
    return local.isoformat(" ", "seconds" if local.second else "minutes")
