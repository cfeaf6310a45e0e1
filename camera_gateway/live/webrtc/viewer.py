"""One browser that watches one camera by WebRTC: its sequence numbers, what was sent and may be asked for again.

Runs on the gateway's loop. A live frame is sent in a plain call; a burst (the kept GOP, a large keyframe, a full
socket) waits in a queue of its own and is paced by one task while there is something in it. Full, the queue is thrown
away up to the next keyframe, and counted. Never parses what a browser says.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from struct import Struct
from typing import TYPE_CHECKING, Final

from camera_gateway.live.viewer import End
from camera_gateway.live.webrtc.packets import Frame, Run
from hub.clock import Clock
from hub.contracts.ticket import Ticket

if TYPE_CHECKING:
    from camera_gateway.live.webrtc.beneath import Sealing

# So many packets at once, then a rest: 48 in 8 ms are 58 Mbit/s, a kept GOP of 750 kB in 100 ms. A loop that sends them
# without a rest serves nobody else meanwhile, and a switch with small buffers throws them away.
BURST_PACKETS: Final = 48
PACE_S: Final = 0.008
KEPT_PACKETS: Final = 512  # for a browser that asks for one again
REPEATS_A_SECOND: Final = 512
_RTP: Final = Struct(">BBHII")

SendRun = Callable[[memoryview, int], bool]  # packets one behind the other, the size of each but the last


@dataclass(slots=True)
class Track:
    """One SSRC."""

    ssrc: int
    rate_hz: int
    offset: int  # of its RTP time line
    sequence: int  # of the next packet
    packets: int = 0
    octets: int = 0
    reported: int = 0  # packets at the last report
    last: Frame | None = None


def _track(rate_hz: int) -> Track:
    # A first sequence number below 32768: the receiver may lose the first packets and still guess the roll-over.
    return Track(secrets.randbits(32), rate_hz, secrets.randbits(32), secrets.randbelow(0x8000))


class PacketViewer:
    """The sending half of one WebRTC viewing."""

    def __init__(
        self, ticket: Ticket, payload_types: dict[str, int], clock: Clock, limit_units: int, *, audio: bool = False
    ) -> None:
        self.ticket = ticket
        self.payload_types = payload_types
        self.audio = audio
        self.ended: asyncio.Future[End | None] = asyncio.get_running_loop().create_future()
        self.frames_sent = 0
        self.frames_dropped = 0
        self.last_captured_at_us = 0
        self.packets_repeated = 0
        self.loss = 0.0  # share of packets that the browser missed, as it last said
        self.video = _track(90_000)
        self.sound = _track(8_000)
        self.playout_delay: int | None = None
        self.on_first_picture: Callable[[], None] | None = None
        self._clock = clock
        self._limit_units = limit_units
        self._most_waiting = limit_units
        self._sealing: Sealing | None = None
        self._send: SendRun | None = None
        self._skipping = True  # until the first keyframe
        self._behind_loss = False  # what came before the newest keyframe was not sent
        self._waiting: deque[Frame] = deque()
        self._runs_sent = 0  # of the first that waits
        self._kept: deque[tuple[int, Frame]] = deque()  # first sequence number, not wrapped
        self._kept_packets = 0
        self._repeats_left = REPEATS_A_SECOND
        self._pacing: asyncio.Task[None] | None = None

    def open(self, sealing: Sealing, send: SendRun) -> None:
        """The connection stands."""
        self._sealing, self._send = sealing, send

    def begin(self, gop: list[Frame], complete: bool) -> None:
        """The kept GOP with its own times; not `complete`: a still picture until the next keyframe."""
        if gop and self._sealing is not None:
            self._waiting.extend(gop)
            self._most_waiting = self._limit_units + len(gop)
            self._skipping = not complete
            self._drain()

    def push(self, frame: Frame) -> None:
        """One live frame, behind whatever waits."""
        if self._sealing is None or self.ended.done():
            return
        if self._skipping:
            if not frame.keyframe:
                self.frames_dropped += bool(self.frames_sent)  # waiting for the first picture is no loss
                return
            self._skipping, self._behind_loss = False, True
        elif self._behind_loss:
            if frame.refers_back:
                self.frames_dropped += 1
                return
            self._behind_loss = not frame.keyframe
        self._waiting.append(frame)
        if len(self._waiting) > self._most_waiting:
            self._give_up(frame)
        elif self._pacing is None:
            self._drain()

    def push_audio(self, frame: Frame) -> None:
        """One packet of sound; lost where the socket is full."""
        if self._sealing is None or self.ended.done():
            return
        number = 8 if frame.codec == "pcma" else 0
        if self._send_run(self.sound, frame, frame.runs[0], number, ends=self.sound.last is None):
            self.sound.last = frame

    def repeat(self, asked: Iterable[tuple[int, int]]) -> None:
        """Send these again, as they were, as far as they are kept and this second's share allows."""
        for ssrc, number in asked:
            if ssrc != self.video.ssrc or self._repeats_left <= 0:
                continue
            sequence = self.video.sequence - (self.video.sequence - number & 0xFFFF)
            found = self._find(sequence)
            if found is not None:
                self._repeats_left -= 1
                self.packets_repeated += 1
                self._send_one(*found, sequence)

    def tick(self) -> None:
        """Once a second."""
        self._repeats_left = REPEATS_A_SECOND

    def end(self, why: End | None) -> None:
        """Make it go; the first reason stands, None: the browser went by itself."""
        if not self.ended.done():
            self.ended.set_result(why)
        if self._pacing is not None:
            self._pacing.cancel()
            self._pacing = None
        self._waiting.clear()

    def _drain(self) -> None:
        """Send what may be sent at once; the rest is paced."""
        self._send_waiting()
        if self._waiting and not self.ended.done():
            self._pacing = asyncio.create_task(self._pace(), name=f"pacing {self.ticket.ticket_id}")

    async def _pace(self) -> None:
        while self._waiting:
            await self._clock.sleep(PACE_S)
            self._send_waiting()
        self._pacing = None
        self._most_waiting = self._limit_units

    def _send_waiting(self) -> None:
        left = BURST_PACKETS
        while self._waiting and left > 0:
            frame = self._waiting[0]
            number = self.payload_types[frame.codec]
            self._keep(frame)
            while self._runs_sent < len(frame.runs):
                run = frame.runs[self._runs_sent]
                if left <= 0 or not self._send_run(
                    self.video, frame, run, number, ends=self._runs_sent == len(frame.runs) - 1
                ):
                    return
                left -= run.count
                self._runs_sent += 1
            self._sent(frame)

    def _sent(self, frame: Frame) -> None:
        self._waiting.popleft()
        self._runs_sent = 0
        self.video.last = frame
        self.last_captured_at_us = frame.captured_at_us
        self.frames_sent += 1
        if self.on_first_picture is not None:
            told, self.on_first_picture = self.on_first_picture, None
            told()

    def _send_run(self, track: Track, frame: Frame, run: Run, number: int, *, ends: bool) -> bool:
        if self._sealing is None or self._send is None:
            return False
        if self._carries_delay(frame, run):
            sealed = memoryview(self._sealing.seal(self._packet(frame, 0, track.sequence)))
            step = len(sealed)
        else:
            sealed = self._sealing.seal_run(
                run.template(self._sealing.tag_bytes),
                run.count,
                (run.size, run.last),
                (track.sequence << 8 | number, frame.timestamp + track.offset & 0xFFFFFFFF, track.ssrc),
                ends,
            )
            step = 12 + run.size + self._sealing.tag_bytes
        if not self._send(sealed, step):
            return False
        track.sequence += run.count
        track.packets += run.count
        track.octets += (run.count - 1) * run.size + run.last
        return True

    def _send_one(self, frame: Frame, index: int, sequence: int) -> None:
        if self._sealing is not None and self._send is not None:
            sealed = self._sealing.seal(self._packet(frame, index, sequence))
            self._send(memoryview(sealed), len(sealed))

    def _packet(self, frame: Frame, index: int, sequence: int) -> bytes:
        """One packet of a picture, not yet protected; the first of a keyframe asks for no delay before it is shown."""
        marks = 0x80 if index == frame.packets - 1 else 0
        stamp = frame.timestamp + self.video.offset & 0xFFFFFFFF
        number = self.payload_types[frame.codec] | marks
        delayed = index == 0 and self._carries_delay(frame, frame.runs[0])
        head = _RTP.pack(0x90 if delayed else 0x80, number, sequence & 0xFFFF, stamp, self.video.ssrc)
        if delayed and self.playout_delay is not None:
            head += b"\xbe\xde\x00\x01" + bytes((self.playout_delay << 4 | 2, 0, 0, 0))
        return head + frame.payload(index)

    def _carries_delay(self, frame: Frame, run: Run) -> bool:
        # The parameter sets before a keyframe, a packet by itself: in a run all must be equal in size.
        return self.playout_delay is not None and frame.keyframe and run is frame.runs[0] and run.count == 1

    def _keep(self, frame: Frame) -> None:
        if self._kept and self._kept[-1][1] is frame:
            return  # tried before, when the socket was full
        self._kept.append((self.video.sequence, frame))
        self._kept_packets += frame.packets
        while self._kept_packets - self._kept[0][1].packets >= KEPT_PACKETS:
            self._kept_packets -= self._kept.popleft()[1].packets

    def _find(self, sequence: int) -> tuple[Frame, int] | None:
        if sequence >= self.video.sequence:
            return None
        for first, frame in reversed(self._kept):
            if first <= sequence:
                return (frame, sequence - first) if sequence < first + frame.packets else None
        return None

    def _give_up(self, frame: Frame) -> None:
        """Too much waits: throw it away. A live keyframe starts anew, what came before it is of no use any more."""
        half_sent = self._runs_sent > 0
        kept = [self._waiting[0]] if half_sent else []
        self.frames_dropped += len(self._waiting) - len(kept)
        self._waiting = deque(kept)
        if frame.keyframe and not (half_sent and kept[0] is frame):
            self._waiting.append(frame)
            self.frames_dropped -= 1
            self._behind_loss = True
        else:
            self._skipping = True
