"""The media side of a camera that sends by UDP, as badly as a test says: lost, late, doubled, from another address.

Used with `RtspServer`: its `set_up` answers SETUP, its `play` answers PLAY and sends. Two sockets on loopback.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from tests.support.rtp import IDR, P, rtp
from tests.support.rtsp_server import Asked, reply


def packet_of(number: int, *, gop: int = 5) -> bytes:
    """Picture `number` in one packet."""
    return rtp(number, number * 3600, P if number % gop else IDR, marker=True)


class UdpCamera:
    """`order`: the numbers of the pictures as they leave."""

    def __init__(self, order: Sequence[int] = (), *, ip: str = "127.0.0.1", says_ports: bool = True) -> None:
        self.order = order
        self.client = (0, 0)
        self._says_ports = says_ports
        self._media, self._control = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        for sock in (self._media, self._control):
            sock.bind((ip, 0))
            sock.setblocking(False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, k: type[BaseException] | None, e: BaseException | None, t: TracebackType | None) -> None:
        self._media.close()
        self._control.close()

    def set_up(self, asked: Asked) -> bytes:
        """Agrees to UDP."""
        ports = re.search(r"client_port=(\d+)-(\d+)", asked.headers["transport"])
        if ports is None:
            return reply(asked, status="461 Unsupported Transport")
        self.client = (int(ports[1]), int(ports[2]))
        mine = f";server_port={self._media.getsockname()[1]}-{self._control.getsockname()[1]}"
        told = asked.headers["transport"] + (mine if self._says_ports else "")
        return reply(asked, f"Transport: {told}", "Session: 5;timeout=60")

    def play(self, asked: Asked) -> bytes:
        """Media first, as UDP may have it."""
        self.send([packet_of(number) for number in self.order])
        return reply(asked)

    def send(self, packets: Sequence[bytes]) -> None:
        """These, now."""
        for packet in packets:
            self._media.sendto(packet, ("127.0.0.1", self.client[0]))

    def send_control(self, packet: bytes) -> None:
        """RTCP."""
        self._control.sendto(packet, ("127.0.0.1", self.client[1]))

    def heard(self) -> tuple[list[bytes], list[bytes]]:
        """What came from the client: to the media port, to the control port."""
        return _drained(self._media), _drained(self._control)


def _drained(sock: socket.socket) -> list[bytes]:
    found = []
    try:
        while True:
            found.append(sock.recv(2048))
    except BlockingIOError:
        return found
