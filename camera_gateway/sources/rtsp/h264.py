"""Joins RTP packets into H.264 access units (RFC 6184), on the camera's event loop; hands them to the Sink.

Runs 30,000 times a second with 600 cameras: one unpack a packet, one join a picture, no task, no await. Tolerates
what cameras do to markers, timestamps and NAL units; a loss is paid with the pictures up to the next keyframe.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Final

from camera_gateway.sources.base import AccessUnit, Sink
from camera_gateway.sources.rtsp.annexb import first_slice_is_intra, has_start_code, split_start_codes
from camera_gateway.sources.rtsp.media_clock import MediaClock
from camera_gateway.sources.rtsp.parameter_sets import ParameterSets
from hub.clock import Clock
from hub.errors import ErrorKind, HubError

UNIT_MAX_BYTES: Final = 4_000_000
UNIT_MAX_PIECES: Final = 20_000
_RTP: Final = Struct(">BBHIIBB").unpack_from  # flags, marker and type, sequence, timestamp, SSRC, two payload bytes
_RTP_BYTES: Final = 12
_LENGTH: Final = Struct(">I").pack
_HEADER: Final = tuple(bytes((value,)) for value in range(256))
_SLICE, _IDR, _SEI, _SPS, _PPS, _DELIMITER = 1, 5, 6, 7, 8, 9
_STAP_A, _FU_A = 24, 28
# NAL headers that H.264 does not know and H.265 begins with: VPS, SPS, PPS, a fragment (ITU-T H.265, 7.4.2.2).
_H265_BEGINNINGS: Final = frozenset({(0x40, 1), (0x42, 1), (0x44, 1), (0x62, 1)})


@dataclass(slots=True)
class Counters:
    """What went by and what went wrong, since the start of the source."""

    packets: int = 0
    units: int = 0
    keyframes: int = 0
    bytes: int = 0  # of units
    lost_packets: int = 0  # by gaps in the sequence
    dropped_units: int = 0  # incomplete, or between a loss and the next keyframe
    refused_packets: int = 0  # of another payload type, of no known form, too large


class H264Depacketiser:
    """One video track. All calls on the camera's loop; `sink` is called from within `packet`.

    `packet` raises HubError UNSUPPORTED `camera_gateway.codec_differs` where H.265 comes under the name of H.264.
    """

    def __init__(
        self,
        sink: Sink,
        clock: Clock,
        *,
        payload_type: int | None,
        parameter_sets: Sequence[bytes] = (),
        frame_rate: float | None = None,
    ) -> None:
        self.counters = Counters()
        self.last_unit_s = -1.0  # when a unit was given, on clock.monotonic(); -1: none yet
        self.last_whole_s = -1.0  # when a whole unit came, given or not
        self.ssrc = 0
        self.sets = ParameterSets(parameter_sets, frame_rate)
        self._sink = sink
        self._clock = clock
        self._monotonic: Callable[[], float] = clock.monotonic
        self._wall_minus_monotonic_s = 0.0  # set anew at each keyframe, so that a step of the wall clock is followed
        self._media_clock = MediaClock()
        self._payload_type = -1 if payload_type is None else payload_type  # -1: take the first that comes
        self._next_sequence = -1
        self._timestamp = -1
        self._waiting = True  # for a keyframe
        self._damaged = False  # the unit being joined misses something
        self._pieces: list[bytes] = []  # of the unit being joined, lengths in their places
        self._size = 0
        self._fragments: list[bytes] = []  # of the NAL unit being joined
        self._fragment_header = -1  # its header; -1: none is open
        self._has_picture = False
        self._has_idr = False
        self._starts_inside = False  # this camera packs several NAL units, start codes between, into one
        self._markers_lie = False  # this camera sets the marker on each slice, not on the last of a picture
        self._finished_timestamp = -1
        self._h265_signs: set[tuple[int, int]] = set()

    def packet(self, data: bytes, start: int, end: int) -> None:
        """Take the RTP packet in data[start:end]."""
        counters = self.counters
        counters.packets += 1
        if end - start < _RTP_BYTES + 2:
            self._short(data, start, end)
            return
        flags, kind, sequence, timestamp, self.ssrc, indicator, header = _RTP(data, start)
        start += _RTP_BYTES
        if flags != 0x80:
            inner, inner_end = _payload(data, start, end, flags)
            if inner_end - inner < 2:
                self._short(data, start - _RTP_BYTES, end)
                return
            start, end = inner, inner_end
            indicator, header = data[start], data[start + 1]
        if kind & 0x7F != self._payload_type and not self._takes(kind & 0x7F):
            return
        if sequence != self._next_sequence and not self._gap(sequence):
            return
        self._next_sequence = (sequence + 1) & 0xFFFF
        if timestamp != self._timestamp:
            if self._fragment_header >= 0:
                self._close_fragments(complete=False)
            if self._has_picture:
                self._finish()
            else:
                self._damaged = False  # what was damaged is over
            self._timestamp = timestamp
        nal_type = indicator & 0x1F
        if nal_type == _FU_A:  # 5.8; OpenIPC sets start and end in one packet (retina#131)
            if header & 0x80:
                if self._fragment_header >= 0:
                    self._close_fragments(complete=False)
                self._fragment_header = indicator & 0xE0 | header & 0x1F
            if self._fragment_header >= 0:
                self._fragments.append(data[start + 2 : end])
                self._size += end - start
                if header & 0x40:
                    self._close_fragments(complete=True)
                elif self._size > UNIT_MAX_BYTES or len(self._fragments) > UNIT_MAX_PIECES:
                    self._refuse_unit()
            else:  # its beginning was lost
                self._damaged = self._waiting = True
        else:
            if self._fragment_header >= 0:
                self._close_fragments(complete=False)
            if nal_type == _SLICE or nal_type == _IDR:  # noqa: SIM109  # on the way of every packet
                self._size += end - start
                self._picture(nal_type, header, [data[start:end]], end - start)
            elif nal_type == _STAP_A:
                self._aggregate(data, start + 1, end)
            else:
                self._other(data[start:end])
        if kind & 0x80 and not self._markers_lie:
            if self._fragment_header >= 0:  # no end bit: the marker ends it
                self._close_fragments(complete=True)
            if self._has_picture:
                self._finish()
            else:  # parameter sets or SEI with a marker (retina#13, moonfire#352): they belong to what follows
                self._damaged = False

    # packets

    def _short(self, data: bytes, start: int, end: int) -> None:
        """A packet without payload, or with one NAL unit of one byte: counts in the sequence, holds nothing."""
        if end - start >= _RTP_BYTES and data[start] >> 6 == 2:
            sequence = data[start + 2] << 8 | data[start + 3]
            if sequence == self._next_sequence or self._gap(sequence):
                self._next_sequence = (sequence + 1) & 0xFFFF
            if data[start + 1] & 0x80 and self._has_picture:
                self._finish()
        else:
            self.counters.refused_packets += 1

    def _takes(self, payload_type: int) -> bool:
        if self._payload_type == -1:
            self._payload_type = payload_type
            return True
        self.counters.refused_packets += 1
        return False

    def _gap(self, sequence: int) -> bool:
        """Packets are missing (or the first has come): drop to the next keyframe. False: a packet seen before."""
        if self._next_sequence >= 0:
            missing = (sequence - self._next_sequence) & 0xFFFF
            if missing == 0xFFFF:
                return False
            self.counters.lost_packets += missing if missing < 0x8000 else 1
            self._lose()
        return True

    def _lose(self) -> None:
        """What is being joined is not whole; nothing is of use before the next keyframe."""
        if self._has_picture or self._fragment_header >= 0:
            self.counters.dropped_units += 1
        self._waiting = True
        self._fragments.clear()
        self._fragment_header = -1
        self._clear()

    def _aggregate(self, data: bytes, start: int, end: int) -> None:
        """STAP-A (5.7.1): several NAL units, each after its length in two bytes."""
        while end - start > 2:
            size = data[start] << 8 | data[start + 1]
            start += 2
            if size > end - start:
                self._damaged = True
                self.counters.refused_packets += 1
                return
            if size:
                self._nal(data[start : start + size])
            start += size

    def _refuse_unit(self) -> None:
        """It grows without end."""
        self.counters.refused_packets += 1
        self._lose()

    def _close_fragments(self, *, complete: bool) -> None:
        header, fragments = self._fragment_header, self._fragments
        self._fragment_header = -1
        self._fragments = []
        if not complete:
            self._damaged = self._waiting = True
        nal_type = header & 0x1F
        if nal_type == _SLICE or nal_type == _IDR:  # noqa: SIM109  # on the way of every packet
            first = fragments[0] or b"".join(fragments)
            if first:
                fragments.insert(0, _HEADER[header])
                self._picture(nal_type, first[0], fragments, sum(map(len, fragments)))
        elif any(fragments):
            self._other(_HEADER[header] + b"".join(fragments))

    # NAL units

    def _nal(self, nal: bytes) -> None:
        nal_type = nal[0] & 0x1F
        if nal_type in (_SLICE, _IDR) and len(nal) > 1:
            self._size += len(nal)
            self._picture(nal_type, nal[1], [nal], len(nal))
        else:
            self._other(nal)

    def _picture(self, nal_type: int, second: int, pieces: list[bytes], size: int) -> None:
        """A slice, in pieces. `second` is the byte after its header: its top bit says "first of its picture"."""
        if self._starts_inside and has_start_code(whole := b"".join(pieces)):
            for nal in split_start_codes(whole):
                self._whole_slice(nal)
            return
        if self._has_picture:
            if second & 0x80 and self.sets.frames_only:  # the next picture under the same timestamp (moonfire#300)
                self._finish()
        elif not second & 0x80:
            self._later_slice()
        self._has_picture = True
        if nal_type == _IDR:
            self._has_idr = True
        mine = self._pieces
        mine.append(_LENGTH(size))
        mine += pieces
        if self._size > UNIT_MAX_BYTES or len(mine) > UNIT_MAX_PIECES:
            self._refuse_unit()

    def _later_slice(self) -> None:
        """What should begin a picture is a later slice of one."""
        if self._waiting:
            self._damaged = True  # the first ones were lost
        elif self._timestamp == self._finished_timestamp:  # the picture was ended too early
            self._markers_lie = self._damaged = self._waiting = True

    def _whole_slice(self, nal: bytes) -> None:
        starts_inside, self._starts_inside = self._starts_inside, False
        self._nal(nal)
        self._starts_inside = starts_inside

    def _other(self, nal: bytes) -> None:
        """Anything but a slice. Several NAL units with start codes between them come apart here (retina#68)."""
        if has_start_code(nal) and (parts := split_start_codes(nal)):
            self._starts_inside = True
            for part in parts:
                self._whole_slice(part)
            return
        nal_type = nal[0] & 0x1F
        if self._has_picture and (_SEI <= nal_type <= _DELIMITER or 14 <= nal_type <= 18):
            self._finish()  # these stand only before a picture (ITU-T H.264, 7.4.1.2.3)
        if nal_type in (_SPS, _PPS):
            self.sets.offer(nal)
        elif nal_type == _SEI:
            self._pieces += (_LENGTH(len(nal)), nal)
            self._size += len(nal)
            if len(self._pieces) > UNIT_MAX_PIECES or self._size > UNIT_MAX_BYTES:
                self._lose()
        elif nal_type in (0, 2, 3, 4) or nal_type > 24:
            self._unknown(nal)

    def _unknown(self, nal: bytes) -> None:
        self.counters.refused_packets += 1
        if nal[0] & 0x1F in (25, 26, 27, 29):  # interleaved modes, which nobody asked for: whatever was inside is lost
            self._lose()
        sign = (nal[0], nal[1]) if len(nal) > 1 else (0, 0)
        if sign in _H265_BEGINNINGS and not self.counters.units:
            self._h265_signs.add(sign)
            if len(self._h265_signs) > 1:
                raise HubError(ErrorKind.UNSUPPORTED, "camera_gateway.codec_differs", told="H.264", found="H.265")

    # access units

    def _finish(self) -> None:
        """The unit is complete: give it, or drop it."""
        pieces, damaged = self._pieces, self._damaged
        keyframe = self._has_idr or (bool(self.sets.offered) and first_slice_is_intra(pieces))
        self._clear()
        self._finished_timestamp = self._timestamp
        if self.sets.offered:
            self.sets.take()
        now = self._monotonic()
        if not damaged:
            self.last_whole_s = now
        if damaged or (self._waiting and not keyframe) or (keyframe and not self.sets.complete):
            self.counters.dropped_units += 1
            self._waiting = True
            return
        if keyframe:
            self._waiting = False
            self._wall_minus_monotonic_s = self._clock.now().timestamp() - now
            fmt = self.sets.announce()
            if fmt is not None:
                self._media_clock.may_reorder = self.sets.may_reorder
                self._sink.on_format(fmt)
            pieces.insert(0, self.sets.prefix)
            self.counters.keyframes += 1
        media_time = self._media_clock.stamp(self._timestamp, now)
        data = b"".join(pieces)
        unit = AccessUnit(int((now + self._wall_minus_monotonic_s) * 1_000_000), media_time, keyframe, data)
        if self._media_clock.reorder_frames:
            unit.presentation_offset = self._media_clock.presentation - media_time
        self.last_unit_s = now
        self.counters.units += 1
        self.counters.bytes += len(data)
        self._sink.on_unit(unit)

    def _clear(self) -> None:
        self._pieces = []
        self._size = 0
        self._has_picture = self._has_idr = self._damaged = False


def _payload(data: bytes, start: int, end: int, flags: int) -> tuple[int, int]:
    """Where the payload lies when the header has more than its fixed part (RFC 3550, 5.1); (0, 0) for nonsense."""
    if flags >> 6 != 2:
        return 0, 0
    start += 4 * (flags & 0x0F)
    if flags & 0x10:
        if end - start < 4:
            return 0, 0
        start += 4 + 4 * (data[start + 2] << 8 | data[start + 3])
    if flags & 0x20 and end > start:
        end -= data[end - 1]
    return (start, end) if end > start else (0, 0)
