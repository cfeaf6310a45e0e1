"""A camera's row as the services get it: `CameraSpec`. The password goes sealed, as it is kept."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.contracts.camera import CameraKind, CameraSpec, Transport
from hub.contracts.device import DeviceFace
from hub.contracts.rule import IntrusionRule
from hub.contracts.share import PartnerShare
from hub.contracts.uplink import Uplink
from hub.contracts.watch import Watch, WatchMode
from hub.contracts.zone import Zone
from patrol_console.share.shared import shares_of
from patrol_console.tables.area import AreaRow
from patrol_console.tables.camera import CameraRow
from patrol_console.uplink.behind import all_uplinks, uplinks_of


def spec_of(
    camera: CameraRow, area_path: str, uplinks: Sequence[Uplink] = (), shares: Sequence[PartnerShare] = ()
) -> CameraSpec:
    """The spec of one row. Raises pydantic's ValidationError where what was kept is not valid."""
    return CameraSpec(
        camera_id=camera.id,
        revision=camera.revision,
        name=camera.name,
        area_id=camera.area_id,
        area_path=tuple(step for step in area_path.split("/") if step),
        gateway_id=camera.gateway_id,
        kind=CameraKind(camera.kind),
        enabled=camera.enabled,
        url=camera.url,
        username=camera.username,
        sealed_password=camera.sealed_password,
        consent_from=camera.consent_from,
        consent_until=camera.consent_until,
        masks=tuple(camera.masks),
        zones=tuple(Zone.model_validate(zone) for zone in camera.zones),
        rules=tuple(IntrusionRule.model_validate(rule) for rule in camera.rules),
        simulated=camera.simulated,
        watch=watch_of(camera),
        uplinks=tuple(uplinks),
        transport=Transport(camera.transport),
        audio=camera.audio,
        onvif=DeviceFace.model_validate(camera.onvif) if camera.onvif else None,
        shares=tuple(shares),
    )


def watch_of(camera: CameraRow) -> Watch:
    """How closely it is watched."""
    return Watch(mode=WatchMode(camera.watch_mode), every_min=camera.watch_every_min)


async def kept_camera(
    session: AsyncSession, camera_id: str
) -> tuple[CameraRow, str, tuple[Uplink, ...], tuple[PartnerShare, ...]] | None:
    """A camera that is not removed, with its area's path, the lines it lies behind and whom it is handed to."""
    question = select(CameraRow, AreaRow.path).join(AreaRow, AreaRow.id == CameraRow.area_id)
    row = (await session.execute(question.where(CameraRow.id == camera_id, CameraRow.removed_at.is_(None)))).first()
    if row is None:
        return None
    camera, path = row
    lines = uplinks_of(camera, path, await all_uplinks(session))
    return camera, path, lines, (await shares_of(session, camera_id)).get(camera_id, ())


async def all_specs(session: AsyncSession) -> list[CameraSpec]:
    """Every camera's spec: what `bus.replace_specs` gets at the start."""
    question = select(CameraRow, AreaRow.path).join(AreaRow, AreaRow.id == CameraRow.area_id)
    lines = await all_uplinks(session)
    shares = await shares_of(session)
    rows = await session.execute(question.where(CameraRow.removed_at.is_(None)))
    return [spec_of(camera, path, uplinks_of(camera, path, lines), shares.get(camera.id, ())) for camera, path in rows]
