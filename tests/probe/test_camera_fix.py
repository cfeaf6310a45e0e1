"""`probe camera fix` from the terminal: a simulated camera really mended and put back, and every wrong use."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from camera_gateway.simulator.clip import moving_bar
from camera_gateway.simulator.onvif.server import OnvifFleet
from camera_gateway.simulator.onvif.state import OnvifCamera
from camera_gateway.simulator.server import SimulatedCamera, SimulatedFleet
from probe import cli

MEND = ["--substream", "h265", "--size", "320x180", "--gop", "1s"]
PASSWORD = "se:cr@t/1"


@contextmanager
def onvif_camera(*faults: str, locked: bool = False) -> Iterator[OnvifFleet]:
    """A camera with a main stream and a substream, on a loop of its own."""
    started, loop = threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()
    found: list[OnvifFleet] = []
    user, password = ("admin", PASSWORD) if locked else (None, "")

    async def serve() -> None:
        clips = [moving_bar(seconds=2.0, width_px=640, height_px=360), moving_bar(seconds=2.0)]
        cameras = [SimulatedCamera(clip=clip, username=user, password=password) for clip in clips]
        async with (
            SimulatedFleet(cameras) as fleet,
            OnvifFleet(fleet, [OnvifCamera(main=0, sub=1, username=user, password=password, faults=faults)]) as onvif,
        ):
            found.append(onvif)
            started.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert started.wait(20)
    try:
        yield found[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


@pytest.fixture(autouse=True)
def _place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PROBE_LANGUAGE", "en")
    monkeypatch.setenv("PROBE_CAMERA_PASSWORD", PASSWORD)
    monkeypatch.delenv("PROBE_DEBUG", raising=False)
    monkeypatch.chdir(tmp_path)


def answer(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    out, error = capsys.readouterr()
    assert PASSWORD not in out + error
    found: dict[str, object] = json.loads(out.splitlines()[-1])
    return found


def test_a_camera_is_mended_and_put_back_by_its_undo_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with onvif_camera(locked=True) as onvif:
        url, now = onvif.url(0), onvif.face(0)
        login = ["--user", "admin", "--json"]
        before = now.streams[1].encoding
        assert cli.main(["camera", "fix", url, *MEND, "--ntp", "10.0.0.9", "--dry-run", *login]) == 0
        planned = answer(capsys)
        assert (planned["outcome"], planned["undo_file"]) == ("planned", None)
        assert (now.streams[1].encoding, now.ntp, list(tmp_path.iterdir())) == (before, None, [])

        assert cli.main(["camera", "fix", url, *MEND, "--ntp", "10.0.0.9", *login]) == 0
        done = answer(capsys)
        assert (done["outcome"], done["changes"]) == ("done", planned["changes"])
        after = now.streams[1].encoding
        assert (after.codec, after.width_px, after.height_px, now.ntp) == ("h265", 320, 180, "10.0.0.9")
        file = tmp_path / str(done["undo_file"])
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert PASSWORD not in file.read_text("utf-8")

        assert cli.main(["camera", "fix", "--undo", str(file), url, *login]) == 0
        assert answer(capsys)["outcome"] == "done"
        assert (now.streams[1].encoding, now.ntp, now.ntp_followed) == (before, None, False)


@pytest.mark.parametrize("fault", ["only-media1", "only-media2"])
def test_before_and_after_stand_in_a_table(fault: str, capsys: pytest.CaptureFixture[str]) -> None:
    with onvif_camera(fault) as onvif:
        assert cli.main(["camera", "fix", onvif.url(0), "--gop", "1s", "--fps", "5"]) == 0
    out = capsys.readouterr().out
    assert "before" in out
    assert "GOP (frames)" in out
    assert "probe camera fix --undo" in out
    assert "H.264+" in out


@pytest.mark.parametrize("fault", ["encoder-ignored", "encoder-refused"])
def test_a_camera_that_does_not_do_it_is_one_with_status_1(fault: str, capsys: pytest.CaptureFixture[str]) -> None:
    with onvif_camera(fault) as onvif:
        before = onvif.face(0).streams[1].encoding
        assert cli.main(["camera", "fix", onvif.url(0), *MEND, "--json"]) == 1
        assert onvif.face(0).streams[1].encoding == before
    told = answer(capsys)
    assert told["outcome"] == "failed"
    assert isinstance(told["problem"], dict)
    assert "{" not in str(told["problem"]["text"])


def test_a_run_that_is_killed_leaves_enough_to_put_it_back(tmp_path: Path) -> None:
    """SIGKILL as soon as the undo file is there: before, in or after the change, nobody knows."""
    with onvif_camera() as onvif:
        now = onvif.face(0)
        before = now.streams[1].encoding
        command = [sys.executable, "-m", "probe.cli", "camera", "fix", onvif.url(0), *MEND, "--ntp", "10.0.0.9"]
        file = tmp_path / "kept.jsonl"
        running = subprocess.Popen([*command, "--undo-file", str(file)], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while not file.exists() and time.monotonic() < deadline:
            time.sleep(0.002)
        time.sleep(0.05)
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
        assert cli.main(["camera", "fix", "--undo", str(file)]) in (0, 2)  # 2: killed before its first whole line
        assert (now.streams[1].encoding, now.ntp) == (before, None)


@pytest.mark.parametrize(
    "arguments",
    [
        [],  # neither a camera nor --all
        ["10.0.0.7"],  # and nothing asked of it
        ["10.0.0.7", "--all", "--fps", "15"],
        ["10.0.0.7", "--size", "640"],
        ["10.0.0.7", "--gop", "50"],  # frames? seconds?
        ["10.0.0.7", "--bitrate", "512"],
        ["10.0.0.7", "--fps", "900"],
        ["10.0.0.7", "--substream", "mjpeg"],
        ["10.0.0.7", "--ntp", "10.0.0.1;reboot"],
        ["10.0.0.7", "--ntp", "$(reboot)"],
        ["--undo", "kept.jsonl"],
        ["--undo", "kept.jsonl", "--fps", "15"],
        ["file:///etc/passwd", "--fps", "15"],
    ],
)
def test_wrong_use_is_status_2_with_a_sentence_and_no_camera_hears_of_it(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["camera", "fix", *arguments]) == 2
    out, error = capsys.readouterr()
    assert error
    assert "Traceback" not in out + error


def test_it_needs_neither_uvloop_nor_redis_nor_aiortc() -> None:
    """A technician's laptop may be Windows."""
    code = (
        "import sys\n"
        "for name in ('uvloop', 'redis', 'aiortc', 'sqlalchemy', 'fcntl', 'resource'): sys.modules[name] = None\n"
        "from probe import cli\n"
        "sys.exit(cli.main(['camera', 'fix', '127.0.0.1:9', '--fps', '15']))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "127.0.0.1" in done.stdout
