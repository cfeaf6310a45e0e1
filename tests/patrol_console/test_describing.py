"""Registering a camera by what it says of itself, reading it anew, pulling another of its streams."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from hub.contracts.device import CHOSEN_BY_PERSON, StreamProfile
from hub.contracts.joining import Description, DescriptionWish
from hub.errors import ErrorKind, HubError
from patrol_console.camera.spec import kept_camera, spec_of
from patrol_console.console import Console
from patrol_console.tables.camera import CameraRow
from tests.patrol_console.conftest import DESCRIBED, DEVICE
from tests.patrol_console.people import Person, Town
from tests.support.clock import FakeClock

SECRET = "se/cr:et@#%1"


@pytest.fixture
async def technician(asgi: httpx.ASGITransport, town: Town) -> AsyncIterator[Person]:
    person = await Person.sign_in(asgi, "technician")
    yield person
    await person.client.aclose()


def answering(
    console: Console, monkeypatch: pytest.MonkeyPatch, answer: Callable[[DescriptionWish], Description]
) -> list[DescriptionWish]:
    asked: list[DescriptionWish] = []

    async def describe(ticket: str, wish: DescriptionWish) -> Description:
        asked.append(wish)
        return answer(wish)

    monkeypatch.setattr(console.gateway, "describe", describe)
    return asked


async def registered(person: Person, town: Town, **more: Any) -> httpx.Response:
    body = {"name": "gate", "area_id": town.east, "address": DEVICE, "username": "admin", "password": SECRET, **more}
    return await person.ask("POST", "/api/cameras", body)


async def test_a_camera_is_registered_by_its_address_alone(technician: Person, town: Town, console: Console) -> None:
    answer = await registered(technician, town)
    assert answer.status_code == 201, answer.text
    camera = answer.json()
    assert camera["url"] == DESCRIBED.url
    assert camera["onvif"] == {
        "url": f"http://{DEVICE}/onvif/device_service",
        "profile_token": "sub",
        "ptz": True,
        "events": True,
        "home_preset": None,
        "home_after_s": None,
    }
    assert (camera["device"]["model"], camera["device"]["serial"]) == ("One", "S1")
    assert [(one["role"], bool(one["why"])) for one in camera["profiles"]] == [("main", False), ("sub", True)]
    assert SECRET not in answer.text
    async with console.database.reading() as session:
        found = await kept_camera(session, camera["id"])
    assert found is not None
    spec = spec_of(*found)
    assert spec.onvif == DESCRIBED.face, "the gateway is told how to speak with it"
    assert console.key.open(spec.sealed_password or "", camera["id"]) == SECRET


async def test_operators_see_what_it_is_and_not_where(
    technician: Person, town: Town, asgi: httpx.ASGITransport
) -> None:
    camera_id = (await registered(technician, town)).json()["id"]
    operator = await Person.sign_in(asgi, "operator")
    camera = (await operator.ask("GET", f"/api/cameras/{camera_id}")).json()
    assert camera["device"]["model"] == "One"
    assert camera["onvif"]["url"] is None
    assert [one["url"] for one in camera["profiles"]] == [None, None]
    listed = (await operator.ask("GET", "/api/cameras")).json()["items"]
    assert all(one["profiles"] == [] for one in listed), "six hundred times three would double what a wall reads"


async def test_one_device_is_not_registered_twice_by_its_address(technician: Person, town: Town) -> None:
    assert (await registered(technician, town)).status_code == 201
    again = await registered(technician, town)
    assert (again.status_code, again.json()["code"]) == (409, "patrol_console.camera_known")
    assert "gate" in again.json()["detail"]


@pytest.mark.parametrize("more", [{"url": "rtsp://127.0.0.1/x"}, {"address": None}])
async def test_an_address_or_a_url_and_not_both(technician: Person, town: Town, more: dict[str, Any]) -> None:
    answer = await registered(technician, town, **more)
    assert (answer.status_code, answer.json()["code"]) == (422, "patrol_console.address_or_url")


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "169.254.169.254", "http://1.1.1.1/onvif/device_service", "ftp://10.0.0.1", "10.0.0.1\n"]
)
async def test_no_address_that_no_camera_may_have_is_asked(
    technician: Person, town: Town, address: str, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answering(console, monkeypatch, lambda wish: DESCRIBED)
    for answer in (
        await technician.ask("POST", "/api/cameras/describe", {"address": address}),
        await registered(technician, town, address=address),
    ):
        assert answer.status_code in (403, 422), answer.text
    assert asked == []


async def test_a_device_that_names_a_stream_elsewhere_gets_no_login(
    technician: Person, town: Town, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = DESCRIBED.model_copy(update={"url": "rtsp://10.9.9.9:8554/s"})
    answering(console, monkeypatch, lambda wish: elsewhere)
    answer = await registered(technician, town)
    assert (answer.status_code, answer.json()["code"]) == (403, "patrol_console.elsewhere")


async def test_what_the_device_said_comes_to_the_technician_in_words(
    technician: Person, town: Town, console: Console
) -> None:
    def refuses(request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        assert (asked["username"], asked["password"]) == ("admin", SECRET)
        assert SECRET not in str(request.url)
        code, params = "camera_gateway.onvif_no_answer", {"host": "127.0.0.1\x1b[31m", "port": 8000, "at all": [1]}
        return httpx.Response(504, json={"code": code, "kind": "timeout", "params": params, "detail": "theirs"})

    console.gateway._transport = httpx.MockTransport(refuses)
    answer = await registered(technician, town)
    assert (answer.status_code, answer.json()["code"]) == (504, "camera_gateway.onvif_no_answer")
    assert "127.0.0.1\ufffd[31m:8000" in answer.json()["detail"]
    assert "theirs" not in answer.text


async def test_nobody_scans_a_network_by_describing(
    technician: Person, console: Console, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A burst of twenty, then one a second, and no queue that grows."""
    asked = answering(console, monkeypatch, lambda wish: DESCRIBED)
    for _ in range(20):
        assert (await technician.ask("POST", "/api/cameras/describe", {"address": DEVICE})).status_code == 200
    console.describe_pace._next_s[town_user(console)] += 30  # as if he went on for half a minute
    refused = await technician.ask("POST", "/api/cameras/describe", {"address": DEVICE})
    assert (refused.status_code, refused.json()["code"]) == (429, "patrol_console.describe_rate")
    assert refused.headers["Retry-After"]
    await clock.advance(60)
    assert (await technician.ask("POST", "/api/cameras/describe", {"address": DEVICE})).status_code == 200
    assert len(asked) == 21


