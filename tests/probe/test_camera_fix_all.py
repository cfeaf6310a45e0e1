"""`probe camera fix CAMERA | --all | --undo CAMERA` against a console that answers as ours does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import ClassVar

import pytest

from probe import cli
from tests.probe.test_camera_commands import CAMERA, serving

CHANGE = {"setting": "codec", "before": "h265", "after": "h264", "wanted": None}
DONE = {"outcome": "done", "changes": [CHANGE], "problem": None, "notes": [], "profile_token": "p", "stream_url": "r"}
IGNORED = {
    **DONE,
    "outcome": "failed",
    "changes": [],
    "problem": {"code": "cure.ignored", "params": {"settings": "codec"}},
}


class Console(BaseHTTPRequestHandler):
    """Five cameras; `results` says what becomes of each."""

    results: ClassVar[dict[str, object]] = {}
    asked: ClassVar[list[tuple[str, object]]] = []

    def log_message(self, *args: object) -> None:
        pass

    def _answer(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"null")
        path = self.path.partition("?")[0]
        type(self).asked.append((self.path, body))
        found: object = None
        if path == "/api/session":
            found = {"user": {}, "csrf_token": "t"}
        elif path == "/api/areas":
            found = {"items": [{"id": "area_1", "name": "上坝镇", "parent_id": None}], "next": None}
        elif path == "/api/cameras":
            items = [
                {
                    **CAMERA,
                    "id": f"cam_{n}",
                    "name": f"camera {n}",
                    "tags": ["river"] if n < 3 else [],
                    "enabled": n != 5,
                }
                for n in range(1, 6)
            ]
            found = {"items": items, "next": None}
        elif path.endswith(("/fix", "/fix/undo")):
            found = type(self).results.get(path.split("/")[3], DONE)
        elif path.startswith("/api/cameras/"):
            found = {**CAMERA, "id": path.split("/")[3]}
        status = 200
        if isinstance(found, tuple):
            status, found = found
        content = json.dumps(found).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = _answer  # noqa: N815 - as http.server names them


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    Console.results, Console.asked = {}, []
    monkeypatch.setenv("PROBE_LANGUAGE", "en")
    monkeypatch.setenv("PROBE_PASSWORD", "secret")
    with serving(Console) as url:
        yield ["--url", url, "--as", "admin"]


def fixed() -> list[str]:
    return [path.split("/")[3] for path, _ in Console.asked if path.endswith("/fix")]


def test_one_camera_is_mended_by_the_hub_and_how_to_undo_it_is_said(
    hub: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        cli.main(["camera", "fix", "cam_1", "--substream", "h264", "--size", "640x360", "--ntp", "10.0.0.9", *hub]) == 0
    )
    said = capsys.readouterr().out
    assert "h265" in said
    assert "probe camera fix --undo cam_1" in said
    wanted = {"codec": "h264", "width_px": 640, "height_px": 360, "ntp": "10.0.0.9", "dry_run": False}
    assert Console.asked[-1] == ("/api/cameras/cam_1/fix", wanted)


def test_all_are_mended_but_those_that_are_switched_off(hub: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["camera", "fix", "--all", "--substream", "h264", "--json", *hub]) == 0
    *lines, last = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[0]["id"] == "cam_1"
    assert sorted(fixed()) == ["cam_1", "cam_2", "cam_3", "cam_4"]
    assert last == {"done": 4, "unchanged": 0, "failed": 0, "left": [], "stopped": None}


def test_an_area_and_a_tag_choose(hub: list[str]) -> None:
    assert cli.main(["camera", "fix", "--all", "--area", "上坝镇", "--tag", "river", "--fps", "15", *hub]) == 0
    assert sorted(fixed()) == ["cam_1", "cam_2"]
    assert any("area_id=area_1" in path for path, _ in Console.asked)


def test_it_stops_when_the_second_fails_the_same_way_and_tells_which_were_not_touched(
    hub: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Console.results = {"cam_1": IGNORED, "cam_2": IGNORED}
    assert cli.main(["camera", "fix", "--all", "--substream", "h264", *hub]) == 1
    said = capsys.readouterr().out
    assert fixed() == ["cam_1", "cam_2"]
    assert "A second camera failed the same way" in said
    assert "camera 3 camera 4" in said
    assert "answered OK and did not do it (codec)" in said


def test_a_refusal_of_the_console_is_told_in_its_words(hub: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    problem = {"title": "x", "detail": "Its owner paused it.", "code": "patrol_console.live_no_consent"}
    Console.results = {f"cam_{n}": (409, problem) for n in (1, 2, 3)}
    assert cli.main(["camera", "fix", "--all", "--fps", "15", *hub]) == 1
    assert "Its owner paused it." in capsys.readouterr().out
    assert len(fixed()) == 4, "a household that does not want it stops nobody else"


def test_undo_from_the_record(hub: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["camera", "fix", "--undo", "cam_1", *hub]) == 0
    assert Console.asked[-1] == ("/api/cameras/cam_1/fix/undo", {"dry_run": False})
    assert "put back as it was" in capsys.readouterr().out


@pytest.mark.parametrize("more", [[], ["--tag", "none"]])
def test_no_camera_that_fits_is_said(more: list[str], hub: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    status = cli.main(["camera", "fix", "--all", "--fps", "15", *more, *hub])
    assert (status, bool(fixed())) == ((1, False) if more else (0, True))
    assert ("No camera fits" in capsys.readouterr().err) is bool(more)
