"""What makes and changes a camera's row, whoever asks: a form, an import, a bulk change. Runs on the event loop.

Checks what one camera's row can be wrong in; asks no rights (the services did) and tells nobody (`service.told`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.contracts.camera import CameraKind
from hub.contracts.spec import Revoked
from hub.errors import ErrorKind, HubError
from hub.ids import new_id
from patrol_console import outbox
from patrol_console.camera import national_code
from patrol_console.camera.schemas import CameraChange, CameraCreate
from patrol_console.camera.subnet import subnet_of
from patrol_console.event.notice import Notice
from patrol_console.rights import Action, Actor, may
from patrol_console.share.shared import share_no_more
from patrol_console.tables.area import AreaRow, UnitRow
from patrol_console.tables.camera import CameraRow

if TYPE_CHECKING:
    from patrol_console.console import Console

_MAY_BE_EMPTIED = frozenset(
    {"place", "consent_from", "consent_until", "username", "sealed_password", "unit_id", "subnet"}
    | {"national_code", "longitude", "latitude", "recordings", "onvif", "reading_problem"}
)
# A change of one of these may take somebody's sight away: what is open ends, and is opened again where it may be.
_ENDS_PICTURES = frozenset({"area_id", "kind", "enabled", "consent_from", "consent_until"})
# What the API has as one value and the table in columns of plain words.
_COLUMNS_OF: dict[str, Callable[[Any], dict[str, Any]]] = {
    "kind": lambda kind: {"kind": kind.value},
    "watch": lambda watch: {"watch_mode": watch.mode.value, "watch_every_min": watch.every_min},
    "transport": lambda transport: {"transport": transport.value},
    "importance": lambda importance: {"importance": importance.value},
}


def new_row(
    console: Console, body: CameraCreate, url: str, username: str | None, password: str | None, ip: str
) -> CameraRow:
    """The row of a new camera; `url` is without credentials, `ip` is what it was pinned to."""
    now = console.clock.now()
    camera_id = new_id("cam", now)
    return CameraRow(
        id=camera_id,
        name=body.name,
        area_id=body.area_id,
        gateway_id=console.settings.gateway.id,
        kind=body.kind.value,
        enabled=body.enabled,
        url=url,
        username=username,
        sealed_password=console.key.seal(password, camera_id) if password else None,
        place=body.place,
        consent_from=body.consent_from,
        consent_until=body.consent_until,
        simulated=body.simulated,
        masks=[],
        zones=[],
        rules=[],
        revision=1,
        created_at=now,
        facts={},
        watch_mode=body.watch.mode.value,
        watch_every_min=body.watch.every_min,
        transport=body.transport.value,
        audio=body.audio,
        importance=body.importance.value,
        unit_id=body.unit_id,
        subnet=subnet_of(ip),
        national_code=body.national_code or None,
        longitude=body.longitude,
        latitude=body.latitude,
        recordings=body.recordings,
        tags=body.tags,
    )


def columns_of(body: CameraChange) -> dict[str, Any]:
    """The columns that a change gives, without those of the address and the login."""
    given = body.model_dump(exclude_unset=True, exclude={"password", "url", "username", *_COLUMNS_OF})
    for name, columns in _COLUMNS_OF.items():
        if (value := getattr(body, name)) is not None:
            given |= columns(value)
    if "national_code" in given:
        given["national_code"] = given["national_code"] or None
    return given


async def put(
    writing: AsyncSession, camera: CameraRow, columns: Mapping[str, Any], now: datetime, area_path: str
) -> None:
    """Change the locked row, which lay in `area_path`, and end what must end. Raises as `check_consent`."""
    if columns.get("area_id", camera.area_id) != camera.area_id:
        gone = Notice(noun="camera", id=camera.id, change="removed", camera_id=camera.id, area_path=area_path)
        outbox.tell(writing, now, gone)  # for those of the old area; the others hear "updated" after
    for name, value in columns.items():
        if value is not None or name in _MAY_BE_EMPTIED:
            setattr(camera, name, value)
    check_consent(camera.consent_from, camera.consent_until)
    check_position(camera.longitude, camera.latitude)
    if camera.kind == CameraKind.HOUSEHOLD.value:
        await share_no_more(writing, camera.id)
    camera.revision += 1
    await writing.flush()
    if columns.get("audio") is False or _ENDS_PICTURES & columns.keys():
        outbox.tell_revoked(writing, now, Revoked(camera_id=camera.id, at=now))


async def check_unit(session: AsyncSession, actor: Actor, unit_id: str | None) -> None:
    """A camera is given to a unit that its giver may know of. Raises HubError NOT_FOUND `no_unit`."""
    if unit_id is None:
        return
    area = await session.scalar(
        select(AreaRow).join(UnitRow, UnitRow.area_id == AreaRow.id).where(UnitRow.id == unit_id)
    )
    if area is None or not may(actor, Action.AREA_SEE, area):
        raise HubError(ErrorKind.NOT_FOUND, "patrol_console.no_unit")


async def check_code(session: AsyncSession, code: str | None, camera_id: str | None = None) -> None:
    """A national code is one, and no other camera's. Raises HubError INVALID, or CONFLICT `national_code_taken`."""
    if not code:
        return
    national_code.check(code)
    holder = await session.scalar(
        select(CameraRow.id).where(CameraRow.national_code == code, CameraRow.removed_at.is_(None))
    )
    if holder is not None and holder != camera_id:
        raise HubError(ErrorKind.CONFLICT, "patrol_console.national_code_taken", code=code)


def check_consent(since: datetime | None, until: datetime | None) -> None:
    """A consent ends after it begins. Raises HubError INVALID `consent_order`."""
    if since is not None and until is not None and until <= since:
        raise HubError(ErrorKind.INVALID, "patrol_console.consent_order")


def check_position(longitude: float | None, latitude: float | None) -> None:
    """Both or neither. Raises HubError INVALID `half_position`."""
    if (longitude is None) != (latitude is None):
        raise HubError(ErrorKind.INVALID, "patrol_console.half_position")
