"""Cameras: listed, made, changed, taken away. A change raises the revision and is told to the services after the
commit; a change that takes somebody's sight away ends the pictures that are open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.address_url import DEFAULT_PORTS, parse, split_credentials
from hub.contracts.camera import CameraKind, CameraState, Cause
from hub.contracts.spec import Revoked
from hub.errors import ErrorKind, HubError
from patrol_console import outbox
from patrol_console.camera import device_reading, history, making, repository
from patrol_console.camera.repository import Found
from patrol_console.camera.schemas import Camera, CameraChange, CameraCreate, CameraList
from patrol_console.camera.subnet import subnet_of
from patrol_console.camera.view import camera_view
from patrol_console.event.notice import Notice
from patrol_console.page import cursor_of, keys_of
from patrol_console.rights import Action, Actor, Place, may, require, within
from patrol_console.share.shared import share_no_more
from patrol_console.tables.area import AreaRow
from patrol_console.tables.camera import CameraRow

if TYPE_CHECKING:
    from patrol_console.console import Console

MOST_CAMERAS = 10_000


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants listed."""

    area_id: str | None = None
    text: str | None = None
    state: CameraState | None = None
    cause: Cause | None = None
    kind: CameraKind | None = None
    tag: str | None = None
    cursor: str | None = None
    limit: int = 100


def missing(camera_id: str) -> HubError:
    """The answer for a camera that is not there, and for one that the reader may not know of."""
    return HubError(ErrorKind.NOT_FOUND, "patrol_console.no_camera", camera_id=camera_id)


async def found(console: Console, session: AsyncSession, actor: Actor, camera_id: str, action: Action) -> Found:
    """The camera, if `actor` may do `action` to it. Raises HubError NOT_FOUND or FORBIDDEN."""
    camera = await repository.find(session, camera_id, console.clock.now())
    if camera is None:
        raise missing(camera_id)
    require(actor, action, camera, see=Action.CAMERA_SEE, missing=missing(camera_id))
    return camera


async def listing(console: Console, reading: AsyncSession, actor: Actor, wish: Wish) -> CameraList:
    """A page of the cameras that the reader may see."""
    filters = [within(actor, Action.CAMERA_SEE, AreaRow.path)]
    if wish.area_id is not None:
        area = await repository.area(reading, wish.area_id)
        if area is None or not may(actor, Action.CAMERA_SEE, area):
            raise HubError(ErrorKind.NOT_FOUND, "patrol_console.no_area")
        filters.append(AreaRow.path.startswith(area.path, autoescape=True))
    if wish.kind is not None:
        filters.append(CameraRow.kind == wish.kind.value)
    if wish.text:
        words = wish.text.casefold()
        columns = (func.lower(CameraRow.name), func.lower(func.coalesce(CameraRow.place, "")), CameraRow.national_code)
        filters.append(or_(*(column.contains(words, autoescape=True) for column in columns)))
    if wish.tag is not None:
        filters.append(repository.bears(wish.tag))
    after = None
    if wish.cursor is not None:
        name, camera_id = keys_of(wish.cursor, 2)
        after = (name, camera_id)
    rows = await repository.listing(
        reading,
        console.clock.now(),
        filters,
        state=None if wish.state is None else wish.state.value,
        cause=None if wish.cause is None else wish.cause.value,
        after=after,
        limit=wish.limit + 1,
    )
    shown, more = rows[: wish.limit], len(rows) > wish.limit
    return CameraList(
        items=[camera_view(row, actor, console.settings.gateway, listed=True) for row in shown],
        next=cursor_of(shown[-1].camera.name, shown[-1].camera.id) if more else None,
    )


async def get(console: Console, reading: AsyncSession, actor: Actor, camera_id: str) -> Camera:
    """One camera."""
    camera = await found(console, reading, actor, camera_id, Action.CAMERA_SEE)
    return camera_view(camera, actor, console.settings.gateway)


async def create(console: Console, writing: AsyncSession, actor: Actor, body: CameraCreate) -> Camera:
    """A new camera. Raises HubError of `hub.addresses` for an address that no camera may have."""
    if (body.url is None) == (body.address is None):
        raise HubError(ErrorKind.INVALID, "patrol_console.address_or_url")
    what = device_reading.typed(body.url or body.address or "", body.username, body.password)
    url, username, password = what.address, what.username, what.password
    async with console.database.reading() as reading:
        await area_for(reading, actor, body.area_id)
    description = None
    if body.address is not None:  # the device may take its time: before the write transaction begins
        description = await device_reading.read_typed(console, actor, what, body.profile_token, body.channel)
        url = description.url
        await _check_unknown(console, actor, url)
    pinned = await console.addresses.resolve(url)  # may ask a name server: before the write transaction begins
    making.check_consent(body.consent_from, body.consent_until)
    making.check_position(body.longitude, body.latitude)
    await area_for(writing, actor, body.area_id)
    await making.check_unit(writing, actor, body.unit_id)
    await making.check_code(writing, body.national_code)
    row = making.new_row(console, body, url, username, password, pinned.ip)
    if description is not None:
        device_reading.put(row, device_reading.columns_of(description))
    writing.add(row)
    await writing.flush()
    return await told(console, writing, actor, row.id, "created")


