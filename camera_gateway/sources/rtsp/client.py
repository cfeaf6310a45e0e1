"""One try at one RTSP camera: OPTIONS, DESCRIBE, SETUP, PLAY, then media until it fails (RFC 2326).

Runs as one task on the camera's loop, which sleeps while media flows. Watches for whole access units, not for bytes.
Never retries, never leaves the pinned address, never sends a password in a URL.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from camera_gateway.sources.base import AudioSink, Sink
from camera_gateway.sources.rtsp import addressing, sdp, tls
from camera_gateway.sources.rtsp.access_units import Counters
from camera_gateway.sources.rtsp.audio import AudioDepacketiser
from camera_gateway.sources.rtsp.audio import choose as choose_sound
from camera_gateway.sources.rtsp.connection import RtspConnection, Timeouts
from camera_gateway.sources.rtsp.depacketiser import Track, codec_of
from camera_gateway.sources.rtsp.digest import Login
from camera_gateway.sources.rtsp.habits import Habit, Habits
from camera_gateway.sources.rtsp.keep_alive import KeepAlive
from camera_gateway.sources.rtsp.message import Message
from camera_gateway.sources.rtsp.pacer import Pacer, Watched
from camera_gateway.sources.rtsp.refusals import refusal
from camera_gateway.sources.rtsp.rtcp import ClockFacts
from camera_gateway.sources.rtsp.session import Session
from camera_gateway.sources.rtsp.tracks import Tracks
from hub.addresses import PinnedAddress, redirected
from hub.clock import Clock
from hub.contracts.camera import Transport
from hub.errors import ErrorKind, HubError

_REPORT_S: Final = 10.0
_JUNK_TOLD_BYTES: Final = 2_000


@dataclass(slots=True)
class Handshake:
    """How far it came; read by the verdict after the source has ended."""

    connected: bool = False
    server: str | None = None  # how the camera names itself
    spoke_rtsp: bool = False
    login: str | None = None  # "Digest MD5"; None: none was asked for
    realm: str | None = None  # of that login
    described: bool = False
    codec: str | None = None  # as the description has it, "H264"
    described_sets: int = 0  # parameter sets in the description
    audio: str | None = None  # the sound that the camera offers and we know how to take, "AAC 16 kHz"
    hears: bool = False  # it was set up
    playing: bool = False
    kept_alive: int = 0  # keep-alives that the camera took
    parted: bool = False  # it answered our TEARDOWN


class RtspSource:
    """A Source. One `run` at a time; `handshake`, `counters` and `clock_facts` are read by the same loop at any time.

    `habits` and `security` (for rtsps) are shared by the sources of a gateway; without them it has its own.
    """

    def __init__(
        self,
        address: PinnedAddress,
        username: str | None,
        password: str | None,
        clock: Clock,
        timeouts: Timeouts | None = None,
        pacer: Pacer | None = None,
        *,
        transport: Transport = Transport.TCP,
        habits: Habits | None = None,
        security: ssl.SSLContext | None = None,
    ) -> None:
        self.handshake = Handshake()
        self.counters = Counters()
        self._address = address
        self._username = username
        self._password = password
        self._clock = clock
        self._timeouts = timeouts or Timeouts()
        self._pacer = pacer
        self._transport = transport
        self._habits = habits or Habits(clock)
        self._security = (security or tls.context(verify=False)) if address.scheme == "rtsps" else None
        self._keeping = KeepAlive()
        self._asked = ("", 0.0)  # the last keep-alive, and when
        self._base = self._aggregate = self._track = ""
        self._tracks: Tracks | None = None

    @property
    def clock_facts(self) -> ClockFacts:
        """What the camera tells of its clock."""
        return self._tracks.clock if self._tracks is not None else ClockFacts()

    async def run(self, sink: Sink) -> None:
        """Give units to `sink` until it fails with a HubError, or is cancelled (then TEARDOWN, at most 1 s)."""
        self.handshake, self._tracks = Handshake(), None
        login = Login(self._username, self._password)
        connection = RtspConnection(self._address, login, self._clock, self._timeouts, self._security)
        session = Session("")
        depacketiser: Track | None = None
        try:
            await connection.open()
            self.handshake.connected = True
            description, media = await self._describe(connection)
            depacketiser = Track(media, sink, self._clock)
            self.counters = depacketiser.counters
            session.url = self._aggregate
            connection.settle()
            tracks = self._tracks = Tracks(connection, session, self._clock)
            await self._set_up(tracks, depacketiser, description, sink)
            await self._play(connection, session, depacketiser)
            with self._paced(connection, sink):
                await self._watch(connection, session, tracks, depacketiser)
        finally:
            self.handshake.spoke_rtsp = connection.protocol.understood
            self.handshake.login = login.label
            self.handshake.realm = login.realm
            if self._tracks is not None:
                self._tracks.close()
            if depacketiser is not None:
                depacketiser.close()
            self.handshake.parted = await connection.close((session.url, session.headers) if session.began else None)

    @contextlib.contextmanager
    def _paced(self, connection: RtspConnection, sink: Sink) -> Iterator[None]:
        """While it plays to nobody in particular, its reads may rest."""
        pacer = self._pacer
        if pacer is None or not isinstance(sink, Watched):
            yield
            return
        watched = sink

        def on_chunk(transport: asyncio.Transport) -> None:
            if not watched.watched:
                pacer.rest(transport)

        pacer.joined()
        connection.protocol.on_chunk = on_chunk
        try:
            yield
        finally:
            connection.protocol.on_chunk = None
            pacer.left()

    async def _describe(self, connection: RtspConnection) -> tuple[sdp.SessionDescription, sdp.MediaDescription]:
        address = self._address
        url = addressing.request_url(address.host, address.port, address.path, address.scheme)
        options = await connection.request("OPTIONS", url)
        self.handshake.server = (options.get("server") or "")[:80] or None
        self._keeping = KeepAlive(
            options.get("public") or "",
            without_get_parameter=self._habits.has(address, Habit.CLOSES_ON_GET_PARAMETER),
        )
        for followed in (False, True):
            message = await connection.request("DESCRIBE", url, [("Accept", "application/sdp")])
            if not 300 <= message.status < 400:
                break
            location = (message.get("location") or "").strip()
            try:
                address = redirected(address, location)
            except HubError as error:
                raise HubError(ErrorKind.FORBIDDEN, "camera_gateway.redirected") from error
            if followed:
                raise HubError(ErrorKind.FORBIDDEN, "camera_gateway.redirected")
            url = addressing.request_url(address.host, address.port, address.path, address.scheme)
        if message.status != 200:
            raise refusal("DESCRIBE", message)
        self.handshake.described = True
        self.handshake.server = self.handshake.server or (message.get("server") or "")[:80] or None
        description = sdp.parse(message.body)
        return description, self._choose(description, url, message)

    def _choose(self, description: sdp.SessionDescription, url: str, message: Message) -> sdp.MediaDescription:
        base = self._base = addressing.base_url(url, message.get("content-base") or message.get("content-location"))
        self._aggregate = addressing.control_url(base, description.control)
        media = description.video
        if media is None:
            raise HubError(ErrorKind.UNSUPPORTED, "camera_gateway.no_video")
        self.handshake.codec = media.codec or None
        self.handshake.described_sets = len(sdp.parameter_sets(media))
        codec_of(media)  # raises for one that nobody here joins
        self._track = addressing.control_url(base, media.control) if media.control else self._aggregate
        return media

    async def _set_up(self, tracks: Tracks, media: Track, description: sdp.SessionDescription, sink: Sink) -> None:
        datagrams = self._transport is Transport.UDP and not self._habits.has(self._address, Habit.NO_UDP)
        await tracks.set_up_video(self._track, media, lambda: media.counters.lost_packets, datagrams=datagrams)
        sound = choose_sound(description)
        if sound is None:
            return
        track, fmt = sound
        self.handshake.audio = f"{fmt.codec.upper()} {fmt.sample_rate_hz / 1000:g} kHz"
        if not isinstance(sink, AudioSink) or not sink.wants_audio or not track.control:
            return
        if self._habits.has(self._address, Habit.CLOSES_ON_AUDIO):
            return
        audio = AudioDepacketiser(sink, self._clock, track, fmt)
        url = addressing.control_url(self._base, track.control)
        with self._noting(Habit.CLOSES_ON_AUDIO):
            self.handshake.hears = await tracks.set_up_audio(url, audio, lambda: audio.lost_packets, fmt.sample_rate_hz)

    async def _play(self, connection: RtspConnection, session: Session, media: Track) -> None:
        with self._noting(Habit.CLOSES_ON_AUDIO) if self.handshake.hears else contextlib.nullcontext():
            begin = ("Range", "npt=0.000-")
            message = await connection.request("PLAY", session.url, [*session.headers, begin])
            if message.status in _NO_RANGE:
                message = await connection.request("PLAY", session.url, session.headers)
            if message.status in _OTHER_URL and self._track != session.url:
                message = await connection.request("PLAY", self._track, [*session.headers, begin])
            # "Not valid in this state" of a camera that plays since SETUP.
            if message.status != 200 and not (message.status == 455 and media.counters.packets):
                raise refusal("PLAY", message)
        self.handshake.playing = True

    @contextlib.contextmanager
    def _noting(self, habit: Habit) -> Iterator[None]:
        """What fails inside is not tried again for a while."""
        try:
            yield
        except HubError:
            self._habits.note(self._address, habit)
            raise

    async def _watch(self, connection: RtspConnection, session: Session, tracks: Tracks, media: Track) -> None:
        clock, timeouts = self._clock, self._timeouts
        started = clock.monotonic()
        every_s = session.keep_alive_s(timeouts.keep_alive_s)
        keep_alive_at, report_at = started + every_s, started + min(_REPORT_S, every_s)
        keeping: asyncio.Task[None] | None = None
        try:
            while True:
                now = clock.monotonic()
                whole, shown = max(media.last_whole_s, started), max(media.last_unit_s, started)
                deadline = min(whole + timeouts.media_s, shown + timeouts.keyframe_s, keep_alive_at, report_at)
                if tracks.by_datagrams and not tracks.datagrams:
                    if now - started >= timeouts.udp_s:
                        self._habits.note(self._address, Habit.NO_UDP)
                        raise HubError(ErrorKind.TIMEOUT, "camera_gateway.udp_silent")
                    deadline = min(deadline, started + timeouts.udp_s)
                if now - whole >= timeouts.media_s or now - shown >= timeouts.keyframe_s:
                    raise _silence(media, connection.protocol.junk_bytes)
                if now >= report_at:
                    report_at = now + _REPORT_S
                    tracks.report()
                if now >= keep_alive_at:
                    keep_alive_at = now + every_s
                    keeping = keeping or asyncio.ensure_future(self._keep_alive(connection, session, media))
                timer = asyncio.ensure_future(clock.sleep(max(deadline - now, 0.01)))
                waited: set[asyncio.Future[Any]] = {connection.ended, timer}
                if keeping is not None:
                    waited.add(keeping)
                try:
                    await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    timer.cancel()
                if connection.ended.done():
                    raise self._lost(connection.ended.result())
                if keeping is not None and keeping.done():
                    keeping.result()
                    keeping = None
        finally:
            if keeping is not None:
                keeping.cancel()
                keeping.add_done_callback(lambda task: task.cancelled() or task.exception())

    async def _keep_alive(self, connection: RtspConnection, session: Session, media: Track) -> None:
        """Show that we are here, by one way after the other until one is borne; none is no failure while media flows.

        Raises HubError REFUSED where the login holds no more, UNREACHABLE where the camera knows no such session.
        """
        for way in self._keeping.a_round():
            self._asked = (way, self._clock.monotonic())
            try:
                message = await connection.request(way, session.url, session.headers)
            except HubError as error:
                if error.kind not in _BORNE or (error.kind is ErrorKind.REFUSED and connection.login.refused):
                    raise
                continue
            if message.status in {0, 200}:
                self._keeping.borne(way)
                self.handshake.kept_alive += 1
                break
            if message.status == 454 and not await self._flows(media):
                raise HubError(ErrorKind.UNREACHABLE, "camera_gateway.session_gone")

    def _lost(self, error: HubError) -> HubError:
        """The connection is over: right after a GET_PARAMETER the camera shall not be asked so again."""
        way, at = self._asked
        soon = self._clock.monotonic() - at <= self._timeouts.answer_s
        if way == "GET_PARAMETER" and soon and error.code == "camera_gateway.connection_lost":
            self._habits.note(self._address, Habit.CLOSES_ON_GET_PARAMETER)
        return error

    async def _flows(self, media: Track) -> bool:
        """Whether pictures go on coming: then the session lives, whatever the camera says of it."""
        asked_at = self._clock.monotonic()
        await self._clock.sleep(self._timeouts.doubt_s)
        return media.last_whole_s > asked_at


# A login that a keep-alive alone cannot pass is the camera's oddity, unless it took ours before and does no more.
_BORNE: Final = frozenset({ErrorKind.TIMEOUT, ErrorKind.REFUSED, ErrorKind.UNSUPPORTED})
_NO_RANGE: Final = frozenset({451, 456, 457})  # parameter not understood, header field not valid, invalid range
_OTHER_URL: Final = frozenset({459, 460})  # aggregate operation not allowed, only aggregate operation allowed


def _silence(media: Track, junk_bytes: int) -> HubError:
    """Why nothing can be shown: nothing came at all, only junk, or nothing that begins with a keyframe."""
    if not media.counters.units and junk_bytes > _JUNK_TOLD_BYTES:
        return HubError(ErrorKind.PROTOCOL, "camera_gateway.garbled")
    if media.counters.packets and media.counters.dropped_units:
        return HubError(ErrorKind.TIMEOUT, "camera_gateway.no_keyframe")
    return HubError(ErrorKind.TIMEOUT, "camera_gateway.no_media")
