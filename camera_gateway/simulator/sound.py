"""What a simulated camera hears: a soft tone that comes and goes each second, as G.711 A-law (ITU-T G.711) in RTP.

Made once; every session sends slices of the same second. Pure and synchronous.
"""

from __future__ import annotations

import math
import struct
from functools import cache
from typing import Final

RATE_HZ: Final = 8_000
PAYLOAD_TYPE: Final = 8
_TONE_HZ: Final = 440.0
_LEVEL: Final = 3_000  # of 32,767
_SSRC: Final = 0x536F_756E
_FIRST_TIME: Final = 0x2000_0000
_RTP: Final = struct.Struct(">BBHII")
_FRAME: Final = struct.Struct(">BBH")


class Sound:
    """One session's sound on `channel`, a packet a picture."""

    def __init__(self, fps: float, channel: int) -> None:
        self.channel = channel
        self._fps = fps

    def packet(self, number: int) -> bytes:
        """The interleaved packet that goes with absolute picture `number`."""
        first, last = (round(n * RATE_HZ / self._fps) for n in (number, number + 1))
        second = _second()
        at = first % RATE_HZ
        body = (second[at:] + second)[: last - first]
        head = _RTP.pack(0x80, PAYLOAD_TYPE, number & 0xFFFF, (_FIRST_TIME + first) & 0xFFFF_FFFF, _SSRC)
        return _FRAME.pack(0x24, self.channel, len(head) + len(body)) + head + body


@cache
def _second() -> bytes:
    """Half a second of tone, half of silence."""
    samples = (round(_LEVEL * math.sin(2 * math.pi * _TONE_HZ * n / RATE_HZ)) for n in range(RATE_HZ // 2))
    return bytes(_a_law(sample) for sample in samples) + bytes((_a_law(0),)) * (RATE_HZ // 2)


def _a_law(sample: int) -> int:
    """One 16-bit sample as A-law: sign, segment and four bits within it, every other bit inverted."""
    sign = 0x80 if sample >= 0 else 0
    size = min(abs(sample) >> 3, 0xFFF)
    segment = max(size.bit_length() - 5, 0)
    return (sign | segment << 4 | size >> max(segment, 1) & 0x0F) ^ 0x55
