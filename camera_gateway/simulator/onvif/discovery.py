"""WS-Discovery from the camera's side: Probe answered, Hello and Bye said (OASIS WS-Discovery 2005/04; ONVIF Core, 7).

A datagram endpoint on the fleet's loop. Bound to an address it answers unicast; it joins the multicast group only where
that is asked for. What does not parse is passed over.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import uuid
from collections.abc import Sequence
from typing import Final, Self

from camera_gateway.simulator.onvif.device import scopes_of
from camera_gateway.simulator.onvif.soap import Element, Node, SoapFault, el, envelope, read
from camera_gateway.simulator.onvif.state import CameraFace

GROUP: Final = "239.255.255.250"
PORT: Final = 3702
_ACTIONS: Final = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
_EVERYBODY: Final = "urn:schemas-xmlsoap-org:ws:2005:04:discovery"
_ANONYMOUS: Final = "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous"
_KINDS: Final = {"NetworkVideoTransmitter", "Device"}


class Responder(asyncio.DatagramProtocol):
    """Answers for the cameras of one address."""

    def __init__(self, cameras: Sequence[CameraFace]) -> None:
        self._cameras = cameras
        self._transport: asyncio.DatagramTransport | None = None
        self.probed = 0
        self.port = 0

    @classmethod
    async def listen(cls, host: str, port: int, cameras: Sequence[CameraFace], *, multicast: bool = False) -> Self:
        """Begin. Raises OSError where the port is taken."""
        bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            # A gateway on this machine listens for Hello on the same port.
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if multicast:
                bound.bind(("", port))
                member = struct.pack("4s4s", socket.inet_aton(GROUP), socket.inet_aton(host))
                bound.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
            else:
                bound.bind((host, port))
            bound.setblocking(False)
            _, responder = await asyncio.get_running_loop().create_datagram_endpoint(lambda: cls(cameras), sock=bound)
        except BaseException:
            bound.close()
            raise
        responder.port = bound.getsockname()[1]
        return responder

    def close(self) -> None:
        """Listen no more."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a DatagramTransport always, as UDP

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """A Probe, or something that is none of ours."""
        try:
            call = read(data)
        except SoapFault:
            return
        if call.operation.name != "Probe" or not _is_meant(call.operation):
            return
        self.probed += 1
        relates = call.header.value("MessageID") or ""
        for camera in self._cameras:
            self._send(probe_match(camera, relates), addr)

    def announce(self, camera: CameraFace, what: str, to: tuple[str, int] = (GROUP, PORT)) -> None:
        """`Hello` or `Bye`."""
        about = [_reference(camera)] if what == "Bye" else _about(camera)
        head = (el("a:Action", f"{_ACTIONS}/{what}"), el("a:MessageID", _new_id()), el("a:To", _EVERYBODY))
        self._send(envelope(el(f"d:{what}", *about), *head), to)

    def _send(self, data: bytes, to: tuple[str, int]) -> None:
        if self._transport is not None:
            self._transport.sendto(data, to)


def probe_match(camera: CameraFace, relates_to: str) -> bytes:
    """ProbeMatches with this camera alone."""
    head = (
        el("a:Action", f"{_ACTIONS}/ProbeMatches"),
        el("a:MessageID", _new_id()),
        el("a:RelatesTo", relates_to),
        el("a:To", _ANONYMOUS),
    )
    return envelope(el("d:ProbeMatches", el("d:ProbeMatch", *_about(camera))), *head)


def endpoint_of(camera: CameraFace) -> str:
    """The camera's own name, the same after each start."""
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, f'{camera.camera.serial} {camera.camera.mac} {camera.number}')}"


def _about(camera: CameraFace) -> list[Element]:
    return [
        _reference(camera),
        el("d:Types", "dn:NetworkVideoTransmitter tds:Device"),
        el("d:Scopes", " ".join(scopes_of(camera))),
        el("d:XAddrs", camera.service_url("device_service")),
        el("d:MetadataVersion", 1),
    ]


def _reference(camera: CameraFace) -> Element:
    return el("a:EndpointReference", el("a:Address", endpoint_of(camera)))


def _is_meant(probe: Node) -> bool:
    """Whether a camera is asked for; no Types: everybody is."""
    kinds = {word.rpartition(":")[2] for word in (probe.value("Types") or "").split()}
    return not kinds or bool(kinds & _KINDS)


def _new_id() -> str:
    return f"urn:uuid:{uuid.uuid4()}"
