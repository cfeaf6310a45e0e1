"""Cameras that send H.265, in a browser that plays none: drawn anew by MSE and by WebRTC, handed through where it is.

The second one says H.264 in its description.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import aiohttp
import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Take
from tests.e2e.test_foreign_camera import ZONE, probe
from tests.support.demo import ROOT, DemoProcess

NAMES = ["机动道口", "误报编码的道口"]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    """One camera of its own; two of ours join."""
    with DemoProcess(tmp_path_factory.mktemp("h265"), "--cameras", "1") as running:
        yield running


@pytest.fixture(scope="module")
def cameras(demo: DemoProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Ids of an H.265 camera, and of one whose description says H.264."""
    command = [sys.executable, "-m", "probe.cli", "sim", "--cameras", "2", "--codec", "h265", "--json"]
    command += ["--fault", "2=misnamed", "--cache", str(tmp_path_factory.mktemp("clips"))]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as simulator:
        try:
            assert simulator.stdout is not None
            urls = [camera["rtsp_url"] for camera in json.loads(simulator.stdout.readline())["cameras"]]
            added = [probe(demo, "add", url, "--name", name, "--json") for url, name in zip(urls, NAMES, strict=True)]
            assert [one.returncode for one in added] == [0, 0], [one.stderr for one in added]
            yield [str(json.loads(one.stdout)["id"]) for one in added]
        finally:
            simulator.terminate()


def test_both_are_joined_known_for_what_they_are_and_photographed(
    demo: DemoProcess, cameras: list[str], tmp_path: Path
) -> None:
    for camera_id, name in zip(cameras, NAMES, strict=True):
        shown = json.loads(probe(demo, "show", name, "--json").stdout)
        assert (shown["id"], shown["state"], shown["facts"]["codec"]) == (camera_id, "online", "h265")
        assert probe(demo, "snapshot", name, "-o", str(tmp_path / "x.jpg")).returncode == 0
        assert (tmp_path / "x.jpg").read_bytes().startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize("which", [0, 1])
def test_it_moves_on_the_wall_by_mse_and_in_focus_by_webrtc(take: Take, cameras: list[str], which: int) -> None:
    page = take("operator")
    pane = page.locator(f"[data-camera-id='{cameras[which]}']")
    expect(pane).to_be_visible(timeout=20_000)
    assert not page.evaluate("() => MediaSource.isTypeSupported('video/mp4; codecs=\"hvc1.1.6.L93.B0\"')")
    frames = "([id, least]) => Number(document.querySelector(`[data-camera-id='${id}'] [data-top=true] video`)"
    frames += "?.dataset.frames ?? 0) > least"
    page.wait_for_function(frames, arg=[cameras[which], 20], timeout=30_000)
    view = pane.get_by_test_id("live-view")
    expect(view).to_have_attribute("data-way", "mse")
    pane.hover()
    expect(pane).to_contain_text("H.264")  # what it plays, not what the camera sends
    pane.dblclick()
    expect(view).to_have_attribute("data-way", "webrtc", timeout=30_000)
    before = page.evaluate("id => Number(document.querySelector(`[data-camera-id='${id}'] video`).dataset.frames)",
                           cameras[which])  # fmt: skip
    page.wait_for_function(frames, arg=[cameras[which], before + 20], timeout=30_000)


def test_a_browser_that_plays_it_is_handed_it_through(demo: DemoProcess, cameras: list[str], tmp_path: Path) -> None:
    operator = demo.sign_in("operator")
    for camera_id in cameras:
        given = operator.http.post(f"/api/cameras/{camera_id}/tickets", json={"purpose": "wall"})
        url = f"{given.json()['mse_url']}&codecs=h264,h265"
        with ThreadPoolExecutor(1) as aside:  # the browser's loop runs in this thread
            codec, data = aside.submit(lambda address: asyncio.run(watched(address, 40)), url).result()
        assert codec.startswith("hvc1.")
        (tmp_path / "x.mp4").write_bytes(data)
        asked = ["ffprobe", "-v", "warning", "-count_frames", "-of", "json", "-show_entries"]
        asked += ["stream=codec_name,codec_tag_string,nb_read_frames", str(tmp_path / "x.mp4")]
        found = subprocess.run(asked, capture_output=True, text=True, check=True)
        assert found.stderr == ""
        (stream,) = json.loads(found.stdout)["streams"]
        assert (stream["codec_name"], stream["codec_tag_string"]) == ("hevc", "hvc1")
        assert int(stream["nb_read_frames"]) == 39


async def watched(url: str, messages: int) -> tuple[str, bytes]:
    """The codec that was told, and the first so many binary messages: the beginning and a frame each."""
    codec, parts = "", []
    async with asyncio.timeout(30), aiohttp.ClientSession() as http, http.ws_connect(url) as socket:
        async for message in socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                told = json.loads(message.data)
                assert told["type"] != "end", told
                codec = codec or told.get("codec", "")
            elif message.type is aiohttp.WSMsgType.BINARY:
                parts.append(message.data)
                if len(parts) == messages:
                    break
    return codec, b"".join(parts)


def test_the_detectors_look_at_it(demo: DemoProcess, cameras: list[str]) -> None:
    technician, officer = demo.sign_in("technician"), demo.sign_in("duty_officer")
    zone = {"zone_id": "z", "name": "全部", "polygon": ZONE}
    rule = {"rule_id": "r", "name": "有动静", "zone_id": "z", "labels": ["person", "motion"], "least_time_s": 1}
    for camera_id in cameras:
        technician.http.put(f"/api/cameras/{camera_id}/zones", json={"zones": [zone]}).raise_for_status()
        technician.http.put(f"/api/cameras/{camera_id}/rules", json={"rules": [rule]}).raise_for_status()
    left, deadline = set(cameras), time.monotonic() + 60
    while left and time.monotonic() < deadline:
        for camera_id in list(left):
            listed = officer.http.get("/api/alerts", params={"camera_id": camera_id}).json()
            if any(item["evidence"] == "ready" for item in listed["items"]):
                left.remove(camera_id)
        time.sleep(0.5)
    assert not left, f"no alert with its evidence; the log ends:\n{demo.tail()}"
