"""A camera's row as the services get it: `CameraSpec`. The password goes sealed, as it is kept."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.contracts.camera import CameraKind, CameraSpec
from hub.contracts.rule import IntrusionRule
from hub.contracts.zone import Zone
from patrol_console.tables.area import AreaRow
from patrol_console.tables.camera import CameraRow


def spec_of(camera: CameraRow, area_path: str) -> CameraSpec:
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
    )


async def kept_camera(session: AsyncSession, camera_id: str) -> tuple[CameraRow, str] | None:
    """A camera that is not removed, with its area's path."""
    question = select(CameraRow, AreaRow.path).join(AreaRow, AreaRow.id == CameraRow.area_id)
    row = (await session.execute(question.where(CameraRow.id == camera_id, CameraRow.removed_at.is_(None)))).first()
    return None if row is None else (row[0], row[1])


async def all_specs(session: AsyncSession) -> list[CameraSpec]:
    """Every camera's spec: what `bus.replace_specs` gets at the start."""
    question = select(CameraRow, AreaRow.path).join(AreaRow, AreaRow.id == CameraRow.area_id)
    rows = await session.execute(question.where(CameraRow.removed_at.is_(None)))
    return [spec_of(camera, path) for camera, path in rows]
