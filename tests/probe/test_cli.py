"""The command's frame: quick help, one sentence for each failure, exit status 0, 1 and 2."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from hub import i18n
from hub.errors import ErrorKind, HubError
from probe import cli


@pytest.fixture(autouse=True)
def _in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROBE_LANGUAGE", "zh")
    monkeypatch.delenv("PROBE_DEBUG", raising=False)


def test_help_names_each_command_in_the_chosen_language(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--lang", "en", "--help"]) == 0
    english = capsys.readouterr().out
    assert cli.main(["--lang=zh", "--help"]) == 0
    chinese = capsys.readouterr().out
    assert "simulated cameras" in english
    assert "模拟摄像机" in chinese
    assert all(f"  {name} " in english and f"  {name} " in chinese for name in cli.COMMANDS)


def test_help_imports_no_service_and_is_quick() -> None:
    code = (
        "import sys; from probe import cli; cli.main(['--help']);"
        "heavy = {'redis', 'aiohttp', 'cv2', 'sqlalchemy', 'fastapi', 'uvloop', 'typer', 'openvino', 'av'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    begin = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=20)
    assert done.stdout.splitlines()[-1] == "[]"
    assert time.monotonic() - begin < 3  # 0.15 s alone on the machine; the tests may share it


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["fly"], "没有命令“fly”"),
        (["--fly"], "没有选项 --fly"),
        (["--lang", "fr", "doctor"], "--lang"),
        (["doctor", "--lang"], "--lang"),
        ([], ""),
    ],
)
def test_wrong_use_is_one_sentence_and_status_2(
    arguments: list[str], part: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments) == 2
    error = capsys.readouterr().err
    assert part in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    ("kind", "status"), [(ErrorKind.INVALID, 2), (ErrorKind.UNREACHABLE, 1), (ErrorKind.BROKEN, 1)]
)
def test_a_hub_error_is_its_sentence_in_the_language_and_never_a_trace(
    kind: ErrorKind, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(name: str, arguments: list[str]) -> int:
        raise HubError(kind, "probe.no_such_option", option="--x")

    monkeypatch.setattr(cli, "_dispatch", fail)
    assert cli.main(["doctor", "--lang", "en"]) == status
    assert capsys.readouterr().err == "There is no option --x. See probe --help.\n"


def test_a_fault_of_our_own_is_a_sentence_too_unless_debug_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(name: str, arguments: list[str]) -> int:
        raise ZeroDivisionError("1/0")

    monkeypatch.setattr(cli, "_dispatch", fail)
    assert cli.main(["doctor"]) == 1
    assert "ZeroDivisionError" in capsys.readouterr().err
    monkeypatch.setenv("PROBE_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        cli.main(["doctor"])


def test_json_before_the_command_reaches_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []

    def record(name: str, arguments: list[str]) -> int:
        seen.append([name, *arguments])
        return 0

    monkeypatch.setattr(cli, "_dispatch", record)
    assert cli.main(["--json", "camera", "list"]) == 0
    assert seen == [["camera", "list", "--json"]]


def test_both_languages_have_the_same_sentences() -> None:
    assert i18n.catalogue("zh", "probe").keys() == i18n.catalogue("en", "probe").keys()
