"""What can be typed, sent or made up: each is a sentence and never a 500, a trace, or a name that reads as another."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from hub.contracts.spec import Revoked
from hub.i18n import text
from patrol_console import outbox
from patrol_console.console import Console
from patrol_console.tables.outbox import OutboxRow
from tests.patrol_console.people import PASSWORD, Person, Town
from tests.support.clock import FakeClock

SQUARE = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]]
NAMES = ["two\nlines", "tab\there", "\x1b[2Jclear", "\x9b2J", "gate\u202egpj.exe", "a\u2028b", "\u2066x", "", "n" * 65]


def cursor(*keys: str) -> str:
    return base64.urlsafe_b64encode(json.dumps(keys).encode()).decode().rstrip("=")


@pytest.mark.parametrize("name", NAMES)
async def test_no_name_holds_a_line_break_an_escape_or_a_turned_direction(
    name: str, asgi: httpx.ASGITransport, town: Town
) -> None:
    admin = await Person.sign_in(asgi, "admin")
    way = f"/api/cameras/{town.cameras['east']}"
    rule = {"rule_id": "r", "name": name, "zone_id": "z1"}
    role = [{"role": "operator", "area_id": town.east}]
    for method, path, body in (
        ("POST", "/api/areas", {"name": name, "parent_id": town.east}),
        ("POST", "/api/cameras", {"name": name, "area_id": town.east, "url": "rtsp://10.0.0.8/x"}),
        ("PATCH", way, {"name": name}),
        ("PUT", f"{way}/zones", {"zones": [{"zone_id": "z1", "name": name, "polygon": SQUARE}]}),
        ("PUT", f"{way}/rules", {"rules": [rule]}),
        ("POST", "/api/users", {"username": "new", "display_name": name, "roles": role}),
    ):
        answer = await admin.ask(method, path, body)
        assert answer.status_code == 422, (path, name, answer.text)
        assert name not in answer.json()["detail"] or not name


async def test_a_login_name_of_a_camera_forges_no_header(asgi: httpx.ASGITransport, town: Town) -> None:
    admin = await Person.sign_in(asgi, "admin")
    body = {"name": "n", "area_id": town.east, "url": "rtsp://10.0.0.8/x"}
    for bad in ("a\r\nX: y", "a\nb", "a\x00", "\x7f"):
        assert (await admin.ask("POST", "/api/cameras", {**body, "username": bad})).status_code == 422
    for url in ("rtsp://a%0d%0ab:c@10.0.0.8/x", "rtsp://a:b%00@10.0.0.8/x", "rtsp://10.0.0.8/x\u2028"):
        assert (await admin.ask("POST", "/api/cameras", {**body, "url": url})).status_code == 422


async def test_html_in_a_name_is_text_and_comes_back_as_json(asgi: httpx.ASGITransport, town: Town) -> None:
    admin = await Person.sign_in(asgi, "admin")
    name = "<img src=x onerror=alert(1)>"
    answer = await admin.ask("PATCH", f"/api/cameras/{town.cameras['east']}", {"name": name})
    assert answer.json()["name"] == name
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "keys",
    [
        ("0001-01-01T00:00:00+14:00", "x"),  # before all time in UTC
        ("9999-12-31T23:59:59-14:00", "x"),
        ("2026-01-01T00:00:00Z", "a\x00"),
        ("2026-01-01T00:00:00Z", "\ud800"),
        ("\udfff", "x"),
    ],
)
async def test_a_cursor_made_up_with_skill_is_a_sentence(
    keys: tuple[str, str], asgi: httpx.ASGITransport, town: Town
) -> None:
    admin = await Person.sign_in(asgi, "admin")
    paths = ["/api/alerts", f"/api/cameras/{town.cameras['east']}/viewings"]
    if "T" not in keys[0] or not keys[1].isprintable():
        paths.append("/api/cameras")
    for path in paths:
        answer = await admin.ask("GET", f"{path}?cursor={cursor(*keys)}")
        assert answer.status_code == 422, (path, answer.text)
    nested = base64.urlsafe_b64encode(b"[" * 380).decode()
    assert (await admin.ask("GET", f"/api/alerts?cursor={nested}")).status_code == 422


async def test_a_time_beyond_all_calendars_is_a_sentence(asgi: httpx.ASGITransport, town: Town) -> None:
    admin = await Person.sign_in(asgi, "admin")
    way = f"/api/cameras/{town.cameras['east']}"
    for time in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-01-01T00:00:00", "NaN", 1e400):
        content = json.dumps({"consent_from": time})
        answer = await admin.client.patch(way, content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code == 422, (time, answer.text)


@pytest.mark.parametrize(
    "corner", ["NaN", "Infinity", "-Infinity", "1e999", "-0.001", "1.001", "null", '"0.5"x', "9" * 5000]
)
async def test_no_corner_lies_outside_the_picture(corner: str, asgi: httpx.ASGITransport, town: Town) -> None:
    admin = await Person.sign_in(asgi, "admin")
    content = f'{{"masks": [[[{corner}, 0.1], [0.9, 0.1], [0.9, 0.9]]]}}'
    answer = await admin.client.put(
        f"/api/cameras/{town.cameras['east']}/masks", content=content, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in (400, 422), answer.text
    assert answer.json()["detail"]


async def test_too_many_and_too_deep_is_a_sentence(asgi: httpx.ASGITransport, town: Town) -> None:
    admin = await Person.sign_in(asgi, "admin")
    way = f"/api/cameras/{town.cameras['east']}"
    assert (await admin.ask("PUT", f"{way}/masks", {"masks": [[[0.1, 0.2]] * 65]})).status_code == 422
    assert (await admin.ask("PUT", f"{way}/masks", {"masks": [SQUARE] * 17})).status_code == 422
    rule = {"rule_id": "r", "name": "n", "zone_id": "z1"}
    for bad in ({"labels": ["x"] * 101}, {"labels": ["x" * 33]}, {"hours": [{"start": "01:00", "end": "02:00"}] * 25}):
        assert (await admin.ask("PUT", f"{way}/rules", {"rules": [{**rule, **bad}]})).status_code == 422
    for body in (b"[" * 400_000, b'{"a":' * 150_000, b'{"masks": ' + b"9" * 20_000 + b"}", b"\xff\xfe", b""):
        answer = await admin.client.put(f"{way}/masks", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 422), answer.text
        assert "Traceback" not in answer.text


async def test_a_body_without_a_length_is_bounded_too(asgi: httpx.ASGITransport, town: Town) -> None:
    admin = await Person.sign_in(asgi, "admin")
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 5_000_000:
            sent += 65_536
            yield b" " * 65_536

    answer = await admin.client.put(
        f"/api/cameras/{town.cameras['east']}/masks",
        content=endless(),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code in (400, 413, 422)
    assert sent < 1_300_000


async def test_an_id_that_no_database_takes_is_a_sentence(asgi: httpx.ASGITransport, town: Town) -> None:
    admin = await Person.sign_in(asgi, "admin")
    for bad in ("a\x00b", "x" * 100_000, "../..", "a\nb", ""):
        for path, body in (
            ("/api/areas", {"name": "n", "parent_id": bad}),
            ("/api/cameras", {"name": "n", "area_id": bad, "url": "rtsp://10.0.0.8/x"}),
            ("/api/users", {"username": "u", "display_name": "u", "roles": [{"role": "operator", "area_id": bad}]}),
        ):
            assert (await admin.ask("POST", path, body)).status_code == 422, (path, bad[:20])


async def test_a_ticket_signed_while_a_right_was_being_withdrawn_is_older_than_the_revocation(
    console: Console, town: Town, clock: FakeClock
) -> None:
    """What is told says when it was told, after the commit, and not when the change was begun."""
    told: list[Revoked] = []

    class Bus:
        async def revoke(self, revoked: Revoked) -> None:
            told.append(revoked)

    begun = clock.now()
    async with console.database.writing() as session:
        outbox.tell_revoked(session, begun, Revoked(user_id="u", at=begun))
    await clock.advance(0.2)
    console.line.bus = lambda: Bus()  # type: ignore[method-assign,assignment,return-value]
    async with console.database.reading() as session:
        row = (await session.scalars(select(OutboxRow).where(OutboxRow.lane == "spec"))).all()[-1]
    await console.outbox._tell_spec(row)
    assert told[0].at == begun + timedelta(seconds=0.2)


def test_what_a_camera_says_reaches_no_terminal_as_an_escape() -> None:
    for nasty in ("\x1b[31mred", "\x9b31m", "a\u202eb", "bell\x07", "\x08\x08\x08", "a\rb", "a\u2028b"):
        for lang in ("zh", "en"):
            told = text("camera_gateway.found_server", lang, server=nasty)
            assert all(each.isprintable() for each in told), repr(told)
    assert "村口\u3000东" in text("camera_gateway.found_server", server="村口\u3000东"), "Chinese text stays as it is"


async def test_the_length_of_a_password_is_bounded_before_it_is_hashed(asgi: httpx.ASGITransport, town: Town) -> None:
    async with httpx.AsyncClient(transport=asgi, base_url="http://console") as client:
        long = await client.post("/api/session", json={"username": "admin", "password": "x" * 257})
        assert long.status_code == 422
        assert (await client.post("/api/session", json={"username": "admin", "password": PASSWORD})).status_code == 200
