"""Sound in a browser: who holds the right hears a camera, by WebRTC (G.711) and by MSE (AAC), and nobody else does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Take
from tests.e2e.test_foreign_camera import probe
from tests.support import gstreamer
from tests.support.demo import DemoProcess

pytestmark = [pytest.mark.gstreamer, pytest.mark.material]
PICTURE = (
    "videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=25/1 ! "
    "x264enc tune=zerolatency sliced-threads=false speed-preset=ultrafast key-int-max=50 ! "
    "rtph264pay name=pay0 pt=96 config-interval=-1"
)
TONE = "audiotestsrc is-live=true wave=sine freq=440 volume=0.5"
SOUNDS = {
    "pcma": "audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay name=pay1 pt=8",
    "aac": "audio/x-raw,rate=16000,channels=1 ! avenc_aac ! aacparse ! rtpmp4gpay name=pay1 pt=97",
}
TONE_HZ = 440
# The strongest frequency that the page's own element plays, over five seconds; and how far it got meanwhile.
LISTEN = """
async () => {
  const video = document.querySelector('video');
  const context = new AudioContext();
  await context.resume();
  const analyser = context.createAnalyser();
  analyser.fftSize = 16384;
  // Chromium gives nothing of an element that plays a stream: then the stream itself is listened to.
  const played = video.srcObject;
  (played ? context.createMediaStreamSource(played) : context.createMediaElementSource(video)).connect(analyser);
  const bins = new Float32Array(analyser.frequencyBinCount);
  const heard = { peaks: [], muted: video.muted, frames: Number(video.dataset.frames), waits: 0 };
  video.addEventListener('waiting', () => { heard.waits += 1; });
  for (let n = 0; n < 10; n += 1) {
    await new Promise((done) => setTimeout(done, 500));
    analyser.getFloatFrequencyData(bins);
    const loudest = bins.indexOf(Math.max(...bins));
    heard.peaks.push({ hz: loudest * context.sampleRate / analyser.fftSize, db: bins[loudest] });
  }
  heard.frames = Number(video.dataset.frames) - heard.frames;
  const ranges = video.buffered;
  heard.behind = ranges.length ? ranges.end(ranges.length - 1) - video.currentTime : null;
  return heard;
}
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    """One of its own: who else looks and listens is not in the way."""
    with DemoProcess(tmp_path_factory.mktemp("sound"), "--cameras", "1") as running:
        yield running


@contextmanager
def hearing_camera(demo: DemoProcess, codec: str, *options: str) -> Iterator[str]:
    """A camera of GStreamer's with this sound, added to the demo; gives its id."""
    reason = gstreamer.lack()
    if reason:
        pytest.skip(reason)
    name = f"有声摄像机 {codec} {' '.join(options)}"
    with gstreamer.launched_camera(f"( {PICTURE} {TONE} ! {SOUNDS[codec]} )") as url:
        added = probe(demo, "add", url, "--name", name, "--json", *options)
        assert added.returncode == 0, added.stderr
        try:
            yield str(json.loads(added.stdout)["id"])
        finally:
            assert probe(demo, "remove", name, "--yes").returncode == 0


def opened(demo: DemoProcess, take: Take, role: str, camera_id: str) -> Page:
    page = take(role)
    page.goto(f"{demo.line.url}/cameras/{camera_id}")
    expect(page.get_by_test_id("live-view").first).to_have_attribute("data-state", "live", timeout=20_000)
    return page


@pytest.mark.parametrize(("codec", "way"), [("pcma", "webrtc"), ("aac", "mse")])
def test_a_duty_officer_hears_the_tone_of_a_camera(demo: DemoProcess, take: Take, codec: str, way: str) -> None:
    with hearing_camera(demo, codec, "--audio") as camera_id:
        page = opened(demo, take, "duty_officer", camera_id)
        assert page.locator("video").first.evaluate("v => v.muted")
        page.get_by_test_id("sound").click(timeout=20_000)
        expect(page.get_by_test_id("sound")).to_have_attribute("aria-pressed", "true")
        expect(page.get_by_test_id("live-view").first).to_have_attribute("data-way", way, timeout=15_000)
        page.wait_for_timeout(2_000)
        heard = page.evaluate(LISTEN)
        print(codec, way, heard)
        assert not heard["muted"]
        assert heard["frames"] > 100  # of 125: the sound does not hold the picture up
        tones = [one for one in heard["peaks"] if abs(one["hz"] - TONE_HZ) <= 15 and one["db"] > -60]
        assert len(tones) >= 8, heard


def test_an_operator_has_no_button_and_no_ticket_to_hear(demo: DemoProcess, take: Take) -> None:
    with hearing_camera(demo, "aac", "--audio") as camera_id:
        page = opened(demo, take, "operator", camera_id)
        officer = opened(demo, take, "duty_officer", camera_id)
        expect(officer.get_by_test_id("sound")).to_be_visible(timeout=20_000)
        expect(page.get_by_test_id("sound")).to_have_count(0)
        for role, expected in (("operator", False), ("duty_officer", True)):
            given = demo.sign_in(role).http.post(
                f"/api/cameras/{camera_id}/tickets", json={"purpose": "wall", "audio": True}
            )
            assert given.json()["audio"] is expected


def test_a_camera_whose_sound_is_off_has_none_for_anybody(demo: DemoProcess, take: Take) -> None:
    with hearing_camera(demo, "aac") as camera_id:
        page = opened(demo, take, "duty_officer", camera_id)
        page.wait_for_timeout(3_000)
        expect(page.get_by_test_id("sound")).to_have_count(0)
        person = demo.sign_in("duty_officer")
        shown = person.get(f"/api/cameras/{camera_id}")
        assert isinstance(shown, dict)
        assert isinstance(shown["facts"], dict)
        assert shown["facts"]["audio_codec"] is None
        given = person.http.post(f"/api/cameras/{camera_id}/tickets", json={"purpose": "wall", "audio": True})
        assert given.json()["audio"] is False
