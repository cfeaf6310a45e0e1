"""Joins RTP packets into H.264 access units (RFC 6184), on the camera's event loop; hands them to the Sink.

Runs 30,000 times a second with 600 cameras: one unpack a packet, one join a picture, no task, no await. Tolerates
what cameras do to markers, timestamps and NAL units; a loss is paid with the pictures up to the next keyframe.
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
from camera_gateway.sources.rtsp.annexb import first_slice_is_intra, has_start_code, split_start_codes
from camera_gateway.sources.rtsp.other_codec import Suspicion
from camera_gateway.sources.rtsp.parameter_sets import H264, ParameterSets
from hub.clock import Clock

_RTP: Final = Struct(">BBHIIBB").unpack_from  # flags, marker and type, sequence, timestamp, SSRC, two payload bytes
_HEADER: Final = tuple(bytes((value,)) for value in range(256))
_SLICE, _IDR, _SEI, _SPS, _PPS, _DELIMITER = 1, 5, 6, 7, 8, 9
_STAP_A, _FU_A = 24, 28
_PLAUSIBLE: Final = frozenset({1, 5, 6, 7, 8, 9, 12})


class H264Depacketiser(AccessUnits):
    """One H.264 track. All calls on the camera's loop; `sink` is called from within `packet`.

    `packet` raises HubError UNSUPPORTED `camera_gateway.codec_differs` where what comes is no H.264 and cannot be
    taken for what it is.
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
        sets = ParameterSets(parameter_sets, frame_rate, H264)
        super().__init__(sink, clock, sets, Suspicion(H264), payload_type, counters, replace)

    def packet(self, data: bytes, start: int, end: int) -> None:
        """Take the RTP packet in data[start:end]."""
        counters = self.counters
        counters.packets += 1
        if end - start < RTP_BYTES + 2:
            self._short(data, start, end)
            return
        flags, kind, sequence, timestamp, self.ssrc, indicator, header = _RTP(data, start)
        if kind & 0x7F != self._payload_type and not self._takes(data, start, end):
            return
        start += RTP_BYTES
        if flags != 0x80:
            inner, inner_end = payload(data, start, end, flags)
            if inner_end - inner < 2:
                self._short(data, start - RTP_BYTES, end)
                return
            start, end = inner, inner_end
            indicator, header = data[start], data[start + 1]
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

    # NAL units

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
            self._size -= size
            self._each_whole(split_start_codes(whole, _plausible))
            return
        if self._has_picture:
            if second & 0x80 and (
                self._held or self.sets.frames_only
            ):  # the next under the same timestamp (moonfire#300)
                self._finish()
                self._size += size
            elif self._held:
                self._between()
        elif not second & 0x80:
            self._later_slice()
        self._has_picture = True
        if nal_type == _IDR:
            self._has_key = True
        mine = self._pieces
        mine.append(length(size))
        mine += pieces
        if self._size > UNIT_MAX_BYTES or len(mine) > UNIT_MAX_PIECES:
            self._refuse_unit()

    def _other(self, nal: bytes) -> None:
        """Anything but a slice. Several NAL units with start codes between them come apart here (retina#68)."""
        if has_start_code(nal) and (parts := split_start_codes(nal, _plausible)):
            self._starts_inside = True
            self._each_whole(parts)
            return
        nal_type = nal[0] & 0x1F
        if self._has_picture and (_SEI <= nal_type <= _DELIMITER or 14 <= nal_type <= 18):
            self._hold(nal)  # only before a picture (ITU-T H.264, 7.4.1.2.3); GStreamer has sets before each slice
        elif nal_type in (_SPS, _PPS):
            self.sets.offer(nal)
        elif nal_type == _SEI:
            self._aside(nal)
        elif nal_type in (0, 2, 3, 4) or nal_type > 24:
            if nal_type in (25, 26, 27, 29):  # interleaved modes, which nobody asked for: what was inside is lost
                self._lose()
            self._unknown(nal)

    def _recovers(self, pieces: Sequence[bytes]) -> bool:
        """An open GOP without IDR pictures begins with an intra picture and its parameter sets."""
        return first_slice_is_intra(pieces)


def _plausible(nal: bytes) -> bool:
    """Whether a camera sends such a NAL unit."""
    return nal[0] < 0x80 and nal[0] & 0x1F in _PLAUSIBLE
