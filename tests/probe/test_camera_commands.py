"""The camera commands against a console that answers as ours does, and against ones that misbehave."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from probe import cli

CAMERA = {
    "id": "cam_1",
    "name": "村口东",
    "area_id": "area_1",
    "area_name": "上坝村",
    "kind": "public",
    "enabled": True,
    "url": "rtsp://192.168.1.64/1",
    "username": "admin",
    "has_password": True,
    "state": "offline",
    "cause": "starting",
    "cause_text_code": None,
    "since": "2026-11-23T00:00:00Z",
    "last_media_at": None,
    "facts": {"codec": "h264", "width_px": 768, "height_px": 432, "frame_rate": 10.0},
    "live": "on",
}

SWEEP = {
    "id": "sweep_1",
    "state": "running",
    "detail": None,
    "total": 3,
    "swept": 0,
    "failed": 0,
    "skipped": 0,
    "began_at": "2026-11-23T00:00:00Z",
    "ended_at": None,
}
UNREACHABLE = {"camera_id": "cam_1", "camera_name": "村口东", "outcome": "failed", "cause": "unreachable"}
PAUSED = {"camera_id": "cam_2", "camera_name": "王家院", "outcome": "skipped", "cause": "no_consent"}


class Console(BaseHTTPRequestHandler):
    """What it answers is set by each test: a list of states that the camera goes through, and refusals by path."""

    states: ClassVar[list[dict[str, object]]] = []
    refusals: ClassVar[dict[str, tuple[int, object]]] = {}
    sweeps: ClassVar[list[dict[str, object]]] = []
    asked: ClassVar[list[tuple[str, str, object]]] = []

    def log_message(self, *args: object) -> None:
        pass

    def _answer(self, method: str) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        path = self.path.partition("?")[0]
        type(self).asked.append((method, self.path, body))
        if path in self.refusals:
            return self._send(*self.refusals[path], kind="application/problem+json")
        if path == "/api/session":
            return self._send(200, {"user": {}, "csrf_token": "t"})
        if method != "GET" and self.headers.get("X-CSRF-Token") != "t":
            return self._send(403, {"title": "no token"})
        if path == "/api/areas":
            return self._send(200, {"items": [{"id": "area_1", "name": "上坝镇", "parent_id": None}], "next": None})
        if path == "/api/cameras" and method == "POST":
            return self._send(201, CAMERA)
        if path == "/api/cameras":
            second = {**CAMERA, "id": "cam_2", "name": "村口西", "state": "online", "cause": "none"}
            if "cursor=2" in self.path:
                return self._send(200, {"items": [second], "next": None})
            return self._send(200, {"items": [CAMERA], "next": "2"})
        if path == "/api/cameras/cam_1" and method == "GET":
            states = type(self).states
            return self._send(200, {**CAMERA, **(states.pop(0) if len(states) > 1 else (states or [{}])[0])})
        if path == "/api/sweeps" or path.startswith("/api/sweeps/"):
            sweeps = type(self).sweeps
            return self._send(202, {**SWEEP, **(sweeps.pop(0) if len(sweeps) > 1 else (sweeps or [{}])[0])})
        if path == "/api/cameras/cam_1/record":
            return self._send(200, {"camera": CAMERA, "repairs": []})
        if path == "/api/cameras/cam_1/snapshot.jpg":
            return self._send(200, b"\xff\xd8\xff\xe0picture")
        if path == "/api/cameras/cam_1/ptz":
            presets = [{"token": "1", "name": "大门"}] if isinstance(body, dict) and body["verb"] == "look" else None
            return self._send(200, {"holder": None, "presets": presets})
        if path == "/api/cameras/cam_1/test":
            verdicts = [
                {"check": "连接", "status": "ok", "detail": "12 ms", "remedy": None},
                {"check": "登录", "status": "fail", "detail": "用户名或密码不对", "remedy": "核对密码"},
            ]
            return self._send(200, {"verdicts": verdicts})
        if method == "PATCH":
            return self._send(200, CAMERA)
        if method == "DELETE":
            return self._send(204, b"")
        return self._send(404, {"title": "?", "detail": "没有"})

    def _send(self, status: int, body: object, kind: str = "application/json") -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_PATCH(self) -> None:
        self._answer("PATCH")

    def do_DELETE(self) -> None:
        self._answer("DELETE")


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    Console.states, Console.refusals, Console.asked, Console.sweeps = [], {}, [], []
    monkeypatch.setenv("PROBE_LANGUAGE", "zh")
    monkeypatch.setenv("PROBE_PASSWORD", "secret")
    with serving(Console) as url:
        yield ["--url", url, "--as", "admin"]


def test_list_follows_the_cursor_and_prints_json_for_programs(
    console: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["camera", "list", "--json", *console]) == 0
    assert [c["id"] for c in json.loads(capsys.readouterr().out)["items"]] == ["cam_1", "cam_2"]
    assert cli.main(["camera", "list", *console]) == 0
    table = capsys.readouterr().out
    assert "村口东" in table
    assert "在线 1 / 2" in table


def test_add_reports_each_step_and_ends_with_the_first_picture(
    console: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Console.states = [{}, {}, {"state": "online", "cause": "none"}]
    assert cli.main(["camera", "add", "rtsp://192.168.1.64/1", "--name", "村口东", *console]) == 0
    said = capsys.readouterr().out
    assert "已登记：村口东" in said
    assert "已收到画面：村口东  H264 768×432 10 fps" in said


def test_add_with_a_wrong_password_says_so_at_once_and_exits_1(
    console: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROBE_CAMERA_PASSWORD", "hunter2")
    Console.states = [{"cause": "login_refused"}]
    assert cli.main(["camera", "add", "rtsp://192.168.1.64/1", "--user", "admin", "--wait", "60", *console]) == 1
    said = capsys.readouterr()
    assert "用户名或密码不对" in said.err
    assert "hunter2" not in said.err + said.out
    posted = next(body for method, path, body in Console.asked if (method, path) == ("POST", "/api/cameras"))
    assert isinstance(posted, dict)
    assert (posted["username"], posted["password"]) == ("admin", "hunter2")


def test_add_waits_a_bounded_time_for_a_camera_that_never_answers(
    console: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Console.states = [{"cause": "unreachable"}]
    assert cli.main(["camera", "add", "rtsp://192.168.1.64/1", "--wait", "0.6", *console]) == 1
    assert "连接不上" in capsys.readouterr().err


def test_a_refusal_is_the_consoles_own_sentence_and_wrong_input_is_status_2(
    console: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Console.refusals = {"/api/cameras": (422, {"title": "x", "detail": "地址协议 file 不能用", "code": "hub.x"})}
    assert cli.main(["camera", "add", "file:///etc/passwd", *console]) == 2
    assert capsys.readouterr().err == "地址协议 file 不能用\n"


def test_test_prints_each_verdict_with_its_remedy_and_exits_1_on_a_failure(
    console: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["camera", "test", "村口东", *console]) == 1
    said = capsys.readouterr().out
    assert "✓ 连接  12 ms" in said
    assert "✗ 登录  用户名或密码不对\n  → 核对密码" in said


def test_show_snapshot_and_remove_find_the_camera_by_its_name(
    console: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "x.jpg"
    assert cli.main(["camera", "show", "村口东", *console]) == 0
    assert cli.main(["camera", "snapshot", "村口东", "-o", str(file), *console]) == 0
    assert file.read_bytes().startswith(b"\xff\xd8\xff")
    assert cli.main(["camera", "remove", "村口东", "--yes", *console]) == 0
    assert ("DELETE", "/api/cameras/cam_1", None) in Console.asked
    capsys.readouterr()
    assert cli.main(["camera", "show", "村口", *console]) == 2  # two have it in their names
    assert "cam_1 cam_2" in capsys.readouterr().err
    assert cli.main(["camera", "show", "nowhere", *console]) == 1


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        (["--watch", "on_request"], {"watch": {"mode": "on_request", "every_min": 10}}),
        (["--every", "30"], {"watch": {"mode": "interval", "every_min": 30}}),
        (["--transport", "udp", "--no-audio"], {"transport": "udp", "audio": False}),
        (["--importance", "red", "--audio"], {"audio": True, "importance": "red"}),
        (["--name", "桥头", "--area", "上坝镇"], {"name": "桥头", "area_id": "area_1"}),
    ],
)
def test_change_sends_what_is_given_and_nothing_else(
    options: list[str], sent: dict[str, object], console: list[str]
) -> None:
    assert cli.main(["camera", "change", "村口东", *options, *console]) == 0
    assert ("PATCH", "/api/cameras/cam_1", sent) in Console.asked
    assert cli.main(["camera", "add", "rtsp://10.0.0.1/1", "--wait", "0", *options, *console]) == 0
    (added,) = [body for method, path, body in Console.asked if (method, path) == ("POST", "/api/cameras")]
    assert isinstance(added, dict)
    assert sent.items() <= added.items()


@pytest.mark.parametrize("options", [[], ["--watch", "continuous", "--every", "5"], ["--every", "0"]])
def test_a_change_that_is_none_is_wrong_use(options: list[str], console: list[str]) -> None:
    assert cli.main(["camera", "change", "村口东", *options, *console]) == 2
    assert not [each for each in Console.asked if each[0] == "PATCH"]


def test_remove_without_yes_outside_a_terminal_removes_nothing(console: list[str]) -> None:
    assert cli.main(["camera", "remove", "村口东", *console]) == 2
    assert not [asked for asked in Console.asked if asked[0] == "DELETE"]


def test_a_console_that_is_not_there_or_not_ours_is_one_sentence(
    console: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["camera", "list", "--url", "http://127.0.0.1:9", "--as", "admin"]) == 1
    assert "连接不上控制台" in capsys.readouterr().err
    Console.refusals = {"/api/cameras": (502, b"<html>")}
    assert cli.main(["camera", "list", *console]) == 1
    assert "502" in capsys.readouterr().err
    Console.refusals = {"/api/cameras": (200, {"hello": 1})}
    assert cli.main(["camera", "list", *console]) == 1
    assert "不是本平台" in capsys.readouterr().err
    Console.refusals = {"/api/cameras": (200, b"not json")}
    assert cli.main(["camera", "list", *console]) == 1
    assert "不是本平台" in capsys.readouterr().err


def test_a_wrong_password_of_the_console_is_its_own_sentence(
    console: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Console.refusals = {"/api/session": (401, {"title": "x", "detail": "用户名或密码不对", "code": "x"})}
    assert cli.main(["camera", "list", *console]) == 1
    assert capsys.readouterr().err == "用户名或密码不对\n"


def said() -> list[object]:
    """What the console was told of the head."""
    return [body["verb"] for _, path, body in Console.asked if path.endswith("/ptz") and isinstance(body, dict)]


def test_a_turn_is_renewed_while_it_lasts_and_ends_with_a_stop(console: list[str]) -> None:
    assert cli.main(["camera", "ptz", "村口东", "left", "--seconds", "0.9", *console]) == 0
    assert said()[:2] == ["move", "move"]
    assert said()[-2:] == ["stop", "release"]
    moves = [body for _, _, body in Console.asked if isinstance(body, dict) and body.get("verb") == "move"]
    assert {(body["pan"], body["tilt"]) for body in moves} == {(-0.5, 0.0)}


def test_a_preset_is_found_by_its_name_and_an_unknown_one_moves_nothing(
    console: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["camera", "ptz", "村口东", "preset", *console]) == 0
    assert "大门" in capsys.readouterr().out
    assert cli.main(["camera", "ptz", "村口东", "preset", "大门", *console]) == 0
    assert said() == ["look", "look", "go", "release"]
    assert cli.main(["camera", "ptz", "村口东", "preset", "后门", *console]) == 2
    assert said()[-1] == "look"


@pytest.mark.parametrize(
    ("arguments", "wish"),
    [
        ([], {"area_id": "area_1"}),
        (["--area", "上坝镇", "--tag", "水边"], {"tag": "水边", "area_id": "area_1"}),
        (["--tag", "水边"], {"tag": "水边"}),
        (["村口东", "cam_1"], {"camera_ids": ["cam_1", "cam_1"]}),
    ],
)
def test_a_sweep_takes_an_area_a_tag_or_cameras_and_ends_well_when_all_gave_pictures(
    console: list[str], capsys: pytest.CaptureFixture[str], arguments: list[str], wish: dict[str, object]
) -> None:
    Console.sweeps = [{}, {"swept": 1}, {"swept": 3, "state": "done", "ended_at": "2026-11-23T00:00:31Z"}]
    assert cli.main(["camera", "sweep", *arguments, *console]) == 0
    assert [body for method, path, body in Console.asked if (method, path) == ("POST", "/api/sweeps")] == [wish]
    assert capsys.readouterr().out == "取到 3 台，失败 0 台，跳过 0 台，共 3 台，用时 31 秒。\n"


def test_a_sweep_lists_those_without_a_picture_with_their_reasons_and_is_not_well(
    console: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    over = {"swept": 1, "failed": 1, "skipped": 1, "state": "done", "ended_at": "2026-11-23T00:00:12Z"}
    cameras = [{**UNREACHABLE, "detail": "camera_gateway.cause_unreachable"}, PAUSED]
    Console.sweeps = [{}, {**over, "cameras": cameras}]
    assert cli.main(["camera", "sweep", *console]) == 1
    out = capsys.readouterr().out
    assert "村口东  连不上摄像机。请检查供电、网络、地址和端口。" in out
    assert "王家院  跳过：" in out
    assert cli.main(["camera", "sweep", "--json", *console]) == 1
    assert json.loads(capsys.readouterr().out)["cameras"] == cameras


def test_a_sweep_that_did_not_finish_says_why_and_one_way_of_naming_is_enough(
    console: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Console.sweeps = [{}, {"state": "stopped", "detail": "patrol_console.sweep_console_gone"}]
    assert cli.main(["camera", "sweep", *console]) == 1
    assert "管理服务中途停止" in capsys.readouterr().out
    Console.sweeps = [{"state": "stopped"}]
    assert cli.main(["camera", "sweep", *console]) == 1
    assert "有人中止了它" in capsys.readouterr().out
    assert cli.main(["camera", "sweep", "村口东", "--tag", "水边", *console]) == 2


def test_who_interrupts_a_sweep_stops_it(console: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("probe.camera.sweeping._follow", interrupted)
    assert cli.main(["camera", "sweep", *console]) == cli.INTERRUPTED
    assert ("POST", "/api/sweeps/sweep_1/stop", {}) in Console.asked
