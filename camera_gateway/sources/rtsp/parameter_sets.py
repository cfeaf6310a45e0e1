"""The H.264 parameter sets in force for one track, from the description and from the stream; owned by a depacketiser.

What the stream says is stronger than what the description said. Every store has a limit. Never touches a socket.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct
from typing import Final

from camera_gateway.sources.base import VideoFormat
from camera_gateway.sources.rtsp.sps import NAL_MAX_BYTES, SequenceParameters, parse_sps

SETS_MAX: Final = 32
_LENGTH: Final = Struct(">I").pack
_SPS = 7


class ParameterSets:
    """Sets are offered as they come, taken when their access unit is complete, announced at the next keyframe."""

    def __init__(self, described: Sequence[bytes], frame_rate: float | None) -> None:
        self._described_rate = frame_rate
        self.offered: list[bytes] = []  # since the last `take`; read for each picture, so no property
        self._current: tuple[bytes, ...] = ()
        self._parsed: SequenceParameters | None = None
        self._announced: tuple[bytes, ...] = ()
        self.prefix = b""  # the current sets, each after its length: what a keyframe begins with
        self.refused = 0
        for nal in described:
            self.offer(nal)
        self.take()

    @property
    def complete(self) -> bool:
        """Whether there is at least one SPS that makes sense and one PPS."""
        return self._parsed is not None and len(self._current) > 1

    @property
    def frames_only(self) -> bool:
        """Whether each coded picture is a whole frame."""
        return self._parsed is not None and self._parsed.frames_only

    @property
    def may_reorder(self) -> bool:
        """Whether output order may differ from decoding order; many do not tell, few do it."""
        return self._parsed is not None and self._parsed.reorder_frames != 0

    def offer(self, nal: bytes) -> None:
        """A set came by."""
        if len(nal) > NAL_MAX_BYTES or len(nal) < 2 or len(self.offered) >= SETS_MAX:
            self.refused += 1
        elif nal not in self.offered:
            self.offered.append(nal)

    def take(self) -> None:
        """Make what was offered current: a new SPS replaces the old ones, a PPS those of its kind before it."""
        offered, self.offered = self.offered, []
        sequence = tuple(nal for nal in offered if nal[0] & 0x1F == _SPS)
        picture = tuple(nal for nal in offered if nal[0] & 0x1F != _SPS)
        current = self._current
        sequence = sequence or tuple(nal for nal in current if nal[0] & 0x1F == _SPS)
        picture = picture or tuple(nal for nal in current if nal[0] & 0x1F != _SPS)
        if sequence + picture == current:
            return
        try:
            parsed = parse_sps(sequence[0]) if sequence else None
        except ValueError:
            self.refused += 1
            return
        self._current, self._parsed = sequence + picture, parsed
        self.prefix = b"".join(part for nal in self._current for part in (_LENGTH(len(nal)), nal))

    def announce(self) -> VideoFormat | None:
        """The format when it is not the one announced last; None when it is, or when no set is complete."""
        parsed = self._parsed
        if parsed is None or self._current == self._announced:
            return None
        self._announced = self._current
        rate = parsed.frame_rate or self._described_rate
        return VideoFormat("h264", self._current, parsed.width_px, parsed.height_px, parsed.codec_string, rate)
