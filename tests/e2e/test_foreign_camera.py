"""Cameras that nobody here wrote, joined by `probe camera add`: live in Chromium, looked at by the detectors."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Take
from tests.support import gstreamer
from tests.support.demo import ROOT, DemoProcess

pytestmark = [pytest.mark.gstreamer, pytest.mark.material]
ZONE = [[0.05, 0.1], [0.95, 0.1], [0.95, 0.98], [0.05, 0.98]]


def probe(demo: DemoProcess, *arguments: str, password: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PROBE_LANGUAGE": "zh"}
    if password is not None:
        environment["PROBE_CAMERA_PASSWORD"] = password
    return subprocess.run(
        [sys.executable, "-m", "probe.cli", "camera", *arguments, "--data", str(demo.data_dir)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("login", [None, "digest"])
def test_a_gstreamer_camera_is_added_live_and_watched(
    demo: DemoProcess, take: Take, tmp_path_factory: pytest.TempPathFactory, login: str | None
) -> None:
    reason = gstreamer.lack()
    if reason:
        pytest.skip(reason)
    folder = tmp_path_factory.getbasetemp() / "gstreamer"
    folder.mkdir(exist_ok=True)
    options = ["--file", str(gstreamer.prepared_clip(folder)), "--fps", "10"]
    user: list[str] = []
    if login is not None:
        options += ["--user", "admin", "--password", "pa:ss@w/rd", "--auth", login]
        user = ["--user", "admin"]
    name = f"外来摄像机 {login or '无口令'}"
    with gstreamer.gstreamer_camera(*options) as url:
        added = probe(demo, "add", url, "--name", name, "--json", *user, password="pa:ss@w/rd")
        assert added.returncode == 0, added.stderr
        camera = json.loads(added.stdout)
        assert camera["state"] == "online"
        assert camera["facts"]["width_px"] == 768
        page = watched_and_live(demo, take, str(camera["id"]))
        assert probe(demo, "snapshot", name, "-o", str(folder / "x.jpg")).returncode == 0
        assert (folder / "x.jpg").read_bytes().startswith(b"\xff\xd8\xff")
        assert "pa:ss" not in demo.log.read_text("utf-8")
    begin = time.monotonic()  # the camera is gone: within seconds its picture no longer looks live
    expect(page.get_by_test_id("live-view").first).to_have_attribute(
        "data-state", re.compile("stale|offline|connecting"), timeout=8_000
    )
    expect(page.get_by_test_id("veil").first).to_contain_text(re.compile("画面已停|离线|重新连接|连接"))
    print(f"the pane said so {time.monotonic() - begin:.1f} s after the camera went away")
    page.wait_for_timeout(12_000)
    shown = json.loads(probe(demo, "show", name, "--json").stdout)
    assert shown["state"] == "offline"
    assert probe(demo, "remove", name, "--yes").returncode == 0


def watched_and_live(demo: DemoProcess, take: Take, camera_id: str) -> Page:
    technician = demo.sign_in("technician")
    zone = {"zone_id": "z", "name": "全部", "polygon": ZONE}
    rule = {"rule_id": "r", "name": "有人", "zone_id": "z", "labels": ["person", "motion"], "least_time_s": 1}
    assert technician.http.put(f"/api/cameras/{camera_id}/zones", json={"zones": [zone]}).status_code == 200
    assert technician.http.put(f"/api/cameras/{camera_id}/rules", json={"rules": [rule]}).status_code == 200
    page = take("operator")
    page.goto(f"{demo.line.url}/cameras/{camera_id}")
    video = page.locator("video").first
    expect(page.get_by_test_id("live-view").first).to_have_attribute("data-state", "live", timeout=15_000)
    page.wait_for_function("() => Number(document.querySelector('video')?.dataset.frames ?? 0) > 20", timeout=15_000)
    assert video.evaluate("v => v.videoWidth") == 768
    officer = demo.sign_in("duty_officer")
    end = time.monotonic() + 40
    while time.monotonic() < end:
        listed = officer.get(f"/api/alerts?camera_id={camera_id}")
        assert isinstance(listed, dict)
        items = listed["items"]
        assert isinstance(items, list)
        if any(isinstance(item, dict) and item["evidence"] == "ready" for item in items):
            return page
        time.sleep(0.5)
    raise AssertionError(f"nothing was detected on it in 40 s; the log ends:\n{demo.tail()}")


@pytest.mark.parametrize(
    ("url", "status", "part"),
    [
        ("file:///etc/passwd", 2, "file"),
        ("concat:/etc/passwd|/etc/group", 2, "concat"),
        ("rtsp://169.254.169.254/latest", 1, "169.254.169.254"),
        ("rtsp://192.0.2.7:554/x", 1, "addresses.allow"),
        ("rtsp://8.8.8.8/x", 1, "8.8.8.8"),
    ],
)
def test_an_address_that_may_not_be_joined_is_refused_in_one_sentence(
    demo: DemoProcess, url: str, status: int, part: str
) -> None:
    begin = time.monotonic()
    done = probe(demo, "add", url, "--name", "坏地址")
    assert done.returncode == status, done.stdout + done.stderr
    assert part in done.stderr
    assert done.stderr.count("\n") == 1
    assert time.monotonic() - begin < 10
    listed = probe(demo, "list", "--json")
    assert "坏地址" not in listed.stdout


def test_a_wrong_path_on_a_real_server_leaves_the_other_cameras_alone(demo: DemoProcess, tmp_path: Path) -> None:
    url = demo.line.cameras[0].rtsp_url + "/nowhere"
    done = probe(demo, "add", url, "--name", "错路径")
    assert done.returncode == 1
    assert "路径" in done.stderr
    assert probe(demo, "remove", "错路径", "--yes").returncode == 0
    listed = json.loads(probe(demo, "list", "--json").stdout)["items"]
    assert {c["state"] for c in listed if c["id"] in {k.id for k in demo.line.cameras}} == {"online"}
