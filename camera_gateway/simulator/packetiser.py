"""Pictures as interleaved RTP bytes (RFC 2326, 10.12): made once for a loop, shared by all that play it.

`SharedLoop` gives the same bytes to each camera at the same place of the loop; `OwnPacketiser` belongs to one session
whose numbers must be its own (faults). Pure and synchronous; both answer in microseconds.
"""

from __future__ import annotations

import struct
from datetime import datetime
from typing import Final

from camera_gateway.simulator.clip import Clip, CodedPicture
from camera_gateway.simulator.codec import Codec

CLOCK_HZ: Final = 90_000
PAYLOAD_TYPE: Final = 96
_RTP = struct.Struct(">BBHII")
_FRAME = struct.Struct(">BBH")  # "$", channel, length
_SEQUENCE_AND_TIME = struct.Struct(">HI")
_FIRST_TIME: Final = 0x3000_0000  # RTP time does not begin at 0 (RFC 3550, 5.1)
_NTP_1970: Final = 2_208_988_800


class SharedLoop:
    """The interleaved bytes of absolute picture n of a clip that loops for ever; sequence and time never jump."""

    def __init__(self, clip: Clip, *, ssrc: int = 0x5061_7472, channel: int = 0) -> None:
        self.clip = clip
        self.ssrc = ssrc
        self.step = round(CLOCK_HZ / clip.fps)
        self._templates: list[tuple[bytearray, tuple[int, ...], int]] = []  # bytes, where headers lie, packets before
        count = 0
        for picture in clip.pictures:
            parts, at, headers = bytearray(), 0, []
            bodies = list(clip.codec.payloads(picture.nals))
            for number, body in enumerate(bodies):
                marker = 0x80 if number == len(bodies) - 1 else 0
                parts += _FRAME.pack(0x24, channel, len(body) + _RTP.size)
                parts += _RTP.pack(0x80, PAYLOAD_TYPE | marker, 0, 0, ssrc)
                parts += body
                headers.append(at + _FRAME.size + 2)
                at = len(parts)
            self._templates.append((parts, tuple(headers), count))
            count += len(bodies)
        self._packets_a_lap = count
        self._made: dict[int, bytes] = {}

    def sequence(self, picture: int) -> int:
        """RTP sequence number of the first packet of absolute picture `picture`."""
        lap, index = divmod(picture, len(self._templates))
        return (lap * self._packets_a_lap + self._templates[index][2]) & 0xFFFF

    def timestamp(self, picture: int) -> int:
        """RTP time of absolute picture `picture`: when it is shown, which with B-frames is not when it is sent."""
        later = self.clip.pictures[picture % len(self.clip.pictures)].later
        return _FIRST_TIME + (picture + later) * self.step & 0xFFFF_FFFF

    def at(self, picture: int) -> bytes:
        """The bytes of absolute picture `picture`. Kept for two laps: cameras lie at most one apart."""
        made = self._made.get(picture)
        if made is None:
            template, headers, _ = self._templates[picture % len(self._templates)]
            sequence, timestamp = self.sequence(picture), self.timestamp(picture)
            for number, at in enumerate(headers):
                _SEQUENCE_AND_TIME.pack_into(template, at, sequence + number & 0xFFFF, timestamp)
            made = self._made[picture] = bytes(template)
            self._made.pop(picture - 2 * len(self._templates), None)
        return made


class OwnPacketiser:
    """Packets of one session with numbers of its own."""

    def __init__(self, codec: Codec, *, ssrc: int, sequence: int, channel: int) -> None:
        self._codec = codec
        self.sequence = sequence & 0xFFFF
        self.channel = channel
        self._ssrc = ssrc

    def packets(self, picture: CodedPicture, timestamp: int) -> list[bytes]:
        """Interleaved packets of one picture at RTP time `timestamp`, to be joined and written."""
        bodies = list(self._codec.payloads(picture.nals))
        out = []
        for number, body in enumerate(bodies):
            marker = 0x80 if number == len(bodies) - 1 else 0
            out.append(
                _FRAME.pack(0x24, self.channel, len(body) + _RTP.size)
                + _RTP.pack(0x80, PAYLOAD_TYPE | marker, self.sequence, timestamp & 0xFFFF_FFFF, self._ssrc)
                + body
            )
            self.sequence = self.sequence + 1 & 0xFFFF
        return out


def sender_report(ssrc: int, now: datetime, timestamp: int, packets: int, octets: int, channel: int) -> bytes:
    """An interleaved RTCP sender report (RFC 3550, 6.4.1): which wall-clock time an RTP time is."""
    seconds = now.timestamp() + _NTP_1970
    whole = int(seconds)
    body = struct.pack(
        ">BBHIIIIII",
        0x80,
        200,
        6,
        ssrc,
        whole & 0xFFFF_FFFF,
        int((seconds - whole) * 2**32) & 0xFFFF_FFFF,
        timestamp & 0xFFFF_FFFF,
        packets & 0xFFFF_FFFF,
        octets & 0xFFFF_FFFF,
    )
    return _FRAME.pack(0x24, channel, len(body)) + body
