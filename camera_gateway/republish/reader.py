"""One partner's player that reads one camera: what it was sent, what it was spared, and when it must go.

Runs on the gateway's loop. A picture's packets are written to the connection's transport in one plain call; the
transport's buffer is the queue, bounded here in units and in bytes. Never awaits.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable
from struct import Struct
from typing import Final

from camera_gateway.live.viewer import End, Wire
from camera_gateway.live.webrtc.packets import RTP_HEADER_BYTES, Frame
from camera_gateway.live.webrtc.rtcp import goodbye, sender_report
from camera_gateway.republish.sdp import PAYLOAD_TYPE
from hub.contracts.ticket import Ticket

_PACKET: Final = Struct(">BBHBBHII")  # the interleaving of RFC 2326 10.12, then the header of RTP
_DOLLAR: Final = 0x24
_REPORT_EVERY_US: Final = 5_000_000


class PartnerReader:
    """The sending half. Full, it skips to a keyframe that finds at most half of that waiting, and counts."""

    __slots__ = (
        "_behind_loss",
        "_channels",
        "_in_flight",
        "_limit_bytes",
        "_limit_units",
        "_octets",
        "_offset",
        "_on_end",
        "_packets",
        "_reported_at_us",
        "_skipping",
        "_wire",
        "_written",
        "codec",
        "ended",
        "frames_dropped",
        "frames_sent",
        "last_captured_at_us",
        "sequence",
        "ssrc",
        "ticket",
    )

    def __init__(
        self,
        ticket: Ticket,
        wire: Wire,
        codec: str,
        channels: tuple[int, int],
        limits: tuple[int, int],
        on_end: Callable[[End], None],
    ) -> None:
        self.ticket = ticket
        self.codec = codec
        self.ended: End | None = None
        self.frames_sent = 0
        self.frames_dropped = 0
        self.last_captured_at_us = 0
        self.sequence = secrets.randbelow(0x1_0000)  # of the next packet
        self.ssrc = secrets.randbelow(0xFFFF_FFFF) + 1
        self._offset = secrets.randbelow(0x1_0000_0000)  # of its RTP times (RFC 3550 5.1)
        self._wire = wire
        self._channels = channels
        self._limit_units, self._limit_bytes = limits
        self._on_end = on_end
        self._in_flight: deque[int] = deque()  # for each unit, `_written` after it
        self._written = self._packets = self._octets = self._reported_at_us = 0
        self._skipping = True  # until the first keyframe
        self._behind_loss = False  # what came before the newest keyframe was not sent

    def rtp_time(self, frame: Frame) -> int:
        """Of this picture, on this reader's line."""
        return frame.timestamp + self._offset & 0xFFFF_FFFF

    def begin(self, gop: list[Frame], complete: bool) -> None:
        """The kept GOP at once; not `complete`: a still picture until the next keyframe."""
        for frame in gop:
            self._send(frame)
        if gop:
            self._skipping = not complete

    def push(self, frame: Frame) -> None:
        """One live picture; skipped and counted where the player is slow. None after its end."""
        if self.ended is not None or self._wire.is_closing():
            return
        in_flight, waiting = self._in_flight, self._wire.get_write_buffer_size()
        taken = self._written - waiting
        while in_flight and in_flight[0] <= taken:
            in_flight.popleft()
        if self._skipping:
            full = len(in_flight) * 2 > self._limit_units or waiting * 2 > self._limit_bytes
            self._skipping = full or not frame.keyframe
            self._behind_loss = True
        else:
            self._skipping = len(in_flight) >= self._limit_units or waiting > self._limit_bytes
            self._behind_loss = self._behind_loss and not frame.keyframe
        if self._skipping or (self._behind_loss and frame.refers_back):
            self.frames_dropped += 1 if self.frames_sent else 0  # waiting for the first picture is no loss
            return
        self._send(frame)
        in_flight.append(self._written)

    def restart(self) -> None:
        """Other parameters: what follows begins with a keyframe."""
        self._skipping = True

    def end(self, why: End) -> None:
        """Make it go; the first reason stands."""
        if self.ended is None:
            self.ended = why
            self._on_end(why)

    def goodbye(self) -> bytes:
        """RTCP BYE as it goes on the wire."""
        return self._control(goodbye(self.ssrc))

    def _send(self, frame: Frame) -> None:
        parts: list[bytes] = []
        stamp = self.rtp_time(frame)
        if not 0 <= frame.captured_at_us - self._reported_at_us < _REPORT_EVERY_US:  # also where the clock was set back
            self._reported_at_us = frame.captured_at_us
            report = sender_report(self.ssrc, frame.captured_at_us, stamp, self._packets, self._octets)
            parts.append(self._control(report))
        left, channel, sequence = frame.packets, self._channels[0], self.sequence
        for run in frame.runs:
            for index in range(run.count):
                left -= 1
                payload = run.payload(index)
                kind = PAYLOAD_TYPE if left else PAYLOAD_TYPE | 0x80  # the marker ends a picture
                size = RTP_HEADER_BYTES + len(payload)
                parts.append(_PACKET.pack(_DOLLAR, channel, size, 0x80, kind, sequence, stamp, self.ssrc))
                parts.append(payload)
                sequence = sequence + 1 & 0xFFFF
        self.sequence = sequence
        self._packets += frame.packets
        self._octets += frame.payload_bytes
        data = b"".join(parts)
        self._wire.write(data)
        self._written += len(data)
        self.frames_sent += 1
        self.last_captured_at_us = frame.captured_at_us

    def _control(self, packet: bytes) -> bytes:
        return bytes((_DOLLAR, self._channels[1])) + len(packet).to_bytes(2, "big") + packet
