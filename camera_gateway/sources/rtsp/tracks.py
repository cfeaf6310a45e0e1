"""The tracks of one session: SETUP of the video and, where it is wanted, of the sound; RTP and RTCP to and from each.

Owned by one source on its camera's loop. Sound never costs the picture: what goes wrong with its SETUP is only told.
Media is taken from the pinned address alone, in the RTSP connection or by UDP.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from camera_gateway.sources.rtsp import transport
from camera_gateway.sources.rtsp.connection import RtspConnection
from camera_gateway.sources.rtsp.datagrams import DatagramPair
from camera_gateway.sources.rtsp.message import Message
from camera_gateway.sources.rtsp.refusals import refusal
from camera_gateway.sources.rtsp.rtcp import ClockFacts, Reception
from camera_gateway.sources.rtsp.session import Session
from hub.clock import Clock
from hub.errors import ErrorKind, HubError

_UNSUPPORTED_TRANSPORT = 461


class Media(Protocol):
    """Who joins the packets of a track."""

    @property
    def ssrc(self) -> int:
        """Of the packet before; 0: none yet."""
        ...

    def packet(self, data: bytes, start: int, end: int, /) -> None:
        """Take the RTP packet that lies there."""
        ...


@dataclass(slots=True)
class _Track:
    media: Media
    lost: Callable[[], int]
    reception: Reception
    send: Callable[[bytes], None]
    glance: Callable[[], None]


class Tracks:
    """`close` in any case: it gives UDP ports back."""

    def __init__(self, connection: RtspConnection, session: Session, clock: Clock) -> None:
        self.by_datagrams = False
        self._connection = connection
        self._session = session
        self._clock = clock
        self._tracks: list[_Track] = []
        self._pairs: list[DatagramPair] = []
        self._facts = ClockFacts()  # of the video, when it is over
        self._looking = False  # at the next datagram of the video

    async def set_up_video(self, url: str, media: Media, lost: Callable[[], int], *, datagrams: bool) -> None:
        """SETUP of the first track; by TCP where the camera has no UDP. Raises HubError as `request` and `refusal`."""
        pair = self._open_pair() if datagrams else None
        asked = transport.datagrams(pair.port) if pair else transport.interleaved(0)
        message = await self._ask(url, asked)
        if pair is not None and message.status == _UNSUPPORTED_TRANSPORT:
            self._close_pair(pair)
            pair = None
            asked = transport.interleaved(0)
            message = await self._ask(url, asked)
        if message.status != 200:
            raise refusal("SETUP", message)
        self._session.set_up(message)
        way = transport.granted(asked, message.get("transport"))
        reception = Reception(self._clock, 90_000)
        control = self._control_of(media, reception, ends=True)
        if isinstance(way, transport.Datagrams):
            assert pair is not None  # noqa: S101 - `granted` gives datagrams only where they were asked for
            self.by_datagrams = True
            await pair.listen(self._guarded(media, reception), control)
            pair.aim(way.port, way.control_port)
            self._looking = True
            self._tracks.append(_Track(media, lost, reception, pair.send_control, self._look))
            return
        if pair is not None:
            self._close_pair(pair)
        protocol = self._connection.protocol
        protocol.take_media(way.channel, way.control_channel, media.packet, control)
        protocol.glance(reception.look)
        send = self._interleaving(way.control_channel)
        self._tracks.append(_Track(media, lost, reception, send, lambda: protocol.glance(reception.look)))

    async def set_up_audio(self, url: str, media: Media, lost: Callable[[], int], clock_rate: int) -> bool:
        """SETUP of a further track the same way; False where the camera will not, or gives channels that are taken.

        Raises HubError only where the connection is over.
        """
        protocol = self._connection.protocol
        pair = self._open_pair() if self.by_datagrams else None
        free = next(number for number in range(2, 256, 2) if not {number, number + 1} & protocol.channels)
        asked = transport.datagrams(pair.port) if pair else transport.interleaved(free)
        try:
            message = await self._ask(url, asked, self._session.headers)
            if message.status != 200:
                raise refusal("SETUP", message)
            way = transport.granted(asked, message.get("transport"))
        except HubError:
            if pair is not None:
                self._close_pair(pair)
            if self._connection.ended.done():
                raise
            return False
        self._session.set_up(message)
        reception = Reception(self._clock, clock_rate)
        control = self._control_of(media, reception, ends=False)

        def take(data: bytes, start: int, end: int) -> None:
            reception.look(data, start, end)
            media.packet(data, start, end)

        if isinstance(way, transport.Datagrams) and pair is not None:
            await pair.listen(take, control)
            pair.aim(way.port, way.control_port)
            send: Callable[[bytes], None] = pair.send_control
        elif isinstance(way, transport.Interleaved) and not {way.channel, way.control_channel} & protocol.channels:
            protocol.take_more(way.channel, way.control_channel, take, control)
            send = self._interleaving(way.control_channel)
        else:
            return False
        self._tracks.append(_Track(media, lost, reception, send, lambda: None))
        return True

    def report(self) -> None:
        """A receiver report for each track, and a look at what comes next."""
        for track in self._tracks:
            track.send(track.reception.report(track.media.ssrc, track.lost()))
            track.glance()

    @property
    def clock(self) -> ClockFacts:
        """What the video's sender reports tell."""
        return self._tracks[0].reception.facts if self._tracks else self._facts

    @property
    def datagrams(self) -> int:
        """RTP packets that came by UDP."""
        return sum(pair.packets for pair in self._pairs)

    def close(self) -> None:
        """Nothing is taken by UDP any more, and nobody is held."""
        self._facts = self.clock
        self._tracks.clear()
        for pair in self._pairs:
            pair.close()
        self._pairs.clear()

    async def _ask(self, url: str, asked: str, headers: tuple[tuple[str, str], ...] = ()) -> Message:
        return await self._connection.request("SETUP", url, [("Transport", asked), *headers])

    def _open_pair(self) -> DatagramPair:
        connected = self._connection.protocol.transport
        sockname = connected.get_extra_info("sockname") if connected is not None else None
        if not sockname:
            raise HubError(ErrorKind.UNREACHABLE, "camera_gateway.connection_lost")
        pair = DatagramPair.open(self._connection.address.ip, sockname[0])
        self._pairs.append(pair)
        return pair

    def _close_pair(self, pair: DatagramPair) -> None:
        pair.close()
        self._pairs.remove(pair)

    def _interleaving(self, channel: int) -> Callable[[bytes], None]:
        def send(data: bytes) -> None:
            self._connection.write(bytes((0x24, channel)) + len(data).to_bytes(2, "big") + data)

        return send

    def _control_of(self, media: Media, reception: Reception, *, ends: bool) -> Callable[[bytes, int, int], None]:
        def control(data: bytes, start: int, end: int) -> None:
            if reception.take(data, start, end, media.ssrc) and ends:
                self._connection.fail(HubError(ErrorKind.UNREACHABLE, "camera_gateway.stream_ended"))

        return control

    def _guarded(self, media: Media, reception: Reception) -> Callable[[bytes, int, int], None]:
        """A datagram that ends the source ends it as a chunk of the connection would."""

        def take(data: bytes, start: int, end: int) -> None:
            if self._looking:
                self._looking = False
                reception.look(data, start, end)
            try:
                media.packet(data, start, end)
            except HubError as error:
                self._connection.fail(error)

        return take

    def _look(self) -> None:
        self._looking = True
