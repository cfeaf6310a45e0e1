"""Signing in and out, and all the ways in which it must fail."""

from __future__ import annotations

import asyncio
from typing import Literal

import httpx
import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from hub import local_access
from patrol_console.console import Console
from patrol_console.session.passwords import Passwords, random_password
from patrol_console.session.throttle import Throttle
from patrol_console.tables.outbox import OutboxRow
from patrol_console.tables.user import SessionRow, UserRow
from patrol_console.user.first import ensure_first_administrator
from tests.patrol_console.conftest import CHEAP
from tests.patrol_console.people import PASSWORD, Person, Town
from tests.support.clock import FakeClock


def client_of(asgi: httpx.AsyncBaseTransport) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=asgi, base_url="http://console")


async def try_in(client: httpx.AsyncClient, name: str, password: str) -> httpx.Response:
    return await client.post("/api/session", json={"username": name, "password": password})


async def test_a_session_is_known_by_its_cookie_and_only_its_hash_is_kept(
    asgi: httpx.ASGITransport, town: Town, console: Console
) -> None:
    client = client_of(asgi)
    answer = await try_in(client, "Operator", PASSWORD)  # names are case-folded
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert answer.json()["user"]["roles"][0]["role"] == "operator"
    assert (await client.get("/api/session")).json() == answer.json()
    async with console.database.reading() as session:
        kept = (await session.scalars(select(SessionRow))).one()
    assert kept.id not in cookie
    assert client.cookies["probe_session"] not in str(vars(kept))


async def test_a_wrong_name_and_a_wrong_password_are_told_alike(asgi: httpx.ASGITransport, town: Town) -> None:
    client = client_of(asgi)
    nobody = await try_in(client, "nobody", PASSWORD)
    wrong = await try_in(client, "operator", "wrong")
    assert nobody.status_code == wrong.status_code == 401
    assert nobody.json() == wrong.json()
    assert "set-cookie" not in wrong.headers


async def test_five_wrong_passwords_make_the_account_wait_and_no_other(
    asgi: httpx.ASGITransport, town: Town, clock: FakeClock
) -> None:
    client = client_of(asgi)
    for _ in range(5):
        assert (await try_in(client, "operator", "wrong")).status_code == 401
    refused = await try_in(client, "operator", PASSWORD)
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "60"
    assert (await try_in(client, "technician", PASSWORD)).status_code == 200
    await clock.advance(61)
    assert (await try_in(client, "operator", PASSWORD)).status_code == 200


async def test_guesses_that_come_at_once_are_all_counted(asgi: httpx.ASGITransport, town: Town) -> None:
    client = client_of(asgi)
    answers = await asyncio.gather(*(try_in(client, "operator", f"guess {n}") for n in range(12)))
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 7


def test_an_address_that_tries_many_names_waits_and_the_memory_of_it_is_bounded() -> None:
    throttle = Throttle(FakeClock(), 5, 60)
    for n in range(20):
        throttle.begin(f"name {n}", "10.0.0.1")
    with pytest.raises(Exception, match="too_many_tries"):
        throttle.begin("another", "10.0.0.1")
    throttle.begin("another", "10.0.0.2")
    for n in range(12_000):
        throttle.begin(f"n {n}", f"address {n}")
    assert len(throttle._counted) <= 10_000


