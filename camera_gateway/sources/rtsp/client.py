"""One try at one RTSP camera: OPTIONS, DESCRIBE, SETUP, PLAY, then media until it fails (RFC 2326).

Runs as one task on the camera's loop, which sleeps while media flows. Watches for whole access units, not for bytes.
Never retries, never leaves the pinned address, never sends a password in a URL.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from camera_gateway.sources.base import Sink
from camera_gateway.sources.rtsp import addressing, sdp
from camera_gateway.sources.rtsp.access_units import Counters
from camera_gateway.sources.rtsp.connection import RtspConnection, Timeouts
from camera_gateway.sources.rtsp.depacketiser import Track, codec_of
from camera_gateway.sources.rtsp.digest import Login
from camera_gateway.sources.rtsp.message import Message
from camera_gateway.sources.rtsp.pacer import Pacer, Watched
from hub.addresses import PinnedAddress, redirected
from hub.clock import Clock
from hub.errors import ErrorKind, HubError

SESSION_TIMEOUT_S: Final = 60.0  # where the camera names none (RFC 2326, 12.37)
_REPORT_S: Final = 10.0
# An empty receiver report with an empty SDES chunk: some servers end a session that never hears one (RFC 3550, 6.1).
_RECEIVER_REPORT: Final = bytes.fromhex("80c9000150726f6281ca000250726f6200000000")
_JUNK_TOLD_BYTES: Final = 2_000
_BYE: Final = 203
_TRANSPORT: Final = "RTP/AVP/TCP;unicast;interleaved=0-1"


@dataclass(slots=True)
class Handshake:
    """How far it came; read by the verdict after the source has ended."""

    connected: bool = False
    server: str | None = None  # how the camera names itself
    spoke_rtsp: bool = False
    login: str | None = None  # "Digest MD5"; None: none was asked for
    described: bool = False
    codec: str | None = None  # as the description has it, "H264"
    described_sets: int = 0  # parameter sets in the description
    playing: bool = False
    kept_alive: int = 0  # keep-alives that the camera took
    parted: bool = False  # it answered our TEARDOWN


@dataclass(frozen=True, slots=True)
class _Session:
    url: str  # of the whole: PLAY, keep-alive, TEARDOWN
    headers: tuple[tuple[str, str], ...]
    keep_alive_s: float
    control_channel: int


class RtspSource:
    """A Source. One `run` at a time; `handshake` and `counters` may be read by the same loop at any time."""

    def __init__(
        self,
        address: PinnedAddress,
        username: str | None,
        password: str | None,
        clock: Clock,
        timeouts: Timeouts | None = None,
        pacer: Pacer | None = None,
    ) -> None:
        self.handshake = Handshake()
        self.counters = Counters()
        self._address = address
        self._username = username
        self._password = password
        self._clock = clock
        self._timeouts = timeouts or Timeouts()
        self._pacer = pacer
        self._keep_alive_method = "OPTIONS"
        self._aggregate = ""
        self._session: _Session | None = None

    async def run(self, sink: Sink) -> None:
        """Give units to `sink` until it fails with a HubError, or is cancelled (then TEARDOWN, at most 1 s)."""
        self.handshake, self._session = Handshake(), None
        login = Login(self._username, self._password)
        connection = RtspConnection(self._address, login, self._clock, self._timeouts)
        try:
            await connection.open()
            self.handshake.connected = True
            media = await self._describe(connection)
            depacketiser = Track(media, sink, self._clock)
            self.counters = depacketiser.counters
            session = await self._set_up(connection, media, depacketiser)
            await self._play(connection, session)
            with self._paced(connection, sink):
                await self._watch(connection, session, depacketiser)
        finally:
            self.handshake.spoke_rtsp = connection.protocol.understood
            self.handshake.login = login.label
            ended = self._session
            self.handshake.parted = await connection.close((ended.url, ended.headers) if ended else None)

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

    async def _describe(self, connection: RtspConnection) -> sdp.MediaDescription:
        url = addressing.request_url(self._address.host, self._address.port, self._address.path)
        options = await connection.request("OPTIONS", url)
        self.handshake.server = (options.get("server") or "")[:80] or None
        if "GET_PARAMETER" in (options.get("public") or "").upper():
            self._keep_alive_method = "GET_PARAMETER"
        address = self._address
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
            url = addressing.request_url(address.host, address.port, address.path)
        if message.status != 200:
            raise _refusal("DESCRIBE", message)
        self.handshake.described = True
        self.handshake.server = self.handshake.server or (message.get("server") or "")[:80] or None
        return self._choose(sdp.parse(message.body), url, message)

    def _choose(self, description: sdp.SessionDescription, url: str, message: Message) -> sdp.MediaDescription:
        base = addressing.base_url(url, message.get("content-base") or message.get("content-location"))
        self._aggregate = addressing.control_url(base, description.control)
        media = description.video
        if media is None:
            raise HubError(ErrorKind.UNSUPPORTED, "camera_gateway.no_video")
        self.handshake.codec = media.codec or None
        self.handshake.described_sets = len(sdp.parameter_sets(media))
        codec_of(media)  # raises for one that nobody here joins
        self._track = addressing.control_url(base, media.control) if media.control else self._aggregate
        return media

    async def _set_up(self, connection: RtspConnection, media: sdp.MediaDescription, depacketiser: Track) -> _Session:
        connection.settle()
        message = await connection.request("SETUP", self._track, [("Transport", _TRANSPORT)])
        if message.status != 200:
            raise _refusal("SETUP", message)
        transport = message.get("transport") or _TRANSPORT
        pair = re.search(r"interleaved\s*=\s*(\d{1,3})(?:\s*-\s*(\d{1,3}))?", transport)
        if pair is None and "TCP" not in transport.upper():
            raise HubError(ErrorKind.UNSUPPORTED, "camera_gateway.transport_unsupported")
        # Asked for 0-1; some cameras give others all the same (gortsplib#72), some say nothing (#142, #456).
        channel = min(int(pair[1]), 255) if pair else 0
        control_channel = min(int(pair[2]), 255) if pair and pair[2] else channel ^ 1
        identity, _, rest = (message.get("session") or "").partition(";")
        told = re.search(r"timeout\s*=\s*(\d{1,6})", rest, re.IGNORECASE)
        timeout_s = float(told[1]) if told and int(told[1]) > 0 else SESSION_TIMEOUT_S
        session = _Session(
            url=self._aggregate,
            headers=(("Session", identity.strip()),) if identity.strip() else (),
            keep_alive_s=min(max(timeout_s / 2, 1.0), self._timeouts.keep_alive_s),
            control_channel=control_channel,
        )
        self._session = session

        def on_control(data: bytes, start: int, end: int) -> None:
            if _says_goodbye(data, start, end, depacketiser.ssrc):
                connection.fail(HubError(ErrorKind.UNREACHABLE, "camera_gateway.stream_ended"))

        connection.protocol.take_media(channel, control_channel, depacketiser.packet, on_control)
        return session

    async def _play(self, connection: RtspConnection, session: _Session) -> None:
        message = await connection.request("PLAY", session.url, [*session.headers, ("Range", "npt=0.000-")])
        if message.status != 200:
            raise _refusal("PLAY", message)
        self.handshake.playing = True

    async def _watch(self, connection: RtspConnection, session: _Session, media: Track) -> None:
        clock, timeouts = self._clock, self._timeouts
        started = clock.monotonic()
        keep_alive_at = started + session.keep_alive_s
        keeping: asyncio.Task[None] | None = None
        try:
            while True:
                now = clock.monotonic()
                whole, shown = max(media.last_whole_s, started), max(media.last_unit_s, started)
                if now - whole >= timeouts.media_s or now - shown >= timeouts.keyframe_s:
                    raise _silence(media, connection.protocol.junk_bytes)
                if now >= keep_alive_at and keeping is None:
                    keep_alive_at = now + session.keep_alive_s
                    keeping = asyncio.ensure_future(self._keep_alive(connection, session))
                deadline = min(whole + timeouts.media_s, shown + timeouts.keyframe_s, keep_alive_at, now + _REPORT_S)
                timer = asyncio.ensure_future(clock.sleep(max(deadline - now, 0.01)))
                waited: set[asyncio.Future[Any]] = {connection.ended, timer}
                if keeping is not None:
                    waited.add(keeping)
                try:
                    await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    timer.cancel()
                if connection.ended.done():
                    raise connection.ended.result()
                if keeping is not None and keeping.done():
                    keeping.result()
                    keeping = None
                elif timer.done():
                    head = bytes((0x24, session.control_channel)) + len(_RECEIVER_REPORT).to_bytes(2, "big")
                    connection.write(head + _RECEIVER_REPORT)
        finally:
            if keeping is not None:
                keeping.cancel()

    async def _keep_alive(self, connection: RtspConnection, session: _Session) -> None:
        """Show that we are here. Refused or unanswered is no failure while media flows; the other method is next.

        Hipcam never answers GET_PARAMETER (SharpRTSP#63), EvoStream takes nothing else (html5_rtsp_player#73).
        """
        answered = False
        try:
            message = await connection.request(self._keep_alive_method, session.url, session.headers)
            answered = message.status in {0, 200}
        except HubError as error:
            if error.kind not in _BORNE:
                raise
        if answered:
            self.handshake.kept_alive += 1
        else:
            other = self._keep_alive_method == "OPTIONS"
            self._keep_alive_method = "GET_PARAMETER" if other else "OPTIONS"


# A login that a keep-alive alone cannot pass is the camera's oddity: it goes on sending.
_BORNE: Final = frozenset({ErrorKind.TIMEOUT, ErrorKind.REFUSED, ErrorKind.UNSUPPORTED})


def _silence(media: Track, junk_bytes: int) -> HubError:
    """Why nothing can be shown: nothing came at all, only junk, or nothing that begins with a keyframe."""
    if not media.counters.units and junk_bytes > _JUNK_TOLD_BYTES:
        return HubError(ErrorKind.PROTOCOL, "camera_gateway.garbled")
    if media.counters.packets and media.counters.dropped_units:
        return HubError(ErrorKind.TIMEOUT, "camera_gateway.no_keyframe")
    return HubError(ErrorKind.TIMEOUT, "camera_gateway.no_media")


def _refusal(method: str, message: Message) -> HubError:
    """What a status that is not 200 means (RFC 2326, 11)."""
    status = message.status
    match status:
        case 404 | 410:
            return HubError(ErrorKind.NOT_FOUND, "camera_gateway.path_not_found")
        case 403:
            return HubError(ErrorKind.REFUSED, "camera_gateway.not_permitted")
        case 453 | 503:
            return HubError(ErrorKind.LIMITED, "camera_gateway.camera_busy")
        case 461:
            return HubError(ErrorKind.UNSUPPORTED, "camera_gateway.transport_unsupported")
    if 300 <= status < 400:
        return HubError(ErrorKind.FORBIDDEN, "camera_gateway.redirected")
    return HubError(ErrorKind.PROTOCOL, "camera_gateway.camera_refused", method=method, status=status)


def _says_goodbye(data: bytes, start: int, end: int, ssrc: int) -> bool:
    """Whether a compound RTCP packet ends the stream `ssrc` (RFC 3550, 6.6)."""
    while end - start >= 8:
        if data[start + 1] == _BYE and data[start] & 0x1F:
            return int.from_bytes(data[start + 4 : start + 8], "big") == ssrc
        start += 4 + 4 * (data[start + 2] << 8 | data[start + 3])
    return False
