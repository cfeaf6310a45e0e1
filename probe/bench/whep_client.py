"""The least browser: WHEP, ICE checks, a real DTLS handshake, SRTP. For benches and tests; shows nothing.

Runs on its own process's loop in a bench and on the test's in tests. Decrypts until it has the first whole picture;
after that it counts datagrams only, unless it was told to keep what comes.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import socket
import time
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin

import aiohttp

from camera_gateway.live.webrtc.beneath import Dtls, Identity, is_answer, make_check
from camera_gateway.live.webrtc.sdp import Fingerprint

_CHECK_S: Final = 0.05
_CHECKS: Final = 60
_PING_S: Final = 2.0
_CANDIDATE = re.compile(r"a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host")

# The order and the payload types of a browser, without what does not matter here.
OFFER: Final = """v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
a=extmap-allow-mixed
a=msid-semantic: WMS
m=video 9 UDP/TLS/RTP/SAVPF 96 102 103 39
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:{ufrag}
a=ice-pwd:{password}
a=ice-options:trickle
a=fingerprint:{algorithm} {value}
a=setup:actpass
a=mid:0
a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay
a=recvonly
a=rtcp-mux
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 nack
a=rtpmap:102 H264/90000
a=rtcp-fb:102 nack
a=rtcp-fb:102 nack pli
a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f
a=rtpmap:103 H264/90000
a=fmtp:103 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f
a=rtpmap:39 AV1/90000
m=audio 9 UDP/TLS/RTP/SAVPF 111 0 8
c=IN IP4 0.0.0.0
a=ice-ufrag:{ufrag}
a=ice-pwd:{password}
a=fingerprint:{algorithm} {value}
a=setup:actpass
a=mid:1
a=recvonly
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
"""


@dataclass(slots=True)
class Got:
    """What came."""

    datagrams: int = 0
    first_picture_s: float | None = None  # from the POST to the last packet of the first picture
    rtp: list[bytes] = field(default_factory=list)
    rtcp: list[bytes] = field(default_factory=list)


class WhepClient:
    """One viewing: `open`, look at `got`, `close`."""

    def __init__(self, http: aiohttp.ClientSession, identity: Identity, *, keeps: bool = False) -> None:
        self.got = Got()
        self.profile: str | None = None  # negotiate this SRTP profile alone
        self.status = 0
        self.answer = ""
        self.location = ""
        self.closed = False  # by the gateway
        self.silent = False  # check and report nothing any more, as a tab that was killed
        self.loses = 0  # so many of the next packets never arrive
        self.their_ufrag = self.their_password = ""
        self.ufrag = secrets.token_hex(4)
        self.target: tuple[str, int] = ("", 0)
        self.picked: Dtls | None = None
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._http = http
        self._identity = identity
        self._keeps = keeps
        self._url = ""
        self._asked_at = 0.0
        self._checked = asyncio.Event()
        self._pinging: asyncio.Task[None] | None = None
        self._early: list[bytes] = []  # media that overtook the end of the handshake, which a task takes here
        self._listen(self.socket)

    @property
    def offer(self) -> str:
        """As a browser makes it."""
        mine = self._identity.fingerprint
        text = OFFER.format(
            ufrag=self.ufrag, password=secrets.token_hex(12), algorithm=mine.algorithm, value=mine.value
        )
        return text.replace("\n", "\r\n")

    @property
    def username(self) -> str:
        """Of its checks."""
        return f"{self.their_ufrag}:{self.ufrag}"

    async def ask(self, url: str) -> int:
        """POST the offer; the answer's status."""
        self._url, self._asked_at = url, time.monotonic()
        headers = {"Content-Type": "application/sdp"}
        async with self._http.post(url, data=self.offer, headers=headers) as response:
            self.status, self.answer = response.status, await response.text()
            self.location = urljoin(url, response.headers.get("Location", ""))
        if self.status == 201:
            self.their_ufrag, self.their_password = self._value("ice-ufrag"), self._value("ice-pwd")
            host, port = _CANDIDATE.findall(self.answer)[0]
            self.target = (host, int(port))
        return self.status

    async def open(self, url: str) -> None:
        """Ask, check, shake hands; raises ConnectionError where the gateway refuses or does not answer."""
        if await self.ask(url) != 201:
            raise ConnectionError(f"{self.status}: {self.answer}")
        await self.connect()

    async def connect(self) -> None:
        """Check until it is answered, then shake hands."""
        for _ in range(_CHECKS):
            self.check()
            try:
                async with asyncio.timeout(_CHECK_S):
                    await self._checked.wait()
                break
            except TimeoutError:
                continue
        if not self._checked.is_set():
            raise ConnectionError("no answer to any check")
        self.picked = Dtls(self._identity, self.send, server=False)
        if self.profile is not None:
            self.picked.offer_only(self.profile)
        algorithm, _, value = self._value("fingerprint").partition(" ")
        await self.picked.shake_hands([Fingerprint(algorithm, value)], self._on_closed)
        early, self._early = self._early, []
        for datagram in early:
            self._take_media(datagram)
        self._pinging = asyncio.create_task(self._ping())

    def check(self, *, password: str | None = None, transaction_id: bytes | None = None) -> bytes:
        """Send a binding request that nominates; what was sent."""
        made = make_check(self.username, password or self.their_password, nominates=True, transaction_id=transaction_id)
        self.send(made)
        return made

    def send(self, datagram: bytes) -> None:
        """To the gateway."""
        self.socket.sendto(datagram, self.target)

    def send_rtcp(self, packet: bytes) -> None:
        """Sealed, as a browser's."""
        if self.picked is not None and self.picked.sealing is not None:
            self.send(self.picked.sealing.seal_rtcp(packet))

    def roam(self) -> None:
        """Speak from another port from now on."""
        asyncio.get_running_loop().remove_reader(self.socket.fileno())
        self.socket.close()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._listen(self.socket)

    async def leave(self) -> int:
        """DELETE; its status."""
        async with self._http.delete(self.location) as response:
            return response.status

    async def close(self) -> None:
        """Nothing is left; the gateway is not told."""
        if self._pinging is not None:
            self._pinging.cancel()
            await asyncio.wait({self._pinging})
        if self.picked is not None:
            self.silent = True
            await self.picked.close()
        asyncio.get_running_loop().remove_reader(self.socket.fileno())
        self.socket.close()

    def _listen(self, listening: socket.socket) -> None:
        listening.setblocking(False)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_000_000)
        listening.bind(("127.0.0.1", 0))
        asyncio.get_running_loop().add_reader(listening.fileno(), self._readable)

    def _readable(self) -> None:
        for _ in range(64):
            try:
                self._take(self.socket.recv(2048))
            except OSError:
                return

    def _take(self, datagram: bytes) -> None:
        first = datagram[0]
        if first >= 128:
            self._take_media(datagram)
        elif first >= 20 and self.picked is not None:
            self.picked.feed(datagram)
        elif first < 4 and is_answer(datagram, self.their_password):
            self._checked.set()

    def _take_media(self, datagram: bytes) -> None:
        if self.picked is None or self.picked.sealing is None:
            self._early.append(datagram)
            return
        self.got.datagrams += 1
        if self.got.first_picture_s is not None and not self._keeps:
            return
        if 192 <= datagram[1] <= 223:
            opened = self.picked.open_rtcp(datagram)
            if opened is not None:
                self.got.rtcp.append(opened)
            return
        if self.loses:
            self.loses -= 1
            return
        packet = self.picked.open_rtp(datagram)
        if packet is None:
            return
        if packet[1] & 0x80 and self.got.first_picture_s is None:
            self.got.first_picture_s = time.monotonic() - self._asked_at
        if self._keeps:
            self.got.rtp.append(packet)

    def _on_closed(self) -> None:
        self.closed = True

    async def _ping(self) -> None:
        while not self.silent:
            self.check()
            self.send_rtcp(b"\x80\xc9\x00\x01" + secrets.token_bytes(4))  # an empty receiver report
            await asyncio.sleep(_PING_S)

    def _value(self, name: str) -> str:
        found = re.search(rf"^a={name}:(.+?)\r?$", self.answer, re.MULTILINE)
        return found[1] if found else ""
