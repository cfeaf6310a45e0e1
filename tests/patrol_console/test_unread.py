"""Cameras that an import brought with nothing but a host: read in the background, few at a time, with the reason."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from hub.contracts.joining import Description, DescriptionWish
from hub.errors import ErrorKind, HubError
from patrol_console.camera.unread import AGAIN_AFTER, AT_ONCE, UnreadCameras
from patrol_console.console import Console
from tests.patrol_console.conftest import DESCRIBED
from tests.patrol_console.people import Person, Town
from tests.support.clock import FakeClock


class Devices:
    """What stands at each address, in place of the gateway."""

    def __init__(self, console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        self.error: HubError | None = None
        self.at_once = self.most_at_once = 0
        monkeypatch.setattr(console.gateway, "describe", self.describe)

    async def describe(self, ticket: str, wish: DescriptionWish) -> Description:
        self.asked.append(wish.address)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        if self.error is not None:
            raise self.error
        return DESCRIBED


@pytest.fixture
def devices(console: Console, monkeypatch: pytest.MonkeyPatch) -> Devices:
    return Devices(console, monkeypatch)


async def added(
    asgi: httpx.ASGITransport, town: Town, url: str = "rtsp://127.0.0.1/", **more: Any
) -> tuple[Person, str]:
    person = await Person.sign_in(asgi, "technician")
    answer = await person.ask("POST", "/api/cameras", {"name": "n", "area_id": town.east, "url": url, **more})
    assert answer.status_code == 201, answer.text
    return person, f"/api/cameras/{answer.json()['id']}"


async def test_a_camera_with_nothing_but_a_host_becomes_what_it_is(
    asgi: httpx.ASGITransport, town: Town, console: Console, devices: Devices
) -> None:
    person, way = await added(asgi, town, username="admin", password="secret")
    assert await UnreadCameras(console).once() == 1
    camera = (await person.ask("GET", way)).json()
    assert (camera["url"], camera["revision"]) == (DESCRIBED.url, 2)
    assert [one["pulled"] for one in camera["profiles"]] == [False, True]
    assert camera["profiles"][1]["why_text"], "why it is this one stands there in words"
    assert camera["reading_problem"] is None
    assert await UnreadCameras(console).once() == 0


async def test_an_address_that_names_its_stream_is_left_alone(
    asgi: httpx.ASGITransport, town: Town, console: Console, devices: Devices
) -> None:
    await added(asgi, town, "rtsp://127.0.0.1:554/Streaming/Channels/102")
    await added(asgi, town, enabled=False)
    assert await UnreadCameras(console).once() == 0
    assert devices.asked == []


async def test_few_are_read_at_a_time(
    asgi: httpx.ASGITransport, town: Town, console: Console, devices: Devices
) -> None:
    for _ in range(AT_ONCE + 2):
        await added(asgi, town)
    unread = UnreadCameras(console)
    assert [await unread.once() for _ in range(3)] == [AT_ONCE, 2, 0]
    assert devices.most_at_once <= AT_ONCE


async def test_a_refused_login_is_told_and_not_tried_until_somebody_changes_it(
    asgi: httpx.ASGITransport, town: Town, console: Console, devices: Devices, clock: FakeClock
) -> None:
    devices.error = HubError(ErrorKind.REFUSED, "camera_gateway.login_refused")
    person, way = await added(asgi, town, username="admin", password="wrong")
    unread = UnreadCameras(console)
    await unread.once()
    problem = (await person.ask("GET", way)).json()["reading_problem"]
    assert problem["code"] == "camera_gateway.login_refused"
    assert "refused" in problem["text"]
    await clock.advance(10 * AGAIN_AFTER.total_seconds())
    assert await unread.once() == 0, "three wrong ones lock its account"
    devices.error = None
    await person.ask("PATCH", way, {"password": "right"})
    assert await unread.once() == 1
    assert (await person.ask("GET", way)).json()["reading_problem"] is None


async def test_one_that_was_not_reached_is_tried_again_by_and_by(
    asgi: httpx.ASGITransport, town: Town, console: Console, devices: Devices, clock: FakeClock
) -> None:
    devices.error = HubError(ErrorKind.UNREACHABLE, "camera_gateway.unreachable", host="127.0.0.1", port=80)
    person, way = await added(asgi, town)
    unread = UnreadCameras(console)
    assert [await unread.once(), await unread.once()] == [1, 0]
    assert "127.0.0.1:80" in (await person.ask("GET", way)).json()["reading_problem"]["text"]
    await clock.advance(AGAIN_AFTER.total_seconds())
    assert await unread.once() == 1


async def test_a_gateway_that_is_away_is_no_fault_of_the_camera(
    asgi: httpx.ASGITransport, town: Town, console: Console, devices: Devices
) -> None:
    devices.error = HubError(ErrorKind.UNAVAILABLE, "patrol_console.gateway_away")
    person, way = await added(asgi, town)
    assert await UnreadCameras(console).once() == 1
    assert (await person.ask("GET", way)).json()["reading_problem"] is None


async def test_what_somebody_changed_meanwhile_is_not_overwritten(
    asgi: httpx.ASGITransport, town: Town, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, way = await added(asgi, town)

    async def slow(ticket: str, wish: DescriptionWish) -> Description:
        await person.ask("PATCH", way, {"url": "rtsp://127.0.0.1/typed"})
        return DESCRIBED

    monkeypatch.setattr(console.gateway, "describe", slow)
    await UnreadCameras(console).once()
    assert (await person.ask("GET", way)).json()["url"] == "rtsp://127.0.0.1/typed"
