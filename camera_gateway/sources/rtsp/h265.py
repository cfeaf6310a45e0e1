"""Joins RTP packets into H.265 access units (RFC 7798), on the camera's event loop; hands them to the Sink.

As cheap as H.264's: one unpack a packet, one join a picture. Single NAL units, aggregates, fragments and PACI; no DONL,
which only interleaving needs and nobody asks for (depacketiser.py refuses a description that announces it).
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct
from typing import Final

from camera_gateway.sources.base import Sink
from camera_gateway.sources.rtsp.access_units import (
    RTP_BYTES,
    UNIT_MAX_BYTES,
    UNIT_MAX_PIECES,
    AccessUnits,
    Counters,
    Replace,
    length,
    payload,
)
from camera_gateway.sources.rtsp.annexb import has_start_code, split_start_codes
from camera_gateway.sources.rtsp.other_codec import Suspicion
from camera_gateway.sources.rtsp.parameter_sets import H265, ParameterSets
from hub.clock import Clock

_RTP: Final = Struct(">BBHIIBBB").unpack_from  # flags, marker and type, sequence, timestamp, SSRC, three payload bytes
_AGAIN: Final = Struct(">BBHII").pack
_HEADER: Final = Struct(">H").pack
# ITU-T H.265, table 7-1. Slices are 0 to 31; 16 to 23 need no picture before them (IRAP).
_RASL: Final = frozenset({8, 9})
_FIRST_KEY, _FIRST_IDR, _FIRST_NO_SLICE = 16, 19, 32
_SETS: Final = frozenset({32, 33, 34})
_PREFIX_SEI, _SUFFIX_SEI = 39, 40
_BEFORE_PICTURE: Final = frozenset({32, 33, 34, 35, 39, *range(41, 45), *range(48, 56)})  # 7.4.2.4.4
_AP, _FU, _PACI = 48, 49, 50  # RFC 7798, 4.4


class H265Depacketiser(AccessUnits):
    """One H.265 track. All calls on the camera's loop; `sink` is called from within `packet`.

    A CRA picture is a keyframe like an IDR; its leading pictures that cannot be decoded (RASL) are dropped where the
    stream begins with it. `packet` raises HubError UNSUPPORTED `camera_gateway.codec_differs` where what comes is no
    H.265 and cannot be taken for what it is.
    """

    def __init__(
        self,
        sink: Sink,
        clock: Clock,
        *,
        payload_type: int | None,
        parameter_sets: Sequence[bytes] = (),
        frame_rate: float | None = None,
        counters: Counters | None = None,
        replace: Replace | None = None,
    ) -> None:
        sets = ParameterSets(parameter_sets, frame_rate, H265)
        super().__init__(sink, clock, sets, Suspicion(H265), payload_type, counters, replace)
        self._skips_leading = False  # pictures that need others from before the last keyframe (8.1.3)

    def packet(self, data: bytes, start: int, end: int) -> None:
        """Take the RTP packet in data[start:end]."""
        counters = self.counters
        counters.packets += 1
        if end - start < RTP_BYTES + 3:
            self._short(data, start, end)
            return
        flags, kind, sequence, timestamp, self.ssrc, first, second, third = _RTP(data, start)
        if kind & 0x7F != self._payload_type and not self._takes(data, start, end):
            return
        start += RTP_BYTES
        if flags != 0x80:
            inner, inner_end = payload(data, start, end, flags)
            if inner_end - inner < 3:
                self._short(data, start - RTP_BYTES, end)
                return
            start, end = inner, inner_end
            first, second, third = data[start : start + 3]
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
        nal_type = first >> 1
        if nal_type == _FU:  # 4.4.3; a type that changes inside (retina#121) is that of the first fragment
            if third & 0x80:
                if self._fragment_header >= 0:
                    self._close_fragments(complete=False)
                self._fragment_header = (first & 0x81 | (third & 0x3F) << 1) << 8 | second
            if self._fragment_header >= 0:
                self._fragments.append(data[start + 3 : end])
                self._size += end - start
                if third & 0x40:
                    self._close_fragments(complete=True)
                elif self._size > UNIT_MAX_BYTES or len(self._fragments) > UNIT_MAX_PIECES:
                    self._refuse_unit()
            else:  # its beginning was lost
                self._damaged = self._waiting = True
        elif nal_type == _PACI:
            self._unwrap(kind, sequence, timestamp, data[start:end])
            return
        else:
            if self._fragment_header >= 0:
                self._close_fragments(complete=False)
            if not 0 < second < 8 or first & 1:  # not of the base layer
                self._other(data[start:end])
            elif nal_type < _FIRST_NO_SLICE:
                self._size += end - start
                self._picture(nal_type, third, [data[start:end]], end - start)
            elif nal_type == _AP:
                self._aggregate(data, start + 2, end)
            else:
                self._other(data[start:end])
        if kind & 0x80 and not self._markers_lie:
            if self._fragment_header >= 0:  # no end bit: the marker ends it
                self._close_fragments(complete=True)
            if self._has_picture:
                self._finish()
            else:  # parameter sets or SEI with a marker (retina#13, moonfire#352): they belong to what follows
                self._damaged = False

    def _unwrap(self, kind: int, sequence: int, timestamp: int, wrapped: bytes) -> None:
        """PACI (4.4.4): extension fields before a payload, whose own header lacks; read it as if it had come bare."""
        skipped = 4 + (int.from_bytes(wrapped[2:4], "big") >> 4 & 0x1F)
        inner_type = wrapped[2] >> 1 & 0x3F
        if len(wrapped) <= skipped or inner_type == _PACI:
            self.counters.refused_packets += 1
            return
        header = bytes(((wrapped[2] & 0x80) | inner_type << 1 | wrapped[0] & 1, wrapped[1]))
        bare = _AGAIN(0x80, kind, sequence, timestamp, self.ssrc) + header + wrapped[skipped:]
        self._next_sequence = sequence
        self.counters.packets -= 1
        self.packet(bare, 0, len(bare))

    # NAL units

    def _close_fragments(self, *, complete: bool) -> None:
        header, fragments = self._fragment_header, self._fragments
        self._fragment_header = -1
        self._fragments = []
        if not complete:
            self._damaged = self._waiting = True
        if header & 0xC1F8 == 0 and header & 7:  # a slice of the base layer
            first = fragments[0] or b"".join(fragments)
            if first:
                fragments.insert(0, _HEADER(header))
                self._picture(header >> 9, first[0], fragments, sum(map(len, fragments)))
        elif any(fragments):
            self._other(_HEADER(header) + b"".join(fragments))

    def _nal(self, nal: bytes) -> None:
        if len(nal) > 2 and nal[0] < _FIRST_NO_SLICE << 1 and not nal[0] & 1 and 0 < nal[1] < 8:
            self._size += len(nal)
            self._picture(nal[0] >> 1, nal[2], [nal], len(nal))
        else:
            self._other(nal)

    def _picture(self, nal_type: int, third: int, pieces: list[bytes], size: int) -> None:
        """A slice, in pieces. `third` is the byte after its header: its top bit says "first of its picture"."""
        if self._starts_inside and has_start_code(whole := b"".join(pieces)):
            self._size -= size
            self._each_whole(split_start_codes(whole, _plausible))
            return
        if self._has_picture:
            if third & 0x80:  # first_slice_segment_in_pic_flag
                self._finish()
                self._size += size
            elif self._held:
                self._between()
        if not self._has_picture:
            if self._skips_leading and nal_type in _RASL:
                self._skip(third)
                return
            if not third & 0x80:
                self._later_slice()
            self._has_picture = True
            self._refers_back = nal_type in _RASL
            if nal_type >= _FIRST_KEY:
                self._has_key = True
                self._skips_leading = self._waiting or nal_type < _FIRST_IDR
        mine = self._pieces
        mine.append(length(size))
        mine += pieces
        if self._size > UNIT_MAX_BYTES or len(mine) > UNIT_MAX_PIECES:
            self._refuse_unit()

    def _skip(self, third: int) -> None:
        """A picture that nobody can decode, because the stream begins after what it refers to."""
        if third & 0x80:
            self.counters.dropped_units += 1
            self.last_whole_s = self._monotonic()
        self._clear()

    def _other(self, nal: bytes) -> None:
        """Anything but a slice. Several NAL units with start codes between them come apart here (retina#68)."""
        if has_start_code(nal) and (parts := split_start_codes(nal, _plausible)):
            self._starts_inside = True
            self._each_whole(parts)
            return
        if len(nal) < 2 or nal[0] & 0x81 or not 0 < nal[1] < 8:
            self._unknown(nal)
            return
        nal_type = nal[0] >> 1
        if self._has_picture and nal_type in _BEFORE_PICTURE:
            self._hold(nal)
        elif nal_type in _SETS:
            self.sets.offer(nal)
        elif nal_type == _PREFIX_SEI or (nal_type == _SUFFIX_SEI and self._has_picture):
            self._aside(nal)
        elif nal_type >= _AP:
            self._unknown(nal)

    def _recovers(self, pieces: Sequence[bytes]) -> bool:
        """Where a stream may begin is said by the type of the slice alone."""
        return False


def _plausible(nal: bytes) -> bool:
    """Whether a camera sends such a NAL unit: a slice, a parameter set, a delimiter, an SEI of the base layer."""
    return len(nal) > 1 and not nal[0] & 0x81 and 0 < nal[1] < 8 and (nal[0] >> 1 < 22 or 32 <= nal[0] >> 1 <= 40)