def town_user(console: Console) -> str:
    (who,) = console.describe_pace._next_s
    return who


async def test_a_camera_is_read_anew_with_the_password_that_is_kept(
    technician: Person, town: Town, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera = (await registered(technician, town)).json()
    newer = DESCRIBED.device.model_copy(update={"firmware": "2.0"})
    asked = answering(console, monkeypatch, lambda wish: DESCRIBED.model_copy(update={"device": newer}))
    again = (await technician.ask("POST", f"/api/cameras/{camera['id']}/describe", {})).json()
    assert (again["device"]["firmware"], again["revision"]) == ("2.0", camera["revision"] + 1)
    (wish,) = asked
    assert (wish.address, wish.password, wish.sealed_for) == (camera["onvif"]["url"], None, camera["id"])
    assert console.key.open(wish.sealed_password or "", camera["id"]) == SECRET


async def test_another_stream_is_pulled_when_somebody_chooses_it_and_stays(
    technician: Person, town: Town, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera = (await registered(technician, town)).json()
    way = f"/api/cameras/{camera['id']}/describe"
    asked = answering(console, monkeypatch, lambda wish: DESCRIBED)
    main = (await technician.ask("POST", way, {"profile_token": "main"})).json()
    assert asked == [], "its address is known: nobody need be asked"
    assert (main["url"], main["onvif"]["profile_token"], main["onvif"]["ptz"]) == (
        "rtsp://127.0.0.1:8554/m",
        "main",
        False,
    )
    assert [[why["code"] for why in one["why"]] for one in main["profiles"]] == [[CHOSEN_BY_PERSON], []]
    await technician.ask("POST", way, {})
    assert asked[0].profile_token == "main", "reading it anew keeps the choice"
    unknown = await technician.ask("POST", way, {"profile_token": "third"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "patrol_console.no_profile")


async def test_an_address_that_becomes_another_devices_forgets_what_the_first_said(
    technician: Person, town: Town
) -> None:
    camera = (await registered(technician, town)).json()
    way = f"/api/cameras/{camera['id']}"
    same = (await technician.ask("PATCH", way, {"url": "rtsp://127.0.0.1:8554/other"})).json()
    assert same["onvif"] is not None
    other = (await technician.ask("PATCH", way, {"url": "rtsp://10.0.0.5/1"})).json()
    assert (other["onvif"], other["profiles"], other["device"]["model"]) == (None, [], None)


async def test_what_changed_meanwhile_is_not_overwritten(
    technician: Person, town: Town, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera = (await registered(technician, town)).json()

    async def slow(ticket: str, wish: DescriptionWish) -> Description:
        async with console.database.writing() as writing:
            row = await writing.scalar(select(CameraRow).where(CameraRow.id == camera["id"]))
            assert row is not None
            row.url = "rtsp://127.0.0.1:8554/elsewhere"
        return DESCRIBED

    monkeypatch.setattr(console.gateway, "describe", slow)
    answer = await technician.ask("POST", f"/api/cameras/{camera['id']}/describe", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "patrol_console.camera_moved")


async def test_each_channel_of_a_recorder_is_a_camera_with_its_own_streams(
    technician: Person, town: Town, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    def recorder(wish: DescriptionWish) -> Description:
        channel = wish.source or "ch1"
        profiles = tuple(
            StreamProfile(token=f"{name} {role}", source=name, url=f"rtsp://127.0.0.1/{name}/{role}")
            for name in ("ch1", "ch2")
            for role in ("main", "sub")
        )
        return DESCRIBED.model_copy(update={"profiles": profiles, "url": f"rtsp://127.0.0.1/{channel}/sub"})

    asked = answering(console, monkeypatch, recorder)
    first = (await registered(technician, town)).json()
    assert first["channels"] == ["ch1", "ch2"]
    second = (await registered(technician, town, name="gate 2", channel="ch2")).json()
    assert [one["token"] for one in second["profiles"]] == ["ch2 main", "ch2 sub"], "not those of its neighbour"
    await technician.ask("POST", f"/api/cameras/{second['id']}/describe", {})
    assert asked[-1].source == "ch2", "reading it anew does not make it the first one"


async def test_a_device_that_cannot_be_read_leaves_no_camera_behind(
    technician: Person, town: Town, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(wish: DescriptionWish) -> Description:
        raise HubError(ErrorKind.REFUSED, "camera_gateway.login_refused")

    answering(console, monkeypatch, refuses)
    before = len((await technician.ask("GET", "/api/cameras")).json()["items"])
    assert (await registered(technician, town)).status_code == 502
    assert len((await technician.ask("GET", "/api/cameras")).json()["items"]) == before
