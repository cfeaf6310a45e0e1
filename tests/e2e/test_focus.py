"""The picture in focus by the page's own player: by WebRTC without a black moment, by MSE where UDP is dropped.

The hub and the browser run in a network namespace of these tests, where a firewall may drop the gateway's UDP port;
without root or nftables they run as everywhere, and what needs a firewall is skipped. `PROBE_E2E_FRAMES` says how many
frames are counted by WebRTC (default: a thousand), `PROBE_E2E_DROPS` how many pages meet the firewall (default: 20),
`PROBE_E2E_CUTS` how often it comes up in mid-play (default: 2).
"""

from __future__ import annotations

import os
import shlex
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import av
import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, Playwright, expect

from tests.e2e.conftest import CHROMIUM, Take, launch
from tests.support.demo import ROOT, DemoProcess
from tests.support.namespace import Namespace, lack, namespace

FRAMES = int(os.environ.get("PROBE_E2E_FRAMES", "1000"))
DROPS = int(os.environ.get("PROBE_E2E_DROPS", "20"))
CUTS = int(os.environ.get("PROBE_E2E_CUTS", "2"))
PICTURE_WITHIN_S = 3.0
LINGER_S = 3.0
NO_MEDIA = "WebRTC 收不到画面（多为防火墙不放行 UDP），已改用 MSE"
WEBRTC_PORT = 5  # so many above the console's; see `probe.demo.environment_of`

# Looks at the picture of the first pane whenever the browser draws: nothing there, or black, is a look that lacks one.
# The film is grey, so a brightness of 24 is black. And the longest time without a new frame.
LOOK_ON = """() => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 16, height: 9 });
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  const seen = { looks: 0, black: 0, longestMs: 0, ways: [] };
  window.seen = seen;
  const view = document.querySelector('[data-testid=pane-0] [data-top=true] [data-testid=live-view]');
  const video = view.querySelector('video');
  let shownAt = performance.now();
  const shown = (now) => {
    seen.longestMs = Math.max(seen.longestMs, now - shownAt);
    shownAt = now;
    video.requestVideoFrameCallback(shown);
  };
  video.requestVideoFrameCallback(shown);
  const look = () => {
    pen.clearRect(0, 0, 16, 9);
    pen.drawImage(view.querySelector('canvas') ?? video, 0, 0, 16, 9); // the last picture, while the next line begins
    const dots = pen.getImageData(0, 0, 16, 9).data;
    let light = 0;
    for (let i = 0; i < dots.length; i += 4) light += (dots[i] + dots[i + 1] + dots[i + 2]) / 3;
    seen.looks += 1;
    if (light / 144 < 24) seen.black += 1;
    const way = view.dataset.way ?? view.dataset.state;
    if (seen.ways.at(-1) !== way) seen.ways.push(way);
    requestAnimationFrame(look);
  };
  look();
}"""
# From the next click (the browser's own time of it) to the first frame that is presented on the camera's page.
TIME_FIRST_FRAME = """() => {
  window.firstS = null;
  document.addEventListener('click', ({ timeStamp }) => {
    const find = () => {
      const video = document.querySelector('[data-testid=camera-page] [data-testid=live-view] video');
      if (!video) return requestAnimationFrame(find);
      video.requestVideoFrameCallback((now) => { window.firstS = (now - timeStamp) / 1000; });
    };
    find();
  }, { capture: true, once: true });
}"""


@pytest.fixture(scope="module")
def network() -> Iterator[Namespace | None]:
    """Where the hub and the browser of these tests run; None: where everything else does."""
    if lack() is not None:
        yield None
        return
    with namespace() as made:
        yield made


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, network: Namespace | None) -> Iterator[DemoProcess]:
    folder = tmp_path_factory.mktemp("focus")
    arguments = ["--cameras", "3", "--clip", str(film(folder / "film.mp4"))]
    prefix = network.prefix if network else ()
    with DemoProcess(
        folder, *arguments, prefix=prefix, PROBE_MATERIAL="", PROBE_OFFLINE="1", PROBE_GATEWAY__LINGER_S=str(LINGER_S)
    ) as running:
        yield running


