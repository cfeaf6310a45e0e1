"""The parameter sets in force for one track, from the description and from the stream; owned by a depacketiser.

What the stream says is stronger than what the description said. Every store has a limit. Never touches a socket.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Final, Protocol

from camera_gateway.sources.base import VideoFormat
from camera_gateway.sources.rtsp.bits import NAL_MAX_BYTES
from camera_gateway.sources.rtsp.h265_sps import parse_h265_sps
from camera_gateway.sources.rtsp.sps import parse_sps

SETS_MAX: Final = 32
_LENGTH: Final = Struct(">I").pack


class Parameters(Protocol):
    """What a sequence parameter set of either codec tells."""

    @property
    def width_px(self) -> int:
        """As shown."""
        ...

    @property
    def height_px(self) -> int:
        """As shown."""
        ...

    @property
    def frames_only(self) -> bool:
        """No two coded fields make one picture."""
        ...

    @property
    def frame_rate(self) -> float | None:
        """Frames a second, where it is told."""
        ...

    @property
    def reorder_frames(self) -> int | None:
        """How far output and decoding order may differ; None: not told."""
        ...

    @property
    def codec_string(self) -> str:
        """RFC 6381."""
        ...


@dataclass(frozen=True, slots=True)
class Coding:
    """What of parameter sets differs between the codecs."""

    name: str  # as in VideoFormat
    kinds: tuple[int, ...]  # NAL unit types in the order in which a keyframe carries them
    sequence: int  # the one that `parse` reads
    kind_of: Callable[[bytes], int]
    parse: Callable[[bytes], Parameters]


H264: Final = Coding("h264", (7, 8), 7, lambda nal: nal[0] & 0x1F, parse_sps)
H265: Final = Coding("h265", (32, 33, 34), 33, lambda nal: nal[0] >> 1 & 0x3F, parse_h265_sps)


class ParameterSets:
    """Sets are offered as they come, taken when their access unit is complete, announced at the next keyframe."""

    def __init__(self, described: Sequence[bytes], frame_rate: float | None, coding: Coding = H264) -> None:
        self._coding = coding
        self._described_rate = frame_rate
        self.offered: list[bytes] = []  # since the last `take`; read for each picture, so no property
        self._current: tuple[bytes, ...] = ()
        self._parsed: Parameters | None = None
        self._announced: tuple[bytes, ...] = ()
        self.prefix = b""  # the current sets, each after its length: what a keyframe begins with
        self.complete = False  # there is at least one of each kind, and the sequence's makes sense
        self.refused = 0
        for nal in described:
            self.offer(nal)
        self.take()

    @property
    def frames_only(self) -> bool:
        """Whether each coded picture is a whole frame."""
        return self._parsed is not None and self._parsed.frames_only

    @property
    def reorder_frames(self) -> int | None:
        """How far output order may differ from decoding order; many do not tell (None), more tell it than do it."""
        return self._parsed.reorder_frames if self._parsed is not None else None

    def offer(self, nal: bytes) -> None:
        """A set came by."""
        if len(nal) > NAL_MAX_BYTES or len(nal) < 2 or len(self.offered) >= SETS_MAX:
            self.refused += 1
        elif nal not in self.offered:
            self.offered.append(nal)

    def sift(self, nals: Sequence[bytes]) -> None:
        """Offer those that are sets."""
        for nal in nals:
            if self._coding.kind_of(nal) in self._coding.kinds:
                self.offer(nal)

    def take(self) -> None:
        """Make what was offered current: sets of a kind replace those of that kind before them."""
        offered, self.offered = self.offered, []
        kind_of, current = self._coding.kind_of, self._current
        taken: list[bytes] = []
        whole = True
        sequence: bytes | None = None
        for kind in self._coding.kinds:
            mine = [nal for nal in offered if kind_of(nal) == kind] or [nal for nal in current if kind_of(nal) == kind]
            taken += mine
            whole = whole and bool(mine)
            if mine and kind == self._coding.sequence:
                sequence = mine[0]
        if tuple(taken) == current:
            return
        try:
            parsed = self._coding.parse(sequence) if sequence is not None else None
        except ValueError:
            self.refused += 1
            return
        self._current, self._parsed = tuple(taken), parsed
        self.complete = whole and parsed is not None
        self.prefix = b"".join(part for nal in self._current for part in (_LENGTH(len(nal)), nal))

    def announce(self) -> VideoFormat | None:
        """The format when it is not the one announced last; None when it is, or when no set is complete."""
        parsed = self._parsed
        if parsed is None or self._current == self._announced:
            return None
        self._announced = self._current
        rate = parsed.frame_rate or self._described_rate
        return VideoFormat(
            self._coding.name, self._current, parsed.width_px, parsed.height_px, parsed.codec_string, rate
        )
