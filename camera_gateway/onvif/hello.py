"""Hello: a device that came back says so by multicast (WS-Discovery 1.1, 4.1), and its owner need not wait to find out.

One socket on port 3702, shared with whoever else listens there; on its owner's loop. Anybody may send a Hello, so it
is a reason to look and never more: told at most every ten seconds for each device.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Sequence
from typing import Final

from camera_gateway.onvif.discovery import GROUP, PORT, read_matches
from camera_gateway.onvif.interfaces import own_addresses
from hub.clock import Clock
from hub.contracts.device import DiscoveredDevice, FoundBy
from hub.errors import ErrorKind, HubError

EVERY_S: Final = 10.0
_MOST_REMEMBERED: Final = 4_096
_PARSED_PER_S: Final = 200.0  # a flood of datagrams costs no more than this

Told = Callable[[DiscoveredDevice], None]


class HelloListener(asyncio.DatagramProtocol):
    """`await open()`, then `told` is called with each device that announces itself, until `close()`."""

    def __init__(self, clock: Clock, told: Told, port: int = PORT, interfaces: Sequence[str] | None = None) -> None:
        self._clock = clock
        self._told = told
        self._port = port
        self._interfaces = interfaces
        self._transport: asyncio.BaseTransport | None = None
        self._told_at_s: dict[tuple[str, str], float] = {}
        self._room = _PARSED_PER_S
        self._looked_s = clock.monotonic()
        self.dropped = 0

    async def open(self) -> None:
        """Listen. Raises HubError UNAVAILABLE `camera_gateway.hello_port_taken`: all works, only later."""
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            one.setblocking(False)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(AttributeError, OSError):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            one.bind(("", self._port))
            for address in own_addresses() if self._interfaces is None else self._interfaces:
                with contextlib.suppress(OSError):
                    member = socket.inet_aton(GROUP) + socket.inet_aton(address)
                    one.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
            loop = asyncio.get_running_loop()
            self._transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=one)
        except OSError as error:
            one.close()
            raise HubError(ErrorKind.UNAVAILABLE, "camera_gateway.hello_port_taken", port=self._port) from error

    def close(self) -> None:
        """Listen no more; harmless twice."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """One announcement, perhaps."""
        now_s = self._clock.monotonic()
        self._room = min(_PARSED_PER_S, self._room + (now_s - self._looked_s) * _PARSED_PER_S)
        self._looked_s = now_s
        if self._room < 1.0:
            self.dropped += 1
            return
        self._room -= 1.0
        for device in read_matches(data, addr[0], FoundBy.HELLO, "Hello"):
            key = (device.ip, device.endpoint)
            if now_s - self._told_at_s.get(key, float("-inf")) < EVERY_S:
                continue
            if len(self._told_at_s) >= _MOST_REMEMBERED:
                self._told_at_s.clear()
            self._told_at_s[key] = now_s
            self._told(device)
