"""AAC out of RTP packets (RFC 3640, mode AAC-hbr and its kin): several frames in one packet, one frame in several.

Pure; one a track. What a packet claims beyond its end is refused; a frame that never ends is dropped with the gap that
broke it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

FRAME_MAX_BYTES: Final = 65_536
FRAMES_MAX: Final = 64  # in one packet
_RATES: Final = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
_SBR: Final = frozenset({5, 29})  # HE-AAC, and with parametric stereo
# Fields of an AU header that no camera was seen to send; with one of them the rest could not be found.
_UNKNOWN: Final = ("ctsdeltalength", "dtsdeltalength", "randomaccessindication", "streamstateindication",
                   "auxiliarydatasizelength")  # fmt: skip


@dataclass(frozen=True, slots=True)
class AacLayout:
    """What the description says of a packet's inside."""

    config: bytes  # AudioSpecificConfig
    channels: int
    frame_samples: int  # of the core, at its rate; SBR makes twice as many of them
    core_rate_hz: int
    size_bits: int
    index_bits: int


def layout_of(parameters: Mapping[str, str]) -> AacLayout | None:
    """What `a=fmtp` says; None where it is not AAC that we can take apart."""
    text = parameters.get("config", "")
    if not re.fullmatch(r"(?:[0-9A-Fa-f]{2}){2,64}", text):
        return None
    config = bytes.fromhex(text)
    size_bits, index_bits = _number(parameters, "sizelength", 13), _number(parameters, "indexlength", 3)
    delta_bits = _number(parameters, "indexdeltalength", index_bits)
    if not 1 <= size_bits <= 16 or not 0 <= index_bits <= 16 or delta_bits != index_bits:
        return None
    if any(_number(parameters, name, 0) for name in _UNKNOWN):
        return None
    told = _specific(config)
    return AacLayout(config, *told, size_bits, index_bits) if told else None


def _specific(config: bytes) -> tuple[int, int, int] | None:
    """Channels, samples a frame and rate of the core that an AudioSpecificConfig tells (ISO/IEC 14496-3, 1.6.2.1).

    Object type 5 bits, rate 4 (15: 24 more), channels 4; with SBR (5, 29) the rate that it makes and the type of the
    core follow; then frameLengthFlag.
    """
    bits = int.from_bytes(config.ljust(16, b"\0")[:16], "big")
    left = 128

    def field(width: int) -> int:
        nonlocal left
        left -= width
        return bits >> left & ((1 << width) - 1)

    def rate() -> int:
        index = field(4)
        return field(24) if index == 15 else _RATES[index] if index < len(_RATES) else 0

    kind, core_hz, channels = field(5), rate(), field(4)
    if kind in _SBR and rate():
        kind = field(5)
    if kind in {0, 31, *_SBR} or not 7_000 <= core_hz <= 96_000 or not 1 <= channels <= 7:
        return None
    return 8 if channels == 7 else channels, 960 if kind == 2 and field(1) else 1024, core_hz


class AacFrames:
    """Takes payloads in their order; `broken` after a gap."""

    def __init__(self, layout: AacLayout) -> None:
        self._layout = layout
        self._partial = bytearray()
        self._partial_of = 0  # whole size in bytes
        self._partial_at = -1  # its RTP time

    def broken(self) -> None:
        """A packet is missing: what had begun is over."""
        self._partial.clear()
        self._partial_of = 0

    def take(self, payload: bytes, timestamp: int) -> list[bytes]:
        """The whole frames that this payload completes; the first is of `timestamp`, each next a frame later."""
        layout = self._layout
        if len(payload) < 2:
            return []
        header_bits = payload[0] << 8 | payload[1]
        body = 2 + (header_bits + 7) // 8
        each = layout.size_bits + layout.index_bits
        count = header_bits // each
        if not 1 <= count <= FRAMES_MAX or body > len(payload):
            self.broken()
            return []
        headers = int.from_bytes(payload[2:body], "big") >> (8 * (body - 2) - count * each)
        sizes = [
            headers >> ((count - 1 - number) * each + layout.index_bits) & ((1 << layout.size_bits) - 1)
            for number in range(count)
        ]
        if count == 1 and sizes[0] > len(payload) - body:
            return self._fragment(payload[body:], sizes[0], timestamp)
        self.broken()
        frames = []
        for size in sizes:
            if size == 0 or body + size > len(payload):
                break
            frames.append(payload[body : body + size])
            body += size
        return frames

    def _fragment(self, piece: bytes, whole: int, timestamp: int) -> list[bytes]:
        """Each fragment tells the size of the whole frame (RFC 3640, 3.2.3.1)."""
        if timestamp != self._partial_at or whole != self._partial_of:
            self.broken()
        self._partial_at, self._partial_of = timestamp, whole
        if not piece or len(self._partial) + len(piece) > whole or whole > FRAME_MAX_BYTES:
            self.broken()
            return []
        self._partial += piece
        if len(self._partial) < whole:
            return []
        frame = bytes(self._partial)
        self.broken()
        return [frame]


def _number(parameters: Mapping[str, str], name: str, otherwise: int) -> int:
    text = parameters.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else otherwise
