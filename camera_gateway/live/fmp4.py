"""Fragmented MP4 for Media Source Extensions: an init segment, then one frame a fragment.

ISO/IEC 14496-12 (boxes) and 14496-15 (sample_entry.py). Pure, on any thread; about ten microseconds a frame. Never
decodes, never waits for the next frame: a fragment is complete when its frame is.
"""

from __future__ import annotations

from struct import Struct, pack

from camera_gateway.live.boxes import box, full_box
from camera_gateway.live.fmp4_audio import TRACK, audio_track
from camera_gateway.live.sample_entry import avcc, hvcc
from camera_gateway.sources.base import AccessUnit, AudioFormat, VideoFormat

TIMESCALE = 90_000
_FIRST_DURATION = 3_600  # 25 frames/s until two frames were seen
_JUMP = TIMESCALE  # a step of more than a second either way: another connection or a camera whose clock was set
_SLOWEST = 5 * TIMESCALE  # between the pictures of a camera that sends fewer than one a second
_MATRIX = pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
# moof(mfhd, traf(tfhd, tfdt v1, trun v1)) and the header of mdat: 112 bytes, all but seven fields constant.
_FRAGMENT = Struct(">I4s I4sII I4s I4sII I4sIQ I4sIII IIIi I4s")
_MOOF_SIZE = 104
_KEYFRAME_FLAGS = 0x02000000  # depends on no other
_OTHER_FLAGS = 0x01010000  # depends on others, is no sync sample


def init_segment(fmt: VideoFormat, sound: AudioFormat | None = None) -> bytes:
    """`ftyp` and `moov` for one track; sizes from `fmt`, parameter sets in avcC or hvcC; `sound` is a second one."""
    h265 = fmt.codec == "h265"
    entry = box(
        b"hvc1" if h265 else b"avc1",
        bytes(6) + pack(">H", 1) + bytes(16) + pack(">HH", fmt.width_px, fmt.height_px),
        pack(">IIIH", 0x480000, 0x480000, 0, 1) + bytes(32) + pack(">Hh", 24, -1),
        box(b"hvcC", hvcc(fmt.parameter_sets)) if h265 else box(b"avcC", avcc(fmt.parameter_sets)),
    )
    tables = b"".join(full_box(name, 0, 0, bytes(4)) for name in (b"stts", b"stsc")) + full_box(b"stsz", 0, 0, bytes(8))
    stbl = box(b"stbl", full_box(b"stsd", 0, 0, pack(">I", 1), entry), tables, full_box(b"stco", 0, 0, bytes(4)))
    dinf = box(b"dinf", full_box(b"dref", 0, 0, pack(">I", 1), full_box(b"url ", 0, 1)))
    minf = box(b"minf", full_box(b"vmhd", 0, 1, bytes(8)), dinf, stbl)
    mdhd = full_box(b"mdhd", 0, 0, pack(">IIII HH", 0, 0, TIMESCALE, 0, 0x55C4, 0))
    hdlr = full_box(b"hdlr", 0, 0, bytes(4) + b"vide" + bytes(12) + b"video\0")
    tkhd = full_box(
        b"tkhd",
        0,
        3,
        pack(">IIIII 8x hhhH", 0, 0, 1, 0, 0, 0, 0, 0, 0),
        _MATRIX,
        pack(">II", fmt.width_px << 16, fmt.height_px << 16),
    )
    mvhd = full_box(
        b"mvhd",
        0,
        0,
        pack(">IIII IH 10x", 0, 0, TIMESCALE, 0, 0x10000, 0x100),
        _MATRIX,
        bytes(24),
        pack(">I", 3 if sound else 2),
    )
    trex = full_box(b"trex", 0, 0, pack(">IIIII", 1, 1, 0, 0, 0))
    trak = box(b"trak", tkhd, box(b"mdia", mdhd, hdlr, minf))
    if sound is not None:
        trak += audio_track(sound)
        trex += full_box(b"trex", 0, 0, pack(">IIIII", TRACK, 1, 0, 0, _KEYFRAME_FLAGS))
    moov = box(b"moov", mvhd, trak, box(b"mvex", trex))
    return box(b"ftyp", b"iso5" + pack(">I", 512) + b"iso5iso6mp41") + moov


class Fragmenter:
    """Makes the fragments of one camera; its time line starts at 0 and has no holes.

    Presentation times are the camera's own. Decode times never step by more than two durations, which a browser would
    take for a discontinuity and drop everything until the next keyframe (W3C Media Source Extensions 3.5.8): a late
    frame keeps its own presentation time and gets the difference as its composition offset, and so does a frame that
    B-frames overtake. A jump of more than a second, or of three frames where they are longer (a new connection, a
    camera whose clock was set), continues one frame after the last.
    """

    __slots__ = ("_base", "_decode", "_duration", "_frames", "_last", "_number", "shown")

    def __init__(self) -> None:
        self._base: int | None = None
        self._last = 0  # media time of the frame before
        self._decode = 0
        self._duration = _FIRST_DURATION
        self._frames = 0
        self._number = 0  # of the last fragment, of picture or sound
        self.shown = 0  # when the last frame is shown

    def next_number(self) -> int:
        """The number of one more fragment, made elsewhere."""
        self._number += 1
        return self._number

    def rejoin(self) -> None:
        """The next frame comes over another connection: its times do not continue those before."""
        self._last = -(1 << 62)

    def fragment(self, unit: AccessUnit) -> tuple[bytes, bytes]:
        """The 112 bytes before the frame, and the frame (the unit's own bytes, not copied)."""
        step = unit.media_time - self._last
        self._last = unit.media_time
        if self._base is None:
            self._base = unit.media_time
            decode = presented = 0
        else:
            duration = self._duration
            jumps = not -_JUMP <= step <= _JUMP and not self._is_slow(step)
            if jumps:
                self._base = unit.media_time - self._decode - self._duration
            presented = unit.media_time - self._base
            decode = min(max(presented, self._decode + 1), self._decode + 2 * duration)
            if step > 0 and not jumps:
                self._duration = step if self._frames == 1 else duration + (step - duration) // 8
        self._decode = decode
        self._frames += 1
        self._number += 1
        self.shown = presented + unit.presentation_offset
        size = len(unit.data)
        head = _FRAGMENT.pack(
            _MOOF_SIZE, b"moof",
            16, b"mfhd", 0, self._number,
            80, b"traf",
            16, b"tfhd", 0x020000, 1,
            20, b"tfdt", 0x01000000, decode,
            36, b"trun", 0x01000F01, 1, _MOOF_SIZE + 8,
            self._duration, size, _KEYFRAME_FLAGS if unit.keyframe else _OTHER_FLAGS,
            presented - decode + unit.presentation_offset,
            size + 8, b"mdat",
        )  # fmt: skip
        return head, unit.data

    def _is_slow(self, step: int) -> bool:
        """Whether a long step is the usual one of a camera that sends less than a picture a second."""
        return 0 < step <= (3 * self._duration if self._frames > 1 else _SLOWEST)
