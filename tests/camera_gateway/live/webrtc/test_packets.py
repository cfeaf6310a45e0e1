"""Payloads put together again are the access unit; sizes are those that the kernel and a narrow network take."""

from __future__ import annotations

import random

import pytest

from camera_gateway.live.webrtc.packets import PAYLOAD_BYTES, RUN_PACKETS, Frame, audio_frame, video_frame
from camera_gateway.sources.base import AccessUnit

SETS_264 = [b"\x67\x4d\x40\x1f" + bytes(8), b"\x68\xee\x3c\x80"]
SETS_265 = [b"\x40\x01" + bytes(20), b"\x42\x01" + bytes(30), b"\x44\x01" + bytes(6)]


def unit_of(nals: list[bytes], keyframe: bool = False) -> AccessUnit:
    return AccessUnit(1, 0, keyframe, b"".join(len(nal).to_bytes(4, "big") + nal for nal in nals))


def body(first: bytes, size: int) -> bytes:
    return first + random.Random(size).randbytes(size)


def payloads(frame: Frame) -> list[bytes]:
    return [frame.payload(index) for index in range(frame.packets)]


def joined_264(frame: Frame) -> list[bytes]:
    """RFC 6184 read back."""
    nals: list[bytes] = []
    for payload in payloads(frame):
        kind = payload[0] & 31
        if kind == 24:
            nals += _aggregated(payload[1:])
        elif kind == 28:
            if payload[1] & 0x80:
                nals.append(bytes((payload[0] & 0xE0 | payload[1] & 31,)))
            nals[-1] += payload[2:]
        else:
            nals.append(payload)
    return nals


def joined_265(frame: Frame) -> list[bytes]:
    """RFC 7798 read back."""
    nals: list[bytes] = []
    for payload in payloads(frame):
        kind = payload[0] >> 1 & 63
        if kind == 48:
            nals += _aggregated(payload[2:])
        elif kind == 49:
            if payload[2] & 0x80:
                nals.append(bytes((payload[0] & 0x81 | (payload[2] & 63) << 1, payload[1])))
            nals[-1] += payload[3:]
        else:
            nals.append(payload)
    return nals


def _aggregated(data: bytes) -> list[bytes]:
    nals = []
    while data:
        size = int.from_bytes(data[:2], "big")
        nals.append(data[2 : 2 + size])
        data = data[2 + size :]
    return nals


@pytest.mark.parametrize(
    ("nals", "left_out"),
    [
        ([body(b"\x41", 100)], 0),
        ([*SETS_264, body(b"\x65", 50_000)], 0),  # more than one run
        ([*SETS_264, body(b"\x65", PAYLOAD_BYTES - 1)], 0),  # just a single packet
        ([*SETS_264, body(b"\x65", PAYLOAD_BYTES)], 0),  # just not
        ([body(b"\x41", 2 * (PAYLOAD_BYTES - 2))], 0),  # the last fragment is full
        ([b"\x09\xf0\x80", b"\x06\x05\x10" + bytes(16), body(b"\x41", 3000)], 2),  # delimiter and SEI
        ([body(b"\x41", 900), body(b"\x41", 2500), body(b"\x41", 10)], 0),  # slices
        ([b"\x67" + bytes(900), b"\x68" + bytes(900), body(b"\x65", 20)], 0),  # sets too large for one packet
    ],
)
def test_h264_joined_again_is_what_it_was(nals: list[bytes], left_out: int) -> None:
    frame = video_frame(unit_of(nals), "h264", 0)
    assert joined_264(frame) == nals[left_out:]
    _sizes_hold(frame)


@pytest.mark.parametrize(
    ("nals", "left_out"),
    [
        ([*SETS_265, body(b"\x26\x01", 30_000)], 0),
        ([body(b"\x02\x01", 800)], 0),
        ([b"\x46\x01\x50", body(b"\x02\x03", 5000)], 1),  # delimiter; another temporal layer
    ],
)
def test_h265_joined_again_is_what_it_was(nals: list[bytes], left_out: int) -> None:
    frame = video_frame(unit_of(nals), "h265", 0)
    assert joined_265(frame) == nals[left_out:]
    _sizes_hold(frame)


def _sizes_hold(frame: Frame) -> None:
    assert frame.packets == sum(run.count for run in frame.runs)
    assert frame.payload_bytes == sum(map(len, payloads(frame)))
    for run in frame.runs:
        sizes = [len(run.payload(index)) for index in range(run.count)]
        assert run.count <= RUN_PACKETS
        assert max(sizes) <= PAYLOAD_BYTES
        assert len(set(sizes[:-1])) <= 1
        assert sizes[-1] <= sizes[0]
    with pytest.raises(IndexError):
        frame.payload(frame.packets)


def test_parameter_sets_travel_apart_so_that_a_run_stays_equal() -> None:
    frame = video_frame(unit_of([*SETS_264, body(b"\x65", 10_000)], keyframe=True), "h264", 0)
    assert [run.count for run in frame.runs] == [1, 9]
    assert frame.payload(0)[0] & 31 == 24


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\x00",
        b"\x00\x00\x00\x00",
        b"\xff\xff\xff\xff\x41",  # longer than it is
        b"\x00\x00\x00\x01\x41",  # of one byte
        b"\x00\x00\x00\x05\x41\x9a",
    ],
)
def test_a_broken_unit_gives_no_packet_longer_than_it_is(data: bytes) -> None:
    for codec in ("h264", "h265"):
        frame = video_frame(AccessUnit(1, 0, False, data), codec, 0)
        assert frame.payload_bytes <= len(data)


@pytest.mark.parametrize("tag", [10, 16])
def test_a_template_has_room_for_header_and_tag_around_each_payload(tag: int) -> None:
    (run,) = video_frame(unit_of([body(b"\x41", 3000)]), "h264", 0).runs
    template = run.template(tag)
    stride = 12 + run.size + tag
    for index in range(run.count):
        payload = run.payload(index)
        assert template[index * stride + 12 : index * stride + 12 + len(payload)] == payload
    assert len(template) == 2 * stride + 12 + run.last + tag


def test_sound_is_passed_as_it_came() -> None:
    frame = audio_frame("pcma", 160, 1, bytes(range(160)))
    assert payloads(frame) == [bytes(range(160))]
