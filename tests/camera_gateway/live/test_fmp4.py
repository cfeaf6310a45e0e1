"""Fragmented MP4: its structure, and that a decoder that is not ours plays it."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import av
import pytest

from camera_gateway.live.fmp4 import TIMESCALE, Fragmenter, init_segment
from camera_gateway.simulator.clip import Clip
from camera_gateway.sources.base import AccessUnit
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


def replace_time(one: AccessUnit, media_time: int) -> AccessUnit:
    return replace(one, media_time=media_time)
