"""The console as a process: it starts on an empty folder, says the first password once, stops at SIGTERM."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from hub.settings import Settings
from probe import cli


def environment(settings: Settings, folder: Path, port: int) -> dict[str, str]:
    assert settings.redis_url is not None
    assert settings.frames_redis_url is not None
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PROBE_")}
    return kept | {
        "PROBE_DATA_DIR": str(folder),
        "PROBE_CONSOLE__PORT": str(port),
        "PROBE_REDIS_URL": settings.redis_url.get_secret_value(),
        "PROBE_FRAMES_REDIS_URL": settings.frames_redis_url.get_secret_value(),
        "PROBE_REDIS_PREFIX": settings.redis_prefix,
        "PROBE_LANGUAGE": "en",
    }


def run(env: dict[str, str], said: Path, *arguments: str) -> subprocess.Popen[bytes]:
    with said.open("wb") as file:
        return subprocess.Popen([sys.executable, "-m", "probe.cli", *arguments], env=env, stderr=file, stdout=file)


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@pytest.mark.slow
def test_a_console_starts_answers_and_stops_with_a_stream_open(redis_settings: Settings, tmp_path: Path) -> None:
    port, folder = free_port(), tmp_path / "data"
    env = environment(redis_settings, folder, port)
    said = tmp_path / "said"
    process = run(env, said, "console", "run")
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=5) as client:
        deadline = time.monotonic() + 40
        while True:
            try:
                if client.get("/readyz").status_code == 200:
                    break
            except httpx.TransportError:
                pass
            assert process.poll() is None, said.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert client.get("/healthz").json() == {"status": "ok"}
        second = run(env, tmp_path / "second", "console", "run")
        assert second.wait(30) == 2
        assert "Choose another" in (tmp_path / "second").read_text()
        found = re.search(r"password (\S+) \. It is shown this once", said.read_text())
        assert found, said.read_text()
        body = {"username": "admin", "password": found[1]}
        assert client.post("/api/session", json=body).status_code == 200
        with client.stream("GET", "/api/events") as stream:
            assert next(stream.iter_text()).startswith("retry")
            begun = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
            assert time.monotonic() - begun < 5
    for file in folder.rglob("*"):
        assert file.stat().st_mode & 0o077 == 0, file


def test_the_groups_of_the_command_are_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["console", "openapi"]) == 0
    assert '"/api/cameras/{camera_id}"' in capsys.readouterr().out