@pytest.fixture(scope="module")
def chromium(
    playwright: Playwright, network: Namespace | None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    program = CHROMIUM
    if network:
        program = tmp_path_factory.mktemp("chromium") / "chromium"
        program.write_text(f'#!/bin/sh\nexec {shlex.join([*network.prefix, str(CHROMIUM)])} "$@"\n')
        program.chmod(0o700)
    browser = launch(playwright, program)
    yield browser
    browser.close()


@pytest.fixture
def firewall(network: Namespace | None, demo: DemoProcess) -> Iterator[Firewall]:
    if network is None:
        pytest.skip(lack() or "no namespace")
    made = Firewall(network, console_port(demo) + WEBRTC_PORT)
    yield made
    made.down()


class Firewall:
    """Between the browser and the gateway's UDP port; down at first."""

    def __init__(self, network: Namespace, port: int) -> None:
        self._network, self._port, self._up = network, port, False

    def up(self) -> None:
        self._network.drop_udp(self._port)
        self._up = True

    def down(self) -> None:
        if self._up:
            self._network.let_through()
        self._up = False

    def dropped(self) -> int:
        return self._network.dropped()


def film(file: Path) -> Path:
    """Four seconds of grey with a bar that wanders, 25 pictures a second."""
    with av.open(str(file), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for number in range(100):
            picture = np.full((360, 640, 3), 96, np.uint8)
            picture[:, number * 6 : number * 6 + 40] = (40, 200, 240)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode(None))
    return file


def console_port(demo: DemoProcess) -> int:
    return int(demo.line.url.rpartition(":")[2])


def frames(page: Page) -> int:
    shown: int = page.evaluate("() => Number(document.querySelector('[data-top=true] video').dataset.frames ?? 0)")
    return shown


def wall_that_moves(take: Take) -> Page:
    """Four panes, the first with a picture that plays by MSE."""
    page = take("operator")
    expect(page.get_by_test_id("pane-0")).to_have_attribute("data-state", "live", timeout=20_000)
    page.keyboard.press("2")
    page.wait_for_function("() => Number(document.querySelector('[data-top=true] video')?.dataset.frames ?? 0) > 30")
    expect(first_picture(page)).to_have_attribute("data-way", "mse")
    return page


def enlarge_first_pane(page: Page) -> None:
    page.get_by_test_id("pane-0").dblclick(position={"x": 200, "y": 200})


def first_picture(page: Page) -> Locator:
    return page.locator("[data-testid=pane-0] [data-top=true] [data-testid=live-view]")


def seen_since_looking(page: Page) -> dict[str, Any]:
    seen: dict[str, Any] = page.evaluate("() => window.seen")
    return seen


@pytest.mark.timeout(120 + FRAMES / 5)
def test_an_enlarged_pane_goes_over_to_webrtc_without_a_black_moment_and_counts_its_frames(take: Take) -> None:
    page = wall_that_moves(take)
    page.evaluate(LOOK_ON)
    enlarge_first_pane(page)
    expect(first_picture(page)).to_have_attribute("data-way", "webrtc", timeout=10_000)
    before, began = frames(page), time.monotonic()
    page.wait_for_function(
        "least => Number(document.querySelector('[data-top=true] video').dataset.frames) >= least",
        arg=before + FRAMES,
        timeout=60_000 + FRAMES * 150,
    )
    took, seen = time.monotonic() - began, seen_since_looking(page)
    print(f"{FRAMES} frames by WebRTC in {took:.1f} s ({FRAMES / took:.1f} a second); {seen}")
    assert seen["ways"] == ["mse", "webrtc"]
    assert seen["looks"] > 50
    assert seen["black"] == 0, f"{seen['black']} of {seen['looks']} looks found no picture"


def test_where_udp_is_dropped_each_page_has_its_picture_by_mse_within_three_seconds(
    demo: DemoProcess, take: Take, firewall: Firewall
) -> None:
    context = take("operator").context
    firewall.up()
    took: list[float] = []
    for number in range(DROPS):
        page = context.new_page()  # a page of its own: it does not know that WebRTC gave nothing
        page.goto(f"{demo.line.url}/cameras")
        row = page.get_by_test_id(f"camera-row-{demo.line.cameras[number % len(demo.line.cameras)].id}")
        row.wait_for()
        page.evaluate(TIME_FIRST_FRAME)
        row.click()
        page.wait_for_function("() => window.firstS !== null")
        took.append(page.evaluate("() => window.firstS"))
        expect(page.get_by_test_id("live-view")).to_have_attribute("data-way", "mse")
        expect(page.get_by_test_id("fell")).to_have_attribute("title", NO_MEDIA)
        page.close()
    inside = sum(one <= PICTURE_WITHIN_S for one in took)
    print(
        f"UDP dropped ({firewall.dropped()} datagrams): {inside} of {DROPS} pages had their picture by MSE within "
        f"{PICTURE_WITHIN_S:.0f} s of the click; median {statistics.median(took):.2f} s, worst {max(took):.2f} s"
    )
    assert firewall.dropped() >= DROPS, "WebRTC was not even tried"
    assert inside == DROPS, took


def test_a_pane_enlarged_behind_such_a_firewall_plays_on_and_says_why(take: Take, firewall: Firewall) -> None:
    page = wall_that_moves(take)
    firewall.up()
    page.evaluate(LOOK_ON)
    enlarge_first_pane(page)
    expect(page.get_by_test_id("fell")).to_have_attribute("title", NO_MEDIA, timeout=10_000)
    seen = seen_since_looking(page)
    print(f"enlarged with UDP dropped: {seen}")
    assert seen["ways"] == ["mse"]
    assert seen["black"] == 0
    assert seen["longestMs"] < PICTURE_WITHIN_S * 1000


def test_udp_that_is_cut_in_mid_play_is_gone_on_with_by_mse_within_three_seconds(
    demo: DemoProcess, take: Take, firewall: Firewall
) -> None:
    gaps: list[float] = []
    for _ in range(CUTS):
        firewall.down()
        page = wall_that_moves(take)
        enlarge_first_pane(page)
        expect(first_picture(page)).to_have_attribute("data-way", "webrtc", timeout=10_000)
        page.evaluate(LOOK_ON)
        page.wait_for_timeout(1000)
        firewall.up()
        expect(first_picture(page)).to_have_attribute("data-way", "mse", timeout=10_000)
        expect(page.get_by_test_id("fell")).to_have_attribute("title", "WebRTC 中断，已改用 MSE")
        seen = seen_since_looking(page)
        assert seen["black"] == 0, seen
        gaps.append(seen["longestMs"] / 1000)
        page.context.close()
    inside = sum(gap <= PICTURE_WITHIN_S for gap in gaps)
    print(f"cut in mid-play: the picture stood still for {', '.join(f'{gap:.2f}' for gap in gaps)} s")
    assert inside == CUTS, gaps


def test_an_on_request_camera_is_opened_by_its_page_and_closed_when_the_page_is_left(
    demo: DemoProcess, take: Take, network: Namespace | None
) -> None:
    camera = demo.line.cameras[2]
    port = urlsplit(camera.rtsp_url).port
    assert port is not None
    page = take("operator")
    page.goto(f"{demo.line.url}/cameras")  # nobody looks at anything
    change_watch(demo, network, camera.id, "on_request")
    try:
        wait_for(page, lambda: sessions(demo, port) == 2)
        page.goto(f"{demo.line.url}/cameras/{camera.id}")
        expect(page.get_by_test_id("live-view")).to_have_attribute("data-state", "live", timeout=15_000)
        assert sessions(demo, port) == 3
        page.get_by_test_id("rail-cameras").click()
        expect(page.get_by_test_id("live-view")).to_have_count(0)
        left = time.monotonic()
        wait_for(page, lambda: sessions(demo, port) == 2)
        print(f"on request: closed {time.monotonic() - left:.1f} s after its page was left (linger {LINGER_S:.0f} s)")
    finally:
        change_watch(demo, network, camera.id, "continuous")


def sessions(demo: DemoProcess, port: int) -> int:
    """Connections that stand at the simulated cameras' port, in the network of the demo."""
    table = Path(f"/proc/{demo.pid}/net/tcp").read_text().splitlines()[1:]
    rows = [line.split() for line in table]
    return sum(int(row[1].rpartition(":")[2], 16) == port and row[3] == "01" for row in rows)


def change_watch(demo: DemoProcess, network: Namespace | None, camera_id: str, mode: str) -> None:
    command = [sys.executable, "-m", "probe.cli", "camera", "change", camera_id, "--watch", mode]
    prefix = network.prefix if network else ()
    subprocess.run([*prefix, *command, "--data", str(demo.data_dir)], cwd=ROOT, check=True, timeout=60)


def wait_for(page: Page, held: Callable[[], bool], within_s: float = 30.0) -> None:
    begin = time.monotonic()
    while not held():
        assert time.monotonic() - begin < within_s, "it did not come"
        page.wait_for_timeout(100)