async def change(console: Console, writing: AsyncSession, actor: Actor, camera_id: str, body: CameraChange) -> Camera:
    """Change what was given."""
    async with console.database.reading() as reading:
        before = await found(console, reading, actor, camera_id, Action.CAMERA_CONFIGURE)
    secrets = await _credentials(console, before.camera, body)
    camera = await for_change(console, writing, actor, camera_id)
    if body.area_id is not None:
        await area_for(writing, actor, body.area_id)
    if body.unit_id != camera.unit_id:
        await making.check_unit(writing, actor, body.unit_id)
    await making.check_code(writing, body.national_code, camera_id)
    columns = making.columns_of(body) | secrets
    await making.put(writing, camera, columns, console.clock.now(), before.area_path)
    return await told(console, writing, actor, camera_id, "updated")


async def remove(console: Console, writing: AsyncSession, actor: Actor, camera_id: str) -> None:
    """Take a camera away; its row stays for its alerts and its register, its password does not."""
    camera = await for_change(console, writing, actor, camera_id)
    area = await writing.get_one(AreaRow, camera.area_id)
    now = console.clock.now()
    camera.removed_at = now
    camera.sealed_password = None
    await share_no_more(writing, camera_id)
    camera.revision += 1
    await history.close(writing, camera, now)
    outbox.tell_spec(writing, now, camera_id)
    outbox.tell_revoked(writing, now, Revoked(camera_id=camera_id, at=now))
    outbox.tell(
        writing, now, Notice(noun="camera", id=camera_id, change="removed", camera_id=camera_id, area_path=area.path)
    )


async def for_change(console: Console, writing: AsyncSession, actor: Actor, camera_id: str) -> CameraRow:
    """The locked row, if the actor may configure it."""
    camera = await repository.locked(writing, camera_id)
    if camera is None:
        raise missing(camera_id)
    await found(console, writing, actor, camera_id, Action.CAMERA_CONFIGURE)
    return camera


async def told(console: Console, writing: AsyncSession, actor: Actor, camera_id: str, change: str) -> Camera:
    """After a change: tell the services and the browsers, answer with what it is now."""
    camera = await tell_changed(console, writing, camera_id, change)
    return camera_view(camera, actor, console.settings.gateway)


async def tell_changed(console: Console, writing: AsyncSession, camera_id: str, change: str) -> Found:
    """Tell the services and the browsers after the commit; returns what it is now."""
    now = console.clock.now()
    outbox.tell_spec(writing, now, camera_id)
    await history.note(writing, now, console.restart_grace, [camera_id])
    camera = await repository.find(writing, camera_id, now)
    if camera is None:
        raise missing(camera_id)
    outbox.tell(
        writing,
        now,
        Notice(
            noun="camera",
            id=camera_id,
            change="created" if change == "created" else "updated",
            camera_id=camera_id,
            area_path=camera.area_path,
        ),
    )
    return camera


async def _check_unknown(console: Console, actor: Actor, url: str) -> None:
    """A device that was found is not registered twice. Raises HubError CONFLICT `patrol_console.camera_known`."""
    async with console.database.reading() as reading:
        rows = await reading.execute(
            select(CameraRow.name, AreaRow.path)
            .join(AreaRow, AreaRow.id == CameraRow.area_id)
            .where(CameraRow.url == url, CameraRow.removed_at.is_(None))
            .limit(1)
        )
        for name, path in rows:
            seen = may(actor, Action.CAMERA_SEE, Place(path))
            raise HubError(ErrorKind.CONFLICT, "patrol_console.camera_known", name=name if seen else "…")


async def area_for(session: AsyncSession, actor: Actor, area_id: str) -> AreaRow:
    """An area that the actor may put cameras into. Raises HubError NOT_FOUND `no_area` or FORBIDDEN."""
    gone = HubError(ErrorKind.NOT_FOUND, "patrol_console.no_area")
    area = await repository.area(session, area_id)
    if area is None:
        raise gone
    require(actor, Action.CAMERA_CONFIGURE, area, see=Action.AREA_SEE, missing=gone)
    return area


async def _credentials(console: Console, camera: CameraRow, body: CameraChange) -> dict[str, Any]:
    """The columns of address and login that the body changes.

    A password does not go along to another host: whoever may change an address could otherwise have it sent to them.
    """
    columns: dict[str, Any] = {}
    username, password = body.username, body.password.get_secret_value() if body.password else None
    if body.url is not None:
        columns["url"], from_url, password_from_url = split_credentials(body.url)
        pinned = await console.addresses.resolve(columns["url"])
        columns["subnet"] = subnet_of(pinned.ip)
        known = parse(camera.url, tuple(DEFAULT_PORTS))
        if (known.host, known.port) != (pinned.host, pinned.port):
            columns["sealed_password"] = None
        if known.host != pinned.host:
            columns |= device_reading.forgotten()
        username, password = username or from_url, password or password_from_url
    if username is not None or "username" in body.model_fields_set:
        columns["username"] = username or None
    if password is not None or "password" in body.model_fields_set:
        columns["sealed_password"] = console.key.seal(password, camera.id) if password else None
    return columns
