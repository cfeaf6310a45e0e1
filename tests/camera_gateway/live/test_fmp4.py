"""Fragmented MP4: its structure, and that a decoder that is not ours plays it."""

from __future__ import annotations

import base64
import io
import struct
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import av
import pytest

from camera_gateway.live.fmp4 import TIMESCALE, Fragmenter, init_segment
from camera_gateway.simulator.clip import Clip, Coding
from camera_gateway.simulator.codec import H265
from camera_gateway.sources.base import AccessUnit
from camera_gateway.sources.rtsp.h264 import H264Depacketiser
from tests.support.clock import FakeClock
from tests.support.rtp import IDR, PPS, SPS, P, rtp
from tests.support.sink import KeepingSink
from tests.support.units import format_of, moving_bar, unit, units_of


@pytest.fixture(scope="module")
def clip() -> Clip:
    return moving_bar(seconds=4)


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        assert size >= 8
        yield name, data[at + 8 : at + size]
        at += size


def times(head: bytes) -> tuple[int, int, int]:
    """Decode time, duration and composition offset of the one frame of a fragment."""
    traf = dict(boxes(dict(boxes(head[:104]))[b"moof"]))[b"traf"]
    parts = dict(boxes(traf))
    (decode,) = struct.unpack(">Q", parts[b"tfdt"][4:])
    duration, _, _, offset = struct.unpack(">IIIi", parts[b"trun"][12:])
    return decode, duration, offset


def muxed(units: list[AccessUnit]) -> list[tuple[int, int, int]]:
    fragmenter = Fragmenter()
    return [times(fragmenter.fragment(one)[0]) for one in units]


def test_another_decoder_plays_every_frame_at_its_time(clip: Clip) -> None:
    fragmenter = Fragmenter()
    fragments = [b"".join(fragmenter.fragment(one)) for one in units_of(clip, 60)]
    with av.open(io.BytesIO(init_segment(format_of(clip)) + b"".join(fragments)), "r") as played:
        stream = played.streams.video[0]
        frames = list(played.decode(stream))
        assert stream.time_base is not None
        seconds = [float((frame.pts or 0) * stream.time_base) for frame in frames]
    assert len(frames) == 60
    assert (frames[0].width, frames[0].height) == (320, 180)
    assert seconds == pytest.approx([n / 10 for n in range(60)], abs=1e-4)


@pytest.mark.parametrize("b_frames", [0, 3])
def test_h265_is_told_by_hvc1_and_plays_every_frame(b_frames: int) -> None:
    clip = moving_bar(seconds=4, coding=Coding(codec=H265, b_frames=b_frames))
    init = init_segment(format_of(clip))
    fragmenter = Fragmenter()
    fragments = [b"".join(fragmenter.fragment(one)) for one in units_of(clip, 40)]
    with av.open(io.BytesIO(init + b"".join(fragments)), "r") as played:
        assert len(list(played.decode(video=0))) == 40
    record = init.split(b"hvcC")[1]
    assert b"hvc1" in init
    assert record[:5] == b"\x01" + clip.sps[3:7]  # the profile and what it is compatible with
    assert (record[6], record[12]) == (0x90, 60)  # constraints, level
    assert record[21] & 3 == 3  # lengths of four bytes
    arrays, at = {}, 23
    for _ in range(record[22]):
        kind, count, size = struct.unpack_from(">BHH", record, at)
        assert count == 1
        arrays[kind] = record[at + 5 : at + 5 + size]
        at += 5 + size
    assert arrays == dict(zip((0x80 | 32, 0x80 | 33, 0x80 | 34), clip.parameter_sets, strict=True))


def test_an_h265_format_without_a_readable_set_has_no_init_segment() -> None:
    clip = moving_bar(seconds=1, coding=Coding(codec=H265))
    for sets in ((), clip.parameter_sets[:1], (b"\x42\x01\x01",)):
        with pytest.raises(ValueError, match="set"):
            init_segment(replace(format_of(clip), parameter_sets=sets))


def test_a_fragment_is_one_moof_of_104_bytes_and_one_mdat_with_the_frame(clip: Clip) -> None:
    first, second = list(units_of(clip, 2))
    fragmenter = Fragmenter()
    head, data = fragmenter.fragment(first)
    assert data is first.data
    assert len(head) == 112
    assert struct.unpack_from(">I4s", head, 0) == (104, b"moof")
    assert struct.unpack_from(">I4s", head, 104) == (len(data) + 8, b"mdat")
    assert head[76:80] == (0x01000F01).to_bytes(4, "big")
    assert fragmenter.fragment(second)[0][96:100] != head[96:100]  # other flags than a keyframe


def test_the_time_line_starts_at_zero_whatever_the_camera_counts() -> None:
    assert muxed([replace_time(unit(0, keyframe=True), 4_294_000_000)])[0][0] == 0


def test_a_frame_that_comes_late_keeps_its_time_and_makes_no_discontinuity() -> None:
    # Frames at 25/s, then one missing for half a second: MSE would drop all to the next keyframe if the decode time
    # stepped by more than two durations.
    units = [unit(n, keyframe=n == 0) for n in range(50)] + [unit(n) for n in range(62, 90)]
    told = muxed(units)
    for (before, duration, _), (after, _, _) in pairwise(told):
        assert 0 < after - before <= 2 * duration
    assert [decode + offset for decode, _, offset in told] == [one.media_time for one in units]
    assert told[-1][2] == 0  # the decode time has caught up


