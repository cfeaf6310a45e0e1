"""RTCP (RFC 3550 6, RFC 4585): what a browser says of what it got, and our sender reports. Pure; a browser's bytes are
believed in nothing: whatever does not fit is skipped.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from struct import Struct
from typing import Final

_SENDER_REPORT: Final = Struct(">BBHIQIII")
_SECONDS_1900_TO_1970: Final = 2_208_988_800
_REPORT, _RECEIVER, _FEEDBACK, _PAYLOAD_FEEDBACK = 200, 201, 205, 206
_NACK, _PLI = 1, 1
_MOST_NACKED: Final = 512  # more than are kept


@dataclass(slots=True)
class Feedback:
    """What one compound packet asks and tells, by our SSRC."""

    nacked: list[tuple[int, int]] = field(default_factory=list)  # SSRC, sequence number
    wants_keyframe: bool = False
    lost: dict[int, float] = field(default_factory=dict)  # SSRC -> share of packets lost since the last report


def read_feedback(data: bytes) -> Feedback:
    """All packets of a compound one."""
    found = Feedback()
    at, end = 0, len(data)
    while at + 8 <= end:
        first, kind = data[at], data[at + 1]
        stop = at + 4 + 4 * (data[at + 2] << 8 | data[at + 3])
        if first >> 6 != 2 or stop > end:
            break
        if kind in (_REPORT, _RECEIVER):
            _read_reports(data[at + (28 if kind == _REPORT else 8) : stop], first & 31, found)
        elif kind == _FEEDBACK and first & 31 == _NACK:
            _read_nacks(data[at + 8 : stop], found)
        elif kind == _PAYLOAD_FEEDBACK and first & 31 == _PLI:
            found.wants_keyframe = True
        at = stop
    return found


def sender_report(ssrc: int, unix_us: int, timestamp: int, packets: int, octets: int) -> bytes:
    """At `unix_us` the picture of RTP time `timestamp` was taken: what sound and picture are put side by side by."""
    seconds, rest = divmod(unix_us, 1_000_000)
    ntp = (seconds + _SECONDS_1900_TO_1970 & 0xFFFFFFFF) << 32 | (rest << 32) // 1_000_000
    wrapped = (timestamp & 0xFFFFFFFF, packets & 0xFFFFFFFF, octets & 0xFFFFFFFF)
    return _SENDER_REPORT.pack(0x80, _REPORT, 6, ssrc, ntp, *wrapped)


def goodbye(ssrc: int) -> bytes:
    """BYE (RFC 3550 6.6) behind an empty receiver report, for a compound packet must begin with one."""
    source = ssrc.to_bytes(4, "big")
    return b"\x80\xc9\x00\x01" + source + b"\x81\xcb\x00\x01" + source


def _read_reports(blocks: bytes, count: int, found: Feedback) -> None:
    for at in range(0, min(count * 24, len(blocks) - 23), 24):
        found.lost[int.from_bytes(blocks[at : at + 4], "big")] = blocks[at + 4] / 256


def _read_nacks(body: bytes, found: Feedback) -> None:
    ssrc = int.from_bytes(body[:4], "big")
    for at in range(4, len(body) - 3, 4):
        first, mask = body[at] << 8 | body[at + 1], body[at + 2] << 8 | body[at + 3]
        for step in range(17):
            if step == 0 or mask >> step - 1 & 1:
                if len(found.nacked) >= _MOST_NACKED:
                    return
                found.nacked.append((ssrc, first + step & 0xFFFF))
