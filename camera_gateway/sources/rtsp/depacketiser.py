"""Chooses who joins a track's packets: by the codec the description names, and anew when another one is sent.

On the camera's loop. Nothing stands between the socket and the codec: `Track.packet` is the depacketiser's own method.
A camera that names one codec and sends the other is understood where that is certain (other_codec.py), for its people
rarely can mend it; a stream that ends in "codec differs" could be shown as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from camera_gateway.sources.base import Sink
from camera_gateway.sources.rtsp import sdp
from camera_gateway.sources.rtsp.access_units import AccessUnits, Counters, Replace, Take
from camera_gateway.sources.rtsp.h264 import H264Depacketiser
from camera_gateway.sources.rtsp.h265 import H265Depacketiser
from hub.clock import Clock
from hub.errors import ErrorKind, HubError

H264, H265 = "H264", "H265"
_NAMES: Final = {"HEVC": H265}
_SPOKEN: Final = {"JPEG": "MJPEG"}


def codec_of(media: sdp.MediaDescription) -> str:
    """ "H264" or "H265". Raises HubError UNSUPPORTED `camera_gateway.codec_unsupported` for any other."""
    codec = _NAMES.get(media.codec, media.codec)
    if codec not in (H264, H265):
        raise _unsupported(_SPOKEN.get(codec, codec[:20] or "?"))
    if codec == H265 and media.parameters.get("sprop-max-don-diff", "0").strip("0 "):
        raise _unsupported("H.265 (DONL)")
    return codec


class Track:
    """One video track as its client sees it. `packet` may be kept: it goes on after another codec has been found."""

    def __init__(self, media: sdp.MediaDescription, sink: Sink, clock: Clock) -> None:
        self.counters = Counters()
        self._sink = sink
        self._clock = clock
        self._media = media
        codec = codec_of(media)
        self._joins = self._make(codec, sdp.parameter_sets(media), lambda sets: self._instead(codec, sets))
        self.packet: Take = self._joins.packet

    @property
    def last_unit_s(self) -> float:
        """When a unit was given, on clock.monotonic(); -1: none yet."""
        return self._joins.last_unit_s

    @property
    def last_whole_s(self) -> float:
        """When a whole unit came, given or not."""
        return self._joins.last_whole_s

    @property
    def ssrc(self) -> int:
        """Of the packet before."""
        return self._joins.ssrc

    def close(self) -> None:
        """Its source is over: nobody is held by it any more."""
        self._joins.settle()

    def _instead(self, codec: str, sets: Sequence[bytes]) -> Take:
        self._joins = self._make(H264 if codec == H265 else H265, sets, None)
        return self._joins.packet

    def _make(self, codec: str, sets: Sequence[bytes], replace: Replace | None) -> AccessUnits:
        kind: type[H264Depacketiser | H265Depacketiser] = H265Depacketiser if codec == H265 else H264Depacketiser
        return kind(
            self._sink,
            self._clock,
            payload_type=self._media.payload_type,
            parameter_sets=sets,
            frame_rate=self._media.frame_rate,
            counters=self.counters,
            replace=replace,
        )


def _unsupported(codec: str) -> HubError:
    return HubError(ErrorKind.UNSUPPORTED, "camera_gateway.codec_unsupported", codec=codec)
