"""The media of one session: the next picture at each turn of the wheel, as bytes shared by the whole loop.

Runs on the fleet's event loop. A client that does not read loses pictures up to the next keyframe and is counted;
nothing is queued for it. With a fault of media the session gets packets of its own and keeps them to its end.
"""

from __future__ import annotations

import asyncio
import os
import random
import socket
import struct
from collections.abc import Callable
from dataclasses import replace

from camera_gateway.simulator.clip import Clip, CodedPicture, changed_size, frozen
from camera_gateway.simulator.faults import FaultName, FaultSet
from camera_gateway.simulator.packetiser import CLOCK_HZ, OwnPacketiser, SharedLoop, sender_report
from camera_gateway.simulator.sound import Sound
from hub.clock import Clock

_REPORT_EACH_S = 5.0
_WRAP_AT = 2**32


class Playing:
    """One client being played to. `sent + dropped` pictures were due to it."""

    def __init__(
        self,
        shared: SharedLoop,
        faults: FaultSet,
        transport: asyncio.Transport,
        first: int,
        channel: int,
        clock: Clock,
        sound: Sound | None = None,
    ) -> None:
        self.sent = 0
        self.dropped = 0
        self.choked = False
        self.first = shared.clip.keyframe_before(first)
        self._shared = shared
        self._faults = faults
        self._transport = transport
        self._picture = self.first
        self._channel = channel
        self._clock = clock
        self._sound = sound
        self._needs_keyframe = False
        self._report_each = max(1, round(_REPORT_EACH_S * shared.clip.fps))
        self._report_at = self._picture
        self._bytes = 0
        self._own: OwnPacketiser | None = None
        self._faulty_from = self._picture
        self._other: Clip | None = None  # what is played instead: frozen, or of another size
        self._other_for: FaultName | None = None
        self._other_from = 0
        self._packets = 0
        self._dripping = bytearray()
        self._dripped = 0
        self.faults_changed()

    def faults_changed(self) -> None:
        """The camera has other faults now; their seconds count from here."""
        self._faulty_from = self._picture
        self._other = self._other_for = None
        if self._own is None and self._faults.of_media:
            self._own = OwnPacketiser(
                self._shared.clip.codec,
                ssrc=self._shared.ssrc,
                sequence=self._shared.sequence(self._picture),
                channel=self._channel,
            )
            if FaultName.NO_KEYFRAME in self._faults and self._picture == self.first:
                self._picture += 1

    @property
    def rtp_info(self) -> str:
        """`seq` and `rtptime` of the RTP-Info header (RFC 2326, 12.33)."""
        return f"seq={self._shared.sequence(self._picture)};rtptime={self._timestamp(self._picture)}"

    def send_next(self) -> None:
        """One picture, if the client can take it."""
        number = self._picture
        self._picture = number + 1
        if self.choked or self._needs_keyframe:
            index = number % len(self._shared.clip.pictures)
            if self.choked or not self._shared.clip.pictures[index].keyframe:
                self.dropped += 1
                self._needs_keyframe = True
                return
            self._needs_keyframe = False
        if self._transport.is_closing():
            return
        if self._own is not None:
            self._send_own(number)
            return
        data = self._shared.at(number)
        if number >= self._report_at:
            data = self._report(number) + data
        if self._sound is not None:
            data += self._sound.packet(number)
        self._transport.write(data)
        self._bytes += len(data)
        self.sent += 1

    def _report(self, number: int) -> bytes:
        self._report_at = number + self._report_each
        return sender_report(
            self._shared.ssrc, self._clock.now(), self._timestamp(number), self.sent, self._bytes, self._channel + 1
        )

    def _timestamp(self, number: int) -> int:
        timestamp = self._shared.timestamp(number)
        since_s = self._since_s(number)
        if wrap := self._faults.get(FaultName.TIME_WRAP):
            begun = self._shared.timestamp(self._shared.clip.keyframe_before(self._faulty_from))
            timestamp = (timestamp - begun - round(wrap.number * CLOCK_HZ)) % _WRAP_AT
        if (jump := self._faults.get(FaultName.TIME_JUMP)) and since_s >= jump.number:
            timestamp -= 3600 * CLOCK_HZ
        return timestamp % _WRAP_AT

    def _since_s(self, number: int) -> float:
        return (number - self._faulty_from) / self._shared.clip.fps

    def _begun(self, name: FaultName, since_s: float) -> bool:
        fault = self._faults.get(name)
        return fault is not None and since_s >= fault.number

    def _send_own(self, number: int) -> None:
        faults, since_s = self._faults, self._since_s(number)
        if self._begun(FaultName.RESET, since_s):
            reset(self._transport)
            return
        if self._begun(FaultName.STALL, since_s) or FaultName.BLACK_HOLE in faults:
            return
        if FaultName.RTCP_ONLY in faults:
            if number >= self._report_at:
                self._transport.write(self._report(number))
            return
        if FaultName.GARBAGE in faults:
            self._transport.write(os.urandom(random.randrange(200, 1200)))
            return
        picture = self._picture_to_send(number, since_s)
        if picture is None:
            return
        if drip := faults.get(FaultName.DRIP):
            self._drip(picture, number, since_s * drip.number)
            return
        packets = self._packets_of(picture, number)
        before, self._packets = self._packets, self._packets + len(packets)
        if loss := faults.get(FaultName.LOSS):
            every = max(2, round(loss.number))
            packets = [p for n, p in enumerate(packets, before + 1) if n % every]
        if self._sound is not None:
            packets.append(self._sound.packet(number))
        self._transport.write(b"".join(packets))
        self.sent += 1

    def _packets_of(self, picture: CodedPicture, number: int) -> list[bytes]:
        assert self._own is not None  # noqa: S101 - only asked when there is one
        return self._own.packets(picture, self._timestamp(number))

    def _drip(self, picture: CodedPicture, number: int, allowance: float) -> None:
        if not self._dripping:
            self._dripping += b"".join(self._packets_of(picture, number))
        count = max(0, int(allowance) - self._dripped)
        self._transport.write(bytes(self._dripping[:count]))
        del self._dripping[:count]
        self._dripped += count

    def _picture_to_send(self, number: int, since_s: float) -> CodedPicture | None:
        clip = self._shared.clip
        picture = clip.pictures[number % len(clip.pictures)]
        for name, make in (
            (FaultName.FREEZE, lambda: frozen(clip, number)),
            (FaultName.SPS_CHANGE, lambda: changed_size(clip)),
        ):
            if self._begun(name, since_s):
                self._change_to(name, make)
        if self._other is not None and (self._other_from or picture.keyframe or self._other_for is FaultName.FREEZE):
            self._other_from = self._other_from or number
            picture = self._other.pictures[(number - self._other_from) % len(self._other.pictures)]
        held = self._faults.get(FaultName.NO_KEYFRAME)
        if held is not None and since_s < held.number and picture.keyframe:
            return None
        if FaultName.NO_INBAND in self._faults and picture.keyframe:
            codec = clip.codec
            return replace(picture, nals=tuple(n for n in picture.nals if codec.kind_of(n) not in codec.sets))
        return picture

    def _change_to(self, name: FaultName, make: Callable[[], Clip]) -> None:
        """Encode the other loop in a thread; what plays goes on until it is there."""
        if self._other_for is name:
            return
        self._other_for, self._other, self._other_from = name, None, 0

        def made(future: asyncio.Future[Clip]) -> None:
            if self._other_for is name and not future.cancelled() and future.exception() is None:
                self._other = future.result()

        asyncio.get_running_loop().run_in_executor(None, make).add_done_callback(made)


def reset(transport: asyncio.BaseTransport) -> None:
    """End a connection with RST instead of FIN."""
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if isinstance(transport, asyncio.Transport) or hasattr(transport, "abort"):
        transport.abort()
