"""Searching a network from the page: what is found, whose it is already, and who may know of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import httpx
import pytest

from hub.contracts.device import DiscoveredDevice
from hub.contracts.joining import DiscoveryLine, DiscoveryWish
from hub.errors import ErrorKind, HubError
from patrol_console.console import Console
from patrol_console.discovery.known import Registered, known_of
from patrol_console.discovery.searches import KEPT, MOST_DEVICES
from patrol_console.tables.camera import CameraRow
from tests.patrol_console.people import Person, Town
from tests.support.clock import FakeClock


def device(ip: str = "10.0.0.9", port: int = 80, endpoint: str = "") -> DiscoveredDevice:
    return DiscoveredDevice(endpoint=endpoint, ip=ip, xaddr=f"http://{ip}:{port}/onvif/device_service")


def camera(id_: str, url: str, onvif_url: str | None = None, mac: str | None = None) -> Registered:
    return Registered(id_, id_, "/east/", url, onvif_url, mac)


@pytest.fixture
async def technician(asgi: httpx.ASGITransport, town: Town) -> AsyncIterator[Person]:
    person = await Person.sign_in(asgi, "technician")
    yield person
    await person.client.aclose()


async def over(person: Person, body: dict[str, Any]) -> dict[str, Any]:
    begun = await person.ask("POST", "/api/discoveries", body)
    assert begun.status_code == 202, begun.text
    for _ in range(200):
        search: dict[str, Any] = (await person.ask("GET", f"/api/discoveries/{begun.json()['id']}")).json()
        if search["state"] != "running":
            return search
        await asyncio.sleep(0.01)
    raise AssertionError("it never ended")


async def test_a_search_tells_what_was_found_and_which_is_registered(technician: Person, town: Town) -> None:
    search = await over(technician, {"range": "10.0.0.0/24"})
    assert (search["state"], search["asked"], search["total"], search["problem"]) == ("done", 2, 2, None)
    new, known = search["devices"]
    assert (new["address"], new["cameras"]) == ("http://127.0.0.1:8000/onvif/device_service", [])
    assert known["address"] == "10.0.0.7"  # no longer than it need be typed
    ours = town.cameras["east"]
    assert [one["id"] for one in known["cameras"]] == [ours, None], "of another village's only that it is one"
    assert known["cameras"][1]["name"] is None


async def test_a_search_is_its_starters_alone(technician: Person, asgi: httpx.ASGITransport) -> None:
    search = await over(technician, {})
    admin = await Person.sign_in(asgi, "admin")
    assert (await admin.ask("GET", f"/api/discoveries/{search['id']}")).status_code == 404
    assert (await admin.ask("GET", "/api/discoveries")).json()["items"] == []
    assert [one["id"] for one in (await technician.ask("GET", "/api/discoveries")).json()["items"]] == [search["id"]]


@pytest.mark.parametrize("range_", ["", "all", "10.0.0.0/24; ls", "10.0.0.0/24\n", "::1", "http://10.0.0.1"])
async def test_a_range_that_is_none_is_refused_before_anybody_is_asked(technician: Person, range_: str) -> None:
    assert (await technician.ask("POST", "/api/discoveries", {"range": range_})).status_code == 422


async def test_what_ends_a_search_early_stands_in_it_in_the_readers_language(
    technician: Person, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuses(ticket: str, wish: DiscoveryWish) -> AsyncGenerator[DiscoveryLine]:
        yield DiscoveryLine(device=device())
        raise HubError(ErrorKind.LIMITED, "camera_gateway.discovery_busy")

    monkeypatch.setattr(console.gateway, "discover", refuses)
    search = await over(technician, {})
    assert search["state"] == "failed"
    assert "searching already" in search["problem"]
    assert len(search["devices"]) == 1, "what was found before stays"


async def test_one_search_at_a_time_and_it_can_be_ended(
    technician: Person, console: Console, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = asyncio.Event()

    async def endless(ticket: str, wish: DiscoveryWish) -> AsyncGenerator[DiscoveryLine]:
        try:
            yield DiscoveryLine(device=device())
            await asyncio.Event().wait()
        finally:
            closed.set()

    monkeypatch.setattr(console.gateway, "discover", endless)
    begun = (await technician.ask("POST", "/api/discoveries", {})).json()
    again = await technician.ask("POST", "/api/discoveries", {})
    assert (again.status_code, again.json()["code"]) == (429, "patrol_console.discovery_running")
    await asyncio.sleep(0.02)
    assert (await technician.ask("DELETE", f"/api/discoveries/{begun['id']}")).status_code == 204
    assert closed.is_set(), "the gateway was let go"
    ended = (await technician.ask("GET", f"/api/discoveries/{begun['id']}")).json()
    assert (ended["state"], len(ended["devices"])) == ("done", 1)
    await clock.advance(KEPT.total_seconds() + 1)
    assert (await technician.ask("GET", f"/api/discoveries/{begun['id']}")).status_code == 404


async def test_a_network_full_of_liars_costs_bounded_memory(
    technician: Person, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def floods(ticket: str, wish: DiscoveryWish) -> AsyncGenerator[DiscoveryLine]:
        for number in range(MOST_DEVICES + 500):
            yield DiscoveryLine(
                device=device(port=1 + number % 65_000, ip=f"10.1.{number // 250 % 250}.{number % 250}")
            )

    monkeypatch.setattr(console.gateway, "discover", floods)
    assert len((await over(technician, {}))["devices"]) <= MOST_DEVICES


async def test_what_a_device_says_of_itself_is_made_fit_to_read(
    technician: Person, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lies(ticket: str, wish: DiscoveryWish) -> AsyncGenerator[DiscoveryLine]:
        yield DiscoveryLine(device=device().model_copy(update={"name": "a\x1b[2Jb\u202e" + "x" * 900}))

    monkeypatch.setattr(console.gateway, "discover", lies)
    (found,) = (await over(technician, {}))["devices"]
    assert found["name"].startswith("a\ufffd[2Jb\ufffd")
    assert len(found["name"]) == 128


def test_a_device_is_known_by_its_service_its_host_or_its_mac() -> None:
    by_service = camera("service", "rtsp://10.0.0.9/sub", "http://10.0.0.9:80/onvif/device_service")
    by_host = camera("host", "rtsp://10.0.0.8:554/1")
    by_mac = camera("mac", "rtsp://10.0.0.200/1", "http://10.0.0.200/onvif/device_service", "AA-BB-CC-00-11-22")
    moved = device("10.0.0.7", endpoint="urn:uuid:11111111-2222-3333-4444-aabbcc001122")
    found = [device(), device("10.0.0.8"), moved, device("10.0.0.6")]
    known = known_of(found, [by_service, by_host, by_mac])
    assert {key: [one.id for one in ours] for key, ours in known.items()} == {
        device().xaddr: ["service"],
        device("10.0.0.8").xaddr: ["host"],
        moved.xaddr: ["mac"],
    }


def test_several_devices_behind_one_address_are_told_apart_by_their_ports() -> None:
    """Forwarded ports, as a village's router has them: one that is registered must not hide the others."""
    ours = camera("one", "rtsp://10.0.0.9:10554/sub", "http://10.0.0.9:8001/onvif/device_service")
    theirs = camera("two", "rtsp://10.0.0.9:20554/sub")
    known = known_of([device(port=8001), device(port=8002)], [ours, theirs])
    assert list(known) == [device(port=8001).xaddr]


async def test_the_channels_of_a_recorder_are_all_named(technician: Person, console: Console, town: Town) -> None:
    async with console.database.writing() as writing:
        row = await writing.get_one(CameraRow, town.cameras["west"])
        row.area_id, row.name = town.east, "channel 2"
    (_, recorder) = (await over(technician, {}))["devices"]
    assert sorted(one["name"] for one in recorder["cameras"]) == ["channel 2", "gate cam_east"]
