"""WHEP in a real browser: the picture plays, by one UDP port, with a console's ticket."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import Take
from tests.support.demo import DemoProcess

FRAMES = 100  # the page's own player counts a thousand: test_focus.py
# The smallest player there is: no STUN server, no candidates in the offer, frames counted as they are painted.
PLAY = """
async ({ whepUrl, frames }) => {
  const pc = new RTCPeerConnection({ iceServers: [] });
  const video = document.createElement('video');
  Object.assign(video, { muted: true, autoplay: true, playsInline: true });
  document.body.append(video);
  const said = { states: [], frames: 0, firstMs: null, width: 0 };
  window.whep = { pc, video, said };
  pc.ontrack = (event) => { video.srcObject = event.streams[0] ?? new MediaStream([event.track]); };
  pc.onconnectionstatechange = () => said.states.push(pc.connectionState);
  pc.addTransceiver('video', { direction: 'recvonly' });
  const began = performance.now();
  await pc.setLocalDescription();
  const answer = await fetch(whepUrl, {
    method: 'POST', headers: { 'Content-Type': 'application/sdp' }, body: pc.localDescription.sdp });
  said.status = answer.status;
  said.location = answer.headers.get('Location');
  said.answer = await answer.text();
  if (answer.status !== 201) return said;
  await pc.setRemoteDescription({ type: 'answer', sdp: said.answer });
  await new Promise((done) => {
    const painted = () => {
      said.frames += 1;
      said.firstMs ??= performance.now() - began;
      if (said.frames >= frames) done(); else video.requestVideoFrameCallback(painted);
    };
    video.requestVideoFrameCallback(painted);
    setTimeout(done, 60_000 + frames * 150);
  });
  said.width = video.videoWidth;
  const stats = [...(await pc.getStats()).values()];
  said.inbound = stats.find((one) => one.type === 'inbound-rtp' && one.kind === 'video') ?? null;
  said.transport = stats.find((one) => one.type === 'transport') ?? null;
  return said;
}
"""


def ticket_of(demo: DemoProcess, camera: int = 0) -> dict[str, Any]:
    person = demo.sign_in("operator")
    answer = person.http.post(f"/api/cameras/{demo.line.cameras[camera].id}/tickets", json={"purpose": "wall"})
    answer.raise_for_status()
    given: dict[str, Any] = answer.json()
    return given


def play(page: Page, demo: DemoProcess, frames: int) -> dict[str, Any]:
    said: dict[str, Any] = page.evaluate(PLAY, {"whepUrl": ticket_of(demo)["whep_url"], "frames": frames})
    return said


@pytest.mark.timeout(300)
def test_frames_are_painted_by_whep(demo: DemoProcess, take: Take) -> None:
    said = play(take("operator"), demo, FRAMES)
    assert said["status"] == 201, said
    print({key: said[key] for key in ("firstMs", "states", "width", "transport")}, said["inbound"])
    assert said["frames"] >= FRAMES, said
    assert said["inbound"]["framesDecoded"] >= FRAMES
    assert said["width"] > 0
    assert "connected" in said["states"]


def test_the_page_tells_the_gateway_that_it_leaves(demo: DemoProcess, take: Take) -> None:
    page = take("operator")
    said = play(page, demo, 5)
    ended = page.evaluate(
        "async (url) => (await fetch(url, { method: 'DELETE' })).status", demo.line.gateway_url + said["location"]
    )
    assert ended == 200
    assert httpx.delete(demo.line.gateway_url + said["location"], trust_env=False).status_code == 404
    page.wait_for_function("() => ['disconnected', 'failed', 'closed'].includes(whep.pc.connectionState)")
    print("connection state after the end:", page.evaluate("() => whep.said.states"))
