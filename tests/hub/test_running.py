"""Announcements of running hubs, private directories, and the health server."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from hub import metrics, running
from hub.errors import HubError
from hub.health import HealthServer
from hub.running import RunningHub
from hub.runtime_dir import private_dir, runtime_dir


@pytest.fixture(autouse=True)
def own_runtime_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    short = tmp_path / "r"
    short.mkdir()
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(short))
    return short


def hub(number: int) -> RunningHub:
    return RunningHub(os.getpid(), f"/data/{number}", f"http://127.0.0.1:{8600 + number}", "http://127.0.0.1:8601")


def test_hubs_are_listed_while_they_run() -> None:
    assert running.find() == []
    with running.announced(hub(1)):
        with running.announced(hub(2)):
            assert running.find() == [hub(1), hub(2)]
        assert running.find() == [hub(1)]
    assert running.find() == []


def test_a_killed_hub_is_listed_no_more_though_its_number_may_live(own_runtime_dir: Path) -> None:
    code = (
        "import os, signal, tempfile\n"
        f"tempfile.gettempdir = lambda: {str(own_runtime_dir)!r}\n"
        "from hub import running\n"
        f"hub = running.RunningHub({os.getpid()}, '/data', 'u', 'g')\n"
        "with running.announced(hub):\n"
        "    print(len(running.find()), flush=True); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert said.stdout.strip() == "1", said.stderr
    assert running.find() == []
    assert not list((runtime_dir() / "running").glob("*.json"))


def test_a_strange_file_among_them_is_passed_over() -> None:
    folder = private_dir(runtime_dir() / "running")
    (folder / "x.json").write_text("{}")
    with running.announced(hub(1)):
        assert running.find() == [hub(1)]


def test_the_directory_is_ours_alone_and_never_followed_through_a_link(tmp_path: Path) -> None:
    made = private_dir(tmp_path / "new")
    assert made.stat().st_mode & 0o777 == 0o700
    made.chmod(0o755)
    assert private_dir(made).stat().st_mode & 0o777 == 0o700
    (tmp_path / "link").symlink_to(made)
    (tmp_path / "file").touch()
    for bad in (tmp_path / "link", tmp_path / "file", Path("/proc/nowhere/x")):
        with pytest.raises(HubError) as caught:
            private_dir(bad)
        assert caught.value.code == "hub.data_dir_unusable"


async def ask(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    try:
        return await reader.read()
    finally:
        writer.close()


async def test_health_answers_what_it_is_asked() -> None:
    ready = False
    metrics.counter("probe_test_total", "A test's", ("kind",)).labels("a").inc(2)

    async def said() -> bool:
        return ready

    async with HealthServer(0, said) as server:
        assert (await ask(server.port, b"GET /healthz HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 200")
        assert (await ask(server.port, b"GET /readyz HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 503")
        ready = True
        assert (await ask(server.port, b"GET /readyz?x=1 HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 200")
        told = await ask(server.port, b"GET /metrics HTTP/1.1\r\n\r\n")
        assert b'probe_test_total{kind="a"} 2.0' in told
        assert b"version=0.0.4" in told
        assert (await ask(server.port, b"GET /etc/passwd HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 404")
        assert (await ask(server.port, b"POST /healthz HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 405")
        assert await ask(server.port, b"x" * 100_000) == b""
        assert (await ask(server.port, b"GET /healthz HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 200")


async def test_a_port_that_is_taken_is_a_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(HubError) as caught:
            await HealthServer(taken.getsockname()[1], lambda: True).start()
    assert caught.value.code == "hub.port_taken"


def test_a_metric_is_made_once() -> None:
    assert metrics.gauge("probe_test_gauge", "x") is metrics.gauge("probe_test_gauge", "x")
    assert metrics.histogram("probe_test_s", "x", (), (1, 2)) is metrics.histogram("probe_test_s", "x")
