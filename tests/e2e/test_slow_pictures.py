"""A camera of a picture a second or less, through Media Source Extensions of a real browser: no hole, no wait."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from camera_gateway.live.fmp4 import Fragmenter, init_segment
from tests.support.units import format_of, moving_bar, units_of

PLAY = """
async ({ codec, parts }) => {
  const video = document.createElement('video');
  video.muted = true;
  document.body.append(video);
  const media = new MediaSource();
  video.src = URL.createObjectURL(media);
  await new Promise((done) => media.addEventListener('sourceopen', done, { once: true }));
  const buffer = media.addSourceBuffer(`video/mp4; codecs="${codec}"`);
  const said = { shown: [], ranges: [], error: null };
  const painted = (_, frame) => { said.shown.push(frame.mediaTime); video.requestVideoFrameCallback(painted); };
  video.requestVideoFrameCallback(painted);
  for (const part of parts) {
    buffer.appendBuffer(Uint8Array.from(atob(part), (one) => one.charCodeAt(0)));
    await new Promise((done) => buffer.addEventListener('updateend', done, { once: true }));
    said.ranges.push(video.buffered.length);
  }
  media.endOfStream();
  video.playbackRate = 4;
  await video.play();
  await Promise.race([
    new Promise((done) => video.addEventListener('ended', done)),
    new Promise((done) => setTimeout(done, 60_000)),
  ]);
  return { ...said, ended: video.ended, error: video.error?.message ?? null, end: video.buffered.end(0) };
}
"""


@pytest.mark.parametrize("fps", [1.0, 0.5, 0.25])
def test_it_plays_without_a_hole_from_the_first_picture_on(chromium: Browser, tmp_path: Path, fps: float) -> None:
    clip, pictures = moving_bar(seconds=int(8 / fps), fps=fps), 8
    fragmenter, fmt = Fragmenter(), format_of(clip)
    parts = [init_segment(fmt), *(b"".join(fragmenter.fragment(one)) for one in units_of(clip, pictures))]
    (tmp_path / "x.mp4").write_bytes(b"".join(parts))
    asked = ["ffprobe", "-v", "warning", "-count_frames", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0"]
    found = subprocess.run([*asked, str(tmp_path / "x.mp4")], capture_output=True, text=True, check=True)
    assert (found.stdout.strip(), found.stderr) == (str(pictures), "")

    context = chromium.new_context()
    page = context.new_page()
    given = {"codec": fmt.codec_string, "parts": [base64.b64encode(part).decode() for part in parts]}
    said = page.evaluate(PLAY, given)
    context.close()
    assert said["error"] is None
    assert said["ended"]
    assert set(said["ranges"][1:]) == {1}
    assert said["end"] == pictures / fps
    assert len(said["shown"]) >= pictures - 2  # a busy machine paints one less at four times the pace