async def test_a_write_needs_the_token_of_its_session(asgi: httpx.ASGITransport, town: Town) -> None:
    officer = await Person.sign_in(asgi, "duty_officer")
    other = await Person.sign_in(asgi, "duty_officer")
    way = f"/api/alerts/{town.alerts['east']}/acknowledge"
    for token in ("", "0" * 64, other.client.headers["x-csrf-token"]):
        officer.client.headers["X-CSRF-Token"] = token
        answer = await officer.ask("POST", way, {})
        assert answer.status_code == 403
        assert answer.json()["code"] == "patrol_console.csrf"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://console.evil.example"},
        {"Origin": "http://console:81"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_page_of_another_origin_can_neither_write_nor_sign_in(
    headers: dict[str, str], asgi: httpx.ASGITransport, town: Town
) -> None:
    officer = await Person.sign_in(asgi, "duty_officer")
    way = f"/api/alerts/{town.alerts['east']}/acknowledge"
    answer = await officer.client.post(way, json={}, headers=headers)
    assert answer.status_code == 403
    body = {"username": "operator", "password": PASSWORD}
    assert (await client_of(asgi).post("/api/session", json=body, headers=headers)).status_code == 403


async def test_a_form_of_another_site_is_no_json(asgi: httpx.ASGITransport, town: Town) -> None:
    body = '{"username": "operator", "password": "' + PASSWORD + '"}'
    answer = await client_of(asgi).post("/api/session", content=body, headers={"Content-Type": "text/plain"})
    assert answer.status_code == 422


async def test_a_session_ends_by_itself(asgi: httpx.ASGITransport, town: Town, clock: FakeClock) -> None:
    operator = await Person.sign_in(asgi, "operator")
    await clock.advance(12 * 3600 - 1)
    assert (await operator.ask("GET", "/api/session")).status_code == 200
    await clock.advance(2)
    gone = await operator.ask("GET", "/api/session")
    assert gone.status_code == 401
    assert gone.json()["code"] == "patrol_console.signed_out"


async def test_signing_out_ends_the_session(asgi: httpx.ASGITransport, town: Town) -> None:
    operator = await Person.sign_in(asgi, "operator")
    cookie = operator.client.cookies["probe_session"]
    assert (await operator.ask("DELETE", "/api/session")).status_code == 204
    operator.client.cookies.set("probe_session", cookie)
    assert (await operator.ask("GET", "/api/session")).status_code == 401


async def test_a_new_password_ends_the_other_sessions(asgi: httpx.ASGITransport, town: Town) -> None:
    here, there = await Person.sign_in(asgi, "operator"), await Person.sign_in(asgi, "operator")
    body = {"current": "wrong", "new": "another long one"}
    assert (await here.ask("PUT", "/api/session/password", body)).status_code == 403
    body["current"] = PASSWORD
    assert (await here.ask("PUT", "/api/session/password", body)).status_code == 204
    assert (await here.ask("GET", "/api/session")).status_code == 200
    assert (await there.ask("GET", "/api/session")).status_code == 401
    assert (await try_in(client_of(asgi), "operator", PASSWORD)).status_code == 401


async def test_a_disabled_person_is_out_at_once_and_open_pictures_are_revoked(
    asgi: httpx.ASGITransport, town: Town, console: Console
) -> None:
    admin, operator = await Person.sign_in(asgi, "admin"), await Person.sign_in(asgi, "operator")
    way = f"/api/users/{town.users['operator']}"
    assert (await admin.ask("PATCH", way, {"disabled": True})).json()["disabled"] is True
    assert (await operator.ask("GET", "/api/session")).status_code == 401
    assert (await try_in(client_of(asgi), "operator", PASSWORD)).status_code == 401
    async with console.database.reading() as session:
        rows = list(await session.scalars(select(OutboxRow).order_by(OutboxRow.seq)))
    assert any(row.body.get("revoked", {}).get("user_id") == town.users["operator"] for row in rows)
    assert any(row.body.get("noun") == "session" and row.body["change"] == "removed" for row in rows)
    oneself = await admin.ask("PATCH", f"/api/users/{town.users['admin']}", {"disabled": True})
    assert oneself.status_code == 409


async def test_the_terminal_of_this_machine_needs_the_key(
    asgi: httpx.ASGITransport, town: Town, console: Console, clock: FakeClock
) -> None:
    client = client_of(asgi)
    token = local_access.mint(console.key, clock)
    body = {"name": "n", "area_id": town.west, "url": "rtsp://127.0.0.1/x"}
    headers = {"Authorization": f"Bearer {token}"}
    assert (await client.post("/api/cameras", json=body, headers=headers)).status_code == 201
    for bad in (token[:-2] + "xx", "local.", "local.0.0", "x", token.replace("local.", "", 1)):
        answer = await client.get("/api/cameras", headers={"Authorization": f"Bearer {bad}"})
        assert answer.status_code in (401, 403), bad
    await clock.advance(301)
    assert (await client.get("/api/cameras", headers=headers)).status_code in (401, 403)


async def test_no_password_is_known_before_the_first_start(console: Console) -> None:
    first = await ensure_first_administrator(console)
    assert first is not None
    assert await ensure_first_administrator(console) is None
    async with console.database.reading() as session:
        (user,) = list(await session.scalars(select(UserRow)))
    assert user.password_hash.startswith("$argon2id$")
    assert first.password not in user.password_hash
    assert await console.sessions.passwords.matches(user.password_hash, first.password)
    assert len({random_password() for _ in range(50)}) == 50


async def test_a_person_who_does_not_exist_costs_the_same_work() -> None:
    """One verification of the same cost, whoever it is; counted, since a timed test would only say how busy we are."""
    verified: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - argon2's own name
            verified.append(str(hash))
            return super().verify(hash, password)

    passwords = Passwords(Counting(time_cost=1, memory_cost=8, parallelism=1))
    kept = await passwords.hash("something")
    assert not await passwords.matches(kept, "wrong")
    assert not await passwords.matches(None, "wrong")
    parameters = [text.rsplit("$", 2)[0] for text in verified]
    assert len(parameters) == 2
    assert parameters[0] == parameters[1]
    assert not await Passwords(CHEAP).matches(None, "")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_failures_are_told_in_the_readers_language(language: str, asgi: httpx.ASGITransport, town: Town) -> None:
    answer = await client_of(asgi).get("/api/session", headers={"Accept-Language": f"{language}-XX,fr;q=0.5"})
    assert ("登录" in answer.json()["detail"]) == (language == "zh")


async def test_what_the_request_asks_for_goes_before_the_language_of_the_person(
    asgi: httpx.ASGITransport, town: Town
) -> None:
    client = client_of(asgi)
    assert (await try_in(client, "operator", PASSWORD)).status_code == 200  # whose own language is English
    for asked, chinese in ({"Accept-Language": "zh"}, True), ({"Accept-Language": "fr"}, False):
        answer = await client.get("/api/cameras/cam_none", headers=asked)
        assert answer.status_code == 404
        assert ("摄像机" in answer.json()["detail"]) == chinese
