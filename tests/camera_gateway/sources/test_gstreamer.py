"""Twins of the client's tests that meet a server which nobody here wrote: GStreamer of Debian (material/rtsp)."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from camera_gateway.doctor.checks import OF_STREAM, Check
from camera_gateway.doctor.stream import look
from camera_gateway.sources.base import AccessUnit, VideoFormat
from camera_gateway.sources.rtsp.client import RtspSource
from camera_gateway.sources.rtsp.connection import Timeouts
from hub.addresses import AddressPolicy
from hub.clock import SystemClock
from hub.contracts.verdict import VerdictStatus
from hub.errors import HubError
from tests.support.gstreamer import gstreamer_camera, prepared_clip, video
from tests.support.sink import KeepingSink

pytestmark = [pytest.mark.material, pytest.mark.gstreamer]
ODD_PASSWORD = "p@:s/w?o#r%d"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepared_clip(tmp_path_factory.mktemp("clip"))


@pytest.fixture(scope="module")
def plain(clip: Path) -> Iterator[str]:
    with gstreamer_camera("--file", str(clip), "--fps", "10") as url:
        yield url


@pytest.fixture(scope="module", params=["digest", "basic"])
def guarded(request: pytest.FixtureRequest, clip: Path) -> Iterator[tuple[str, str]]:
    options = ("--user", "admin", "--password", ODD_PASSWORD, "--auth", request.param)
    with gstreamer_camera("--file", str(clip), "--fps", "10", *options) as url:
        yield url, request.param


async def source_of(url: str, username: str | None = None, password: str | None = None, **times: float) -> RtspSource:
    address = await AddressPolicy(allow=["127.0.0.0/8"]).resolve(url)
    return RtspSource(address, username, password, SystemClock(), Timeouts(**times))


@asynccontextmanager
async def running(source: RtspSource) -> AsyncIterator[KeepingSink]:
    sink = KeepingSink()
    task = asyncio.ensure_future(source.run(sink))
    try:
        yield sink
    finally:
        task.cancel()
        await asyncio.wait({task}, timeout=2)
        assert task.done()


async def failure(source: RtspSource) -> str:
    with pytest.raises(HubError) as caught:
        async with asyncio.timeout(20):
            await source.run(KeepingSink())
    return caught.value.code.removeprefix("camera_gateway.")


def decoded_pictures(fmt: VideoFormat, units: list[AccessUnit], directory: Path) -> int:
    """How many pictures FFmpeg makes of the units, without one complaint."""
    assert shutil.which("ffmpeg")
    stream = bytearray()
    for unit in units:
        at = 0
        while at < len(unit.data):
            size = int.from_bytes(unit.data[at : at + 4], "big")
            stream += b"\x00\x00\x00\x01" + unit.data[at + 4 : at + 4 + size]
            at += 4 + size
    file = directory / "units"
    file.write_bytes(stream)
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-f",
        "hevc" if fmt.codec == "h265" else "h264",
        "-i",
        str(file),
        "-f",
        "rawvideo",
        "-pix_fmt",
        "gray",
        "-",
    ]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stderr == b""
    return len(done.stdout) // (fmt.width_px * fmt.height_px)


async def test_pictures_of_gstreamer_come_whole_and_in_time(plain: str, tmp_path: Path) -> None:
    source = await source_of(plain)
    async with running(source) as sink:
        await sink.has(25)
    assert source.counters.lost_packets == source.counters.dropped_units == 0
    fmt = sink.formats[0]
    assert (fmt.width_px, fmt.height_px, fmt.frame_rate) == (768, 432, 10.0)
    times = [unit.media_time for unit in sink.units]
    assert {late - early for early, late in pairwise(times)} == {9000}
    assert decoded_pictures(fmt, sink.units, tmp_path) == len(sink.units)


async def test_digest_and_basic_with_an_awkward_password(guarded: tuple[str, str]) -> None:
    url, kind = guarded
    source = await source_of(url, "admin", ODD_PASSWORD)
    async with running(source) as sink:
        await sink.has(3)
    assert (source.handshake.login or "").lower().startswith(kind)


async def test_a_wrong_password_and_none_are_told_apart(guarded: tuple[str, str]) -> None:
    url, _ = guarded
    assert await failure(await source_of(url, "admin", "wrong")) == "login_refused"
    assert await failure(await source_of(url)) == "login_needed"


async def test_a_wrong_path_is_not_found(plain: str) -> None:
    assert await failure(await source_of(plain.replace("stream1", "nothing"))) == "path_not_found"


async def test_the_session_outlives_keep_alives_and_ends_by_teardown(plain: str) -> None:
    source = await source_of(plain, keep_alive_s=0.2)
    async with running(source) as sink:
        await sink.has(15)
        assert source.handshake.kept_alive >= 3
    assert source.handshake.parted
    again = await source_of(plain)
    async with running(again) as sink:
        await sink.has(3)


async def test_b_frames_keep_their_order_and_the_end_is_noticed(tmp_path: Path) -> None:
    with gstreamer_camera("--file", str(video()), "--once") as url:
        source = await source_of(url, media_s=3.0)
        async with running(source) as sink:
            await sink.has(40)
    times = [unit.media_time for unit in sink.units]
    assert times == sorted(set(times))
    shown = [unit.media_time + unit.presentation_offset for unit in sink.units[6:]]
    assert shown != sorted(shown)
    assert len(set(shown)) == len(shown)
    assert decoded_pictures(sink.formats[0], sink.units, tmp_path) == len(sink.units)


async def test_h265_of_gstreamer_comes_whole_and_in_time(clip: Path, tmp_path: Path) -> None:
    with gstreamer_camera("--file", str(clip), "--fps", "10", "--codec", "h265") as url:
        source = await source_of(url, answer_s=20.0)
        async with running(source) as sink:
            await sink.has(30)
        seen = await look(
            url, policy=AddressPolicy(), clock=SystemClock(), watch_s=1.0, timeouts=Timeouts(answer_s=20.0)
        )
    assert source.counters.lost_packets == source.counters.dropped_units == source.counters.refused_packets == 0
    fmt = sink.formats[0]
    assert (fmt.codec, fmt.width_px, fmt.height_px) == ("h265", 768, 432)
    assert fmt.codec_string.startswith("hvc1.1.6.L")
    times = [unit.media_time for unit in sink.units]
    assert {late - early for early, late in pairwise(times)} == {9000}
    assert decoded_pictures(fmt, sink.units, tmp_path) == len(sink.units)
    found = {finding.check: finding for finding in seen.verdicts()}
    assert found[Check.CODEC].status is VerdictStatus.OK
    assert "H.264" in found[Check.CODEC].detail_text("zh")  # what a browser without H.265 needs


async def test_a_camera_of_another_codec_is_told_so(clip: Path) -> None:
    with gstreamer_camera("--file", str(clip), "--fps", "10", "--codec", "mjpeg") as url:
        assert await failure(await source_of(url, answer_s=20.0)) == "codec_unsupported"


async def test_the_camera_that_is_killed_is_lost(clip: Path) -> None:
    with gstreamer_camera("--file", str(clip), "--fps", "10") as url:
        source = await source_of(url)
        sink = KeepingSink()
        task = asyncio.ensure_future(source.run(sink))
        await sink.has(2)
    with pytest.raises(HubError, match="connection_lost"):
        async with asyncio.timeout(5):
            await task


async def test_the_verdict_on_a_good_camera_has_a_line_for_each_check(guarded: tuple[str, str]) -> None:
    url, kind = guarded
    seen = await look(
        url, "admin", ODD_PASSWORD, policy=AddressPolicy(), clock=SystemClock(), watch_s=3.0, timeouts=Timeouts()
    )
    assert [finding.check for finding in seen.verdicts()] == list(OF_STREAM)
    # Three seconds hold one GOP of two: whether others are as long is not seen.
    expected = {
        Check.LOGIN: VerdictStatus.OK if kind == "digest" else VerdictStatus.WARN,
        Check.SMART_CODEC: VerdictStatus.UNKNOWN,
    }
    odd = [one for one in seen.verdicts() if one.status is not expected.get(Check(one.check), VerdictStatus.OK)]
    assert odd == []
    assert {one.check: one for one in seen.verdicts()}[Check.SIZE].detail_text() == "768×432"
    assert ODD_PASSWORD not in repr(seen.verdicts())
