"""Access units cut into RTP payloads, once for all viewers of a camera: RFC 6184 for H.264, RFC 7798 for H.265.

Pure. Fragments have one fixed size, so that the kernel can cut a whole run of them out of one write (`UDP_SEGMENT`):
all of a run are equal, only the last may be shorter. Parameter sets travel apart, in an aggregation packet. What no
browser needs (access unit delimiters, SEI with whatever makers put there, filler) is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from camera_gateway.sources.base import AccessUnit

RTP_HEADER_BYTES: Final = 12
PAYLOAD_BYTES: Final = 1_200
# The kernel cuts at most 64 out of one write, and one write is at most 65,507 bytes.
RUN_PACKETS: Final = 40
_TAG_ROOM: Final = 10  # of the profile that browsers take
_HEADER_ROOM: Final = bytes(RTP_HEADER_BYTES)

_H264_LEFT_OUT: Final = frozenset({6, 9, 10, 11, 12})
_H264_SETS: Final = frozenset({7, 8, 13, 15})
_H265_LEFT_OUT: Final = frozenset({35, 36, 37, 38, 39, 40})
_H265_SETS: Final = frozenset({32, 33, 34})


class Run:
    """Payloads of one size (the last may be shorter), laid out with room for header and tag around each."""

    __slots__ = ("_others", "_template", "count", "last", "size")

    def __init__(self, payloads: list[tuple[bytes, memoryview]]) -> None:
        room = bytes(_TAG_ROOM)
        self.count = len(payloads)
        self.size = sum(map(len, payloads[0]))
        self.last = sum(map(len, payloads[-1]))
        self._template = b"".join(part for head, body in payloads for part in (_HEADER_ROOM, head, body, room))
        self._others: dict[int, bytes] = {}

    def template(self, tag_bytes: int) -> bytes:
        """All of it, with that much room behind each payload."""
        if tag_bytes == _TAG_ROOM:
            return self._template
        made = self._others.get(tag_bytes)
        if made is None:
            room = bytes(tag_bytes)
            parts = (part for i in range(self.count) for part in (_HEADER_ROOM, self.payload(i), room))
            made = self._others[tag_bytes] = b"".join(parts)
        return made

    def payload(self, index: int) -> bytes:
        """One payload."""
        at = index * (RTP_HEADER_BYTES + self.size + _TAG_ROOM) + RTP_HEADER_BYTES
        return self._template[at : at + (self.last if index == self.count - 1 else self.size)]


@dataclass(frozen=True, slots=True)
class Frame:
    """One coded picture, or one packet of sound, as payloads."""

    codec: str
    timestamp: int  # of the camera's RTP time line, not yet wrapped
    captured_at_us: int
    keyframe: bool
    runs: tuple[Run, ...]
    packets: int
    payload_bytes: int
    refers_back: bool = False  # as `AccessUnit` has it

    def payload(self, index: int) -> bytes:
        """The `index`-th payload of the picture."""
        for run in self.runs:
            if index < run.count:
                return run.payload(index)
            index -= run.count
        raise IndexError(index)


def video_frame(unit: AccessUnit, codec: str, timestamp: int) -> Frame:
    """Cut `unit`."""
    is_h264 = codec == "h264"
    left_out, sets = (_H264_LEFT_OUT, _H264_SETS) if is_h264 else (_H265_LEFT_OUT, _H265_SETS)
    aggregate, fragments = (_stap_a, _h264_fragments) if is_h264 else (_aggregation, _h265_fragments)
    data, end = memoryview(unit.data), len(unit.data)
    runs: list[Run] = []
    apart: list[memoryview] = []
    at = 0
    while at + 4 < end:
        size = int.from_bytes(data[at : at + 4], "big")
        nal = data[at + 4 : at + 4 + size]
        at += 4 + size
        if len(nal) < 3:
            continue
        kind = nal[0] & 31 if is_h264 else nal[0] >> 1 & 63
        if kind in left_out:
            continue
        if kind in sets:
            apart.append(nal)
            continue
        if apart:
            runs += aggregate(apart)
            apart = []
        runs += fragments(nal)
    if apart:
        runs += aggregate(apart)
    return _frame(unit, codec, timestamp, runs)


def audio_frame(codec: str, timestamp: int, captured_at_us: int, data: bytes) -> Frame:
    """One packet of G.711 as it came; twenty milliseconds are 160 bytes."""
    run = Run([(b"", memoryview(data[:PAYLOAD_BYTES]))])
    return Frame(codec, timestamp, captured_at_us, False, (run,), 1, run.size)


def _frame(unit: AccessUnit, codec: str, timestamp: int, runs: list[Run]) -> Frame:
    size = sum((run.count - 1) * run.size + run.last for run in runs)
    packets = sum(run.count for run in runs)
    return Frame(codec, timestamp, unit.captured_at_us, unit.keyframe, tuple(runs), packets, size, unit.refers_back)


def _stap_a(sets: list[memoryview]) -> list[Run]:
    if 1 + sum(2 + len(nal) for nal in sets) > PAYLOAD_BYTES:
        return [run for nal in sets for run in _h264_fragments(nal)]
    body = b"".join(part for nal in sets for part in (len(nal).to_bytes(2, "big"), nal))
    indicator = 24 | max(nal[0] & 0x60 for nal in sets)
    return [Run([(bytes((indicator,)), memoryview(body))])]


def _h264_fragments(nal: memoryview) -> list[Run]:
    if len(nal) <= PAYLOAD_BYTES:
        return [Run([(b"", nal)])]
    return _fragments(nal[1:], bytes((nal[0] & 0xE0 | 28,)), nal[0] & 31)


def _aggregation(sets: list[memoryview]) -> list[Run]:
    if 2 + sum(2 + len(nal) for nal in sets) > PAYLOAD_BYTES:
        return [run for nal in sets for run in _h265_fragments(nal)]
    body = b"".join(part for nal in sets for part in (len(nal).to_bytes(2, "big"), nal))
    return [Run([(bytes((48 << 1, sets[0][1])), memoryview(body))])]


def _h265_fragments(nal: memoryview) -> list[Run]:
    if len(nal) <= PAYLOAD_BYTES:
        return [Run([(b"", nal)])]
    return _fragments(nal[2:], bytes((nal[0] & 0x81 | 49 << 1, nal[1])), nal[0] >> 1 & 63)


def _fragments(body: memoryview, indicator: bytes, kind: int) -> list[Run]:
    """FU-A (RFC 6184 5.8) or FU (RFC 7798 4.4.3): `indicator`, one byte with start and end bit, a piece of `body`."""
    piece = PAYLOAD_BYTES - len(indicator) - 1
    cuts = range(0, len(body), piece)
    payloads = []
    for at in cuts:
        edge = (0x80 if at == 0 else 0) | (0x40 if at + piece >= len(body) else 0)
        payloads.append((indicator + bytes((edge | kind,)), body[at : at + piece]))
    return [Run(payloads[at : at + RUN_PACKETS]) for at in range(0, len(payloads), RUN_PACKETS)]
