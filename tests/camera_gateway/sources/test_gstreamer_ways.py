"""Twins of the tests of UDP, TLS, sound and RTCP that meet a server which nobody here wrote: GStreamer of Debian."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from camera_gateway.annexb import annexb
from camera_gateway.simulator.clip import split_annexb
from camera_gateway.sources.rtsp.client import RtspSource
from camera_gateway.sources.rtsp.connection import Timeouts
from hub.addresses import AddressPolicy
from hub.clock import SystemClock
from hub.contracts.camera import Transport
from tests.support.gateway import until
from tests.support.gstreamer import gstreamer_camera, launched_camera, prepared_clip
from tests.support.sound import HearingSink
from tests.support.tls import camera_certificate

pytestmark = [pytest.mark.material, pytest.mark.gstreamer]
PICTURE = (
    "videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=25/1 ! "
    "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=25 ! "
    "rtph264pay name=pay0 pt=96 config-interval=-1"
)
TONE = "audiotestsrc is-live=true wave=sine freq=440 volume=0.5"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepared_clip(tmp_path_factory.mktemp("clip"))


@pytest.fixture(scope="module")
def plain(clip: Path) -> Iterator[str]:
    with gstreamer_camera("--file", str(clip), "--fps", "10") as url:
        yield url


@asynccontextmanager
async def running(url: str, transport: Transport = Transport.TCP) -> AsyncIterator[tuple[RtspSource, HearingSink]]:
    address = await AddressPolicy(allow=["127.0.0.0/8"]).resolve(url)
    timeouts = Timeouts(answer_s=20.0, keep_alive_s=0.5)
    source = RtspSource(address, None, None, SystemClock(), timeouts, transport=transport)
    sink = HearingSink()
    task = asyncio.ensure_future(source.run(sink))
    try:
        yield source, sink
    finally:
        task.cancel()
        await asyncio.wait({task}, timeout=3)
        assert source.handshake.parted


@pytest.mark.parametrize("transport", list(Transport))
async def test_pictures_come_by_either_way_and_the_session_is_kept(plain: str, transport: Transport) -> None:
    async with running(plain, transport) as (source, sink):
        await sink.has(25)
        assert source.counters.lost_packets == source.counters.dropped_units == 0
        assert {late.media_time - early.media_time for early, late in pairwise(sink.units)} == {9000}
        assert source.handshake.kept_alive >= 2


@pytest.mark.parametrize("transport", list(Transport))
@pytest.mark.parametrize(
    ("pipeline", "codec", "decoder"),
    [
        ("audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay name=pay1 pt=8", "pcma", "pcm_alaw"),
        ("audio/x-raw,rate=8000,channels=1 ! mulawenc ! rtppcmupay name=pay1 pt=0", "pcmu", "pcm_mulaw"),
        ("audio/x-raw,rate=16000,channels=1 ! avenc_aac ! aacparse ! rtpmp4gpay name=pay1 pt=97", "aac", "aac"),
    ],
)
async def test_the_tone_that_it_plays_is_heard(pipeline: str, codec: str, decoder: str, transport: Transport) -> None:
    with launched_camera(f"( {PICTURE} {TONE} ! {pipeline} )") as url:
        async with running(url, transport) as (source, sink):
            await sink.hears(40)
            await sink.has(10)
            await until(lambda: source.clock_facts.reports, within_s=20.0)  # the first comes some seconds after PLAY
            facts = source.clock_facts
    (fmt,) = sink.audio_formats
    assert fmt.codec == codec
    assert source.handshake.hears
    steps = {late.media_time - early.media_time for early, late in pairwise(sink.sounds)}
    assert steps == {1024} if codec == "aac" else max(steps) - min(steps) <= 8
    assert abs(facts.offset_s or 60.0) < 1.0
    assert facts.steps == 0
    context = av.AudioCodecContext.create(decoder, "r")
    assert isinstance(context, av.AudioCodecContext)
    context.sample_rate, context.layout = fmt.sample_rate_hz, "mono"
    context.extradata = fmt.config or None
    frames = [frame for unit in sink.sounds for frame in context.decode(av.Packet(unit.data))]
    assert len(frames) >= 38
    whole = 1.0 if codec == "aac" else 32_768
    loudest = max(float(np.abs(frame.to_ndarray()).max()) / whole for frame in frames[5:])
    assert loudest == pytest.approx(0.5, abs=0.1)


async def test_pictures_in_slices_stay_whole_where_sets_are_repeated_before_each() -> None:
    picture = "videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=480,framerate=25/1"
    coder = "x264enc tune=zerolatency threads=4 speed-preset=ultrafast key-int-max=10"
    with launched_camera(f"( {picture} ! {coder} ! rtph264pay name=pay0 pt=96 config-interval=-1 )") as url:
        async with running(url) as (source, sink):
            await sink.has(40)
            assert source.counters.dropped_units == 0
    slices = [[nal for nal in split_annexb(annexb(unit.data)) if nal[0] & 0x1F in (1, 5)] for unit in sink.units]
    assert {len(nals) for nals in slices} == {4}
    context = av.CodecContext.create("h264", "r")
    assert isinstance(context, av.VideoCodecContext)
    shown = [frame for unit in sink.units for frame in context.decode(av.Packet(annexb(unit.data)))]
    shown += context.decode(None)
    assert len(shown) == len(sink.units)
    assert not any(frame.is_corrupt for frame in shown)


async def test_rtsps_with_its_own_certificate(tmp_path: Path) -> None:
    _, shown = camera_certificate(tmp_path)
    with launched_camera(f"( {PICTURE} )", (shown, tmp_path / "camera.key")) as url:
        async with running(url) as (source, sink):
            await sink.has(25)
            assert source.handshake.kept_alive >= 1
