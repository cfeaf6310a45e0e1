"""A technician with nothing but a terminal: found, examined, registered, live, turned, heard of, mended, put back."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from camera_gateway.simulator.clip import Coding, moving_bar
from camera_gateway.simulator.codec import CODECS
from camera_gateway.simulator.onvif.discovery import PORT
from camera_gateway.simulator.onvif.server import OnvifFleet
from camera_gateway.simulator.onvif.state import OnvifCamera
from camera_gateway.simulator.server import SimulatedCamera, SimulatedFleet
from tests.support.demo import ROOT, DemoProcess

pytestmark = pytest.mark.usefixtures("as_it_was")
HOST = "127.0.0.41"
PASSWORD = "pa ss@1#"


@dataclass
class Village:
    """One camera at HOST: a large main stream, and a substream in H.265 that no wall likes."""

    loop: asyncio.AbstractEventLoop
    onvif: OnvifFleet

    def pan(self) -> float:
        return self.onvif.head(0).position.pan

    def fire(self, style: str) -> None:
        self.loop.call_soon_threadsafe(self.onvif.fire, 0, style)


@pytest.fixture
def village() -> Iterator[Village]:
    ready: list[Village] = []
    begun = threading.Event()
    endings: list[asyncio.Event] = []

    async def serve() -> None:
        ending = asyncio.Event()
        endings.append(ending)
        main = moving_bar(seconds=2.0, width_px=1280, height_px=720, fps=25)
        sub = moving_bar(seconds=4.0, width_px=704, height_px=576, fps=25, coding=Coding(codec=CODECS["h265"]))
        cameras = [
            SimulatedCamera(clip=clip, path=path, username="admin", password=PASSWORD)
            for clip, path in ((main, "/main"), (sub, "/sub"))
        ]
        face = OnvifCamera(main=0, sub=1, name="村口", username="admin", password=PASSWORD)
        async with (
            SimulatedFleet(cameras, host=HOST) as fleet,
            OnvifFleet(fleet, [face], host=HOST, discovery_port=PORT) as onvif,
        ):
            ready.append(Village(asyncio.get_running_loop(), onvif))
            begun.set()
            await ending.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="village")
    thread.start()
    try:
        assert begun.wait(60)
        yield ready[0]
    finally:
        if ready:
            ready[0].loop.call_soon_threadsafe(endings[0].set)
        thread.join(10)


def test_from_the_network_to_a_mended_camera(demo: DemoProcess, village: Village, tmp_path: Path) -> None:
    def probe(*words: str, rc: int = 0) -> Any:
        """What `probe camera …` says in JSON; its exit status is `rc`."""
        told = subprocess.run(
            [sys.executable, "-m", "probe.cli", "camera", *words, "--json"],
            cwd=ROOT, capture_output=True, text=True, timeout=120,
            env={**os.environ, "PROBE_CAMERA_PASSWORD": PASSWORD},
        )  # fmt: skip
        assert told.returncode == rc, (words, told.returncode, told.stdout, told.stderr)
        assert PASSWORD not in told.stdout + told.stderr
        return json.loads(told.stdout) if told.stdout.strip() else None

    data = ("--data", str(demo.data_dir))

    found = probe("discover", "--range", HOST)["items"]
    assert [one["ip"] for one in found] == [HOST]
    address = found[0]["xaddr"]

    examined = probe("probe", address, "--user", "admin")
    status = {one["check"]: one["status"] for one in examined["verdicts"]}
    assert (status["onvif_login"], status["ptz"], status["events"]) == ("ok", "ok", "ok")
    assert "fail" not in status.values()
    assert {one["role"] for one in examined["profiles"]} == {"main", "sub"}

    added = probe("add", address, "--name", "村口（终端）", "--user", "admin", *data)
    assert (added["state"], added["name"]) == ("online", "村口（终端）")
    picture = tmp_path / "now.jpg"
    probe("snapshot", added["id"], "-o", str(picture), *data)
    assert picture.read_bytes().startswith(b"\xff\xd8\xff")

    before = village.pan()
    probe("ptz", added["id"], "right", "--seconds", "1", *data)
    assert village.pan() > before

    deadline = time.monotonic() + 30
    while not (events := probe("record", added["id"], *data)["events"]):
        assert time.monotonic() < deadline, "the camera's event was not heard of"
        village.fire("tamper")
        time.sleep(1)
    assert "tamper" in {one["kind"] for one in events}

    wish = ("--substream", "h264", "--size", "640x360", "--fps", "15", "--gop", "2s", "--bitrate", "512k")
    undo = tmp_path / "undo.jsonl"
    mended = probe("fix", address, "--user", "admin", *wish, "--undo-file", str(undo))
    assert mended["outcome"] == "done"
    assert {one["setting"] for one in mended["changes"]} >= {"codec", "size", "frame_rate", "gop", "bit_rate"}
    assert sub_of(probe("probe", address, "--user", "admin")) == ("h264", 640, 360)
    assert PASSWORD not in undo.read_text("utf-8")
    probe("fix", address, "--user", "admin", "--undo", str(undo))
    assert sub_of(probe("probe", address, "--user", "admin")) == ("h265", 704, 576)


def sub_of(examined: Any) -> tuple[str, int, int]:
    """How the substream is encoded."""
    sub = next(one for one in examined["profiles"] if one["role"] == "sub")
    return sub["codec"], sub["width_px"], sub["height_px"]
