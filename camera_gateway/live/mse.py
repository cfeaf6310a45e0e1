"""The WebSocket that a browser's MSE player opens: a ticket in, the kept GOP at once, then the live edge.

A coroutine a viewer on the gateway's loop, which waits for the end and does nothing else: fragments are written by the
broadcast. Refusals are told after the upgrade, for a browser cannot read a refused one. No compression: it would cost
ten times the sending (measured 329 µs against 33 a fragment) and gain nothing on H.264.
"""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from camera_gateway.admission import Admission
from camera_gateway.camera import Camera
from camera_gateway.demand import Want
from camera_gateway.live.seats import Seats
from camera_gateway.live.transcode import Transcodings, plays
from camera_gateway.live.viewer import End, Viewer
from camera_gateway.viewing import Register
from hub import log
from hub.contracts.ticket import Ticket, TicketAction
from hub.errors import ErrorKind, HubError
from hub.settings import GatewaySettings

logger = log.get("camera_gateway.mse")

# A browser that answers no ping for half of this is gone.
_HEARTBEAT_S = 20.0
_GOODBYE_S = 1.0
_MOST_FROM_BROWSER = 4096  # it has nothing to say
CLOSED_BECAUSE = {End.REVOKED: "revoked", End.GATEWAY_STOPPING: "gateway"}


class MsePlayers:
    """Serves `GET /mse/{camera_id}`."""

    def __init__(
        self,
        settings: GatewaySettings,
        admission: Admission,
        register: Register,
        seats: Seats,
        transcodings: Transcodings,
    ) -> None:
        self._settings = settings
        self._admission = admission
        self._register = register
        self._seats = seats
        self._transcodings = transcodings

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One viewer, from its ticket to its end."""
        socket = web.WebSocketResponse(
            compress=False, heartbeat=_HEARTBEAT_S, timeout=_GOODBYE_S, max_msg_size=_MOST_FROM_BROWSER
        )
        await socket.prepare(request)
        camera_id = request.match_info["camera_id"]
        ticket: Ticket | None = None
        try:
            ticket = await self._admission.admit(request.query.get("ticket", ""), camera_id, TicketAction.LIVE)
            camera = self._seats.find(camera_id)
            why = self._seats.refusal(camera_id, ticket.user_id)
            if why is None and camera is not None:
                why = await self._show(socket, request, camera, ticket)
        except HubError as error:
            logger.info("mse.refused", camera_id=camera_id, code=error.code)
            why = End.LIMIT if error.kind in (ErrorKind.LIMITED, ErrorKind.UNAVAILABLE) else End.TICKET
        if why is not None:
            await _goodbye(socket, request, why)
        return socket

    async def _show(
        self, socket: web.WebSocketResponse, request: web.Request, camera: Camera, ticket: Ticket
    ) -> End | None:
        """Show it until it ends; None when the browser went by itself."""
        transport = request.transport
        if transport is None:
            return None
        settings = self._settings
        viewer = Viewer(ticket, transport, settings.viewer_queue_units, settings.gop_max_bytes)
        viewer.plays = plays(request.query.get("codecs"))
        viewer.hears = ticket.audio and "aac" in request.query.get("codecs", "").split(",")
        because = "viewer"
        hold = camera.want(Want.LIVE)  # one that rests is being opened from here on
        try:
            await self._register.opened(ticket, viewer)
            # Writing it down took a moment, in which the right may have gone.
            self._admission.refuse_revoked(ticket)
            if (refusal := self._seats.refusal(ticket.camera_id, ticket.user_id)) is not None:
                because = "camera"
                return refusal
            shown = self._transcodings.open(camera, ticket.watermark, viewer.plays)
            if isinstance(shown, End):
                because = "camera"
                return shown
            with self._seats.taken_by(ticket.user_id):
                try:
                    shown.join(viewer)
                    why = await _until_over(socket, viewer)
                finally:
                    shown.leave(viewer)
                    self._transcodings.leave(shown)
            if why is not None:
                because = CLOSED_BECAUSE.get(why, "camera")
            return why
        except HubError:
            because = "revoked"
            raise
        except asyncio.CancelledError:
            because = "gateway"
            raise
        finally:
            hold.release()
            self._register.closed(ticket, because)


async def _until_over(socket: web.WebSocketResponse, viewer: Viewer) -> End | None:
    leaving = asyncio.ensure_future(_until_closed(socket))
    ends: tuple[asyncio.Future[Any], ...] = (leaving, viewer.ended)
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        leaving.cancel()
        await asyncio.wait({leaving})
    return viewer.ended.result() if viewer.ended.done() else None


async def _until_closed(socket: web.WebSocketResponse) -> None:
    async for _ in socket:
        pass


async def _goodbye(socket: web.WebSocketResponse, request: web.Request, why: End) -> None:
    """The word, the close code, and no picture more: what a slow browser has not taken by then is thrown away."""
    if socket.closed:
        return
    transport = request.transport
    try:
        async with asyncio.timeout(_GOODBYE_S):
            await socket.send_json({"type": "end", "code": why.value})
            await socket.close(code=why.close_code, message=why.value.encode())
    except (TimeoutError, ConnectionError):
        pass
    if transport is not None and transport.get_write_buffer_size():
        transport.abort()
