"""Saved layouts and screens: a person's own, bounded, told to that person's browsers and to nobody else's."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from hub import local_access
from patrol_console.console import Console
from patrol_console.event.notice import Notice
from patrol_console.event.stream import follow
from patrol_console.rights import Actor
from patrol_console.session.repository import account, grants
from patrol_console.tables.wall import WallScreenRow
from patrol_console.wall.schemas import MOST_LAYOUTS, MOST_PANES, MOST_SCREENS
from tests.patrol_console.people import Person, Town
from tests.support.clock import FakeClock

NINE: dict[str, Any] = {"layout": 9, "area_id": None, "panes": None, "group": 0, "tour": None}


async def save(person: Person, name: str, **more: Any) -> dict[str, Any]:
    answer = await person.ask("POST", "/api/wall/layouts", {"name": name, "arrangement": NINE, **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def names(person: Person) -> list[str]:
    return [item["name"] for item in (await person.ask("GET", "/api/wall/layouts")).json()["items"]]


async def screens(person: Person) -> list[str]:
    return [item["name"] for item in (await person.ask("GET", "/api/wall/screens")).json()["items"]]


async def test_a_layout_is_found_again_in_another_browser_as_it_was_saved(
    asgi: httpx.ASGITransport, town: Town
) -> None:
    panes = [town.cameras["east"], None, "cam_removed_long_ago"]
    tour = {"dwell_s": 15, "skip_offline": False}
    wish = {"layout": 25, "area_id": town.east, "panes": panes, "group": 2, "tour": tour}
    made = await save(await Person.sign_in(asgi, "operator"), "夜班", arrangement=wish, is_default=True)
    elsewhere = await Person.sign_in(asgi, "operator")
    (found,) = (await elsewhere.ask("GET", "/api/wall/layouts")).json()["items"]
    assert found == made
    assert found["arrangement"] == wish
    assert found["is_default"]


async def test_a_layout_of_another_person_is_not_there(asgi: httpx.ASGITransport, town: Town) -> None:
    operator, admin = await Person.sign_in(asgi, "operator"), await Person.sign_in(asgi, "admin")
    theirs = await save(operator, "mine")
    for way in (f"/api/wall/layouts/{theirs['id']}", "/api/wall/layouts/layout_none"):
        assert (await admin.ask("PATCH", way, {"name": "taken over"})).status_code == 404
        assert (await admin.ask("DELETE", way)).status_code == 404
    assert await names(admin) == []
    assert await names(operator) == ["mine"]
    assert (await save(admin, "mine"))["id"] != theirs["id"], "a name is taken by oneself only"


async def test_a_layout_tells_nothing_of_the_cameras_in_it(asgi: httpx.ASGITransport, town: Town) -> None:
    """An id of elsewhere and one of nowhere are kept alike: saving is no way to ask whether a camera is there."""
    operator = await Person.sign_in(asgi, "operator")
    for camera in (town.cameras["west"], "cam_none"):
        made = await save(operator, camera, arrangement={**NINE, "panes": [camera], "area_id": town.west})
        assert made["arrangement"]["panes"] == [camera]
        assert set(made) == {"id", "name", "arrangement", "is_default", "changed_at"}


async def test_a_name_is_given_once_and_one_layout_is_the_default(asgi: httpx.ASGITransport, town: Town) -> None:
    operator = await Person.sign_in(asgi, "operator")
    day, night = await save(operator, "day", is_default=True), await save(operator, "night")
    again = await operator.ask("POST", "/api/wall/layouts", {"name": "day", "arrangement": NINE})
    assert (again.status_code, again.json()["code"]) == (409, "patrol_console.layout_name_taken")
    renamed = await operator.ask("PATCH", f"/api/wall/layouts/{night['id']}", {"name": "day"})
    assert renamed.status_code == 409
    assert (await operator.ask("PATCH", f"/api/wall/layouts/{day['id']}", {"name": "day"})).status_code == 200
    assert (await operator.ask("PATCH", f"/api/wall/layouts/{night['id']}", {"is_default": True})).status_code == 200
    items = (await operator.ask("GET", "/api/wall/layouts")).json()["items"]
    assert [(item["name"], item["is_default"]) for item in items] == [("day", False), ("night", True)]
    assert (await operator.ask("DELETE", f"/api/wall/layouts/{day['id']}")).status_code == 204
    assert await names(operator) == ["night"]


async def test_one_person_fills_no_database_with_layouts(asgi: httpx.ASGITransport, town: Town) -> None:
    operator, officer = await Person.sign_in(asgi, "operator"), await Person.sign_in(asgi, "duty_officer")
    for number in range(MOST_LAYOUTS):
        await save(operator, f"layout {number}")
    more = await operator.ask("POST", "/api/wall/layouts", {"name": "one more", "arrangement": NINE})
    assert (more.status_code, more.json()["code"]) == (429, "patrol_console.too_many_layouts")
    await save(officer, "one")


@pytest.mark.parametrize(
    "wrong",
    [
        {"layout": 2},
        {"layout": 36},
        {"layout": "9; DROP"},
        {"panes": ["../../etc/passwd"]},
        {"panes": ["c" * 65]},
        {"panes": [None] * (MOST_PANES + 1)},
        {"area_id": "a b"},
        {"group": -1},
        {"group": 1e30},
        {"tour": {"dwell_s": 0}},  # a wall that flickers
        {"tour": {"dwell_s": 1e9}},
        {"tour": {"dwell_s": 5, "more": "x" * 1000}},
        {"note": "x"},
    ],
)
async def test_what_is_no_arrangement_is_a_sentence(wrong: object, asgi: httpx.ASGITransport, town: Town) -> None:
    operator = await Person.sign_in(asgi, "operator")
    assert isinstance(wrong, dict)
    body = {"name": "n", "arrangement": {**NINE, **wrong}}
    answer = await operator.ask("POST", "/api/wall/layouts", body)
    assert answer.status_code == 422, answer.text
    await operator.ask("POST", "/api/wall/screens", {"name": "s"})
    answer = await operator.ask("PUT", "/api/wall/screens/s", {"arrangement": {**NINE, **wrong}})
    assert answer.status_code == 422, answer.text


@pytest.mark.parametrize("name", ["", "..", "a/b", "a\nb", "a\u202eb", "x" * 33, "<b>"])
async def test_a_screens_name_stands_in_an_address(name: str, asgi: httpx.ASGITransport, town: Town) -> None:
    operator = await Person.sign_in(asgi, "operator")
    assert (await operator.ask("POST", "/api/wall/screens", {"name": name})).status_code == 422


async def test_a_screen_shows_what_the_desk_puts_there_also_after_it_was_closed(
    asgi: httpx.ASGITransport, town: Town
) -> None:
    desk, window = await Person.sign_in(asgi, "operator"), await Person.sign_in(asgi, "operator")
    assert (await desk.ask("PUT", "/api/wall/screens/屏 1", {"arrangement": NINE})).status_code == 404
    new = (await window.ask("POST", "/api/wall/screens", {"name": "屏 1"})).json()
    assert (new["arrangement"], new["revision"], new["open_screens"]) == (None, 0, 1)
    assert (await desk.ask("PUT", "/api/wall/screens/屏 1", {"arrangement": NINE})).json()["revision"] == 1
    assert (await window.ask("POST", "/api/wall/screens", {"name": "屏 1"})).json()["arrangement"] == NINE
    assert (await window.ask("DELETE", "/api/wall/screens/屏 1")).status_code == 204
    assert await screens(desk) == []
    back = (await window.ask("POST", "/api/wall/screens", {"name": "屏 1"})).json()
    assert (back["arrangement"], back["revision"]) == (NINE, 1)


async def test_a_screen_that_falls_silent_leaves_the_list_after_half_a_minute(
    asgi: httpx.ASGITransport, town: Town, clock: FakeClock
) -> None:
    desk = await Person.sign_in(asgi, "operator")
    for name in ("a", "b"):
        await desk.ask("POST", "/api/wall/screens", {"name": name})
    await clock.advance(20)
    await desk.ask("POST", "/api/wall/screens", {"name": "b"})
    await clock.advance(11)
    assert await screens(desk) == ["b"]
    assert (await desk.ask("POST", "/api/wall/screens/a/identify")).status_code == 404
    told = (await desk.ask("POST", "/api/wall/screens/b/identify")).json()
    assert told["identify_at"] is not None


async def test_a_heartbeat_that_says_nothing_new_writes_nothing(
    console: Console, asgi: httpx.ASGITransport, town: Town, clock: FakeClock
) -> None:
    window = await Person.sign_in(asgi, "operator")

    async def seen_at() -> object:
        async with console.database.reading() as session:
            row = await session.get(WallScreenRow, (town.users["operator"], "a"))
            assert row is not None
            return row.seen_at

    await window.ask("POST", "/api/wall/screens", {"name": "a"})
    first = await seen_at()
    await clock.advance(2)
    await window.ask("POST", "/api/wall/screens", {"name": "a"})
    assert await seen_at() == first
    await clock.advance(8)
    await window.ask("POST", "/api/wall/screens", {"name": "a"})
    assert await seen_at() != first


async def test_a_screen_of_another_person_is_not_there(asgi: httpx.ASGITransport, town: Town) -> None:
    operator, admin = await Person.sign_in(asgi, "operator"), await Person.sign_in(asgi, "admin")
    await operator.ask("POST", "/api/wall/screens", {"name": "a"})
    assert await screens(admin) == []
    assert (await admin.ask("PUT", "/api/wall/screens/a", {"arrangement": NINE})).status_code == 404
    assert (await admin.ask("POST", "/api/wall/screens/a/identify")).status_code == 404
    assert (await admin.ask("DELETE", "/api/wall/screens/a")).status_code == 404


async def test_so_many_screens_nobody_has(asgi: httpx.ASGITransport, town: Town, clock: FakeClock) -> None:
    operator = await Person.sign_in(asgi, "operator")
    for turn in range(4):  # names of before are forgotten, so that names made up for ever take no room
        for number in range(MOST_SCREENS):
            answer = await operator.ask("POST", "/api/wall/screens", {"name": f"s{turn} {number}"})
            assert answer.status_code == 200
        more = await operator.ask("POST", "/api/wall/screens", {"name": "more"})
        assert (more.status_code, more.json()["code"]) == (429, "patrol_console.too_many_screens")
        await clock.advance(31)


async def test_names_made_up_for_ever_take_no_room(
    console: Console, asgi: httpx.ASGITransport, town: Town, clock: FakeClock
) -> None:
    operator = await Person.sign_in(asgi, "operator")
    for number in range(2 * MOST_SCREENS + 5):
        await operator.ask("POST", "/api/wall/screens", {"name": f"s{number}"})
        await operator.ask("DELETE", f"/api/wall/screens/s{number}")
        await clock.advance(1)
    async with console.database.reading() as session:
        kept = [
            await session.get(WallScreenRow, (town.users["operator"], f"s{n}")) for n in range(2 * MOST_SCREENS + 5)
        ]
    assert sum(row is not None for row in kept) == 2 * MOST_SCREENS
    assert kept[0] is None
    assert kept[-1] is not None


async def test_a_terminal_has_no_walls(console: Console, asgi: httpx.ASGITransport, town: Town) -> None:
    token = local_access.mint(console.key, console.clock)
    async with httpx.AsyncClient(transport=asgi, base_url="http://console") as client:
        client.headers["Authorization"] = f"Bearer {token}"
        for path, body in (
            ("/api/wall/layouts", {"name": "n", "arrangement": NINE}),
            ("/api/wall/screens", {"name": "n"}),
        ):
            assert (await client.post(path, json=body)).status_code == 403


async def test_only_the_persons_own_browsers_hear_of_layouts_and_screens(console: Console, town: Town) -> None:
    async with console.database.reading() as session:
        user = await account(session, "operator")
        assert user is not None
        actor = Actor(user.id, "operator", "operator", None, "en", await grants(session, user.id))
    stream = follow(console, actor, None)
    await anext(stream)
    console.changes.put(1, Notice(noun="screen", id="s", change="updated", user_id=town.users["admin"]))
    console.changes.put(2, Notice(noun="layout", id="l", change="updated", user_id=town.users["admin"]))
    console.changes.put(3, Notice(noun="screen", id="屏 1", change="updated", user_id=user.id))
    console.changes.put(4, Notice(noun="layout", id="layout_1", change="created", user_id=user.id))
    async with asyncio.timeout(2):
        first, second = await anext(stream), await anext(stream)
    assert '"noun":"screen","id":"屏 1"'.encode() in first
    assert b'"noun":"layout","id":"layout_1"' in second
    console.changes.stop()
    assert [piece async for piece in stream] == []
