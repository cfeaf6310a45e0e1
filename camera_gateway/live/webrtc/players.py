"""WHEP (RFC 9725): a ticket and an offer in, an answer out, and each viewing from then to its end.

On the gateway's loop: a request's handler answers and is gone; a task a viewing waits for its handshake and its end;
one task ticks once a second for all. The ticket comes first: nobody without one gets any state here. There is no
channel to tell a browser why its viewing ended: it gets a BYE and the end of DTLS, and its next ticket tells.
"""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from camera_gateway.admission import Admission
from camera_gateway.camera import Camera
from camera_gateway.demand import Hold, Want
from camera_gateway.live.broadcast import Broadcast
from camera_gateway.live.mse import CLOSED_BECAUSE
from camera_gateway.live.seats import Seats
from camera_gateway.live.transcode import Transcodings
from camera_gateway.live.viewer import End
from camera_gateway.live.webrtc.rtcp import goodbye, read_feedback, sender_report
from camera_gateway.live.webrtc.sdp import Ours, read_offer, write_answer
from camera_gateway.live.webrtc.viewer import PacketViewer, Track
from camera_gateway.viewing import Register
from hub import log
from hub.clock import Clock
from hub.contracts.ticket import Ticket, TicketAction
from hub.errors import ErrorKind, HubError
from hub.settings import GatewaySettings

if TYPE_CHECKING:
    from camera_gateway.live.webrtc.beneath import Identity
    from camera_gateway.live.webrtc.endpoint import Endpoint
    from camera_gateway.live.webrtc.peer import Peer

logger = log.get("camera_gateway.webrtc")

_TICK_S: Final = 1.0
_OPENS_WITHIN_S: Final = 3.0
_HANDSHAKE_S: Final = 6.0
_HANDSHAKES: Final = 64  # at once; sixteen panes and a few walls
_IDENTITY_LEAST_S: Final = 86_400.0
_MOST_CANDIDATES: Final = 8
_REFUSED: Final = {
    End.CAMERA_REMOVED: (ErrorKind.NOT_FOUND, "camera_gateway.camera_unknown"),
    End.LIVE_OFF: (ErrorKind.CONFLICT, "camera_gateway.live_masks"),
    End.NO_CONSENT: (ErrorKind.CONFLICT, "camera_gateway.no_consent"),
    End.CAMERA_OFFLINE: (ErrorKind.UNAVAILABLE, "camera_gateway.live_offline"),
    End.LIMIT: (ErrorKind.LIMITED, "camera_gateway.live_limit"),
    End.UPLINK_FULL: (ErrorKind.LIMITED, "camera_gateway.uplink_full"),
    End.TRANSCODE_LIMIT: (ErrorKind.LIMITED, "camera_gateway.transcode_limit"),
}


class Viewing:
    """One viewer and its browser, under the name that `Location` gave it."""

    def __init__(self, shown: Broadcast, hold: Hold, viewer: PacketViewer, peer: Peer) -> None:
        self.id = secrets.token_urlsafe(16)
        self.shown = shown  # the camera's own, or one drawn anew
        self.hold = hold  # on the camera: it stays open for as long
        self.viewer = viewer
        self.peer = peer
        self.connected = False


