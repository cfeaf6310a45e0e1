"""The browser at the other end of one WebRTC viewing: its ICE credentials, its addresses, its DTLS.

Runs on the gateway's loop, fed by the endpoint with the datagrams that are for it. We are ICE-lite (RFC 8445 2.5): the
browser checks, we answer. During the handshake we answer where it speaks from; after it media goes to another address
only when that address was nominated by a check and an authentic packet that was never seen before came from it, so that
a check which somebody recorded and sends again leads nothing astray.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import Final

from camera_gateway.live.webrtc.beneath import Dtls, Identity, Sealing, answer_check, read_check
from camera_gateway.live.webrtc.sdp import Offer
from hub.clock import Clock

Address = tuple[str, int] | tuple[str, int, int, int]

# A browser checks at least every 2.7 s and reports once a second: six seconds without either, and it is gone.
GONE_S: Final = 6.0
_MOST_ADDRESSES: Final = 4  # a browser's: wire, radio, IPv4, IPv6
_CHECKS_A_SECOND: Final = 50


class Peer:
    """One browser, known by the ICE user name that our answer gave it."""

    def __init__(self, offer: Offer, identity: Identity, clock: Clock, send: Callable[[bytes, Address], None]) -> None:
        self.ufrag = secrets.token_hex(6)
        self.password = secrets.token_hex(16)
        self.address: Address | None = None
        self.addresses: dict[Address, bool] = {}  # from which an authentic check came -> whether it was nominated
        self.heard_at = clock.monotonic()
        self.on_rtcp: Callable[[bytes], None] | None = None
        self._username = f"{self.ufrag}:{offer.ufrag}"
        self._fingerprints = offer.fingerprints
        self._clock = clock
        self._to = send
        self._checks_left = _CHECKS_A_SECOND
        self._arrived = asyncio.Event()
        self._connected = False
        self._dtls = Dtls(identity, self._send)

    @property
    def profile(self) -> str:
        """The SRTP profile that was agreed on; empty before."""
        return self._dtls.profile

    @property
    def sealing(self) -> Sealing | None:
        """SRTP outward, once hands were shaken."""
        return self._dtls.sealing

    async def connect(self, on_closed: Callable[[], None]) -> Sealing:
        """Wait until the browser was here, then shake hands. Raises HubError as `Dtls.shake_hands` does."""
        await self._arrived.wait()
        await self._dtls.shake_hands(self._fingerprints, on_closed)
        self._connected = True
        assert self._dtls.sealing is not None  # noqa: S101 - hands were shaken
        return self._dtls.sealing

    async def close(self) -> None:
        """Say goodbye."""
        await self._dtls.close()

    def check(self, username: str, datagram: bytes, address: Address) -> bytes | None:
        """The answer to a binding request; None: it deserves none."""
        if username != self._username or self._checks_left <= 0:
            return None
        self._checks_left -= 1
        check = read_check(datagram, self.password)
        if check is None:
            return None
        if address not in self.addresses and len(self.addresses) >= _MOST_ADDRESSES:
            idle = next((one for one in self.addresses if one != self.address), None)
            if idle is not None:
                del self.addresses[idle]
        self.addresses[address] = check.nominates or self.addresses.get(address, False)
        if address == self.address or not self._connected:
            self.heard_at = self._clock.monotonic()
        if self.address is None or (check.nominates and not self._connected):
            self.address = address
        self._arrived.set()
        return answer_check(check, self.password, plain(address))

    def take(self, datagram: bytes, address: Address) -> None:
        """DTLS or SRTCP from one of its addresses (RFC 7983)."""
        first = datagram[0]
        if 20 <= first <= 63:
            if not self._connected:
                self.address = address
            self._dtls.feed(datagram)
        elif 128 <= first <= 191 and self._connected:
            opened = self._dtls.open_rtcp(datagram)
            if opened is None:
                return
            self.heard_at = self._clock.monotonic()
            if address != self.address and self.addresses.get(address):
                self.address = address
            if self.on_rtcp is not None:
                self.on_rtcp(opened)

    def tick(self) -> bool:
        """Once a second; whether it is gone."""
        self._checks_left = _CHECKS_A_SECOND
        return self._clock.monotonic() - self.heard_at >= GONE_S

    def _send(self, datagram: bytes) -> None:
        if self.address is not None:
            self._to(datagram, self.address)


def plain(address: Address) -> tuple[str, int]:
    """Without what only a socket needs; an IPv4 address in IPv6 clothes as itself."""
    return address[0].removeprefix("::ffff:") if "." in address[0] else address[0], address[1]
