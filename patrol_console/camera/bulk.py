"""The same change to many cameras: each for itself, with its own outcome; what is wrong with one stops no other.

On the event loop, in batches of its own transactions, so that a thousand cameras hold up nobody's writing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hub import i18n
from hub.contracts.severity import Severity
from hub.contracts.watch import Watch
from hub.errors import ErrorKind, HubError
from patrol_console import outbox
from patrol_console.camera import history, making, service
from patrol_console.camera.schemas import MOST_TAGS, CameraChange, Recordings, Tags
from patrol_console.event.notice import Notice
from patrol_console.plain import ID
from patrol_console.rights import Action, Actor, Place, require
from patrol_console.tables.area import AreaRow
from patrol_console.tables.camera import CameraRow

if TYPE_CHECKING:
    from patrol_console.console import Console

MOST = 1000
_BATCH = 25
_LIKE_ONE = ("area_id", "watch", "importance", "enabled", "unit_id", "recordings")


class BulkChange(BaseModel):
    """What to change; what is absent stays, null empties `unit_id` and `recordings`."""

    model_config = ConfigDict(extra="forbid")
    area_id: str | None = Field(default=None, pattern=ID)
    watch: Watch | None = None
    importance: Severity | None = None
    enabled: bool | None = None
    unit_id: str | None = Field(default=None, pattern=ID)
    recordings: Recordings | None = None
    add_tags: Tags = []
    remove_tags: Tags = []


class BulkWish(BaseModel):
    """POST /api/cameras/bulk."""

    model_config = ConfigDict(extra="forbid")
    ids: list[Annotated[str, StringConstraints(pattern=ID)]] = Field(min_length=1, max_length=MOST)
    change: BulkChange


class BulkOutcome(BaseModel):
    """What became of one camera; `reason` is in the reader's language."""

    camera_id: str
    name: str | None
    outcome: Literal["changed", "unchanged", "refused"]
    code: str | None = None
    reason: str | None = None


class BulkResult(BaseModel):
    """Each camera in the order asked for, once."""

    changed: int
    items: list[BulkOutcome]


async def change_all(console: Console, actor: Actor, body: BulkWish, lang: str) -> BulkResult:
    """Change them. Raises HubError for what is wrong for all: NOT_FOUND `no_area`, `no_unit`, FORBIDDEN."""
    async with console.database.reading() as reading:
        if body.change.area_id is not None:
            await service.area_for(reading, actor, body.change.area_id)
        await making.check_unit(reading, actor, body.change.unit_id)
    ids = list(dict.fromkeys(body.ids))
    items: list[BulkOutcome] = []
    for first in range(0, len(ids), _BATCH):
        async with console.database.writing() as writing:
            items += await _batch(console, writing, actor, ids[first : first + _BATCH], body.change, lang)
        console.outbox.wake()
    return BulkResult(changed=sum(item.outcome == "changed" for item in items), items=items)


async def _batch(
    console: Console, writing: AsyncSession, actor: Actor, ids: Sequence[str], change: BulkChange, lang: str
) -> list[BulkOutcome]:
    rows = await writing.execute(
        select(CameraRow, AreaRow.path)
        .join(AreaRow, AreaRow.id == CameraRow.area_id)
        .where(CameraRow.id.in_(ids), CameraRow.removed_at.is_(None))
        .order_by(CameraRow.id)
        .with_for_update(of=CameraRow)
    )
    found = {camera.id: (camera, path) for camera, path in rows}
    area = await writing.get(AreaRow, change.area_id) if change.area_id is not None else None
    now, outcomes, turned = console.clock.now(), [], []
    for camera_id in ids:
        camera, path = found.get(camera_id, (None, ""))
        try:
            missing = service.missing(camera_id)
            if camera is None:
                raise missing
            require(actor, Action.CAMERA_CONFIGURE, Place(path), see=Action.CAMERA_SEE, missing=missing)
            async with writing.begin_nested():
                columns = _columns(camera, change)
                if columns:
                    await making.put(writing, camera, columns, now, path)
            outcomes.append(
                BulkOutcome(camera_id=camera_id, name=camera.name, outcome="changed" if columns else "unchanged")
            )
            if columns:
                turned.append(camera_id)
                outbox.tell_spec(writing, now, camera_id)
                at = path if area is None else area.path
                outbox.tell(
                    writing,
                    now,
                    Notice(noun="camera", id=camera_id, change="updated", camera_id=camera_id, area_path=at),
                )
        except HubError as error:
            outcomes.append(
                BulkOutcome(
                    camera_id=camera_id,
                    name=None if error.kind is ErrorKind.NOT_FOUND or camera is None else camera.name,
                    outcome="refused",
                    code=error.code,
                    reason=i18n.text(error.code, lang, **error.params),
                )
            )
    if turned:
        await history.note(writing, now, console.restart_grace, turned)
    return outcomes


def _columns(camera: CameraRow, change: BulkChange) -> dict[str, Any]:
    """What is otherwise than it is. Raises HubError INVALID `too_many_tags`."""
    given = change.model_dump(include={name for name in _LIKE_ONE if name in change.model_fields_set})
    columns = making.columns_of(CameraChange.model_validate(given))
    if change.add_tags or change.remove_tags:
        tags = sorted((set(map(str, camera.tags)) | set(change.add_tags)) - set(change.remove_tags))
        if len(tags) > MOST_TAGS:
            raise HubError(ErrorKind.INVALID, "patrol_console.too_many_tags", most=MOST_TAGS)
        columns["tags"] = tags
    nullable = {"unit_id", "recordings"}
    return {
        name: value
        for name, value in columns.items()
        if getattr(camera, name) != value and (value is not None or name in nullable)
    }
