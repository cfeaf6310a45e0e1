"""What RTP of H.264 and of H.265 have in common: packets counted, NAL units gathered, access units given or dropped.

On the camera's event loop. The two depacketisers (h264.py, h265.py) stand on this and bring the way of a packet
themselves: it is gone 30,000 times a second with 600 cameras, and a call more for each codec's own would be felt.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Final

from camera_gateway.sources.base import AccessUnit, Sink
from camera_gateway.sources.rtsp.media_clock import MediaClock
from camera_gateway.sources.rtsp.other_codec import Suspicion
from camera_gateway.sources.rtsp.parameter_sets import ParameterSets
from hub.clock import Clock

UNIT_MAX_BYTES: Final = 4_000_000
UNIT_MAX_PIECES: Final = 20_000
RTP_BYTES: Final = 12
length: Final = Struct(">I").pack
_HELD_MAX: Final = 64  # NAL units after a slice that would stand before one; more of them end the picture
_GONE: Final = -2  # a payload type that no packet has

Take = Callable[[bytes, int, int], None]
"""Who takes the RTP packet in data[start:end]."""
Replace = Callable[[Sequence[bytes]], Take]
"""Asked once, when it is sure that the other codec is sent, with the parameter sets seen; who takes packets instead."""


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
    odd_times: int = 0  # timestamps that repeat, step back or jump


class AccessUnits(ABC):
    """One video track. All calls on the camera's loop; `sink` is called from within `packet`."""

    def __init__(
        self,
        sink: Sink,
        clock: Clock,
        sets: ParameterSets,
        suspicion: Suspicion,
        payload_type: int | None,
        counters: Counters | None,
        replace: Replace | None,
    ) -> None:
        self.counters = counters or Counters()
        self.last_unit_s = -1.0  # when a unit was given, on clock.monotonic(); -1: none yet
        self.last_whole_s = -1.0  # when a whole unit came, given or not
        self.ssrc = 0
        self.sets = sets
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
        self._held: list[
            bytes
        ] = []  # came after a slice, should stand before one: the next slice tells of which picture
        self._fragments: list[bytes] = []  # of the NAL unit being joined
        self._fragment_header = -1  # its header; -1: none is open
        self._has_picture = False
        self._has_key = False  # a picture that needs no other one
        self._refers_back = False  # one that needs others from before the last keyframe
        self._starts_inside = False  # this camera packs several NAL units, start codes between, into one
        self._markers_lie = False  # this camera sets the marker on each slice, not on the last of a picture
        self._finished_timestamp = -1
        self._suspicion = suspicion
        self._replace = replace
        self._successor: Take | None = None

    @abstractmethod
    def packet(self, data: bytes, start: int, end: int) -> None:
        """Take the RTP packet in data[start:end]."""

    @abstractmethod
    def _nal(self, nal: bytes) -> None:
        """Take a whole NAL unit of at least one byte."""

    @abstractmethod
    def _recovers(self, pieces: Sequence[bytes]) -> bool:
        """Whether a unit that came with parameter sets may begin a stream though its codec does not call it a key."""

    # packets

    def settle(self) -> None:
        """Its source is over: what had begun will not end, and another codec is looked for no more."""
        self._clear()
        self._replace = self._successor = None

    def _short(self, data: bytes, start: int, end: int) -> None:
        """A packet without payload, or with one NAL unit of a byte or two: counts in the sequence, holds nothing."""
        if self._successor is not None:
            self._hand_over(data, start, end)
        elif end - start >= RTP_BYTES and data[start] >> 6 == 2:
            sequence = data[start + 2] << 8 | data[start + 3]
            if sequence == self._next_sequence or self._gap(sequence):
                self._next_sequence = (sequence + 1) & 0xFFFF
            if data[start + 1] & 0x80 and self._has_picture:
                self._finish()
        else:
            self.counters.refused_packets += 1

    def _takes(self, data: bytes, start: int, end: int) -> bool:
        """Whether a packet of another payload type than the expected one is ours all the same."""
        if self._successor is not None:
            self._hand_over(data, start, end)
            return False
        if self._payload_type == -1:
            self._payload_type = data[start + 1] & 0x7F
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
        if self._held:
            self._between()
        self._waiting = True
        self._fragments.clear()
        self._fragment_header = -1
        self._clear()

    def _refuse_unit(self) -> None:
        """It grows without end."""
        self.counters.refused_packets += 1
        self._lose()

    def _aggregate(self, data: bytes, start: int, end: int) -> None:
        """Several NAL units, each after its length in two bytes (RFC 6184, 5.7.1; RFC 7798, 4.4.2)."""
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

    # the other codec

    def _unknown(self, nal: bytes) -> None:
        """A NAL unit that this codec does not know. Raises HubError UNSUPPORTED `camera_gateway.codec_differs`."""
        self.counters.refused_packets += 1
        if self.counters.units or self._replace is None:
            return
        sets = self._suspicion.sets_of_other(nal)
        if sets is not None:
            self._lose()
            self._successor = self._replace(sets)
            self._payload_type = _GONE  # so that each packet takes the way of those that are not ours

    def _hand_over(self, data: bytes, start: int, end: int) -> None:
        if self._successor is not None:
            self.counters.packets -= 1  # the successor counts it in the same place
            self._successor(data, start, end)

    # NAL units

    def _aside(self, nal: bytes) -> None:
        """Something that is no slice goes with the unit being joined."""
        self._pieces += (length(len(nal)), nal)
        self._size += len(nal)
        if len(self._pieces) > UNIT_MAX_PIECES or self._size > UNIT_MAX_BYTES:
            self._lose()

    def _later_slice(self) -> None:
        """What should begin a picture is a later slice of one."""
        if self._waiting:
            self._damaged = True  # the first ones were lost
        elif self._timestamp == self._finished_timestamp:  # the picture was ended too early
            self._markers_lie = self._damaged = self._waiting = True

    def _hold(self, nal: bytes) -> None:
        """What may stand only before a picture came after a slice: it ends this one, unless a later slice follows."""
        self._held.append(nal)
        if len(self._held) > _HELD_MAX:
            self._finish()

    def _between(self) -> None:
        """What was held stood between two slices of one picture: its parameter sets hold, the rest says nothing."""
        self.sets.sift(self._held)
        self._held.clear()

    def _each_whole(self, nals: Sequence[bytes]) -> None:
        """NAL units that stood in one: each is taken as a whole one, and not searched again."""
        starts_inside, self._starts_inside = self._starts_inside, False
        for nal in nals:
            self._nal(nal)
        self._starts_inside = starts_inside

    # access units

    def _finish(self) -> None:
        """The unit is complete: give it, or drop it."""
        pieces, damaged, refers_back = self._pieces, self._damaged, self._refers_back
        keyframe = self._has_key or (bool(self.sets.offered) and self._recovers(pieces))
        self._clear()
        self._finished_timestamp = self._timestamp
        if self.sets.offered:
            self.sets.take()
        if self._held:
            held, self._held = self._held, []
            for nal in held:  # of the next picture
                self._nal(nal)
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
                self._media_clock.expect(self.sets.reorder_frames, fmt.frame_rate)
                self._sink.on_format(fmt)
            pieces.insert(0, self.sets.prefix)
            self.counters.keyframes += 1
        media_time = self._media_clock.stamp(self._timestamp, now)
        self.counters.odd_times = self._media_clock.oddities
        data = b"".join(pieces)
        unit = AccessUnit(int((now + self._wall_minus_monotonic_s) * 1_000_000), media_time, keyframe, data)
        if self._media_clock.reorder_frames:
            unit.presentation_offset = self._media_clock.presentation - media_time
        unit.refers_back = refers_back
        self.last_unit_s = now
        self.counters.units += 1
        self.counters.bytes += len(data)
        self._sink.on_unit(unit)

    def _clear(self) -> None:
        self._pieces = []
        self._size = 0
        self._has_picture = self._has_key = self._damaged = self._refers_back = False


def payload(data: bytes, start: int, end: int, flags: int) -> tuple[int, int]:
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
