"""The client against a server that does what a test says. Its twins that meet GStreamer are in test_gstreamer.py."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from camera_gateway.sources.base import cause_of
from camera_gateway.sources.rtsp.client import RtspSource
from camera_gateway.sources.rtsp.connection import Timeouts
from hub.addresses import AddressPolicy
from hub.clock import SystemClock
from hub.contracts.camera import Cause
from hub.errors import HubError
from tests.support.rtp import interleaved, rtp
from tests.support.rtsp_server import SDP, Asked, Reply, RtspServer, pictures, reply
from tests.support.sink import KeepingSink

QUICK = Timeouts(connect_s=1.0, answer_s=0.3, media_s=0.4, keyframe_s=0.8, goodbye_s=0.3)
KEEPING = Timeouts(connect_s=1.0, answer_s=0.1, media_s=0.4, keyframe_s=0.8, goodbye_s=0.3, keep_alive_s=0.15)


async def source_of(
    url: str, username: str | None = None, password: str | None = None, timeouts: Timeouts = QUICK
) -> RtspSource:
    address = await AddressPolicy(allow=["127.0.0.0/8"]).resolve(url)
    return RtspSource(address, username, password, SystemClock(), timeouts)


async def failure(server: RtspServer, username: str | None = None, password: str | None = None) -> HubError:
    """What a run against this server ends with; every sentence must be there in both languages."""
    source = await source_of(server.url, username, password)
    with pytest.raises(HubError) as caught:
        async with asyncio.timeout(10):
            await source.run(KeepingSink())
    for lang in ("zh", "en"):
        assert caught.value.text(lang) != caught.value.code
        assert "{" not in caught.value.text(lang)
    return caught.value


@asynccontextmanager
async def running(
    server: RtspServer, username: str | None = None, password: str | None = None, timeouts: Timeouts = QUICK
) -> AsyncIterator[KeepingSink]:
    """A run that goes on until the block ends, then is cancelled."""
    sink = KeepingSink()
    source = await source_of(server.url, username, password, timeouts)
    task = asyncio.ensure_future(source.run(sink))
    try:
        yield sink
    finally:
        task.cancel()
        await asyncio.wait({task}, timeout=2)
        assert task.done()


async def test_a_well_behaved_camera_gives_pictures_and_is_bidden_goodbye() -> None:
    async with RtspServer(media=pictures(20)) as server:
        async with running(server) as sink:
            await sink.has(20)
        await server.was_asked("TEARDOWN")
        assert server.methods == ["OPTIONS", "DESCRIBE", "SETUP", "PLAY", "TEARDOWN"]
        assert server.first("SETUP").uri == f"{server.url}/track1"
        assert server.first("TEARDOWN").headers["session"] == "12345678"
        assert [unit.keyframe for unit in sink.units[:6]] == [True, False, False, False, False, True]


async def test_a_goodbye_answered_by_nonsense_is_answered() -> None:  # mediamtx#423
    odd: Reply = lambda asked: f"RTSP/1.0 0 \r\nCSeq: {asked.headers['cseq']}\r\n\r\n".encode()  # noqa: E731
    async with RtspServer({"TEARDOWN": odd}, media=pictures(1)) as server:
        sink, source = KeepingSink(), await source_of(server.url)
        task = asyncio.ensure_future(source.run(sink))
        await sink.has(1)
        task.cancel()
        await asyncio.wait({task})
        assert source.handshake.parted


async def test_after_a_stop_nothing_more_is_given_while_goodbye_is_said() -> None:
    async with RtspServer({"TEARDOWN": lambda _: pictures(50, start=5)}, media=pictures(5)) as server:
        async with running(server) as sink:
            await sink.has(5)
        await server.was_asked("TEARDOWN")
        assert len(sink.units) == 5


async def test_media_that_comes_before_the_answer_to_play_is_taken() -> None:  # Reolink, membrane_rtsp#54; retina#46
    def early(asked: Asked) -> bytes:
        return pictures(3) + reply(asked) + pictures(2, start=3)

    async with RtspServer({"PLAY": early}) as server, running(server) as sink:
        await sink.has(5)
        assert len(sink.units) == 5


@pytest.mark.parametrize("info", [None, "url=track1;seq=7;rtptime=900", "", "url=;seq=;rtptime=-1"])
async def test_what_the_answer_to_play_says_of_the_media_is_not_needed(info: str | None) -> None:  # Vstarcam, retina#10
    def play(asked: Asked) -> bytes:
        return reply(asked, *([] if info is None else [f"RTP-Info: {info}"]))

    async with RtspServer({"PLAY": play}, media=pictures(5)) as server, running(server) as sink:
        await sink.has(5)
        assert [unit.media_time for unit in sink.units] == [number * 3600 for number in range(5)]


async def test_media_of_another_session_before_play_is_not_taken() -> None:  # moonfire#114
    async with RtspServer(greeting=pictures(4, start=900), media=pictures(5)) as server, running(server) as sink:
        await sink.has(5)
        assert sink.units[0].media_time == 0
        assert sink.units[4].media_time == 4 * 3600


TRANSPORTS: list[tuple[str, int]] = [
    ("", 0),  # gortsplib#456: no Transport header at all
    ("Transport: RTP/AVP/TCP;unicast", 0),  # gortsplib#142
    ("Transport: RTP/AVP/TCP;unicast;interleaved=4-5", 4),  # gortsplib#72: others than asked
    ("Transport: RTP/AVP/TCP;ssrc=22345684;interleaved=0-1", 0),  # retina#120
    ("transport: RTP/AVP/TCP;interleaved=2", 2),
]


@pytest.mark.parametrize(("header", "channel"), TRANSPORTS)
async def test_the_answer_to_setup_is_taken_as_cameras_write_it(header: str, channel: int) -> None:
    def set_up(asked: Asked) -> bytes:
        return reply(asked, *([header] if header else []), "Session: 1")

    media = pictures(5, channel=channel) + pictures(3, channel=9)
    async with RtspServer({"SETUP": set_up}, media=media) as server, running(server) as sink:
        await sink.has(5)
        assert server.first("PLAY").headers["session"] == "1"


async def test_a_sequence_header_may_be_spelled_otherwise_and_parts_end_in_bare_newlines() -> None:
    def odd(asked: Asked) -> bytes:
        return f"RTSP/1.0 200 OK\nCseq: {asked.headers['cseq']}\nSession: 9\n\n".encode()

    async with RtspServer({"PLAY": odd, "SETUP": odd}, media=pictures(2)) as server, running(server) as sink:
        await sink.has(2)


@pytest.mark.parametrize("junk", [b"\x00" * 9, b"RTSX", b"\r\n\r\n", b"$\x07\xff", bytes(range(200)), b"\xff" * 70_000])
async def test_junk_between_packets_is_passed_over(junk: bytes) -> None:  # curl PR 10808
    media = pictures(5) + junk + pictures(5, start=5) + pictures(5, start=10)
    async with RtspServer(media=media) as server, running(server) as sink:
        server_sends = asyncio.ensure_future(_more(server))
        await sink.has(9)
        server_sends.cancel()


async def _more(server: RtspServer) -> None:
    for start in range(15, 10_000, 5):
        await asyncio.sleep(0.05)
        server.send(pictures(5, start=start))


async def test_what_the_camera_asks_is_answered() -> None:
    async with RtspServer(media=pictures(1)) as server, running(server) as sink:
        await sink.has(1)
        server.send(b"OPTIONS rtsp://x RTSP/1.0\r\nCSeq: 5\r\n\r\n" + pictures(1, start=1))
        server.send(b"ANNOUNCE rtsp://x RTSP/1.0\r\nCSeq: 6\r\nContent-Length: 4\r\n\r\nabcd" + pictures(1, start=2))
        await sink.has(3)
        await server.was_asked("answer", 2)
        assert [asked.uri for asked in server.asked if asked.method == "answer"] == [
            "RTSP/1.0 200 OK",
            "RTSP/1.0 501 Not Implemented",
        ]


# refusals: a name, what the server does, the code, the cause
def _status(status: str, *headers: str) -> Reply:
    return lambda asked: reply(asked, *headers, status=status)


def _sdp(body: str) -> Reply:
    return lambda asked: reply(asked, body=body)


REFUSALS: list[tuple[str, RtspServer, str, Cause]] = [
    ("an HTTP server", RtspServer({"OPTIONS": b"HTTP/1.1 400 Bad Request\r\n\r\n"}), "not_rtsp", Cause.PROTOCOL),
    ("an SSH server", RtspServer({"OPTIONS": None}, greeting=b"SSH-2.0-OpenSSH_9.2\r\n"), "not_rtsp", Cause.PROTOCOL),
    ("noise", RtspServer({"OPTIONS": b"\x00\x01\x02" * 50}), "not_rtsp", Cause.PROTOCOL),
    ("one that closes", RtspServer({"OPTIONS": None}, close_after="OPTIONS"), "closed_early", Cause.PROTOCOL),
    ("one that is silent", RtspServer({"OPTIONS": None}), "no_answer", Cause.UNREACHABLE),
    ("silence later", RtspServer({"SETUP": None}), "no_answer", Cause.UNREACHABLE),
    ("a wrong path", RtspServer({"DESCRIBE": _status("404 Not Found")}), "path_not_found", Cause.NOT_FOUND),
    ("no right to view", RtspServer({"DESCRIBE": _status("403 Forbidden")}), "not_permitted", Cause.LOGIN_REFUSED),
    ("too many watch", RtspServer({"SETUP": _status("453 Not Enough Bandwidth")}), "camera_busy", Cause.SESSION_LIMIT),
    ("no TCP", RtspServer({"SETUP": _status("461 Unsupported Transport")}), "transport_unsupported", Cause.PROTOCOL),
    (
        "UDP instead",
        RtspServer({"SETUP": _status("200 OK", "Transport: RTP/AVP;unicast;client_port=0-1")}),
        "transport_unsupported",
        Cause.PROTOCOL,
    ),
    ("a fault of its own", RtspServer({"PLAY": _status("500 Oops")}), "camera_refused", Cause.PROTOCOL),
    (
        "another host",
        RtspServer({"DESCRIBE": _status("302 Found", "Location: rtsp://10.9.9.9/a")}),
        "redirected",
        Cause.REDIRECTED,
    ),
    (
        "a file",
        RtspServer({"DESCRIBE": _status("302 Found", "Location: file:///etc/passwd")}),
        "redirected",
        Cause.REDIRECTED,
    ),
    ("nowhere", RtspServer({"DESCRIBE": _status("302 Found")}), "redirected", Cause.REDIRECTED),
    ("a circle", RtspServer({"DESCRIBE": _status("302 Found", "Location: /again")}), "redirected", Cause.REDIRECTED),
    (
        "2 GB",
        RtspServer({"DESCRIBE": _status("200 OK", "Content-Length: 2147483648")}),
        "answer_too_large",
        Cause.PROTOCOL,
    ),
    (
        "headers without end",
        RtspServer({"DESCRIBE": b"RTSP/1.0 200 OK\r\n" + b"X: y\r\n" * 20_000}),
        "answer_too_large",
        Cause.PROTOCOL,
    ),
    ("many headers", RtspServer({"DESCRIBE": _status("200 OK", *["X: y"] * 300)}), "answer_too_large", Cause.PROTOCOL),
    ("no media", RtspServer({"DESCRIBE": _sdp("v=0\r\n")}), "no_video", Cause.CODEC),
    ("VP9", RtspServer({"DESCRIBE": _sdp(SDP.replace("H264", "VP9"))}), "codec_unsupported", Cause.CODEC),
    ("MJPEG", RtspServer({"DESCRIBE": _sdp("m=video 0 RTP/AVP 26\r\n")}), "codec_unsupported", Cause.CODEC),
    (
        "H.265 named H.264, and unreadable",
        RtspServer(media=b"".join(interleaved(rtp(n, 0, nal)) for n, nal in enumerate((b"\x40\x01a", b"\x42\x01b")))),
        "codec_differs",
        Cause.CODEC,
    ),
    ("nothing after PLAY", RtspServer(), "no_media", Cause.NO_MEDIA),
    ("no keyframe", RtspServer(media=pictures(200, start=1, gop=10_000)), "no_keyframe", Cause.NO_MEDIA),
    ("one picture, then none", RtspServer(media=pictures(1)), "no_media", Cause.NO_MEDIA),
    ("garbage after PLAY", RtspServer(media=b"\xa5\x5a\x00" * 500_000), "garbled", Cause.PROTOCOL),
    ("a little garbage", RtspServer(media=b"\xa5\x5a\x00" * 2_000), "garbled", Cause.PROTOCOL),
    ("an end", RtspServer(media=pictures(3), close_after="PLAY"), "connection_lost", Cause.UNREACHABLE),
    (
        "goodbye",
        RtspServer(media=pictures(3) + interleaved(bytes.fromhex("81cb000100001234"), 1)),
        "stream_ended",
        Cause.NO_MEDIA,
    ),
    (
        "a forged session",
        RtspServer({"SETUP": _status("200 OK", "Session: a\x01b")}),
        "address_characters",
        Cause.PROTOCOL,
    ),
]


@pytest.mark.parametrize(("server", "code", "cause"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
async def test_each_failure_has_its_own_sentence(server: RtspServer, code: str, cause: Cause) -> None:
    async with server:
        error = await failure(server)
        assert error.code == f"camera_gateway.{code}"
        assert cause_of(error) is cause
        assert server.connections == 1  # a source never retries


async def test_a_port_where_nobody_listens_is_unreachable() -> None:
    async with RtspServer() as server:
        pass
    assert (await failure(server)).code == "camera_gateway.unreachable"


async def test_a_redirect_on_the_same_host_is_followed_once() -> None:
    moved = _status("302 Found", "Location: /moved")

    def well(asked: Asked) -> bytes:
        return reply(asked, body=SDP)

    async with RtspServer({"DESCRIBE": [moved, well]}, media=pictures(1)) as server, running(server) as sink:
        await sink.has(1)
        assert server.first("SETUP").uri.endswith("/moved/track1")


async def test_bytes_that_never_make_a_picture_do_not_keep_the_watchdog_quiet() -> None:
    async def drip(server: RtspServer) -> None:
        while True:
            await asyncio.sleep(0.02)
            for writer in server.writers:
                writer.write(b"$\x01\x00\x08\x80\xc8\x00\x01aaaa" + b"$\x02\x00\x04abcd")

    async with RtspServer(media=interleaved(rtp(0, 0, b"\x7c\x85\x88abc"))) as server:
        dripping = asyncio.ensure_future(drip(server))
        assert (await failure(server)).code == "camera_gateway.no_media"
        dripping.cancel()


# keep-alive


async def _flow(server: RtspServer) -> None:
    for start in range(0, 100_000, 5):
        await asyncio.sleep(0.05)
        if server.writers and "PLAY" in server.methods:
            server.send(pictures(5, start=start))


@pytest.mark.parametrize(
    ("public", "answers", "expected"),
    [
        ("OPTIONS, GET_PARAMETER", {}, ["GET_PARAMETER", "GET_PARAMETER"]),
        ("OPTIONS, PLAY", {}, ["OPTIONS", "OPTIONS"]),
        # Hipcam never answers GET_PARAMETER (SharpRTSP#63)
        ("OPTIONS, GET_PARAMETER", {"GET_PARAMETER": None}, ["GET_PARAMETER", "OPTIONS"]),
        ("GET_PARAMETER", {"GET_PARAMETER": _status("501 No")}, ["GET_PARAMETER", "OPTIONS"]),
        # EvoStream takes only what its Public does not name (html5_rtsp_player#73)
        ("PLAY", {"OPTIONS": [_status("200 OK", "Public: PLAY"), _status("405 No")]}, ["OPTIONS", "GET_PARAMETER"]),
        # a camera that wants a login for it, and another each time
        ("GET_PARAMETER", {"GET_PARAMETER": _status("401 No")}, ["GET_PARAMETER", "OPTIONS"]),
    ],
)
async def test_a_session_is_kept_alive_by_what_the_camera_bears(
    public: str, answers: dict[str, Reply | list[Reply]], expected: list[str]
) -> None:
    options = _status("200 OK", f"Public: {public}")
    served = RtspServer({"OPTIONS": options, **answers})
    async with served as server, running(server, timeouts=KEEPING) as sink:
        flowing = asyncio.ensure_future(_flow(server))
        await sink.has(1)
        await asyncio.sleep(0.8)
        flowing.cancel()
        kept = server.methods[server.methods.index("PLAY") + 1 :]
        assert [method for method in kept if method != "answer"][:2] == expected


# login


def challenge(*lines: str) -> Reply:
    return lambda asked: reply(asked, *(f"WWW-Authenticate: {line}" for line in lines), status="401 Unauthorized")


def guarded(method: str, *lines: str, takes: str = "Digest") -> Reply:
    """Answers only a request that carries an Authorization of this scheme."""

    def answer(asked: Asked) -> bytes:
        if asked.headers.get("authorization", "").startswith(takes):
            return reply(asked, body=SDP)
        return reply(asked, *(f"WWW-Authenticate: {line}" for line in lines), status="401 Unauthorized")

    return answer


async def test_the_strongest_way_is_taken_and_basic_is_never_fallen_back_to() -> None:
    both = 'Basic realm="a, b", Digest realm="a", nonce="n"'
    async with RtspServer({"DESCRIBE": challenge(both)}) as server:
        assert (await failure(server, "admin", "wrong")).code == "camera_gateway.login_refused"
        sent = [asked.headers.get("authorization", "") for asked in server.asked]
        assert [word.split(" ")[0] for word in sent if word] == ["Digest"]  # once, and no second try of a password
        assert "wrong" not in "".join(asked.uri for asked in server.asked)


async def test_each_request_carries_an_answer_of_its_own() -> None:
    described = guarded("DESCRIBE", 'Digest realm="a", nonce="n", qop="auth"', 'Basic realm="a"')
    async with RtspServer({"DESCRIBE": described}, media=pictures(1)) as server:
        async with running(server, "admin", "a@b:c/d?e#f%") as sink:
            await sink.has(1)
        sent = [asked.headers["authorization"] for asked in server.asked if "authorization" in asked.headers]
        assert [re.search(r"nc=(\d+)", line)[1] for line in sent] == [  # type: ignore[index]
            f"{count:08x}" for count in range(1, len(sent) + 1)
        ]
        assert len(sent) == 4  # DESCRIBE, SETUP, PLAY, TEARDOWN


async def test_a_nonce_that_grew_old_is_renewed_in_a_later_request() -> None:
    described = guarded("DESCRIBE", 'Digest realm="a", nonce="first"')

    def play(asked: Asked) -> bytes | None:
        if 'nonce="second"' in asked.headers["authorization"]:
            return reply(asked)
        return challenge('Digest realm="a", nonce="second"')(asked)  # type: ignore[operator, misc]

    answers: dict[str, Reply | list[Reply]] = {"DESCRIBE": described, "PLAY": play}
    async with RtspServer(answers, media=pictures(1)) as server, running(server, "admin", "x") as sink:
        await server.was_asked("PLAY", 2)
        await sink.has(1)


async def test_a_camera_that_closes_after_its_challenge_is_connected_once_more() -> None:
    server = RtspServer(media=pictures(1))
    described = guarded("DESCRIBE", 'Digest realm="a", nonce="n"')

    def closing(asked: Asked) -> bytes | None:
        server.close_after = "DESCRIBE" if "authorization" not in asked.headers else None
        assert callable(described)
        return described(asked)

    server.answers["DESCRIBE"] = closing
    async with server, running(server, "admin", "x") as sink:
        await sink.has(1)
        assert server.connections == 2


async def test_a_camera_that_closes_after_every_challenge_is_not_asked_for_ever() -> None:
    challenged = challenge('Digest realm="a", nonce="n"')
    async with RtspServer({"DESCRIBE": challenged}, close_after="DESCRIBE") as server:
        assert (await failure(server, "admin", "x")).code == "camera_gateway.login_refused"
        assert server.connections == 2


LOGINS: list[tuple[str, tuple[str, ...], str | None, str]] = [
    ("none given", ('Digest realm="a", nonce="n"',), None, "login_needed"),
    ("nonce after nonce", ('Digest realm="a", nonce="n", stale=TRUE',), "admin", "login_refused"),
    ("only what is not known", ('Digest realm="a", nonce="n", algorithm=SHA-512-256',), "admin", "login_unsupported"),
    ("only auth-int", ('Digest realm="a", nonce="n", qop="auth-int"',), "admin", "login_unsupported"),
    ("Bearer", ('Bearer realm="a"',), "admin", "login_unsupported"),
    ("no challenge at all", (), "admin", "login_refused"),
    ("a line break in the name", ('Basic realm="a"',), "ad\nmin", "login_characters"),
]


@pytest.mark.parametrize(("lines", "username", "code"), [row[1:] for row in LOGINS], ids=[row[0] for row in LOGINS])
async def test_a_login_that_cannot_succeed_says_why(lines: tuple[str, ...], username: str | None, code: str) -> None:
    async with RtspServer({"DESCRIBE": challenge(*lines)}) as server:
        error = await failure(server, username, "secret-word")
        assert error.code == f"camera_gateway.{code}"
        assert cause_of(error) is Cause.LOGIN_REFUSED
        assert "secret-word" not in f"{error} {error.params}"
        assert server.methods.count("DESCRIBE") <= 3
