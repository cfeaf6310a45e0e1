"""一机一档: read by those who see the camera, written by what is done to it. On the event loop.

`note_repair` and `keep_verdicts` are for others to call within their own transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hub import i18n
from hub.contracts.camera import CameraState, Cause
from hub.contracts.camera_event import CameraEventKind
from hub.contracts.device import DeviceFacts, StreamProfile
from patrol_console.camera.schemas import Verdict
from patrol_console.camera.service import for_change, found
from patrol_console.camera.view import camera_view
from patrol_console.record import repository
from patrol_console.record.schemas import (
    CameraRecord,
    DeviceEvent,
    Examination,
    Fault,
    Repair,
    RepairKind,
    SettingChange,
    Worst,
)
from patrol_console.rights import Action, Actor, may, within
from patrol_console.tables.area import AreaRow
from patrol_console.tables.camera_record import CameraEventRow, CameraRepairRow, CameraVerdictRow

if TYPE_CHECKING:
    from patrol_console.console import Console

MOST_LISTED = 200
KEPT_VERDICTS = 50
_GRAVITY: tuple[Worst, ...] = ("ok", "unknown", "warn", "fail")


async def get(
    console: Console, reading: AsyncSession, actor: Actor, camera_id: str, most: int, lang: str
) -> CameraRecord:
    """The record, each list with at most `most` entries. Raises HubError NOT_FOUND `no_camera`."""
    camera = await found(console, reading, actor, camera_id, Action.CAMERA_SEE)
    examinations = None
    if may(actor, Action.CAMERA_TEST, camera):
        examinations = [_examination(row, lang) for row in await repository.verdicts(reading, camera_id, most)]
    row = camera.camera
    return CameraRecord(
        camera=camera_view(camera, actor, console.settings.gateway),
        area_path=await _names(reading, actor, camera.area_path),
        created_at=row.created_at,
        device=DeviceFacts.model_validate(row.device),
        profiles=_profiles(row.profiles, with_addresses=may(actor, Action.CAMERA_CONFIGURE, camera)),
        faults=[
            Fault(
                state=CameraState(stretch.state),
                cause=Cause(stretch.cause),
                detail=stretch.detail,
                since=stretch.since,
                until=stretch.until,
                outage_id=outage_id,
                outage_name=outage_name,
            )
            for stretch, outage_id, outage_name in await repository.faults(reading, camera_id, most)
        ],
        repairs=[_repair(each) for each in await repository.repairs(reading, camera_id, most)],
        examinations=examinations,
        events=[device_event(each) for each in await repository.events(reading, camera_id, most)],
    )


async def write_note(console: Console, writing: AsyncSession, actor: Actor, camera_id: str, note: str) -> Repair:
    """What a person did there, in words. Raises HubError NOT_FOUND or FORBIDDEN."""
    await for_change(console, writing, actor, camera_id)
    return await note_repair(console, writing, actor, camera_id, kind="note", note=note)


async def note_repair(
    console: Console,
    writing: AsyncSession,
    actor: Actor,
    camera_id: str,
    *,
    kind: RepairKind,
    note: str | None = None,
    changes: Sequence[SettingChange] = (),
) -> Repair:
    """Write down what was done to a camera, in the caller's transaction; the caller asked for the right to do it."""
    row = CameraRepairRow(
        camera_id=camera_id,
        at=console.clock.now(),
        user_id=actor.user_id,
        user_name=actor.display_name[:64],
        kind=kind,
        note=note,
        changes=[change.model_dump() for change in changes],
    )
    writing.add(row)
    await writing.flush()
    return _repair(row)


async def keep_verdicts(
    console: Console, writing: AsyncSession, user_id: str | None, camera_id: str, verdicts: Sequence[Verdict]
) -> None:
    """Keep what the doctor found, in the caller's transaction; of one camera the newest fifty."""
    writing.add(
        CameraVerdictRow(
            camera_id=camera_id,
            at=console.clock.now(),
            user_id=user_id,
            worst=worst_of(verdicts),
            verdicts=[verdict.model_dump(mode="json") for verdict in verdicts],
        )
    )
    await writing.flush()
    await repository.forget_verdicts(writing, camera_id, KEPT_VERDICTS)


def worst_of(verdicts: Sequence[Verdict]) -> Worst:
    """The gravest of them; of none `unknown`."""
    return max((verdict.status for verdict in verdicts), key=_GRAVITY.index, default="unknown")


def _examination(row: CameraVerdictRow, lang: str) -> Examination:
    kept = [Verdict.model_validate(each) for each in row.verdicts]
    worst = next(each for each in _GRAVITY if each == row.worst)
    return Examination(id=row.seq, at=row.at, worst=worst, verdicts=[_in(lang, verdict) for verdict in kept])


def _in(lang: str, verdict: Verdict) -> Verdict:
    """The sentences anew in the reader's language, where their codes were kept; and what was checked."""
    said: dict[str, Any] = {}
    check = f"camera_gateway.check_{verdict.check}"
    if verdict.name is not None and (name := i18n.text(check, lang)) != check:
        said["name"] = name
    for code, name in ((verdict.detail_code, "detail"), (verdict.remedy_code, "remedy")):
        if code:
            said[name] = i18n.text(code, lang, **verdict.params)
    return verdict.model_copy(update=said)


def _repair(row: CameraRepairRow) -> Repair:
    return Repair.model_validate(
        {
            "id": row.seq,
            "at": row.at,
            "user_name": row.user_name,
            "kind": row.kind,
            "note": row.note,
            "changes": row.changes,
            "outcome": row.outcome,
        }
    )


def device_event(row: CameraEventRow) -> DeviceEvent:
    """A row as the API has it; a kind that this console does not know is OTHER."""
    kind = CameraEventKind(row.kind) if row.kind in set(CameraEventKind) else CameraEventKind.OTHER
    return DeviceEvent(id=row.id, at=row.at, kind=kind, active=row.active, topic=row.topic, source=row.source)


def _profiles(kept: Sequence[Any], *, with_addresses: bool) -> list[StreamProfile]:
    profiles = [StreamProfile.model_validate(each) for each in kept]
    if with_addresses:
        return profiles
    return [profile.model_copy(update={"url": None, "snapshot_url": None}) for profile in profiles]


async def _names(reading: AsyncSession, actor: Actor, area_path: str) -> list[str]:
    steps = [step for step in area_path.split("/") if step]
    rows = await reading.execute(
        select(AreaRow.id, AreaRow.name).where(AreaRow.id.in_(steps), within(actor, Action.AREA_SEE, AreaRow.path))
    )
    names = {row.id: row.name for row in rows}
    return [names[step] for step in steps if step in names]
