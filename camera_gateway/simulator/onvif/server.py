"""The ONVIF side of a fleet of simulated cameras: HTTP for each camera on a port of its own, WS-Discovery where asked.

`async with OnvifFleet(fleet, [OnvifCamera(main=0, sub=1)]) as onvif: onvif.url(0)`. Runs on the loop that starts it,
beside the RTSP fleet whose paths it names. One aiohttp application; which camera is meant is known from the address.
"""

from __future__ import annotations

import asyncio
import inspect
import socket
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Self

from aiohttp import web

from camera_gateway.simulator.onvif import device, events, media, media2, ptz
from camera_gateway.simulator.onvif.discovery import GROUP, PORT, Responder
from camera_gateway.simulator.onvif.encoder import Encoding
from camera_gateway.simulator.onvif.faults import OnvifFault, OnvifFaultName, OnvifFaults
from camera_gateway.simulator.onvif.head import Head
from camera_gateway.simulator.onvif.login import OnvifDoor
from camera_gateway.simulator.onvif.snapshot import jpeg_of
from camera_gateway.simulator.onvif.soap import NAMESPACES, Call, Element, SoapFault, envelope, read
from camera_gateway.simulator.onvif.state import CameraFace, Handler, OnvifCamera, VideoStream
from camera_gateway.simulator.server import SimulatedFleet
from hub.clock import Clock, SystemClock

_SERVICES: Final[dict[str, dict[str, Handler]]] = {
    "device_service": device.OPERATIONS,
    "media_service": media.OPERATIONS,
    "media2_service": media2.OPERATIONS,
    "ptz_service": ptz.OPERATIONS,
    "event_service": events.OPERATIONS,
}
_LONGEST_REQUEST: Final = 262_144
_FOR_EVER_S: Final = 3600.0
_HTML: Final = "<!DOCTYPE html><html><head><title>Login</title></head><body><img src=a.png></body></html>"
_SETS: Final = ("Set", "Remove", "Goto", "SystemReboot", "ContinuousMove", "AbsoluteMove", "RelativeMove", "Stop")


