"""Searches for devices: begun, looked at, ended. The gateway does them; what it finds is held against our cameras.

A search is its starter's alone. It tells addresses on the gateway's network, within `addresses` of the settings, to
those who may configure cameras somewhere; of a device that is somebody else's camera only that it is one.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hub import i18n
from hub.address_url import DEFAULT_PORTS, parse
from hub.contracts.device import DiscoveredDevice
from hub.contracts.joining import DiscoveryLine, DiscoveryWish
from hub.errors import HubError
from hub.plain import plain
from patrol_console import outbox
from patrol_console.discovery.known import Registered, known_of
from patrol_console.discovery.schemas import Discovery, DiscoveryList, DiscoveryStart, FoundDevice, KnownCamera
from patrol_console.discovery.searches import Search
from patrol_console.discovery.ticket import joining_ticket
from patrol_console.event.notice import Notice
from patrol_console.rights import Action, Actor, Place, may
from patrol_console.tables.area import AreaRow
from patrol_console.tables.camera import CameraRow

if TYPE_CHECKING:
    from patrol_console.console import Console

_MOST_CHARACTERS = 128  # of what a device says of itself


async def begin(console: Console, reading: AsyncSession, actor: Actor, body: DiscoveryStart, lang: str) -> Discovery:
    """Start a search. Raises HubError LIMITED `patrol_console.discovery_running`."""
    ticket = joining_ticket(console, actor.user_id, actor.unit_id)
    wish = DiscoveryWish(network=None if body.range is None else body.range.replace(" ", ""))

    def lines() -> AsyncGenerator[DiscoveryLine]:
        return console.gateway.discover(ticket, wish)

    async def ended(search: Search) -> None:
        async with console.database.writing() as writing:
            notice = Notice(noun="discovery", id=search.id, change="updated", user_id=search.user_id)
            outbox.tell(writing, console.clock.now(), notice)
        console.outbox.wake()

    return await _view(reading, actor, console.searches.begin(actor.user_id, wish.network, lines, ended), lang)


async def listing(console: Console, actor: Actor, lang: str) -> DiscoveryList:
    """The reader's own, without devices."""
    return DiscoveryList(items=[_bare(search, lang) for search in console.searches.of(actor.user_id)])


async def get(console: Console, reading: AsyncSession, actor: Actor, search_id: str, lang: str) -> Discovery:
    """One of the reader's. Raises HubError NOT_FOUND `patrol_console.no_discovery`."""
    return await _view(reading, actor, console.searches.get(actor.user_id, search_id), lang)


async def end(console: Console, actor: Actor, search_id: str) -> None:
    """Stop looking; what was found stays."""
    await console.searches.end(actor.user_id, search_id)


async def _view(reading: AsyncSession, actor: Actor, search: Search, lang: str) -> Discovery:
    devices = list(search.devices.values())
    known = known_of(devices, await _registered(reading)) if devices else {}
    found = [_device(device, known.get(device.xaddr, []), actor) for device in devices]
    return _bare(search, lang).model_copy(update={"devices": found})


def _bare(search: Search, lang: str) -> Discovery:
    problem = search.problem
    return Discovery(
        id=search.id,
        range=search.range,
        state=search.state,
        began_at=search.began_at,
        ended_at=search.ended_at,
        asked=search.asked,
        total=search.total,
        problem=None if problem is None else i18n.text(problem.code, lang, **problem.params),
        devices=[],
    )


def _device(device: DiscoveredDevice, cameras: list[Registered], actor: Actor) -> FoundDevice:
    seen = [may(actor, Action.CAMERA_SEE, Place(camera.area_path)) for camera in cameras]
    return FoundDevice(
        address=_address(device),
        ip=device.ip,
        endpoint=_said(device.endpoint) or "",
        name=_said(device.name),
        hardware=_said(device.hardware),
        location=_said(device.location),
        found_by=device.found_by,
        cameras=[
            KnownCamera(id=camera.id if may_see else None, name=camera.name if may_see else None)
            for camera, may_see in zip(cameras, seen, strict=True)
        ],
    )


def _address(device: DiscoveredDevice) -> str:
    """As short as it is whole: the host where the service stands where every camera's does."""
    try:
        parts = parse(device.xaddr, ("http", "https"))
    except HubError:
        return device.ip
    usual = parts.scheme == "http" and parts.port == DEFAULT_PORTS["http"] and parts.path == "/onvif/device_service"
    return parts.host if usual and ":" not in parts.host else device.xaddr


def _said(text: str | None) -> str | None:
    return plain(text)[:_MOST_CHARACTERS] or None if text else None


async def _registered(reading: AsyncSession) -> list[Registered]:
    rows = await reading.execute(
        select(CameraRow.id, CameraRow.name, AreaRow.path, CameraRow.url, CameraRow.onvif, CameraRow.device)
        .join(AreaRow, AreaRow.id == CameraRow.area_id)
        .where(CameraRow.removed_at.is_(None))
    )
    return [
        Registered(camera_id, name, path, url, (onvif or {}).get("url"), (device or {}).get("mac"))
        for camera_id, name, path, url, onvif, device in rows
    ]
