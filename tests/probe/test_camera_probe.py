"""`probe camera probe` against good cameras and every bad input of the field: a sentence, a status, a bounded time."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from camera_gateway.simulator.server import SimulatedCamera, SimulatedFleet
from probe import cli

Script = Callable[[socket.socket], None]


@contextmanager
def listening(script: Script) -> Iterator[int]:
    """A server that does `script` to each connection; gives its port."""
    server = socket.create_server(("127.0.0.1", 0))
    quitting = threading.Event()

    def serve() -> None:
        server.settimeout(0.1)
        while not quitting.is_set():
            try:
                connection, _ = server.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(3)
                try:
                    script(connection)
                except OSError:
                    continue

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        quitting.set()
        thread.join()
        server.close()


def request(connection: socket.socket) -> tuple[str, str]:
    """Its method and its CSeq."""
    text = b""
    while not text.endswith(b"\r\n\r\n"):
        part = connection.recv(4096)
        if not part:
            raise ConnectionError
        text += part
    lines = text.decode().split("\r\n")
    sequence = next(line.split(":")[1].strip() for line in lines if line.lower().startswith("cseq"))
    return lines[0].split()[0], sequence


def answering(**answers: str) -> Script:
    """Answers each method with the text after the status line's and CSeq's place; 200 without more by default."""

    def script(connection: socket.socket) -> None:
        while True:
            method, sequence = request(connection)
            answer = answers.get(method, "200 OK\r\n\r\n")
            status, _, rest = answer.partition("\r\n")
            connection.sendall(f"RTSP/1.0 {status}\r\nCSeq: {sequence}\r\n{rest}".encode("latin-1"))

    return script


SDP = (
    "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:v\r\n"
)
DESCRIBED = f"200 OK\r\nContent-Type: application/sdp\r\nContent-Length: {len(SDP)}\r\n\r\n{SDP}"
SET_UP = "200 OK\r\nSession: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n"


def web_server(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


BAD_SERVERS: dict[str, Script] = {
    "not RTSP": web_server,
    "302 to another host": answering(DESCRIBE="302 Moved\r\nLocation: rtsp://203.0.113.7/other\r\n\r\n"),
    "Content-Length of 2 GB": answering(DESCRIBE="200 OK\r\nContent-Length: 2147483648\r\n\r\n"),
    "garbage after PLAY": answering(DESCRIBE=DESCRIBED, SETUP=SET_UP, PLAY="200 OK\r\n\r\n" + "\xfe\x01\x02" * 60_000),
    "closes at once": lambda connection: None,
}


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROBE_LANGUAGE", "en")
    monkeypatch.delenv("PROBE_DEBUG", raising=False)


@pytest.fixture(scope="module")
def fleet_port() -> Iterator[int]:
    """Two cameras of the simulator: /cam1 open, /cam2 with a login."""
    started, loop = threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()
    ports: list[int] = []

    async def serve() -> None:
        cameras = [SimulatedCamera(), SimulatedCamera(username="admin", password="right")]
        async with SimulatedFleet(cameras) as fleet:
            ports.append(int(fleet.url(0).split(":")[2].split("/")[0]))
            started.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert started.wait(10)
    yield ports[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join()
    loop.close()


def probe_it(url: str, *more: str) -> tuple[int, float]:
    begin = time.monotonic()
    status = cli.main(["camera", "probe", url, "--timeout", "12", *more])
    return status, time.monotonic() - begin


def one_sentence(capsys: pytest.CaptureFixture[str]) -> str:
    """What is wrong: the one verdict that failed, or the one line of an address that cannot be one."""
    out, error = capsys.readouterr()
    failed = [line for line in out.splitlines() if line.startswith("✗")]
    assert len(failed) + error.count("\n") == 1
    assert "Traceback" not in out + error
    told = failed[0] if failed else error.strip()
    assert told.endswith(".")
    return told


def test_a_good_camera_passes_each_check(fleet_port: int, capsys: pytest.CaptureFixture[str]) -> None:
    status, _ = probe_it(f"rtsp://127.0.0.1:{fleet_port}/cam1", "--json")
    told = json.loads(capsys.readouterr().out)
    assert status == 0
    assert told["well"] is True
    assert {one["check"] for one in told["verdicts"] if one["status"] == "fail"} == set()
    assert {"check", "status", "detail", "remedy"} <= told["verdicts"][0].keys()
    assert told["profiles"] == []


def test_a_wrong_password_is_tried_once_and_never_shown(
    fleet_port: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROBE_CAMERA_PASSWORD", "wrong-one")
    status, took = probe_it(f"rtsp://127.0.0.1:{fleet_port}/cam2", "--user", "admin")
    assert (status, took < 5) == (1, True)
    error = one_sentence(capsys)
    assert "refused the user name or the password" in error
    assert "wrong-one" not in error


def test_the_right_password_inside_the_address_is_taken(fleet_port: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert probe_it(f"rtsp://admin:right@127.0.0.1:{fleet_port}/cam2")[0] == 0
    assert "right" not in capsys.readouterr().out.replace("bright", "")


def test_a_wrong_path_says_where_to_look(fleet_port: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert probe_it(f"rtsp://127.0.0.1:{fleet_port}/nope")[0] == 1
    assert "no such stream" in one_sentence(capsys)


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("file:///etc/passwd", 2),
        ("concat:/etc/passwd|/etc/group", 2),
        ("subfile,,start,0,end,0,,:/etc/passwd", 2),
        ("rtsp://", 2),
        ("rtsp://host:99999/x", 2),
        ("rtsp://192.168.1.1/a\r\nTEARDOWN", 2),
        ("not an address", 2),
        ("rtsp://no-such-host.invalid/1", 1),
        ("rtsp://127.0.0.1:9/1", 1),
        ("http://127.0.0.1:9/1", 1),
    ],
)
def test_an_address_that_leads_nowhere_is_one_sentence(
    url: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    done, took = probe_it(url)
    assert done == status
    assert took < 8
    one_sentence(capsys)


@pytest.mark.parametrize("manner", list(BAD_SERVERS))
def test_a_server_that_misbehaves_is_one_sentence_in_bounded_time(
    manner: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with listening(BAD_SERVERS[manner]) as port:
        status, took = probe_it(f"rtsp://127.0.0.1:{port}/x")
    assert status == 1
    assert took < 15
    one_sentence(capsys)


def test_probing_imports_neither_redis_nor_uvloop_nor_a_service_it_does_not_need() -> None:
    code = (
        "import sys; from probe import cli; cli.main(['camera', 'probe', 'rtsp://127.0.0.1:9/x']);"
        "print(sorted({'redis', 'uvloop', 'aiortc', 'av', 'cv2', 'sqlalchemy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.splitlines()[-1] == "[]"
