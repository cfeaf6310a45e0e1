"""Cameras that speak H.265 and send B-frames: what FFmpeg, which nobody here wrote, makes of them."""

from __future__ import annotations

import asyncio
import json
import shutil
from itertools import pairwise
from pathlib import Path

import av
import pytest

from camera_gateway.simulator.clip import Clip, Coding, decode, from_file, frozen, keep, load, moving_bar
from camera_gateway.simulator.codec import CODECS, H265, Codec
from camera_gateway.simulator.places import places_for
from camera_gateway.simulator.server import SimulatedCamera, SimulatedFleet
from tests.support.rtsp_talk import Talk

CODINGS = [pytest.param(Coding(codec=c, b_frames=b), id=f"{c.name}-{b}") for c in CODECS.values() for b in (0, 3)]


@pytest.mark.parametrize("coding", CODINGS)
def test_a_loop_is_closed_and_each_picture_is_shown_once(coding: Coding) -> None:
    clip = moving_bar(coding=coding)
    assert clip.keyframes == (0, 20)
    shown = [place + picture.later for place, picture in enumerate(clip.pictures)]
    assert sorted(shown) == list(range(40))
    assert (shown == sorted(shown)) == (not coding.b_frames)
    for start, end in pairwise((*clip.keyframes, 40)):
        assert len(decode(clip.pictures[start:end], clip.codec)) == end - start
    assert len(clip.parameter_sets) == len(clip.codec.sets)


@pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS)
def test_fragments_join_to_the_nal_unit_they_were(codec: Codec) -> None:
    head = b"\x65" if codec.header_bytes == 1 else b"\x26\x01"
    for size in (1399, 1400, 1401, 2798, 2799, 5000):
        nal = head + bytes(number % 251 for number in range(size - len(head)))
        pieces = list(codec.payloads([nal]))
        assert all(len(piece) <= 1400 for piece in pieces)
        if len(pieces) > 1:
            marks = [piece[codec.header_bytes] & 0xC0 for piece in pieces]
            assert marks == [0x80, *[0] * (len(pieces) - 2), 0x40]
            assert head + b"".join(piece[codec.header_bytes + 1 :] for piece in pieces) == nal


@pytest.mark.parametrize("coding", CODINGS)
def test_what_is_kept_on_disk_is_the_same_loop(coding: Coding, tmp_path: Path) -> None:
    clip = moving_bar(seconds=1, coding=coding)
    keep(clip, tmp_path, "a" * 40)
    assert load(tmp_path, "a" * 40) == clip


def test_one_file_in_two_codings_is_two_loops(tmp_path: Path) -> None:
    file = tmp_path / "film.mp4"
    with av.open(str(file), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for number in range(10):
            frame = av.VideoFrame(160, 120, "yuv420p")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    for _ in range(2):
        assert from_file(file, tmp_path).codec.name == "h264"
        assert from_file(file, tmp_path, Coding(codec=H265)).codec.name == "h265"
    (place,) = places_for(1, clip=file, light=None, cache=tmp_path, coding=Coding(codec=H265, b_frames=2))
    assert any(picture.later for picture in place.clip.pictures)


def test_a_frozen_picture_stays_in_its_codec() -> None:
    still = frozen(moving_bar(seconds=1, coding=Coding(codec=H265)), 5)
    assert still.codec is H265
    assert len(decode(still.pictures, H265)) == 20


async def test_the_description_of_h265_names_its_three_sets_and_the_media_begins_with_them() -> None:
    clip = moving_bar(seconds=2.0, fps=25.0, coding=Coding(codec=H265))
    async with SimulatedFleet([SimulatedCamera(clip=clip)]) as fleet, Talk(fleet.url(0)) as talk:
        text = (await talk.ask("DESCRIBE", "Accept: application/sdp")).body.decode()
        assert "a=rtpmap:96 H265/90000" in text
        assert all(f"sprop-{name}=" in text for name in ("vps", "sps", "pps"))
        await talk.play()
        assert tuple(packet.payload for packet in await talk.packets(3)) == clip.parameter_sets


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe is not installed")
@pytest.mark.parametrize("coding", CODINGS)
async def test_ffprobe_reads_it_as_any_camera(coding: Coding) -> None:
    clip: Clip = moving_bar(seconds=2.0, fps=25.0, coding=coding)
    async with SimulatedFleet([SimulatedCamera(clip=clip)], pace=4.0) as fleet:
        process = await asyncio.create_subprocess_exec(
            *("ffprobe", "-v", "error", "-rtsp_transport", "tcp", "-read_intervals", "%+#60", "-show_frames"),
            *("-show_entries", "stream=codec_name,width,height,has_b_frames:frame=pts,pict_type", "-of", "json"),
            fleet.url(0),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(60):
            told, complaints = await process.communicate()
    assert complaints == b""
    found = json.loads(told)
    (stream,) = found["streams"]
    name = "hevc" if coding.codec is H265 else "h264"
    assert (stream["codec_name"], stream["width"], stream["height"]) == (name, 320, 180)
    assert (stream["has_b_frames"] > 0) == (coding.b_frames > 0)
    times = [frame["pts"] for frame in found["frames"] if "pts" in frame]
    assert len(times) > 30
    assert {late - early for early, late in pairwise(times[:-4])} == {3600}  # the end is cut in the order of sending
