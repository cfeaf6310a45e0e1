"""`probe camera template | import | export | record` against a console that answers as ours does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from probe import cli
from tests.probe.test_camera_commands import CAMERA, serving
from tests.probe.test_camera_commands import Console as Fake

IMPORT = {
    "id": "import_1",
    "file_name": "c.csv",
    "dry_run": False,
    "state": "running",
    "total": 3,
    "done": 1,
    "counts": {"created": 1, "changed": 0, "unchanged": 0, "refused": 0},
    "unknown_columns": ["备注"],
    "lines": [],
}
DONE = IMPORT | {
    "state": "done",
    "done": 3,
    "counts": {"created": 2, "changed": 0, "unchanged": 0, "refused": 1},
    "lines": [
        {"line": 3, "name": "村口西", "outcome": "refused", "camera_id": None, "code": "x", "reason": "没有区域"}
    ],
}
RECORD = {
    "camera": CAMERA | {"tags": ["重点"], "national_code": "44010200001320000001"},
    "area_path": ["上坝镇", "上坝村"],
    "faults": [{"state": "offline", "cause": "unreachable", "since": "2026-03-02T01:00:00Z", "outage_name": "全村"}],
    "repairs": [
        {"at": "2026-03-02T03:00:00Z", "user_name": "李娟", "kind": "note", "note": "换了网线", "changes": []},
        {
            "at": "2026-03-02T04:00:00Z",
            "user_name": "本机",
            "kind": "fix",
            "changes": [{"setting": "codec", "before": "h265", "after": "h264"}],
        },
    ],
    "examinations": [
        {
            "at": "2026-03-02T02:00:00Z",
            "worst": "fail",
            "verdicts": [{"check": "login", "name": "登录", "status": "fail", "detail": "密码不对"}],
        }
    ],
    "events": [{"at": "2026-03-02T02:30:00Z", "kind": "tamper", "active": True, "topic": "RuleEngine/Tamper"}],
}


class Console(Fake):
    """Takes a form; the import is over when it is asked the third time."""

    forms: ClassVar[list[bytes]] = []
    asked_for_import: ClassVar[int] = 0
    ends: ClassVar[dict[str, object]] = DONE

    def _answer(self, method: str) -> None:
        path = self.path.partition("?")[0]
        if path == "/api/cameras/import":
            type(self).forms.append(self.rfile.read(int(self.headers["Content-Length"])))
            return self._send(202, IMPORT)
        if path == "/api/cameras/imports/import_1":
            type(self).asked_for_import += 1
            return self._send(200, IMPORT if type(self).asked_for_import < 3 else type(self).ends)
        if path.endswith("result.csv"):
            return self._send(200, b"result")
        if path == "/api/cameras/export":
            return self._send(200, b"export")
        if path == "/api/cameras/cam_1/record":
            return self._send(200, RECORD)
        return super()._answer(method)


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    Console.forms, Console.asked_for_import, Console.ends, Console.asked, Console.refusals = [], 0, DONE, [], {}
    monkeypatch.setenv("PROBE_LANGUAGE", "zh")
    monkeypatch.setenv("PROBE_PASSWORD", "secret")
    with serving(Console) as url:
        yield ["--url", url, "--as", "admin"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "c.csv"
    made.write_bytes(b"\xef\xbb\xbfname\r\n")
    return made


def test_a_template_needs_no_hub(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, begins in (("a.xlsx", b"PK"), ("a.csv", b"\xef\xbb\xbf")):
        assert cli.main(["camera", "template", str(tmp_path / name)]) == 0
        assert (tmp_path / name).read_bytes().startswith(begins)
    assert cli.main(["camera", "template", str(tmp_path / "a.doc")]) == 2
    assert cli.main(["camera", "template", str(tmp_path / "none" / "a.csv")]) == 2
    assert "a.doc" in capsys.readouterr().err


def test_an_import_tells_what_became_of_the_rows_and_exits_1_for_one_that_was_refused(
    console: list[str], file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["camera", "import", str(file), "--coordinates", "gcj02", *console]) == 1
    said = capsys.readouterr().out
    assert "新增 2，修改 0，不变 0，拒绝 1" in said
    assert "第 3 行  村口西：没有区域" in said
    assert "备注" in said
    assert file.with_name("c.result.csv").read_bytes() == b"result"
    (form,) = Console.forms
    assert file.read_bytes() in form
    assert b"gcj02" in form
    assert b'filename="c.csv"' in form


def test_a_dry_run_leaves_no_file_unless_it_is_asked_for(console: list[str], file: Path) -> None:
    Console.ends = DONE | {"dry_run": True, "counts": {"created": 3}, "lines": []}
    assert cli.main(["camera", "import", str(file), "--dry-run", *console]) == 0
    assert not file.with_name("c.result.csv").exists()
    Console.asked_for_import = 0
    assert cli.main(["camera", "import", str(file), "--dry-run", "--result", f"{file}.out", *console]) == 0
    assert Path(f"{file}.out").read_bytes() == b"result"


def test_an_import_that_was_stopped_says_to_run_it_again(
    console: list[str], file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Console.ends = DONE | {"state": "stopped"}
    assert cli.main(["camera", "import", str(file), *console]) == 1
    assert "同一个文件再运行一次" in capsys.readouterr().err
    assert cli.main(["camera", "import", f"{file}.none", *console]) == 2


def test_an_import_prints_json_for_programs(console: list[str], file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["camera", "import", str(file), "--json", *console]) == 1
    assert json.loads(capsys.readouterr().out)["lines"][0]["reason"] == "没有区域"


def test_an_export_is_written_as_it_came(console: list[str], tmp_path: Path) -> None:
    assert cli.main(["camera", "export", str(tmp_path / "e.csv"), "--area", "上坝镇", *console]) == 0
    assert (tmp_path / "e.csv").read_bytes() == b"export"


def test_a_record_is_told_in_words(console: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["camera", "record", "cam_1", *console]) == 0
    said = capsys.readouterr().out
    for words in (
        *("上坝镇/上坝村", "44010200001320000001", "重点", "至今", "连接不上", "(全村)", "换了网线"),
        *("编码: h265 → h264", "登录: 密码不对", "遮挡或移动 · 开始"),
    ):
        assert words in said, said
    assert cli.main(["camera", "record", "cam_1", "--json", *console]) == 0
    assert json.loads(capsys.readouterr().out)["repairs"][0]["note"] == "换了网线"


def test_what_is_known_of_a_camera_goes_along_when_it_is_changed(console: list[str]) -> None:
    facts = ["--code", "44010200001320000001", "--longitude", "113.5", "--latitude", "23", "--tag", "a", "--tag", "b"]
    assert cli.main(["camera", "change", "cam_1", *facts, "--recordings", "NVR", *console]) == 0
    (body,) = [body for method, _, body in Console.asked if method == "PATCH"]
    assert body == {
        "national_code": "44010200001320000001",
        "longitude": 113.5,
        "latitude": 23.0,
        "recordings": "NVR",
        "tags": ["a", "b"],
    }
