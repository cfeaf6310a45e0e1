"""Sessions as cameras end, forget and refuse them: logins in mid-stream, stale ones, keep-alive, no session free."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from camera_gateway.sources.base import SessionLimitError, cause_of
from camera_gateway.sources.rtsp.client import RtspSource
from camera_gateway.sources.rtsp.connection import Timeouts
from camera_gateway.sources.rtsp.habits import Habits
from camera_gateway.sources.rtsp.keep_alive import KeepAlive
from camera_gateway.sources.rtsp.message import Message
from camera_gateway.sources.rtsp.session import Session
from hub.addresses import AddressPolicy
from hub.clock import SystemClock
from hub.contracts.camera import Cause
from hub.errors import HubError
from tests.support.rtsp_server import SDP, Asked, Reply, RtspServer, pictures, reply
from tests.support.sink import KeepingSink

QUICK = Timeouts(
    connect_s=1.0, answer_s=0.2, media_s=0.6, keyframe_s=1.2, goodbye_s=0.3, keep_alive_s=0.15, doubt_s=0.2
)
FIRST, SECOND = 'Digest realm="a", nonce="first"', 'Digest realm="a", nonce="second"'


def status(text: str, *headers: str) -> Reply:
    return lambda asked: reply(asked, *headers, status=text)


def by_nonce(nonce: str, challenge: str, good: Reply = None) -> Reply:
    """Takes a request that answers this nonce; anything else is challenged."""

    def answer(asked: Asked) -> bytes | None:
        if f'nonce="{nonce}"' in asked.headers.get("authorization", ""):
            return good(asked) if callable(good) else reply(asked)
        return reply(asked, f"WWW-Authenticate: {challenge}", status="401 Unauthorized")

    return answer


def described(asked: Asked) -> bytes:
    return reply(asked, body=SDP)


async def source_of(server: RtspServer, *, habits: Habits | None = None, login: bool = False) -> RtspSource:
    address = await AddressPolicy(allow=["127.0.0.0/8"]).resolve(server.url)
    name, word = ("admin", "secret-word") if login else (None, None)
    return RtspSource(address, name, word, SystemClock(), QUICK, habits=habits)


@asynccontextmanager
async def playing(server: RtspServer, source: RtspSource) -> AsyncIterator[asyncio.Task[None]]:
    """The source runs and pictures flow until the block ends."""
    sink = KeepingSink()
    task = asyncio.ensure_future(source.run(sink))
    flowing = asyncio.ensure_future(_flow(server))
    try:
        await sink.has(1)
        yield task
    finally:
        flowing.cancel()
        task.cancel()
        await asyncio.wait({task}, timeout=2)
        assert task.done()


async def _flow(server: RtspServer) -> None:
    for start in range(0, 100_000, 5):
        await asyncio.sleep(0.03)
        if server.writers and "PLAY" in server.methods:
            server.send(pictures(5, start=start))


async def end_of(task: asyncio.Task[None]) -> HubError:
    async with asyncio.timeout(5):
        with pytest.raises(HubError) as caught:
            await task
    return caught.value


# a login in mid-stream


@pytest.mark.parametrize("words", [SECOND, SECOND + ", stale=TRUE", SECOND + ', qop="auth"'])
async def test_a_nonce_that_expires_in_mid_stream_is_answered_once_and_the_session_goes_on(words: str) -> None:
    answers: dict[str, Reply | list[Reply]] = {
        "DESCRIBE": by_nonce("first", FIRST, described),
        "GET_PARAMETER": by_nonce("second", words),
    }
    async with RtspServer(answers) as server:
        source = await source_of(server, login=True)
        async with playing(server, source) as task:
            await server.was_asked("GET_PARAMETER", 4)
            assert not task.done()
        sent = [a.headers["authorization"] for a in server.asked if a.method == "GET_PARAMETER"]
        assert ["second" in line for line in sent[:3]] == [False, True, True]
        assert server.methods.count("PLAY") == 1
        assert source.handshake.kept_alive >= 2


async def test_a_password_that_is_refused_in_mid_stream_ends_the_session_and_says_so() -> None:
    answers: dict[str, Reply | list[Reply]] = {
        "DESCRIBE": by_nonce("first", FIRST, described),
        "GET_PARAMETER": status("401 Unauthorized", f"WWW-Authenticate: {SECOND}"),
    }
    async with RtspServer(answers) as server:
        async with playing(server, await source_of(server, login=True)) as task:
            error = await end_of(task)
        assert error.code == "camera_gateway.login_refused"
        assert cause_of(error) is Cause.LOGIN_REFUSED
        assert server.methods.count("GET_PARAMETER") == 2  # the old nonce and the new one; never a third try


async def test_a_goodbye_is_said_again_with_the_new_nonce() -> None:
    answers: dict[str, Reply | list[Reply]] = {
        "DESCRIBE": by_nonce("first", FIRST, described),
        "TEARDOWN": by_nonce("second", SECOND),
    }
    async with RtspServer(answers) as server:
        source = await source_of(server, login=True)
        async with playing(server, source):
            pass
        assert source.handshake.parted
        assert server.methods.count("TEARDOWN") == 2


# sessions that the camera knows no more, or will not begin


async def test_a_session_that_the_camera_forgot_is_lost_at_once() -> None:
    async with RtspServer({"GET_PARAMETER": status("454 Session Not Found")}) as server:
        source = await source_of(server)
        task = asyncio.ensure_future(source.run(KeepingSink()))
        await server.was_asked("PLAY")
        server.send(pictures(5))  # and none after
        error = await end_of(task)
        assert error.code == "camera_gateway.session_gone"
        assert cause_of(error) is Cause.UNREACHABLE


async def test_a_camera_that_says_so_and_sends_all_the_same_is_kept() -> None:
    async with RtspServer({"GET_PARAMETER": status("454 Session Not Found")}) as server:
        source = await source_of(server)
        async with playing(server, source) as task:
            await server.was_asked("OPTIONS", 3)
            assert not task.done()
            assert server.methods.count("GET_PARAMETER") == 1
            assert source.handshake.kept_alive >= 1


@pytest.mark.parametrize(
    ("words", "headers", "code", "after_s"),
    [
        ("453 Not Enough Bandwidth", (), "camera_busy", 15.0),
        ("503 Service Unavailable", ("Retry-After: 40",), "camera_busy", 40.0),
        ("503 Service Unavailable", ("Retry-After: 99999",), "camera_busy", 300.0),
        ("503 Service Unavailable", ("Retry-After: Wed, 25 Nov 2026 09:00:00 GMT",), "camera_busy", 15.0),
        ("500 Internal Server Error", (), "session_refused", 15.0),  # cameras of one session, to the second
        ("406 Not Acceptable", (), "session_refused", 15.0),
        ("455 Method Not Valid in This State", (), "session_refused", 15.0),  # live555 with a stale one: moonfire#209
        ("454 Session Not Found", (), "session_refused", 15.0),
    ],
)
async def test_a_camera_without_a_free_session_says_when_to_come_again(
    words: str, headers: tuple[str, ...], code: str, after_s: float
) -> None:
    async with RtspServer({"SETUP": status(words, *headers)}) as server:
        source = await source_of(server)
        error = await end_of(asyncio.ensure_future(source.run(KeepingSink())))
        assert isinstance(error, SessionLimitError)
        assert error.code == f"camera_gateway.{code}"
        assert error.retry_after_s == after_s
        assert cause_of(error) is Cause.SESSION_LIMIT
        assert "{" not in error.text("zh") + error.text("en")
        assert server.methods.count("SETUP") == server.connections == 1
        assert "TEARDOWN" not in server.methods  # there is no session of ours


@pytest.mark.parametrize("words", ["454 Session Not Found", "455 Method Not Valid in This State"])
async def test_a_session_that_is_gone_before_play_is_lost(words: str) -> None:
    async with RtspServer({"PLAY": status(words)}) as server:
        source = await source_of(server)
        error = await end_of(asyncio.ensure_future(source.run(KeepingSink())))
        assert error.code == "camera_gateway.session_gone"
        assert server.methods[-1] == "TEARDOWN"  # what it holds all the same shall not block the next try


@pytest.mark.parametrize(
    ("words", "second"),
    [
        ("459 Aggregate Operation Not Allowed", "/stream1/track1"),
        ("460 Only Aggregate Operation Allowed", "/stream1/track1"),
        ("457 Invalid Range", "/stream1/"),
        ("451 Parameter Not Understood", "/stream1/"),
    ],
)
async def test_play_is_asked_once_more_as_the_camera_wants_it(words: str, second: str) -> None:
    answers: dict[str, Reply | list[Reply]] = {"PLAY": [status(words), reply]}
    async with RtspServer(answers) as server:
        async with playing(server, await source_of(server)):
            await server.was_asked("PLAY", 2)
        asked = [one for one in server.asked if one.method == "PLAY"]
        assert [one.uri.endswith(second) for one in asked][-1]
        assert ("range" in asked[1].headers) is words.startswith(("459", "460"))


async def test_a_camera_that_plays_since_setup_may_refuse_play() -> None:
    def early(asked: Asked) -> bytes:
        return pictures(3) + reply(asked, status="455 Method Not Valid in This State")

    async with RtspServer({"PLAY": early}) as server, playing(server, await source_of(server)) as task:
        assert not task.done()


# keep-alive


@pytest.mark.parametrize("answers", [{}, {"GET_PARAMETER": None}], ids=["answers and closes", "closes"])
async def test_a_camera_that_closes_on_get_parameter_is_spared_it_the_next_time(
    answers: dict[str, Reply | list[Reply]],
) -> None:
    habits = Habits(SystemClock())
    async with RtspServer(answers, close_after="GET_PARAMETER") as server:
        async with playing(server, await source_of(server, habits=habits)) as task:
            assert (await end_of(task)).code == "camera_gateway.connection_lost"
        server.close_after = "nothing"
        options = server.methods.count("OPTIONS")
        async with playing(server, await source_of(server, habits=habits)) as task:
            await server.was_asked("OPTIONS", options + 3)
            assert not task.done()
        assert server.methods.count("GET_PARAMETER") == 1


@pytest.mark.parametrize("words", ["405 Method Not Allowed", "501 Not Implemented", "551 Option not supported"])
async def test_what_is_refused_as_keep_alive_gives_way_to_the_next_in_the_same_round(words: str) -> None:
    answers: dict[str, Reply | list[Reply]] = {
        "OPTIONS": [status("200 OK", "Public: GET_PARAMETER, SET_PARAMETER"), status(words)],
        "GET_PARAMETER": status(words),
        "SET_PARAMETER": status("200 OK"),
    }
    async with RtspServer(answers) as server:
        async with playing(server, await source_of(server)):
            await server.was_asked("SET_PARAMETER", 3)
        kept = [one for one in server.methods[server.methods.index("PLAY") + 1 :] if one != "TEARDOWN"]
        assert kept[:5] == ["GET_PARAMETER", "OPTIONS", "SET_PARAMETER", "SET_PARAMETER", "SET_PARAMETER"]


async def test_a_camera_that_bears_none_is_watched_all_the_same() -> None:
    answers: dict[str, Reply | list[Reply]] = {
        "OPTIONS": [status("200 OK", "Public: GET_PARAMETER"), None],
        "GET_PARAMETER": None,
    }
    async with RtspServer(answers) as server, playing(server, await source_of(server)) as task:
        await server.was_asked("GET_PARAMETER", 3)
        assert not task.done()


@pytest.mark.parametrize(
    ("header", "identity", "every_s"),
    [
        ("1387212806996;timeout=60", "1387212806996", 30.0),  # Dahua drops one that is silent: media-stream-library#100
        ("1387212806996", "1387212806996", 30.0),
        (" 5 ; Timeout = 10 ", "5", 5.0),
        ("5;timeout=1", "5", 1.0),
        ("5;timeout=0", "5", 30.0),
        ("5;timeout=soon", "5", 30.0),
        ("5;timeout=999999", "5", 45.0),
    ],
)
def test_we_show_that_we_are_there_twice_within_the_time_out(header: str, identity: str, every_s: float) -> None:
    session = Session("rtsp://h/")
    session.set_up(Message("RTSP/1.0 200 OK", (("session", header),)))
    assert (session.identity, session.keep_alive_s(45.0)) == (identity, every_s)


def test_the_way_that_was_borne_is_the_first_of_the_next_round() -> None:
    keeping = KeepAlive("options, Get_Parameter , SET_PARAMETER")
    assert list(keeping.a_round()) == ["GET_PARAMETER", "OPTIONS", "SET_PARAMETER"]
    keeping.borne("OPTIONS")
    assert next(keeping.a_round()) == "OPTIONS"
    assert list(KeepAlive("PLAY").a_round()) == ["OPTIONS", "GET_PARAMETER"]
    assert list(KeepAlive("GET_PARAMETER", without_get_parameter=True).a_round()) == ["OPTIONS"]
