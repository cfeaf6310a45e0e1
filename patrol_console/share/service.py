"""Partner access: given, changed, withdrawn. A change raises the revision of every camera concerned, and the gateways
are told after the commit; they end what is open.

Asked for: `camera.configure` where the unit sits and on every camera that is handed on by the change.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from hub import log
from hub.contracts.camera import CameraKind
from hub.errors import ErrorKind, HubError
from patrol_console import outbox
from patrol_console.event.notice import Notice
from patrol_console.rights import Action, Actor, may, require
from patrol_console.share.login import new_login
from patrol_console.share.schemas import PartnerAccess, PartnerLogin, SharedCamera
from patrol_console.tables.area import AreaRow, UnitRow
from patrol_console.tables.camera import CameraRow
from patrol_console.tables.share import ShareAccessRow, ShareCameraRow

if TYPE_CHECKING:
    from patrol_console.console import Console

logger = log.get("patrol_console.share")


async def get(console: Console, session: AsyncSession, actor: Actor, unit_id: str) -> PartnerAccess:
    """How it is now. Raises HubError NOT_FOUND `no_unit` or FORBIDDEN, as all here do."""
    unit = await _unit(session, actor, unit_id)
    access = await session.get(ShareAccessRow, unit_id)
    cameras = await _shared(session, unit_id)
    seen = [camera for camera, area in cameras if may(actor, Action.CAMERA_SEE, area)]
    return PartnerAccess(
        unit_id=unit.id,
        unit_name=unit.name,
        username=None if access is None else access.username,
        since=None if access is None else access.created_at,
        cameras=[SharedCamera(id=one.id, name=one.name, path=f"/{one.id}") for one in seen],
        hidden=len(cameras) - len(seen),
        port=console.settings.gateway.republish_port,
    )


async def give(console: Console, writing: AsyncSession, actor: Actor, unit_id: str) -> PartnerLogin:
    """A new login. Who gets to know a password must be one who may hand on all that it opens."""
    unit = await _unit(writing, actor, unit_id)
    cameras = await _shared(writing, unit_id)
    if not all(may(actor, Action.CAMERA_CONFIGURE, area) for _, area in cameras):
        raise HubError(ErrorKind.FORBIDDEN, "patrol_console.not_allowed")
    now = console.clock.now()
    login = new_login(console.key, unit_id)
    row = await writing.get(ShareAccessRow, unit_id, with_for_update=True)
    if row is None:
        row = ShareAccessRow(unit_id=unit_id)
        writing.add(row)
    row.username, row.created_at = login.username, now
    row.sealed_sha256, row.sealed_md5 = login.sealed_sha256, login.sealed_md5
    await writing.flush()
    await _told(writing, now, {camera.id for camera, _ in cameras})
    logger.info("share.given", unit_id=unit.id, user_id=actor.user_id)
    return PartnerLogin(username=login.username, password=login.password)


async def withdraw(console: Console, writing: AsyncSession, actor: Actor, unit_id: str) -> None:
    """Nothing is handed to the unit any more; a login that it is given later opens nothing of before."""
    await _unit(writing, actor, unit_id)
    row = await writing.get(ShareAccessRow, unit_id, with_for_update=True)
    if row is None:
        return
    had = set(await writing.scalars(select(ShareCameraRow.camera_id).where(ShareCameraRow.unit_id == unit_id)))
    await writing.execute(delete(ShareCameraRow).where(ShareCameraRow.unit_id == unit_id))
    await writing.delete(row)
    await writing.flush()
    await _told(writing, console.clock.now(), had)
    logger.info("share.withdrawn", unit_id=unit_id, user_id=actor.user_id, cameras=len(had))


async def choose(
    console: Console, writing: AsyncSession, actor: Actor, unit_id: str, camera_ids: Collection[str]
) -> PartnerAccess:
    """These, of all that the actor configures; others' stay. Raises CONFLICT `share_no_access`, `share_household`."""
    await _unit(writing, actor, unit_id)
    if await writing.get(ShareAccessRow, unit_id, with_for_update=True) is None:
        raise HubError(ErrorKind.CONFLICT, "patrol_console.share_no_access")
    wanted = set(camera_ids)
    for camera_id in sorted(wanted):
        await _may_be_shared(writing, actor, camera_id)
    now = console.clock.now()
    rows = await _shared(writing, unit_id)
    had = {camera.id for camera, _ in rows}
    mine = {camera.id for camera, area in rows if may(actor, Action.CAMERA_CONFIGURE, area)}
    gone, come = mine - wanted, wanted - had
    await writing.execute(
        delete(ShareCameraRow).where(ShareCameraRow.unit_id == unit_id, ShareCameraRow.camera_id.in_(gone))
    )
    writing.add_all(ShareCameraRow(unit_id=unit_id, camera_id=one, since=now) for one in sorted(come))
    await writing.flush()
    await _told(writing, now, gone | come)
    if gone or come:
        logger.info("share.chosen", unit_id=unit_id, user_id=actor.user_id, come=sorted(come), gone=sorted(gone))
    return await get(console, writing, actor, unit_id)


async def _unit(session: AsyncSession, actor: Actor, unit_id: str) -> UnitRow:
    missing = HubError(ErrorKind.NOT_FOUND, "patrol_console.no_unit")
    unit = await session.get(UnitRow, unit_id)
    area = None if unit is None else await session.get(AreaRow, unit.area_id)
    if unit is None or area is None:
        raise missing
    require(actor, Action.CAMERA_CONFIGURE, area, see=Action.AREA_SEE, missing=missing)
    return unit


async def _may_be_shared(session: AsyncSession, actor: Actor, camera_id: str) -> None:
    missing = HubError(ErrorKind.NOT_FOUND, "patrol_console.no_camera", camera_id=camera_id)
    camera = await session.get(CameraRow, camera_id, with_for_update=True)
    area = None if camera is None else await session.get(AreaRow, camera.area_id)
    if camera is None or area is None or camera.removed_at is not None:
        raise missing
    require(actor, Action.CAMERA_CONFIGURE, area, see=Action.CAMERA_SEE, missing=missing)
    if camera.kind == CameraKind.HOUSEHOLD.value:
        raise HubError(ErrorKind.CONFLICT, "patrol_console.share_household", camera=camera.name)


async def _shared(session: AsyncSession, unit_id: str) -> list[tuple[CameraRow, AreaRow]]:
    """What the unit may pull, with where it lies."""
    question = (
        select(CameraRow, AreaRow)
        .join(ShareCameraRow, ShareCameraRow.camera_id == CameraRow.id)
        .join(AreaRow, AreaRow.id == CameraRow.area_id)
        .where(ShareCameraRow.unit_id == unit_id, CameraRow.removed_at.is_(None))
        .order_by(CameraRow.name, CameraRow.id)
    )
    return [(camera, area) for camera, area in await session.execute(question)]


async def _told(session: AsyncSession, now: datetime, camera_ids: Collection[str]) -> None:
    """These cameras have another spec now."""
    changed = await session.execute(
        update(CameraRow)
        .where(CameraRow.id.in_(camera_ids))
        .values(revision=CameraRow.revision + 1)
        .returning(CameraRow.id, CameraRow.area_id)
        .execution_options(synchronize_session=False)
    )
    for camera_id, area_id in sorted((one[0], one[1]) for one in changed):
        outbox.tell_spec(session, now, camera_id)
        area = await session.get_one(AreaRow, area_id)
        notice = Notice(noun="camera", id=camera_id, change="updated", camera_id=camera_id, area_path=area.path)
        outbox.tell(session, now, notice)
    await session.flush()
