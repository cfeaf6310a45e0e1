"""The gateway's face to browsers and to the console: live pictures, snapshots, tests, and how it does itself.

Parses and answers on the gateway's loop, decides nothing. No access log: a ticket stands in the address.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from aiohttp import web
from pydantic import ValidationError

from camera_gateway import metrics, sweep_answer
from camera_gateway.camera import Camera
from camera_gateway.cure.http import fix_routes
from camera_gateway.joining_http import joining_routes
from camera_gateway.live.webrtc.sdp import MOST_CHARACTERS
from camera_gateway.viewing import Counted
from hub.contracts.device import Reason
from hub.contracts.ptz import PtzCommand
from hub.contracts.ticket import Ticket, TicketAction
from hub.errors import ErrorKind, HubError
from hub.peer import is_this_machine

if TYPE_CHECKING:
    from camera_gateway.gateway import Gateway

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_STATUS = {
    ErrorKind.INVALID: 400,
    ErrorKind.UNAUTHENTICATED: 401,
    ErrorKind.FORBIDDEN: 403,
    ErrorKind.NOT_FOUND: 404,
    ErrorKind.CONFLICT: 409,
    ErrorKind.LIMITED: 429,
    ErrorKind.REFUSED: 502,
    ErrorKind.UNREACHABLE: 502,
    ErrorKind.TIMEOUT: 504,
    ErrorKind.UNAVAILABLE: 503,
    ErrorKind.PROTOCOL: 503,
    ErrorKind.UNSUPPORTED: 503,
}


class Door:
    """What is open before the gateway is there: it waits for Redis, and says so."""

    def __init__(self) -> None:
        self.gateway: Gateway | None = None

    def open(self) -> Gateway:
        """The gateway behind it; raises HubError UNAVAILABLE while there is none."""
        if self.gateway is None:
            raise HubError(ErrorKind.UNAVAILABLE, "camera_gateway.not_ready")
        return self.gateway


def application(door: Door) -> web.Application:
    """All routes of one gateway."""
    pages = _Pages(door)
    app = web.Application(middlewares=[_shared, _problems], client_max_size=64 * 1024)
    app.add_routes(
        [
            web.get("/mse/{camera_id}", pages.mse),
            web.post("/whep/{camera_id}", pages.whep),
            web.options("/whep/{camera_id}", pages.whep_options),
            web.delete("/whep/{camera_id}/{viewing_id}", pages.whep_end),
            web.options("/whep/{camera_id}/{viewing_id}", pages.whep_options),
            web.get("/snapshot/{camera_id}.jpg", pages.snapshot),
            web.post("/test/{camera_id}", pages.test),
            web.post("/ptz/{camera_id}", pages.ptz),
            web.post("/sweep", pages.sweep),
            web.get("/healthz", pages.healthz),
            web.get("/readyz", pages.readyz),
            web.get("/metrics", pages.metrics),
            *fix_routes(door.open),
            *joining_routes(door.open),
        ]
    )
    return app


class _Pages:
    def __init__(self, door: Door) -> None:
        self._door = door

    async def mse(self, request: web.Request) -> web.StreamResponse:
        return await self._door.open().players.serve(request)

    async def whep(self, request: web.Request) -> web.StreamResponse:
        gateway = self._door.open()
        if request.content_type != "application/sdp":
            raise HubError(ErrorKind.INVALID, "camera_gateway.whep_offer", what="Content-Type")
        camera_id = request.match_info["camera_id"]
        offer = await _offer(request)
        ticket = request.query.get("ticket", "")
        answer, viewing = await gateway.whep.watch(ticket, camera_id, offer, _asked_by(request))
        headers = {"Location": f"/whep/{camera_id}/{viewing.id}", "Cache-Control": "no-store"}
        return web.Response(text=answer, status=201, content_type="application/sdp", headers=headers)

    async def whep_end(self, request: web.Request) -> web.StreamResponse:
        if not self._door.open().whep.leave(request.match_info["camera_id"], request.match_info["viewing_id"]):
            raise HubError(ErrorKind.NOT_FOUND, "camera_gateway.viewing_unknown")
        return web.Response()

    async def whep_options(self, request: web.Request) -> web.StreamResponse:
        allowed = "DELETE, OPTIONS" if "viewing_id" in request.match_info else "POST, OPTIONS"
        headers = {"Access-Control-Allow-Methods": allowed, "Access-Control-Allow-Headers": "Content-Type"}
        return web.Response(status=204, headers={**headers, "Access-Control-Max-Age": "86400", "Allow": allowed})

    async def snapshot(self, request: web.Request) -> web.StreamResponse:
        gateway = self._door.open()
        ticket, camera = await self._admitted(request, TicketAction.SNAPSHOT)
        if not camera.spec.consent_in_force(gateway.clock.now()):
            raise HubError(ErrorKind.CONFLICT, "camera_gateway.no_consent")
        snapshot = await gateway.snapshots.take(camera)
        gateway.admission.refuse_revoked(ticket)  # decoding took a moment, in which the right may have gone
        counts = Counted(frames_sent=1, last_captured_at_us=int(snapshot.captured_at.timestamp() * 1e6))
        await gateway.register.opened(ticket, counts)
        gateway.register.closed(ticket, "viewer")
        captured_at = snapshot.captured_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        headers = {"X-Captured-At": captured_at, "Cache-Control": "no-store"}
        return web.Response(body=snapshot.jpeg, content_type="image/jpeg", headers=headers)

    async def test(self, request: web.Request) -> web.StreamResponse:
        _, camera = await self._admitted(request, TicketAction.TEST)
        verdicts = await self._door.open().tests.rows(camera, _language(request))
        return web.json_response({"verdicts": verdicts})

    async def ptz(self, request: web.Request) -> web.StreamResponse:
        ticket, camera = await self._admitted(request, TicketAction.PTZ)
        try:
            wish = PtzCommand.model_validate_json(await request.read())
        except ValidationError as error:
            raise HubError(ErrorKind.INVALID, "camera_gateway.ptz_command") from error
        state = await self._door.open().ptz.command(ticket, camera.spec, wish)
        return web.json_response(text=state.model_dump_json())

    async def sweep(self, request: web.Request) -> web.StreamResponse:
        gateway = self._door.open()
        ticket = await gateway.admission.admit(
            request.query.get("ticket", ""), f"gateway:{gateway.id}", TicketAction.SWEEP
        )
        order = await sweep_answer.order_of(request)
        return await sweep_answer.serve(request, gateway.sweeps, order, lambda: gateway.admission.still(ticket))

    async def healthz(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"status": "alive"})

    async def readyz(self, request: web.Request) -> web.StreamResponse:
        ready = self._door.gateway is not None and self._door.gateway.manager.following
        return web.json_response({"status": "ready" if ready else "waiting"}, status=200 if ready else 503)

    async def metrics(self, request: web.Request) -> web.StreamResponse:
        if not is_this_machine(request.remote, request.headers.keys()):
            raise HubError(ErrorKind.FORBIDDEN, "camera_gateway.metrics_here_only")
        return web.Response(body=metrics.render(self._door.open()), content_type="text/plain")

    async def _admitted(self, request: web.Request, action: TicketAction) -> tuple[Ticket, Camera]:
        gateway = self._door.open()
        camera_id = request.match_info["camera_id"]
        ticket = await gateway.admission.admit(request.query.get("ticket", ""), camera_id, action)
        camera = gateway.manager.cameras.get(camera_id)
        if camera is None:
            raise HubError(ErrorKind.NOT_FOUND, "camera_gateway.camera_unknown")
        return ticket, camera


@web.middleware
async def _shared(request: web.Request, handler: Handler) -> web.StreamResponse:
    """WHEP is spoken by the console's page, which comes from another port: any origin may. The ticket is the right;
    there is no cookie that a foreign page could ride on."""
    if not request.path.startswith("/whep/"):
        return await handler(request)
    shared = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Location"}
    try:
        response = await handler(request)
    except web.HTTPException as error:  # 405, 413
        error.headers.update(shared)
        raise
    response.headers.update(shared)
    return response


async def _offer(request: web.Request) -> str:
    """The body, as text; raises HubError INVALID where it is too large or is none."""
    body = b""
    async for chunk in request.content.iter_chunked(8_192):
        body += chunk
        if len(body) > MOST_CHARACTERS:
            raise HubError(ErrorKind.INVALID, "camera_gateway.whep_offer", what="size")
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise HubError(ErrorKind.INVALID, "camera_gateway.whep_offer", what="UTF-8") from error


def _asked_by(request: web.Request) -> tuple[str, ...]:
    """Our address as the browser wrote it and as its connection has it; either may be a name or a proxy's."""
    host = request.url.host or ""
    name = request.transport.get_extra_info("sockname") if request.transport is not None else None
    return (host, str(name[0])) if isinstance(name, tuple) else (host,)


@web.middleware
async def _problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A HubError becomes problem+json (RFC 9457) in the reader's language."""
    try:
        return await handler(request)
    except HubError as error:
        status = _STATUS.get(error.kind, 500)
        problem = {
            "type": "about:blank",
            "title": error.code,
            "status": status,
            "detail": error.text(_language(request)),
            "code": error.code,
            "kind": error.kind.value,
            "params": Reason.of(error).params,
        }
        return web.Response(
            text=json.dumps(problem, ensure_ascii=False), status=status, content_type="application/problem+json"
        )


def _language(request: web.Request) -> str:
    return "en" if request.headers.get("Accept-Language", "").lower().startswith("en") else "zh"