class WhepPlayers:
    """Serves `/whep/{camera_id}`. `run` opens the port; until then, and where it cannot, `watch` refuses."""

    def __init__(
        self,
        settings: GatewaySettings,
        admission: Admission,
        register: Register,
        seats: Seats,
        transcodings: Transcodings,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._admission = admission
        self._register = register
        self._seats = seats
        self._transcodings = transcodings
        self._clock = clock
        self._endpoint: Endpoint | None = None
        self._identity: Identity | None = None
        self._make_peer: Callable[..., Peer] | None = None
        self._opened = asyncio.Event()
        self._viewings: dict[str, Viewing] = {}
        self._lives: set[asyncio.Task[None]] = set()
        self.first_pictures_s: deque[float] = deque(maxlen=512)  # from the request to the keyframe sent
        self.repeated = 0
        self.keyframes_wanted = 0

    @property
    def endpoint(self) -> Endpoint | None:
        """The UDP port, once it is open."""
        return self._endpoint

    @property
    def first_picture_p95_s(self) -> float:
        """From a request to its keyframe sent, of the last viewings; 0 before the first."""
        ordered = sorted(self.first_pictures_s)
        return ordered[len(ordered) * 95 // 100] if ordered else 0.0

    @property
    def opened(self) -> bool:
        """Whether it was tried to open it."""
        return self._opened.is_set()

    @property
    def viewings(self) -> tuple[Viewing, ...]:
        """All that are open or about to be."""
        return tuple(self._viewings.values())

    async def run(self) -> None:
        """Open the port, then tick, for ever."""
        await self._open()
        errors = log.RepeatedErrors(logger, self._clock)
        while self._endpoint is not None:
            await self._clock.sleep(_TICK_S)
            for viewing in self.viewings:
                try:
                    self._tick(viewing)
                except Exception as error:  # noqa: BLE001 - one viewer's tick never stops the others'
                    errors.error("webrtc.tick_broken", repr(error), error=repr(error))

    async def watch(self, text: str, camera_id: str, offer: str, addresses: tuple[str, ...]) -> tuple[str, Viewing]:
        """The answer to `offer`, and the viewing that it begins; `addresses`: as the browser reached us.

        Raises HubError: as `Admission.admit` does; UNAVAILABLE `camera_gateway.webrtc_off`; what `_REFUSED` says;
        INVALID `camera_gateway.whep_offer`; UNSUPPORTED `camera_gateway.whep_codec`, `whep_b_frames`.
        """
        asked_at = self._clock.monotonic()
        ticket = await self._admission.admit(text, camera_id, TicketAction.LIVE)
        endpoint, identity, make_peer = await self._ready()
        camera = self._unrefused(ticket)
        if sum(not one.connected for one in self._viewings.values()) >= _HANDSHAKES:
            raise HubError(ErrorKind.LIMITED, "camera_gateway.live_limit")
        parsed = read_offer(offer)
        hears = ticket.audio and parsed.audio is not None
        viewer = PacketViewer(ticket, parsed.payload_types, self._clock, self._settings.viewer_queue_units, audio=hears)
        viewer.playout_delay = parsed.playout_delay
        viewer.on_first_picture = lambda: self.first_pictures_s.append(self._clock.monotonic() - asked_at)
        hold = camera.want(Want.LIVE)  # one that rests is being opened from here on
        because = "revoked"
        try:
            await self._register.opened(ticket, viewer)
            # Writing it down took a moment, in which the right may have gone.
            self._admission.refuse_revoked(ticket)
            self._unrefused(ticket)
            because = "camera"
            shown = self._shown(camera, ticket, frozenset(parsed.payload_types))
        except BaseException:
            hold.release()
            self._register.closed(ticket, because)
            raise
        viewing = Viewing(shown, hold, viewer, make_peer(parsed, identity, self._clock, endpoint.send))
        viewing.peer.on_rtcp = lambda data: self._hear(viewer, data)
        self._begin(viewing, endpoint)
        ours = Ours(
            ufrag=viewing.peer.ufrag,
            password=viewing.peer.password,
            fingerprint=identity.fingerprint,
            candidates=tuple((one, endpoint.port) for one in self._candidates(addresses)),
            video_ssrc=viewer.video.ssrc,
            audio_ssrc=viewer.sound.ssrc,
            audio=hears,
        )
        return write_answer(parsed, ours), viewing

    def leave(self, camera_id: str, viewing_id: str) -> bool:
        """The browser goes by itself; False: there is no such viewing."""
        viewing = self._viewings.get(viewing_id)
        if viewing is None or viewing.viewer.ticket.camera_id != camera_id:
            return False
        viewing.viewer.end(None)
        return True

    async def close(self) -> None:
        """All viewings say goodbye, the port is closed."""
        for viewing in self.viewings:
            viewing.viewer.end(End.GATEWAY_STOPPING)
        if self._lives:
            await asyncio.wait(self._lives, timeout=_TICK_S)
        if self._endpoint is not None:
            self._endpoint.close()
            self._endpoint = None

    async def _open(self) -> None:
        settings = self._settings
        if settings.webrtc_port:
            # aiortc takes half a second to be taken in: beside the loop, and not while a start is waited for.
            modules = await asyncio.to_thread(_Below)
            try:
                self._endpoint = modules.endpoint(settings.host, settings.webrtc_port, self._clock)
                self._make_peer, self._identity = modules.peer, modules.identity()
                logger.info("webrtc.began", port=self._endpoint.port)
            except HubError as error:
                logger.warning("webrtc.off", code=error.code, host=settings.host, port=settings.webrtc_port)
        self._opened.set()

    async def _ready(self) -> tuple[Endpoint, Identity, Callable[..., Peer]]:
        if self._settings.webrtc_port and not self._opened.is_set():
            try:
                async with asyncio.timeout(_OPENS_WITHIN_S):
                    await self._opened.wait()
            except TimeoutError:
                logger.warning("webrtc.not_open_yet")
        if self._endpoint is None or self._identity is None or self._make_peer is None:
            raise HubError(ErrorKind.UNAVAILABLE, "camera_gateway.webrtc_off")
        if self._identity.expires_at_s - self._clock.now().timestamp() < _IDENTITY_LEAST_S:
            self._identity = type(self._identity)()
        return self._endpoint, self._identity, self._make_peer

    def _unrefused(self, ticket: Ticket) -> Camera:
        why = self._seats.refusal(ticket.camera_id, ticket.user_id)
        camera = self._seats.find(ticket.camera_id)
        if why is not None or camera is None:
            kind, code = _REFUSED.get(why or End.CAMERA_REMOVED, _REFUSED[End.CAMERA_OFFLINE])
            raise HubError(kind, code)
        return camera

    def _shown(self, camera: Camera, ticket: Ticket, plays: frozenset[str]) -> Broadcast:
        """What this ticket shows: the camera's own picture, or one drawn anew; each needs a `leave`."""
        shown = self._transcodings.open(camera, ticket.watermark, plays)
        if isinstance(shown, End):
            raise HubError(*_REFUSED[shown])
        if shown is camera.broadcast:
            fmt = camera.stream.fmt
            if fmt is not None and fmt.codec not in plays:
                raise HubError(ErrorKind.UNSUPPORTED, "camera_gateway.whep_codec", codec=fmt.codec)
            if shown.packets.has_b_frames:
                raise HubError(ErrorKind.UNSUPPORTED, "camera_gateway.whep_b_frames")
        return shown

    def _candidates(self, addresses: tuple[str, ...]) -> tuple[str, ...]:
        """IP addresses at which we are reached: as set, else as the browser reached us. No name is ever looked up."""
        found: dict[str, None] = {}
        for text in self._settings.webrtc_addresses or addresses:
            try:
                address = ipaddress.ip_address(text.partition("%")[0])
            except ValueError:
                continue
            mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
            found[str(mapped or address)] = None
        return tuple(found)[:_MOST_CANDIDATES]

    def _begin(self, viewing: Viewing, endpoint: Endpoint) -> None:
        self._viewings[viewing.id] = viewing
        endpoint.add(viewing.peer)
        viewing.shown.packets.join(viewing.viewer)
        life = asyncio.create_task(self._live(viewing, endpoint), name=f"whep {viewing.viewer.ticket.ticket_id}")
        self._lives.add(life)
        life.add_done_callback(self._lives.discard)

    async def _live(self, viewing: Viewing, endpoint: Endpoint) -> None:
        """One viewing from its answer to its end."""
        viewer, peer, shown = viewing.viewer, viewing.peer, viewing.shown
        connecting = asyncio.create_task(self._connect(viewing, endpoint))
        because = "gateway"
        try:
            with self._seats.taken_by(viewer.ticket.user_id):
                why = await viewer.ended
            because = "viewer" if why is None else CLOSED_BECAUSE.get(why, "camera")
        finally:
            connecting.cancel()
            shown.packets.leave(viewer)
            self._transcodings.leave(shown)
            viewing.hold.release()
            self._register.closed(viewer.ticket, because)
            self.repeated += viewer.packets_repeated
            del self._viewings[viewing.id]
            await asyncio.wait({connecting})
            if viewing.connected:
                self._say_goodbye(viewing, endpoint)
            await peer.close()
            endpoint.forget(peer)

    async def _connect(self, viewing: Viewing, endpoint: Endpoint) -> None:
        """Shake hands and show the picture; a browser that does not come in time is gone."""
        viewer, peer = viewing.viewer, viewing.peer
        try:
            async with asyncio.timeout(_HANDSHAKE_S):
                sealing = await peer.connect(lambda: viewer.end(None))
        except (TimeoutError, HubError) as error:
            logger.info("webrtc.no_handshake", camera_id=viewer.ticket.camera_id, error=repr(error))
            viewer.end(None)
            return
        viewing.connected = True

        def send(packets: memoryview, size: int) -> bool:
            address = peer.address
            return address is not None and endpoint.send_run(packets, size, address)

        viewer.open(sealing, send)
        logger.debug("webrtc.connected", camera_id=viewer.ticket.camera_id, profile=peer.profile)
        viewing.shown.packets.show(viewer)

    def _tick(self, viewing: Viewing) -> None:
        viewer = viewing.viewer
        viewer.tick()
        if viewing.peer.tick():
            viewer.end(None)
            return
        for track in (viewer.video, viewer.sound):
            if viewing.connected and track.last is not None and track.packets != track.reported:
                track.reported = track.packets
                self._report(viewing, track)

    def _report(self, viewing: Viewing, track: Track) -> None:
        """Which RTP time is now: the last frame's, and what passed since it was captured."""
        if track.last is None or self._endpoint is None:
            return
        now_us = int(self._clock.now().timestamp() * 1_000_000)
        passed = (now_us - track.last.captured_at_us) * track.rate_hz // 1_000_000
        stamp = track.last.timestamp + track.offset + passed
        self._send_rtcp(viewing, self._endpoint, sender_report(track.ssrc, now_us, stamp, track.packets, track.octets))

    def _say_goodbye(self, viewing: Viewing, endpoint: Endpoint) -> None:
        self._send_rtcp(viewing, endpoint, goodbye(viewing.viewer.video.ssrc))

    def _send_rtcp(self, viewing: Viewing, endpoint: Endpoint, packet: bytes) -> None:
        sealing, address = viewing.peer.sealing, viewing.peer.address
        if sealing is not None and address is not None:
            endpoint.send(sealing.seal_rtcp(packet), address)

    def _hear(self, viewer: PacketViewer, data: bytes) -> None:
        """What a browser reports. A wish for a keyframe is counted only: a browser has the kept GOP, and the next
        keyframe of the camera comes sooner than its wish did (measured: it asks three seconds after a loss)."""
        feedback = read_feedback(data)
        if feedback.nacked:
            viewer.repeat(feedback.nacked)
        self.keyframes_wanted += feedback.wants_keyframe
        viewer.loss = feedback.lost.get(viewer.video.ssrc, viewer.loss)


class _Below:
    """What is taken in late."""

    def __init__(self) -> None:
        from camera_gateway.live.webrtc.beneath import Identity
        from camera_gateway.live.webrtc.endpoint import Endpoint
        from camera_gateway.live.webrtc.peer import Peer

        self.endpoint, self.peer, self.identity = Endpoint, Peer, Identity
