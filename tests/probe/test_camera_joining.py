"""Finding and registering devices from the terminal, against a console that answers as ours does and refuses some."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import ClassVar

import pytest

from probe import cli
from probe.camera import joining
from tests.probe.test_camera_commands import CAMERA, Console, serving

DEVICES = [
    {"address": "10.0.0.9", "ip": "10.0.0.9", "name": "IPC", "hardware": "DS-2CD\x1b[2J", "cameras": []},
    {"address": "10.0.0.8", "ip": "10.0.0.8", "name": None, "hardware": None, "cameras": [{"id": "c", "name": "村口"}]},
    {"address": "http://10.0.0.7:8000/onvif/device_service", "ip": "10.0.0.7", "name": "locked", "cameras": []},
]


class Hub(Console):
    """Searches: running at first, then done. Its cameras refuse whoever the test says."""

    search: ClassVar[dict[str, object]] = {}
    busy: ClassVar[int] = 0
    channels: ClassVar[list[str]] = []

    def _answer(self, method: str) -> None:
        path = self.path.partition("?")[0]
        if path.startswith("/api/discoveries"):
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            type(self).asked.append((method, self.path, body))
            running: dict[str, object] = {"id": "search_1", "state": "running", "devices": [], "problem": None}
            return self._send(202, running) if method == "POST" else self._send(200, {**running, **type(self).search})
        if path == "/api/cameras" and method == "POST":
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            type(self).asked.append((method, self.path, body))
            if type(self).busy > 0:
                type(self).busy -= 1
                return self._send(429, {"title": "x", "detail": "太快", "code": "patrol_console.describe_rate"})
            if "locked" in body["name"]:
                return self._send(
                    502, {"title": "x", "detail": "摄像机拒绝了密码", "code": "camera_gateway.login_refused"}
                )
            return self._send(201, {**CAMERA, "name": body["name"], "channels": type(self).channels})
        return super()._answer(method)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    Hub.states, Hub.refusals, Hub.asked, Hub.busy, Hub.channels = [], {}, [], 0, []
    Hub.search = {"state": "done", "devices": DEVICES}
    for name, value in (("LANGUAGE", "zh"), ("PASSWORD", "secret"), ("CAMERA_PASSWORD", "hunter2")):
        monkeypatch.setenv(f"PROBE_{name}", value)
    monkeypatch.setattr(joining, "_ASK_EVERY_S", 0.01)
    monkeypatch.setattr(joining, "_TOO_FAST_S", 0.01)
    with serving(Hub) as url:
        yield ["--url", url, "--as", "admin"]


def posted() -> list[dict[str, object]]:
    bodies = [body for method, path, body in Hub.asked if (method, path) == ("POST", "/api/cameras")]
    return [body for body in bodies if isinstance(body, dict)]


def test_all_that_answer_to_the_login_are_registered_with_a_line_each(
    hub: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Hub.busy = 2
    assert cli.main(["camera", "discover", "--register", "--user", "admin", *hub]) == 1
    said = capsys.readouterr()
    assert "IPC DS-2CD\ufffd[2J" in said.out, "what a device says never steers the terminal"
    lines = said.out.splitlines()
    assert [line[0] for line in lines[:3]] == ["✓", "·", "✗"]
    assert "摄像机拒绝了密码" in lines[2]
    assert "新接入 1 台，已接入过 1 台，未能接入 1 台" in lines[3]
    assert "hunter2" not in said.out + said.err
    assert {(body["username"], body["password"], body["area_id"]) for body in posted()} == {
        ("admin", "hunter2", "area_1")
    }
    assert len(posted()) == 4, "one waited twice; what is registered already is left alone"


def test_each_channel_of_a_recorder_is_a_camera(hub: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    Hub.channels, Hub.search = ["a", "b", "c"], {"state": "done", "devices": DEVICES[:1]}
    assert cli.main(["camera", "discover", "--register", *hub]) == 0
    assert [body.get("channel") for body in posted()] == [None, "b", "c"]
    assert len({str(body["name"]) for body in posted()}) == 3
    assert "3 个通道" in capsys.readouterr().out


def test_registering_is_json_for_programs(hub: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["camera", "discover", "--register", "--json", *hub]) == 1
    told = json.loads(capsys.readouterr().out)["devices"]
    assert [one["outcome"] for one in told] == ["new", "known", "failed"]


def test_what_ended_the_search_is_said_and_is_exit_1(hub: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    Hub.search = {"state": "failed", "devices": DEVICES[:1], "problem": "本机没有可用于查找的网络。"}
    assert cli.main(["camera", "discover", "--register", "--range", "10.0.0.0/24", *hub]) == 1
    said = capsys.readouterr()
    assert "10.0.0.9" in said.out
    assert ("POST", "/api/discoveries", {"range": "10.0.0.0/24"}) in Hub.asked
    assert "没有可用于查找的网络" in said.err


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ("192.168.1.64", "address"),
        ("192.168.1.64:8000", "address"),
        ("http://192.168.1.64/onvif/device_service", "address"),
        ("rtsp://192.168.1.64", "address"),
        ("rtsp://192.168.1.64/Streaming/Channels/102", "url"),
        ("rtsps://192.168.1.64/1", "url"),
    ],
)
def test_add_takes_a_device_by_its_address_and_a_stream_by_its_url(
    hub: list[str], typed: str, field: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["camera", "add", typed, "--wait", "0", *hub]) == 0
    (body,) = posted()
    assert body[field] == typed
    assert {"url", "address"} & body.keys() == {field}
    assert "192.168.1.64" in str(body["name"])
