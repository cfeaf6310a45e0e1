"""Cutting the bytes of a connection: the same packets however they are chunked, an end to everything."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from camera_gateway.sources.rtsp import interleaved as interleaved_module
from camera_gateway.sources.rtsp.h264 import H264Depacketiser
from camera_gateway.sources.rtsp.interleaved import InterleavedProtocol
from camera_gateway.sources.rtsp.message import BODY_MAX_BYTES, HEAD_MAX_BYTES, Message, request
from hub.errors import HubError
from tests.support.clock import FakeClock
from tests.support.rtp import PPS, SPS, interleaved, rtp
from tests.support.rtsp_server import pictures
from tests.support.sink import KeepingSink


class Cut:
    """What came out of a connection."""

    def __init__(self) -> None:
        self.packets: list[bytes] = []
        self.control: list[bytes] = []
        self.messages: list[Message] = []
        self.ends: list[HubError | None] = []
        self.protocol = InterleavedProtocol(self.messages.append, self.ends.append)
        self.protocol.take_media(
            0,
            1,
            lambda data, start, end: self.packets.append(data[start:end]),
            lambda data, start, end: self.control.append(data[start:end]),
        )

    def feed(self, *chunks: bytes) -> Cut:
        for chunk in chunks:
            self.protocol.data_received(chunk)
        return self


PACKETS = [rtp(number, 0, bytes((number,)) * (number * 37 % 300 + 1)) for number in range(12)]
ANSWER = b"RTSP/1.0 200 OK\r\nCSeq: 3\r\nContent-Length: 5\r\n\r\na$b\r\n"
WIRE = (
    b"".join(map(interleaved, PACKETS[:5]))
    + ANSWER
    + interleaved(b"\x80\xc8\x00\x00", 1)
    + b"".join(map(interleaved, PACKETS[5:]))
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, len(WIRE)), max_size=20))
def test_chunks_may_end_anywhere(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(WIRE)]
    found = Cut().feed(*(WIRE[start:end] for start, end in pairwise(places) if end > start))
    assert found.packets == PACKETS
    assert found.control == [b"\x80\xc8\x00\x00"]
    assert [message.body for message in found.messages] == [b"a$b\r\n"]


def test_one_byte_at_a_time_is_the_same() -> None:
    found = Cut().feed(*(bytes((value,)) for value in WIRE))
    assert found.packets == PACKETS


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300).filter(lambda junk: b"$" not in junk and b"RTSP" not in junk), st.integers(1, 11))
def test_after_junk_without_a_mark_every_later_packet_is_found(junk: bytes, place: int) -> None:
    wire = b"".join(map(interleaved, PACKETS[:place])) + junk + b"".join(map(interleaved, PACKETS[place:]))
    found = Cut().feed(b"RTSP/1.0 200 OK\r\n\r\n", wire, bytes(40))
    assert found.packets == PACKETS
    assert found.ends == []


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=400), max_size=12))
def test_any_bytes_end_in_silence_or_in_one_hub_error(chunks: list[bytes]) -> None:
    found = Cut().feed(*chunks)
    assert len(found.ends) <= 1
    assert len(found.protocol._rest) <= 4 + 65_535 + HEAD_MAX_BYTES + BODY_MAX_BYTES


def test_a_head_without_end_is_refused_before_it_fills_the_memory() -> None:
    found = Cut().feed(b"RTSP/1.0 200 OK\r\n", *(b"X-Padding: " + b"y" * 1000 + b"\r\n",) * 100)
    assert [end.code for end in found.ends if end] == ["camera_gateway.answer_too_large"]
    assert not found.protocol._rest


def test_a_length_that_is_no_number_is_no_body() -> None:
    found = Cut().feed(b"RTSP/1.0 200 OK\r\nContent-Length: -5\r\n\r\n" + interleaved(PACKETS[0]))
    assert found.messages[0].body == b""
    assert found.packets == PACKETS[:1]


def test_a_status_that_is_no_number_is_zero() -> None:  # mediamtx#423
    assert Message("RTSP/1.0 0 ", ()).status == 0
    assert Message("RTSP/1.0", ()).status == 0
    assert Message("RTSP/1.0 ²", ()).status == 0


def test_a_folded_header_is_one() -> None:
    found = Cut().feed(b"RTSP/1.0 401 No\r\nWWW-Authenticate: Digest realm=a,\r\n  nonce=b\r\n\r\n")
    assert found.messages[0].all("www-authenticate") == ["Digest realm=a, nonce=b"]


def test_a_request_cannot_be_forged_through_its_parts() -> None:
    for uri, header in (("rtsp://h/a b", "x"), ("rtsp://h/\r\nEvil: 1", "x"), ("rtsp://h/", "x\r\nEvil: 1")):
        try:
            request("SETUP", uri, 1, [("Session", header)])
        except ValueError:
            continue
        raise AssertionError(f"{uri!r} {header!r} went through")


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=12),
    st.integers(1, 4000),
)
def test_a_stream_with_flipped_bytes_gives_units_or_ends_with_a_hub_error(
    flips: list[tuple[int, int]], chunk: int
) -> None:
    wire = bytearray(pictures(60))
    for place, value in flips:
        wire[place % len(wire)] = value
    sink, ends = KeepingSink(), list[HubError | None]()
    media = H264Depacketiser(sink, FakeClock(), payload_type=96, parameter_sets=(SPS, PPS))
    protocol = InterleavedProtocol(lambda _: None, ends.append)
    protocol.take_media(0, 1, media.packet, lambda _data, _start, _end: None)
    for start in range(0, len(wire), chunk):
        protocol.data_received(bytes(wire[start : start + chunk]))
    times = [unit.media_time for unit in sink.units]
    assert times == sorted(set(times))
    assert len(ends) <= 1
    if not flips:
        assert len(sink.units) == 60


def test_a_head_that_comes_byte_by_byte_is_searched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Found by the fuzz (session 288): searched anew for each byte, 64 kB of a head took ten seconds of the loop."""
    searched = 0
    pattern = interleaved_module._HEAD_END

    class Counting:
        def search(self, data: bytes, begin: int, end: int) -> object:
            nonlocal searched
            searched += min(end, len(data)) - begin
            return pattern.search(data, begin, end)

    monkeypatch.setattr(interleaved_module, "_HEAD_END", Counting())
    head = b"RTSP/1.0 200 OK\r\n" + (b"X-Line: " + b"of a head " * 9 + b"\r\n") * 150
    wire = head + b"CSeq: 3\r\n\r\n" + interleaved(PACKETS[0])
    cut = Cut().feed(*(wire[at : at + 1] for at in range(len(wire))))
    assert [message.sequence for message in cut.messages] == [3]
    assert cut.packets == PACKETS[:1]
    assert searched < 6 * len(wire)


