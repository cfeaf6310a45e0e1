"""A thousand fragments of each temper of camera, pulled over RTSP and read by FFmpeg, which must find nothing to say.

Each file holds what a browser is sent: an init segment, then one frame a fragment. The simulator plays forty times as
fast as its RTP times say; its twin is GStreamer, at a speed that it can hold.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from camera_gateway.live.fmp4 import Fragmenter, init_segment
from camera_gateway.simulator.clip import Clip, Coding, moving_bar
from camera_gateway.simulator.codec import H264, H265
from camera_gateway.simulator.server import SimulatedCamera, SimulatedFleet
from camera_gateway.sources.base import AccessUnit, VideoFormat
from camera_gateway.sources.rtsp.client import RtspSource
from camera_gateway.sources.rtsp.connection import Timeouts
from hub.addresses import AddressPolicy
from hub.clock import SystemClock
from tests.support.gstreamer import gstreamer_camera, prepared_clip

pytestmark = pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe is not installed")
FRAGMENTS = 1000
PACE = 40.0


class Recording:
    """A sink that writes what a viewer would be sent; a new init segment begins a new file."""

    def __init__(self, folder: Path, fragments: int) -> None:
        self.files: list[Path] = []
        self.formats: list[VideoFormat] = []
        self.whole = asyncio.Event()
        self._folder = folder
        self._left = fragments
        self._fragmenter = Fragmenter()
        self._written = bytearray()

    def on_format(self, fmt: VideoFormat) -> None:
        self.close()
        self.formats.append(fmt)
        self.files.append(self._folder / f"{len(self.files)}.mp4")
        self._written += init_segment(fmt)

    def on_unit(self, unit: AccessUnit) -> None:
        if self._left:
            self._left -= 1
            self._written += b"".join(self._fragmenter.fragment(unit))
        else:
            self.whole.set()

    def close(self) -> None:
        """Write the file that is open."""
        if self._written:
            self.files[-1].write_bytes(self._written)
            self._written.clear()


async def recorded(url: str, folder: Path, fragments: int, limit_s: float) -> Recording:
    """So many fragments of the camera at `url`; nothing may be lost on the way."""
    address = await AddressPolicy(allow=["127.0.0.0/8"]).resolve(url)
    source = RtspSource(address, None, None, SystemClock(), Timeouts(answer_s=20.0))
    sink = Recording(folder, fragments)
    task = asyncio.ensure_future(source.run(sink))
    whole = asyncio.ensure_future(sink.whole.wait())
    try:
        async with asyncio.timeout(limit_s):
            await asyncio.wait({task, whole}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
    finally:
        whole.cancel()
        task.cancel()
        await asyncio.wait({task}, timeout=2)
    assert source.counters.lost_packets == source.counters.refused_packets == 0
    sink.close()
    return sink


@dataclass(frozen=True)
class Packets:
    """What FFmpeg reads from a file."""

    decoding: list[int]
    showing: list[int]


def read(file: Path) -> Packets:
    """All packets, without one warning; decoded, without one error."""
    command = ["ffprobe", "-v", "warning", "-show_packets", "-show_entries", "packet=pts,dts", "-of", "json", str(file)]
    probed = subprocess.run(command, capture_output=True, check=True)
    assert probed.stderr == b""
    packets = json.loads(probed.stdout)["packets"]
    keeping = ["-fps_mode", "passthrough", "-enc_time_base", "-1", "-f", "null", "-"]  # no time of its own
    decoded = subprocess.run(["ffmpeg", "-v", "warning", "-i", str(file), *keeping], capture_output=True, check=True)
    assert decoded.stderr == b""
    return Packets([one["dts"] for one in packets], [one["pts"] for one in packets])


def video_of(file: Path) -> tuple[int, int, str]:
    """Width, height and sample entry as FFmpeg reads them."""
    command = ["ffprobe", "-v", "warning", "-show_entries", "stream=width,height,codec_tag_string", "-of", "json"]
    (stream,) = json.loads(subprocess.run([*command, str(file)], capture_output=True, check=True).stdout)["streams"]
    return stream["width"], stream["height"], stream["codec_tag_string"]


def assert_plays(recording: Recording, fragments: int, *, files: int = 1) -> list[Packets]:
    found = [read(file) for file in recording.files]
    assert len(found) == files
    assert sum(len(one.decoding) for one in found) == fragments
    for one in found:
        assert all(early < late for early, late in pairwise(one.decoding))
        assert len(set(one.showing)) == len(one.showing)
    return found


def bar(fps: float = 10.0, b_frames: int = 0, codec: str = "h264") -> Clip:
    coding = Coding(codec=H265 if codec == "h265" else H264, b_frames=b_frames)
    return moving_bar(seconds=80 / fps, width_px=192, height_px=108, fps=fps, coding=coding)


@pytest.mark.parametrize("codec", ["h264", "h265"])
@pytest.mark.parametrize(
    ("b_frames", "faults", "fps"),
    [
        pytest.param(0, (), 10.0, id="10 fps"),
        pytest.param(3, (), 25.0, id="B-frames"),
        pytest.param(0, ("time-wrap:30",), 10.0, id="wrap"),
        pytest.param(2, ("time-wrap:30",), 25.0, id="wrap among B-frames"),
        pytest.param(0, ("time-jump:30",), 10.0, id="time falls back by an hour"),
    ],
)
async def test_a_thousand_fragments_are_read_without_a_warning(
    codec: str, b_frames: int, faults: tuple[str, ...], fps: float, tmp_path: Path
) -> None:
    camera = SimulatedCamera(clip=bar(fps, b_frames, codec), faults=faults)
    async with SimulatedFleet([camera], pace=PACE * 10 / fps) as fleet:
        recording = await recorded(fleet.url(0), tmp_path, FRAGMENTS, 60)
    (packets,) = assert_plays(recording, FRAGMENTS)
    assert recording.formats[0].codec == codec
    step = 90_000 / fps
    if b_frames:
        assert packets.showing != sorted(packets.showing)
        assert {late - early for early, late in pairwise(sorted(packets.showing)[:-4])} == {step}
    elif "time-jump:30" not in faults:
        assert {late - early for early, late in pairwise(packets.showing)} == {step}


@pytest.mark.parametrize("codec", ["h264", "h265"])
async def test_a_size_that_changes_in_mid_stream_begins_a_file_of_its_own(codec: str, tmp_path: Path) -> None:
    camera = SimulatedCamera(clip=bar(codec=codec), faults=("sps-change:20",))
    async with SimulatedFleet([camera], pace=PACE) as fleet:
        recording = await recorded(fleet.url(0), tmp_path, FRAGMENTS, 60)
    assert [(fmt.width_px, fmt.height_px) for fmt in recording.formats] == [(192, 108), (96, 54)]
    before, after = assert_plays(recording, FRAGMENTS, files=2)
    assert after.decoding[0] - before.decoding[-1] == 9000
    tag = "hvc1" if codec == "h265" else "avc1"
    assert [video_of(file) for file in recording.files] == [(192, 108, tag), (96, 54, tag)]


@pytest.mark.material
@pytest.mark.gstreamer
@pytest.mark.slow
@pytest.mark.parametrize(("codec", "fps", "fragments"), [("h264", 100, FRAGMENTS), ("h265", 50, 400)])
async def test_fragments_of_gstreamer_are_read_without_a_warning(
    codec: str, fps: int, fragments: int, tmp_path: Path
) -> None:
    clip = prepared_clip(tmp_path, fps)
    with gstreamer_camera("--file", str(clip), "--fps", str(fps), "--codec", codec) as url:
        recording = await recorded(url, tmp_path, fragments, 90)
    assert_plays(recording, fragments)
    assert recording.formats[0].codec == codec