class OnvifFleet:
    """The cameras. `discovery_port` 0: any free one; None: no WS-Discovery."""

    def __init__(
        self,
        fleet: SimulatedFleet,
        cameras: Sequence[OnvifCamera],
        *,
        host: str = "127.0.0.1",
        clock: Clock | None = None,
        discovery_port: int | None = None,
        multicast: bool = False,
    ) -> None:
        self._host, self._discovery_port, self._multicast = host, discovery_port, multicast
        clock = clock or SystemClock()
        self._faces = [_face(fleet, camera, clock, number) for number, camera in enumerate(cameras, 1)]
        self._by_address: dict[tuple[str, int], CameraFace] = {}
        self._runner: web.AppRunner | None = None
        self._responders: dict[str, Responder] = {}

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, e: BaseException | None, t: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen. Raises OSError where a port is taken."""
        app = web.Application(client_max_size=_LONGEST_REQUEST)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        for face in self._faces:
            face.host = face.camera.host or self._host
            face.port = await self._listen(face, face.camera.port)
            if OnvifFaultName.SUBSCRIPTION_PORT in face.faults:
                face.side_port = await self._listen(face, 0)
        if self._discovery_port is not None:
            for host in dict.fromkeys(face.host for face in self._faces):
                mine = [face for face in self._faces if face.host == host]
                self._responders[host] = await Responder.listen(
                    host, self._discovery_port, mine, multicast=self._multicast
                )

    async def stop(self) -> None:
        """Close all; who pulls is let go."""
        for responder in self._responders.values():
            responder.close()
        for face in self._faces:
            for subscription in face.subscriptions.values():
                subscription.forget()
        if self._runner is not None:
            await self._runner.cleanup()

    # what a test or a bench asks

    def url(self, index: int) -> str:
        """The device service of camera `index`."""
        face = self._faces[index]
        return f"http://{face.host}:{face.port}/onvif/device_service"

    def face(self, index: int) -> CameraFace:
        """Camera `index` while it runs: its head, clock, encoders, what it was asked (`operations`)."""
        return self._faces[index]

    def head(self, index: int) -> Head:
        """Where camera `index` looks."""
        return self._faces[index].head

    def fire(self, index: int, style: str, *, active: bool = True) -> None:
        """Camera `index` tells its subscribers something; `style` is a name of `EVENT_STYLES`."""
        events.fire(self._faces[index], style, active=active)

    def set_faults(self, index: int, *faults: OnvifFault | str) -> None:
        """Camera `index` has these faults from now on, and no others (`subscription-port` only from the start)."""
        self._faces[index].faults.replace(faults)

    def reboot(self, index: int) -> None:
        """All its subscriptions are forgotten."""
        device.forget_all(self._faces[index])

    def discovery_port(self, host: str | None = None) -> int:
        """Where WS-Discovery is answered."""
        return self._responders[host or self._host].port

    def announce(self, index: int, what: str = "Hello", to: tuple[str, int] = (GROUP, PORT)) -> None:
        """Camera `index` says Hello, or Bye."""
        face = self._faces[index]
        self._responders[face.host].announce(face, what, to)

    # HTTP

    async def _listen(self, face: CameraFace, port: int) -> int:
        assert self._runner is not None  # noqa: S101 - for the type checker: set before
        bound = socket.create_server((face.host, port))
        await web.SockSite(self._runner, bound).start()
        name = bound.getsockname()
        self._by_address[name[0], name[1]] = face
        return int(name[1])

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        name = request.transport.get_extra_info("sockname") if request.transport is not None else None
        face = self._by_address.get(name[:2]) if name is not None else None
        if face is None or not request.path.startswith("/onvif/"):
            return web.Response(status=404)
        if OnvifFaultName.SILENT in face.faults:
            await asyncio.sleep(_FOR_EVER_S)
        if (slow_s := face.faults.number(OnvifFaultName.SLOW)) is not None:
            await asyncio.sleep(slow_s)
        path = request.path.removeprefix("/onvif/")
        if path.startswith("snapshot/"):
            return self._snapshot(face, path, request)
        if request.method != "POST":
            return web.Response(status=405)
        try:
            call = read(await request.read())
            face.operations.append(call.operation.name)
            return await self._soap(face, path, call, request)
        except SoapFault as fault:
            return _soap_response(face, envelope(fault.element()), fault.status)

    async def _soap(self, face: CameraFace, path: str, call: Call, request: web.Request) -> web.StreamResponse:
        name = call.operation.name
        if path == "device_service" and name == "GetSystemDateAndTime":
            if OnvifFaultName.CLOCK_BEHIND_LOGIN not in face.faults:
                return _soap_response(face, envelope(await _operation(face, path, call, request)), 200)
        elif OnvifFaultName.HTML in face.faults:
            return web.Response(text=_HTML, content_type="text/html")
        elif OnvifFaultName.EMPTY_BODY in face.faults:
            return _soap_response(face, envelope(None), 200)
        free = path == "device_service" and name in device.BEFORE_LOGIN and name != "GetSystemDateAndTime"
        if not free and not face.admits(call.header, request.headers.get("Authorization"), request.method):
            return _login_refused(face)
        if OnvifFaultName.NOT_PERMITTED in face.faults and name.startswith(_SETS):
            raise SoapFault("NotAuthorized", "the action requires another account")
        answer = await _operation(face, path, call, request)
        if answer is None:  # the connection is closed under whoever pulls
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        return _soap_response(face, envelope(answer), 200)

    def _snapshot(self, face: CameraFace, path: str, request: web.Request) -> web.StreamResponse:
        token = path.removeprefix("snapshot/").removesuffix(".jpg")
        stream = next((one for one in face.streams if one.token == token), None)
        if stream is None or OnvifFaultName.SNAPSHOT_DEAD in face.faults:
            return web.Response(status=404)
        now_s = asyncio.get_running_loop().time()
        if face.door is not None and not face.door.http(request.headers.get("Authorization"), request.method, now_s):
            response = web.Response(status=401)
            response.headers.extend([("WWW-Authenticate", one) for one in face.door.challenges(now_s, always=True)])
            return response
        return web.Response(body=jpeg_of(face.fleet.clip(stream.index)), content_type="image/jpeg")


async def _operation(face: CameraFace, path: str, call: Call, request: web.Request) -> Element | None:
    """What the camera does and says; None: it closes the connection."""
    name = call.operation.name
    if path == "Subscription":
        token = request.query.get("Idx", "")
        if name == "PullMessages":
            return await _pull(face, token, call)
        if name == "Renew":
            return events.renew(face, token, call.operation)
        if name == "Unsubscribe":
            return events.unsubscribe(face, token)
        if name == "SetSynchronizationPoint":
            return events.synchronise(face, token)
    dead = (path == "media_service" and OnvifFaultName.ONLY_MEDIA2 in face.faults) or (
        path == "media2_service" and OnvifFaultName.ONLY_MEDIA1 in face.faults
    )
    handler = None if dead else _SERVICES.get(path, {}).get(name)
    if handler is None:
        raise SoapFault("ActionNotSupported", f"{name} is not implemented", status=500)
    answer = handler(face, call.operation)
    return await answer if inspect.isawaitable(answer) else answer


async def _pull(face: CameraFace, token: str, call: Call) -> Element | None:
    closes_s = face.faults.number(OnvifFaultName.PULL_CLOSES)
    if closes_s is None:
        return await events.pull(face, token, call.operation)
    try:
        async with asyncio.timeout(closes_s):
            return await events.pull(face, token, call.operation)
    except TimeoutError:
        return None


def _login_refused(face: CameraFace) -> web.Response:
    """401 with a challenge where HTTP Digest is taken, 400 where only a token is (gSOAP: a fault of the sender)."""
    challenges = face.door.challenges(asyncio.get_running_loop().time()) if face.door is not None else []
    fault = SoapFault("NotAuthorized", "Sender not Authorized", status=401 if challenges else 400)
    response = _soap_response(face, envelope(fault.element()), fault.status)
    response.headers.extend([("WWW-Authenticate", one) for one in challenges])
    return response


def _soap_response(face: CameraFace, body: bytes, status: int) -> web.Response:
    if OnvifFaultName.AMPERSAND in face.faults:
        body = body.replace(b"&amp;", b"&")
    if OnvifFaultName.UNDECLARED_PREFIX in face.faults:
        for prefix in ("wsa", "wsnt"):
            body = body.replace(f' xmlns:{prefix}="{NAMESPACES[prefix]}"'.encode(), b"")
    return web.Response(body=body, status=status, headers={"Content-Type": "application/soap+xml; charset=utf-8"})


def _face(fleet: SimulatedFleet, camera: OnvifCamera, clock: Clock, number: int) -> CameraFace:
    streams = [
        VideoStream(
            token=f"profile_{place}",
            encoder=f"vec_{place}",
            name="mainStream" if place == 1 else "subStream",
            index=index,
            original=fleet.clip(index),
            encoding=Encoding.of(fleet.clip(index)),
        )
        for place, index in enumerate((camera.main, camera.sub), 1)
        if index is not None
    ]
    door = OnvifDoor(camera.username, camera.password, camera.login) if camera.username is not None else None
    head = Head(clock.monotonic)
    return CameraFace(camera, fleet, clock, streams, head, door, OnvifFaults(camera.faults), number)
