"""The one UDP port of all WebRTC viewers: datagrams in, told apart; runs of packets out.

Runs on the gateway's loop. A datagram of a stranger costs a look at its first bytes and is thrown away: there is no
state for anybody whose ticket was not admitted first. Many packets for one viewer go out in one call where the kernel
cuts them (`UDP_SEGMENT`, Linux 4.18).
"""

from __future__ import annotations

import asyncio
import socket
from struct import pack
from typing import Final

from camera_gateway.live.webrtc.beneath import username_of
from camera_gateway.live.webrtc.peer import Address, Peer
from hub import log
from hub.clock import Clock
from hub.errors import ErrorKind, HubError

logger = log.get("camera_gateway.webrtc")

_SEND_BUFFER_BYTES: Final = 4_000_000
_LONGEST: Final = 2_048
_DATAGRAMS_A_TURN: Final = 64  # then others have their turn
_UDP_SEGMENT: Final = 103
_IPPROTO_UDP: Final = 17


class Endpoint:
    """The socket, and who is known on it."""

    def __init__(self, host: str, port: int, clock: Clock) -> None:
        """Bind it; raises HubError CONFLICT `camera_gateway.webrtc_port_taken`."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
        if family is socket.AF_INET6:
            self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        try:
            self._socket.bind((host, port))
        except OSError as error:
            self._socket.close()
            raise HubError(ErrorKind.CONFLICT, "camera_gateway.webrtc_port_taken", host=host, port=port) from error
        self.port: int = self._socket.getsockname()[1]
        self.cuts_in_kernel = True  # until it says that it does not
        self.packets_sent = 0
        self.strangers = 0  # datagrams of nobody we know
        self.unsent = 0  # runs that the socket did not take at once
        self._errors = log.RepeatedErrors(logger, clock, every_s=10)
        self._peers: dict[str, Peer] = {}
        self._at: dict[Address, Peer] = {}
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket.fileno(), self._readable)

    def close(self) -> None:
        """Nobody is heard any more."""
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()

    def add(self, peer: Peer) -> None:
        """Its checks will be answered."""
        self._peers[peer.ufrag] = peer

    def forget(self, peer: Peer) -> None:
        """It is a stranger again."""
        self._peers.pop(peer.ufrag, None)
        for address in [one for one, owner in self._at.items() if owner is peer]:
            del self._at[address]

    def send(self, datagram: bytes, address: Address) -> None:
        """One datagram; lost where the socket is full."""
        try:
            self._socket.sendto(datagram, address)
        except OSError as error:
            self._not_sent(error)

    def send_run(self, packets: memoryview, size: int, address: Address) -> bool:
        """Packets of `size` bytes (the last may be shorter), one behind the other; False: the socket took not all."""
        total = len(packets)
        try:
            if total <= size:
                self._socket.sendto(packets, address)
            elif self.cuts_in_kernel:
                self._socket.sendmsg([packets], [(_IPPROTO_UDP, _UDP_SEGMENT, pack("H", size))], 0, address)
            else:
                for at in range(0, total, size):
                    self._socket.sendto(packets[at : at + size], address)
        except BlockingIOError:
            self.unsent += 1
            return False
        except OSError as error:
            if total > size and self.cuts_in_kernel:
                # EIO, EINVAL, ENOPROTOOPT: this kernel or this network card does not cut. Never asked again.
                logger.info("webrtc.no_udp_segment", error=repr(error))
                self.cuts_in_kernel = False
                return self.send_run(packets, size, address)
            self._not_sent(error)
            return True  # no way there now; the browser asks again for what it missed, or is gone
        self.packets_sent += -(-total // size)
        return True

    def _readable(self) -> None:
        for _ in range(_DATAGRAMS_A_TURN):
            try:
                datagram, address = self._socket.recvfrom(_LONGEST)
            except BlockingIOError:
                return
            except OSError as error:
                self._not_sent(error)  # an ICMP answer to something sent earlier
                return
            try:
                self._take(datagram, address)
            except Exception as error:  # noqa: BLE001 - a stranger's datagram never ends the port of all viewers
                self._errors.error("webrtc.datagram", repr(error), error=repr(error))

    def _take(self, datagram: bytes, address: Address) -> None:
        if not datagram:
            return
        if datagram[0] > 3:
            peer = self._at.get(address)
            if peer is None:
                self.strangers += 1
            else:
                peer.take(datagram, address)
            return
        username = username_of(datagram)
        peer = self._peers.get(username.partition(":")[0]) if username else None
        answer = peer.check(username, datagram, address) if peer is not None and username else None
        if peer is None or answer is None:
            self.strangers += 1
            return
        if address not in self._at:
            self._at = {one: owner for one, owner in self._at.items() if owner is not peer or one in peer.addresses}
        self._at[address] = peer
        self.send(answer, address)

    def _not_sent(self, error: OSError) -> None:
        if not isinstance(error, BlockingIOError):
            self._errors.error("webrtc.socket", repr(error), error=repr(error))
