"""Which units a camera is handed to: in one place, for its spec. A household's camera is handed to nobody."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.contracts.camera import CameraKind
from hub.contracts.share import PartnerShare
from patrol_console.tables.area import UnitRow
from patrol_console.tables.camera import CameraRow
from patrol_console.tables.share import ShareAccessRow, ShareCameraRow

Shares = dict[str, tuple[PartnerShare, ...]]


async def shares_of(session: AsyncSession, camera_id: str | None = None) -> Shares:
    """By camera; of all of them where none is named."""
    question = (
        select(ShareCameraRow.camera_id, ShareAccessRow, UnitRow.name)
        .join(ShareAccessRow, ShareAccessRow.unit_id == ShareCameraRow.unit_id)
        .join(UnitRow, UnitRow.id == ShareCameraRow.unit_id)
        .join(CameraRow, CameraRow.id == ShareCameraRow.camera_id)
        .where(CameraRow.removed_at.is_(None), CameraRow.kind != CameraKind.HOUSEHOLD.value)
        .order_by(ShareCameraRow.camera_id, ShareAccessRow.username)
    )
    if camera_id is not None:
        question = question.where(ShareCameraRow.camera_id == camera_id)
    found: Shares = {}
    for of_camera, access, unit_name in await session.execute(question):
        share = PartnerShare(
            unit_id=access.unit_id,
            unit_name=unit_name,
            username=access.username,
            sealed_sha256=access.sealed_sha256,
            sealed_md5=access.sealed_md5,
        )
        found[of_camera] = (*found.get(of_camera, ()), share)
    return found


async def share_no_more(session: AsyncSession, camera_id: str) -> None:
    """The camera became a household's, or is taken away: a later change back hands it to nobody by itself."""
    await session.execute(delete(ShareCameraRow).where(ShareCameraRow.camera_id == camera_id))