def test_a_further_track_has_its_channels_and_junk_before_it_is_passed_over() -> None:
    found, sound, reports = Cut(), list[bytes](), list[bytes]()
    found.protocol.take_more(
        8,
        9,
        lambda data, start, end: sound.append(data[start:end]),
        lambda data, start, end: reports.append(data[start:end]),
    )
    assert found.protocol.channels == {0, 1, 8, 9}
    found.feed(
        b"RTSP/1.0 200 OK\r\n\r\n",
        interleaved(PACKETS[0]) + interleaved(PACKETS[1], 8),
        b"\xa5" * 50 + interleaved(PACKETS[2], 8) + interleaved(b"\x80\xc8\x00\x00", 9) + interleaved(PACKETS[3], 7),
    )
    assert (found.packets, sound, reports) == ([PACKETS[0]], PACKETS[1:3], [b"\x80\xc8\x00\x00"])
    assert found.protocol.foreign_packets == 1
    found.protocol.drop_media()
    found.feed(interleaved(PACKETS[4], 8), interleaved(PACKETS[5]))
    assert len(sound) == 2
    assert len(found.packets) == 1


def test_a_glance_sees_one_packet_and_takes_none_away() -> None:
    found, seen = Cut(), list[bytes]()
    for first in (0, 4):
        for _ in range(2):  # asked twice before one came: still one
            found.protocol.glance(lambda data, start, end: seen.append(data[start:end]))
        found.feed(b"".join(map(interleaved, PACKETS[first : first + 4])))
    assert found.packets == PACKETS[:8]
    assert seen == [PACKETS[0], PACKETS[4]]
