"""A pair of UDP ports for one track: RTP on the even one, RTCP on the next (RFC 3550, 11), on the camera's loop.

Takes datagrams from the pinned address only, whatever port they come from: cameras behind NAT send from others than
they say. Makes no task a packet; what the kernel cannot hold is lost and shows as a gap.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from functools import partial
from typing import Final

from camera_gateway.sources.rtsp.reorder import Reorder, Taker
from hub.errors import ErrorKind, HubError

_TRIES: Final = 64
_BUFFER_BYTES: Final = 1_048_576  # a keyframe and what comes behind it while the loop is busy; the kernel may give less
# An RTP packet that holds nothing: opens the way back through a firewall or NAT between.
_EMPTY_RTP: Final = bytes.fromhex("800000000000000000000000")


class _Port(asyncio.DatagramProtocol):
    """One of the two."""

    def __init__(self, ip: str, take: Callable[[bytes], None]) -> None:
        self._ip = ip
        self._take = take
        self.foreign = 0

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """RTP and RTCP alike begin with version 2."""
        if addr[0] != self._ip:
            self.foreign += 1
        elif len(data) >= 8 and data[0] & 0xC0 == 0x80:
            self._take(data)

    def error_received(self, exc: Exception) -> None:
        """The camera's port is closed: that nothing comes is noticed by who watches for media."""


class DatagramPair:
    """Use `open`, then `listen`; `close` in any case."""

    def __init__(self, ip: str, port: int, sockets: tuple[socket.socket, socket.socket]) -> None:
        self.port = port  # ours, even
        self.packets = 0
        self._ip = ip
        self._sockets = sockets
        self._transports: list[asyncio.DatagramTransport] = []
        self._protocols: list[_Port] = []
        self._reorder: Reorder | None = None
        self._remote = (0, 0)

    @classmethod
    def open(cls, ip: str, local_ip: str) -> DatagramPair:
        """Two free ports on the address by which the camera knows us. Raises HubError LIMITED where there are none."""
        family = socket.AF_INET6 if ":" in ip else socket.AF_INET
        for _ in range(_TRIES):
            first = _bound(family, local_ip, 0)
            if first is None:
                break
            port = first.getsockname()[1]
            second = _bound(family, local_ip, port + 1 if port % 2 == 0 else port - 1)
            if second is None:
                first.close()
                continue
            pair = (first, second) if port % 2 == 0 else (second, first)
            return cls(ip, port - port % 2, pair)
        raise HubError(ErrorKind.LIMITED, "camera_gateway.no_ports")

    async def listen(self, on_media: Taker, on_control: Taker) -> None:
        """Hand packets on from now on, media in their order."""
        loop = asyncio.get_running_loop()
        reorder = self._reorder = Reorder(on_media)

        def media(data: bytes) -> None:
            if len(data) >= 12:
                self.packets += 1
                reorder.packet(data)

        def control(data: bytes) -> None:
            on_control(data, 0, len(data))

        for sock, take in zip(self._sockets, (media, control), strict=True):
            transport, protocol = await loop.create_datagram_endpoint(partial(_Port, self._ip, take), sock=sock)
            self._transports.append(transport)
            self._protocols.append(protocol)

    def aim(self, port: int, control_port: int) -> None:
        """Where the camera's ports are; open the way back from there."""
        self._remote = (port, control_port)
        if port and self._transports:
            self._transports[0].sendto(_EMPTY_RTP, (self._ip, port))

    def send_control(self, data: bytes) -> None:
        """RTCP to the camera, where it said to which port."""
        if self._remote[1] and len(self._transports) == 2 and not self._transports[1].is_closing():
            self._transports[1].sendto(data, (self._ip, self._remote[1]))

    @property
    def foreign(self) -> int:
        """Datagrams of others."""
        return sum(protocol.foreign for protocol in self._protocols)

    def close(self) -> None:
        """Give both ports back."""
        if self._reorder is not None:
            self._reorder.close()
        for transport in self._transports:
            transport.abort()
        for sock in self._sockets[len(self._transports) :]:
            sock.close()


def _bound(family: socket.AddressFamily, ip: str, port: int) -> socket.socket | None:
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        sock.bind((ip, port))
    except OSError:
        sock.close()
        return None
    return sock
