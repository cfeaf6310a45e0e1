"""What somebody of one village can learn of the other: nothing, by no list, count, event, file, error or moment."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import select

from hub.errors import HubError
from patrol_console.console import Console
from patrol_console.event.changes import MOST_OF_ONE_PERSON
from patrol_console.event.notice import Notice
from patrol_console.event.stream import check_room, follow
from patrol_console.rights import Action, Actor, Grant, Place, Role, may
from patrol_console.session.repository import account, grants
from patrol_console.tables.area import UnitRow
from patrol_console.tables.outbox import OutboxRow
from patrol_console.user.repository import replace_roles
from tests.patrol_console.people import JPEG, Person, Town
from tests.support.clock import FakeClock


async def actor_of(console: Console, name: str) -> Actor:
    async with console.database.reading() as session:
        user = await account(session, name)
        assert user is not None
        return Actor(user.id, name, name, None, "en", await grants(session, user.id))


async def test_what_is_elsewhere_answers_exactly_as_what_is_nowhere(asgi: httpx.ASGITransport, town: Town) -> None:
    officer = await Person.sign_in(asgi, "duty_officer")
    for way, there in (
        ("/api/cameras/{}", town.cameras["west"]),
        ("/api/cameras/{}/viewings", town.cameras["west"]),
        ("/api/cameras/{}/snapshot.jpg", town.cameras["west"]),
        ("/api/alerts/{}", town.alerts["west"]),
        ("/api/alerts/{}/evidence.jpg", town.alerts["west"]),
        ("/api/alerts?area_id={}", town.west),
        ("/api/cameras?area_id={}", town.west),
        ("/api/cameras/{}/states", town.cameras["west"]),
        ("/api/outages/{}", town.outages["west"]),
        ("/api/reports/online?area_id={}", town.west),
        ("/api/reports/online.csv?area_id={}", town.west),
    ):
        seen, none = await officer.ask("GET", way.format(there)), await officer.ask("GET", way.format("no_such_thing"))
        assert seen.status_code == none.status_code == 404, way
        assert seen.text.replace(there, "*") == none.text.replace("no_such_thing", "*"), way
        assert {k: v for k, v in seen.headers.items() if k != "content-length"} == {
            k: v for k, v in none.headers.items() if k != "content-length"
        }
    for verb in ("acknowledge", "dismiss"):
        body = {"reason": "not ours"} if verb == "dismiss" else {}
        seen = await officer.ask("POST", f"/api/alerts/{town.alerts['west']}/{verb}", body)
        assert seen.status_code == 404


async def test_no_count_takes_in_what_lies_elsewhere(asgi: httpx.ASGITransport, town: Town) -> None:
    operator, admin = await Person.sign_in(asgi, "operator"), await Person.sign_in(asgi, "admin")
    (area,) = (await operator.ask("GET", "/api/areas")).json()["items"]
    assert (area["cameras"], area["online"]) == (1, 1)
    counts = (await operator.ask("GET", "/api/alerts")).json()["counts"]["waiting"]
    assert counts["orange"] == 1
    assert (await admin.ask("GET", "/api/alerts")).json()["counts"]["waiting"]["orange"] == 2


def test_an_area_is_not_below_one_whose_id_its_own_begins_with() -> None:
    held = Grant(Role.OPERATOR, "area_1", "One", "/top/area_1/")
    actor = Actor("u", "u", "u", None, "en", (held,))
    assert may(actor, Action.CAMERA_SEE, Place("/top/area_1/area_7/"))
    assert not may(actor, Action.CAMERA_SEE, Place("/top/area_10/"))
    assert not may(actor, Action.CAMERA_SEE, Place("/top/"))
    assert not may(actor, Action.CAMERA_SEE, Place("/other/top/area_1/"))


async def test_pictures_are_kept_by_no_browser(asgi: httpx.ASGITransport, town: Town) -> None:
    officer = await Person.sign_in(asgi, "duty_officer")
    for way in (
        f"/api/alerts/{town.alerts['east']}/evidence.jpg",
        f"/api/cameras/{town.cameras['east']}/snapshot.jpg",
        "/api/session",
        "/api/alerts",
        "/api/cameras",
        "/api/hub",
    ):
        answer = await officer.ask("GET", way)
        assert answer.status_code == 200, way
        assert answer.headers["cache-control"] == "no-store", way
        assert answer.headers["x-content-type-options"] == "nosniff", way
        assert answer.headers["cross-origin-resource-policy"] == "same-origin", way
        assert answer.headers["x-frame-options"] == "DENY", way
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
    assert (await officer.ask("GET", f"/api/alerts/{town.alerts['east']}/evidence.jpg")).content == JPEG


async def test_the_cookie_is_unreadable_and_bound_to_this_site(asgi: httpx.ASGITransport, town: Town) -> None:
    async with httpx.AsyncClient(transport=asgi, base_url="http://console") as client:
        planted = "attackers-own-session"
        client.cookies.set("probe_session", planted)
        body = {"username": "operator", "password": "correct horse battery"}
        answer = await client.post("/api/session", json=body)
    cookie = answer.headers["set-cookie"]
    assert planted not in cookie, "whoever signs in gets a new session, whatever the browser carried"
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Domain" not in cookie


async def test_one_person_cannot_take_all_event_lines(console: Console, town: Town) -> None:
    greedy, other = await actor_of(console, "operator"), await actor_of(console, "technician")
    streams = [follow(console, greedy, None) for _ in range(MOST_OF_ONE_PERSON)]
    for stream in streams:
        check_room(console, greedy)
        await anext(stream)
    with pytest.raises(HubError, match="too_many_listeners"):
        check_room(console, greedy)
    check_room(console, other)
    for stream in streams:
        await stream.aclose()  # type: ignore[attr-defined]
    check_room(console, greedy)


async def test_an_event_cannot_be_forged_by_what_stands_in_it(console: Console, town: Town) -> None:
    actor = await actor_of(console, "operator")
    stream = follow(console, actor, "1\n\nevent: change\ndata: {}")
    await anext(stream)
    path = f"/{town.root}/{town.east}/"
    console.changes.put(7, Notice(noun="camera", id="c\n\ndata: forged\r\rx\u2028", change="updated", area_path=path))
    told = await anext(stream)
    assert told.count(b"\n\n") == 1
    assert told.count(b"\ndata:") == 1
    assert b"\r" not in told
    await stream.aclose()  # type: ignore[attr-defined]


async def test_who_holds_no_role_belongs_to_no_part(console: Console, asgi: httpx.ASGITransport, town: Town) -> None:
    """Else the administrator of any village could take the account over and be somebody else."""
    async with console.database.writing() as session:
        await replace_roles(session, town.users["west_operator"], [])
    new = {"password": "taken over by east"}
    way = f"/api/users/{town.users['west_operator']}"
    assert (await (await Person.sign_in(asgi, "east_admin")).ask("PATCH", way, new)).status_code == 404
    assert (await (await Person.sign_in(asgi, "admin")).ask("PATCH", way, new)).status_code == 200


async def test_a_unit_of_another_village_is_nobodys_to_give(
    console: Console, asgi: httpx.ASGITransport, town: Town
) -> None:
    async with console.database.writing() as session:
        session.add(UnitRow(id="unit_west", name="West police", area_id=town.west))
    person = {"username": "n", "display_name": "n", "roles": [{"role": "operator", "area_id": town.east}]}
    east_admin = await Person.sign_in(asgi, "east_admin")
    for unit in ("unit_west", "unit_none"):
        answer = await east_admin.ask("POST", "/api/users", {**person, "unit_id": unit})
        assert answer.status_code == 404, answer.text
    assert (await east_admin.ask("POST", "/api/users", person)).status_code == 201


async def test_a_new_password_ends_also_the_pictures_of_the_stolen_session(
    console: Console, asgi: httpx.ASGITransport, town: Town
) -> None:
    operator = await Person.sign_in(asgi, "operator")
    body = {"current": "correct horse battery", "new": "another horse battery"}
    assert (await operator.ask("PUT", "/api/session/password", body)).status_code == 204
    async with console.database.reading() as session:
        rows = (await session.scalars(select(OutboxRow).where(OutboxRow.lane == "spec"))).all()
    assert any(row.body.get("revoked", {}).get("user_id") == town.users["operator"] for row in rows)


async def test_a_picture_is_open_no_longer_than_its_session(
    console: Console, asgi: httpx.ASGITransport, town: Town, clock: FakeClock
) -> None:
    async def revoked() -> set[str]:
        async with console.database.reading() as session:
            rows = (await session.scalars(select(OutboxRow).where(OutboxRow.lane == "spec"))).all()
        return {row.body["revoked"]["user_id"] for row in rows if "revoked" in row.body}

    await Person.sign_in(asgi, "operator")
    await Person.sign_in(asgi, "technician")
    await clock.advance(11 * 3600)
    await Person.sign_in(asgi, "technician")
    await console.sessions.end_what_ran_out()
    assert await revoked() == set()
    await clock.advance(2 * 3600)
    await console.sessions.end_what_ran_out()
    assert await revoked() == {town.users["operator"]}, "the technician is still signed in elsewhere"


async def test_what_is_open_to_everybody_tells_shapes_and_no_data(asgi: httpx.ASGITransport, town: Town) -> None:
    async with httpx.AsyncClient(transport=asgi, base_url="http://console") as client:
        for page in ("/docs", "/redoc", "/api/docs", "/openapi.json"):
            answer = await client.get(page)
            assert b"swagger" not in answer.content.lower(), page
        described = (await client.get("/api/openapi.json")).text
        for secret in (town.east, town.cameras["east"], "watcher", "10.0.0.7"):
            assert secret not in described
        facts = (await client.get("/api/hub")).json()
        assert set(facts) == {
            "version", "centre_name", "timezone", "language", "server_time", "simulated", "gateway_url",
        }  # fmt: skip