@pytest.mark.parametrize("fps", [1.0, 0.5, 0.25])
def test_a_camera_of_a_picture_a_second_or_less_makes_no_discontinuity(fps: float) -> None:
    step = round(TIMESCALE / fps)
    told = muxed([unit(number, keyframe=True, step=step) for number in range(8)])
    for (before, duration, _), (after, _, _) in pairwise(told):
        assert 0 < after - before <= 2 * duration
    assert [decode + offset for decode, _, offset in told] == [number * step for number in range(8)]


def test_a_frame_that_b_frames_overtake_is_shown_after_them() -> None:
    """Decoded I P B B, shown I B B P: the P waits three frames for its turn."""
    offsets = [3600, 3 * 3600, 0, 0]
    given = [replace(unit(n), presentation_offset=offset) for n, offset in enumerate(offsets)]
    shown = [decode + offset for decode, _, offset in muxed(given)]
    assert shown == [3600, 4 * 3600, 2 * 3600, 3 * 3600]
    assert sorted(range(4), key=shown.__getitem__) == [0, 2, 3, 1]


def test_a_new_connection_continues_one_frame_after_the_last() -> None:
    fragmenter = Fragmenter()
    for n in range(10):
        fragmenter.fragment(unit(n, keyframe=n == 0))
    fragmenter.rejoin()
    after = [times(fragmenter.fragment(replace_time(unit(n, keyframe=n == 0), 77 + n * 3600))[0]) for n in range(3)]
    assert [decode for decode, _, _ in after] == [36_000, 39_600, 43_200]


def test_a_camera_whose_clock_was_set_leaves_no_hole() -> None:
    units = [unit(n, keyframe=n == 0) for n in range(5)]
    units += [replace_time(unit(n, keyframe=n == 0), 500 * TIMESCALE + n * 3600) for n in range(3)]
    assert [decode for decode, _, _ in muxed(units)] == [n * 3600 for n in range(8)]


def test_high_profile_tells_its_chroma_and_depth(clip: Clip) -> None:
    fmt = format_of(clip)
    high = replace(fmt, parameter_sets=(b"\x67\x64\x00\x1f\xac", b"\x68\xee\x3c\x80"))
    avcc = init_segment(high).split(b"avcC")[1]
    assert avcc[:6] == bytes((1, 0x64, 0, 0x1F, 0xFF, 0xE1))
    assert avcc[6 + 2 + 5 + 1 + 2 + 4 :][:4] == bytes((0xFD, 0xF8, 0xF8, 0))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Z2QAM6wVFKAoAPGQ", (0xFC | 1, 0xF8, 0xF8)),  # Reolink, 4:2:0 at 8 bits
        ("Z3oADLbNlBQZ+NhAAAADAEAAAAUDxQplgA==", (0xFC | 2, 0xF8 | 2, 0xF8 | 2)),  # x264, 4:2:2 at 10 bits
        ("Z/QADJGbKCgz8bCAAAADAIAAAAoHihTL", (0xFC | 3, 0xF8, 0xF8)),  # x264, 4:4:4
    ],
)
def test_chroma_and_depth_are_those_of_the_set(text: str, told: tuple[int, int, int]) -> None:
    high = replace(format_of(moving_bar(seconds=1)), parameter_sets=(base64.b64decode(text), b"\x68\xee\x3c\x80"))
    assert tuple(init_segment(high).split(b"avcC")[1].split(b"\x68\xee\x3c\x80")[1][:3]) == told


def test_a_camera_clock_that_is_fast_for_a_day_makes_no_lag_of_ours() -> None:
    """20 ppm fast: true times of receipt, a time line as fast as the camera's and not a tick slower."""

    class Day(FakeClock):
        def pass_(self, seconds: float) -> None:
            self._move_to(self._monotonic + seconds)

    clock, sink, fragmenter = Day(), KeepingSink(), Fragmenter()
    media = H264Depacketiser(sink, clock, payload_type=96, parameter_sets=(SPS, PPS))
    began_us = int(clock.now().timestamp() * 1e6)
    seconds = 24 * 3600
    for number in range(seconds):  # a picture a second, a keyframe a minute
        packet = rtp(number, round(number * TIMESCALE * (1 + 20e-6)), P if number % 60 else IDR, marker=True)
        media.packet(packet, 0, len(packet))
        (one,) = sink.units
        sink.units.clear()
        decode, duration, offset = times(fragmenter.fragment(one)[0])
        assert abs(one.captured_at_us - began_us - number * 1_000_000) <= 2
        assert decode + offset == one.media_time
        assert decode == (one.media_time if number != 1 else 2 * 3600)
        assert duration in ((3600, 90_001, 90_002) if number < 2 else (90_001, 90_002))
        clock.pass_(1.0)
    drift_s = one.media_time / TIMESCALE - (seconds - 1)
    assert drift_s == pytest.approx(20e-6 * seconds, abs=0.001)  # 1.7 s, which the player takes up by its rate


def replace_time(one: AccessUnit, media_time: int) -> AccessUnit:
    return replace(one, media_time=media_time)
