"""What the console says when something it stands on is not there, and what a stream of events does at its end."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from hub.clock import SystemClock
from hub.errors import HubError
from hub.settings import Settings
from patrol_console.console import Console
from patrol_console.event.changes import Changes
from patrol_console.event.notice import Notice
from patrol_console.event.stream import follow
from patrol_console.gateway import Gateway
from tests.patrol_console.people import Person, Town
from tests.support.clock import FakeClock


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("postgresql://postgres:pa55word@127.0.0.1:1/none", "patrol_console.no_database"),
        ("sqlite:////proc/none/patrol.sqlite", "patrol_console.no_database"),
        ("mysql://u:pa55word@h/d", "patrol_console.database_url"),
        ("not a url", "patrol_console.database_url"),
    ],
)
async def test_a_database_that_cannot_be_opened_is_one_sentence(url: str, code: str, tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {"data_dir": tmp_path, "redis_url": "redis://127.0.0.1:1", "frames_redis_url": "redis://127.0.0.1:1"}
    ).model_copy(update={"database_url": SecretStr(url)})
    with pytest.raises(HubError) as caught:
        await Console.open(settings, SystemClock())
    assert caught.value.code == code
    assert "pa55word" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        (httpx.ConnectError("no"), 503, "patrol_console.gateway_away"),
        (httpx.ReadTimeout("no"), 504, "patrol_console.gateway_slow"),
        (httpx.Response(200, text="<html>"), 503, "patrol_console.gateway_answer"),
        (httpx.Response(500, text="Traceback"), 503, "patrol_console.gateway_answer"),
        (httpx.Response(409, json={"code": "hub.ticket_expired"}), 409, "hub.ticket_expired"),
        (httpx.Response(403, json={"code": "../../etc"}), 503, "patrol_console.gateway_answer"),
    ],
)
async def test_a_gateway_that_fails_is_a_sentence(
    answer: httpx.Response | Exception, status: int, code: str, asgi: httpx.ASGITransport, town: Town, console: Console
) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    await console.gateway.close()
    console.gateway = Gateway(console.settings, httpx.MockTransport(handle))
    technician = await Person.sign_in(asgi, "technician")
    told = await technician.ask("POST", f"/api/cameras/{town.cameras['east']}/test")
    assert (told.status_code, told.json()["code"]) == (status, code)
    assert "Traceback" not in told.text


async def test_a_stream_ends_when_its_session_runs_out_even_if_it_is_never_quiet(
    asgi: httpx.ASGITransport, town: Town, console: Console, clock: FakeClock
) -> None:
    operator = await Person.sign_in(asgi, "operator")
    async with console.database.reading() as session:
        actor = await console.sessions.actor(session, operator.client.cookies["probe_session"])
    stream = follow(console, actor, None)
    await anext(stream)
    await clock.advance(13 * 3600)
    console.changes.put(1, Notice(noun="camera", id="c", change="updated", area_path=f"/{town.root}/{town.east}/"))
    rest = b"".join([piece async for piece in stream])
    assert b'"noun":"session"' in rest
    assert b'"id":"c"' not in rest


async def test_a_stream_ends_when_its_session_is_signed_out(
    asgi: httpx.ASGITransport, town: Town, console: Console
) -> None:
    operator = await Person.sign_in(asgi, "operator")
    async with console.database.reading() as session:
        actor = await console.sessions.actor(session, operator.client.cookies["probe_session"])
    stream = follow(console, actor, None)
    await anext(stream)
    await operator.ask("DELETE", "/api/session")
    assert actor.session_id is not None
    console.changes.put(1, Notice(noun="session", id=actor.session_id, change="removed", user_id=actor.user_id))
    assert b'"change":"removed"' in b"".join([piece async for piece in stream])


async def test_a_listener_that_does_not_listen_costs_itself_a_reload() -> None:
    changes = Changes()
    with changes.listening() as listener:
        for number in range(1, 1000):
            changes.put(number, Notice(noun="camera", id=f"c{number}", change="updated", area_path="/a/"))
        assert listener.missed
        assert listener.queue.qsize() <= 256
    assert changes.listeners == 0
    known = changes.since(990)
    assert known is not None
    assert [kept.seq for kept in known] == list(range(991, 1000))


async def test_who_comes_back_gets_what_was_missed_or_all(
    asgi: httpx.ASGITransport, town: Town, console: Console
) -> None:
    operator = await Person.sign_in(asgi, "operator")
    async with console.database.reading() as session:
        actor = await console.sessions.actor(session, operator.client.cookies["probe_session"])
    for number in (5, 6):
        console.changes.put(
            number, Notice(noun="camera", id=f"c{number}", change="updated", area_path=f"/{town.root}/{town.east}/")
        )

    async def told(last: str) -> bytes:
        stream = follow(console, actor, last)
        await anext(stream)
        async with asyncio.timeout(2):
            return await anext(stream)

    assert b'"id":"c6"' in await told("5")
    assert b'"id":"*"' in await told("1")
