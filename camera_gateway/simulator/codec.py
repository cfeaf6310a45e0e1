"""What differs between the codecs that simulated cameras speak: NAL unit types, encoders, RTP fragments, SDP.

Data and pure functions. H.264 as in RFC 6184, H.265 as in RFC 7798.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

LARGEST_PAYLOAD: Final = 1400


@dataclass(frozen=True, slots=True)
class Codec:
    """One codec, as PyAV, RTP and SDP name and cut it."""

    name: str
    encoder: str
    decoder: str
    rtpmap: str
    header_bytes: int
    sets: tuple[int, ...]  # NAL unit types of the parameter sets, in the order in which a keyframe carries them
    keys: frozenset[int]  # of slices that need no other picture
    slices: frozenset[int]

    def kind_of(self, nal: bytes) -> int:
        """The NAL unit type."""
        return nal[0] & 0x1F if self.header_bytes == 1 else nal[0] >> 1 & 0x3F

    def kept(self, nal: bytes) -> bool:
        """Whether a camera sends it: slices and parameter sets, no SEI of the encoder."""
        kind = self.kind_of(nal)
        return kind in self.slices or kind in self.sets

    def payloads(self, nals: Sequence[bytes]) -> Iterator[bytes]:
        """RTP payloads of one picture: single NAL units, or fragments of large ones."""
        for nal in nals:
            if len(nal) <= LARGEST_PAYLOAD:
                yield nal
                continue
            if self.header_bytes == 1:
                head, kind = bytes((nal[0] & 0xE0 | 28,)), nal[0] & 0x1F
            else:
                head, kind = bytes((nal[0] & 0x81 | 49 << 1, nal[1])), self.kind_of(nal)
            room = LARGEST_PAYLOAD - len(head) - 1
            for at in range(self.header_bytes, len(nal), room):
                start = 0x80 if at == self.header_bytes else 0
                end = 0x40 if at + room >= len(nal) else 0
                yield head + bytes((start | end | kind,)) + nal[at : at + room]

    def fmtp(self, sets: Sequence[bytes], *, sprop: bool) -> str:
        """The parameters of a description; empty: none. `sprop`: with the parameter sets."""
        coded = [base64.b64encode(one).decode() for one in sets]
        if self.header_bytes == 2:
            pairs = zip(("vps", "sps", "pps"), coded, strict=True)
            return ";".join(f"sprop-{name}={text}" for name, text in pairs) if sprop else ""
        parameters = f"packetization-mode=1;profile-level-id={sets[0][1:4].hex().upper()}"
        return parameters + (f";sprop-parameter-sets={','.join(coded)}" if sprop else "")


H264: Final = Codec("h264", "libx264", "h264", "H264", 1, (7, 8), frozenset({5}), frozenset({1, 5}))
H265: Final = Codec(
    "h265",
    "libx265",
    "hevc",
    "H265",
    2,
    (32, 33, 34),
    frozenset(range(16, 22)),
    frozenset({*range(10), *range(16, 22)}),
)
CODECS: Final[Mapping[str, Codec]] = {codec.name: codec for codec in (H264, H265)}
