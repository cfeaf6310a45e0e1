"""Whether a stream is what its configuration says, after that was changed. Pure: it is told what was seen."""

from __future__ import annotations

from typing import Final

from camera_gateway.cure.encoder import Encoder, size_text
from camera_gateway.cure.sight import Seen
from hub.errors import ErrorKind, HubError

WATCH_LEAST_S: Final = 4.0
WATCH_MOST_S: Final = 20.0
# A keyframe comes late where frames are lost: half as much again, and half a second.
_LATE: Final = 1.5
_LATE_S: Final = 0.5


def watch_s(encoder: Encoder) -> float:
    """Long enough for two keyframes after the first."""
    return min(max(2.5 * (gop_s(encoder) or 0.0), WATCH_LEAST_S), WATCH_MOST_S)


def gop_s(encoder: Encoder) -> float | None:
    """Seconds between keyframes, as the configuration has it."""
    rate = encoder.frames_per_s
    return encoder.gop_frames / rate if encoder.gop_frames and rate else None


def fault_of(seen: Seen, encoder: Encoder) -> HubError | None:
    """PROTOCOL `cure.stream_codec`, `cure.stream_size`, `cure.stream_gop`; None where all is as configured."""
    if encoder.codec is not None and seen.codec != encoder.codec:
        return HubError(ErrorKind.PROTOCOL, "cure.stream_codec", wanted=encoder.codec, found=seen.codec)
    if encoder.size is not None and seen.size != encoder.size:
        wanted, found = size_text(encoder.size) or "", size_text(seen.size) or ""
        return HubError(ErrorKind.PROTOCOL, "cure.stream_size", wanted=wanted, found=found)
    long_s = gop_s(encoder)
    if long_s is not None and seen.gop_s > long_s * _LATE + _LATE_S:
        return HubError(ErrorKind.PROTOCOL, "cure.stream_gop", wanted=f"{long_s:.1f}", found=f"{seen.gop_s:.1f}")
    return None
