"""What lies beneath our WebRTC: aioice's STUN messages, aiortc's DTLS, pylibsrtp's SRTP. The only file that knows them.

Much of what is used here is private to those packages; `tests/camera_gateway/live/webrtc/test_beneath.py` is the
contract that fails when a version changes it. Taking this file in costs half a second (aiortc brings FFmpeg): the
gateway does so in a thread once it runs. Everything else is on the gateway's loop. Never touches a socket.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from struct import Struct
from typing import Any, Final

import pylibsrtp
from aioice import stun
from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport
from pylibsrtp import _binding

from camera_gateway.live.webrtc.packets import RTP_HEADER_BYTES
from camera_gateway.live.webrtc.sdp import Fingerprint
from hub.errors import ErrorKind, HubError

_RTP: Final = Struct(">BBHII")
# What SRTP appends to a packet, by the profile's name in OpenSSL (RFC 5764 4.1.2, RFC 7714 14.2).
_TAG_BYTES: Final = {"SRTP_AES128_CM_SHA1_80": 10, "SRTP_AEAD_AES_128_GCM": 16, "SRTP_AEAD_AES_256_GCM": 16}
_WORK_BYTES: Final = 65_536
_DATAGRAMS_WAITING: Final = 32
_CHECK_LEAST, _CHECK_MOST = 20, 548
_COOKIE: Final = stun.COOKIE.to_bytes(4, "big")
_USERNAME: Final = 0x0006


# STUN


def username_of(datagram: bytes) -> str | None:
    """The USERNAME of a STUN binding request, found without parsing the rest: what a stranger costs."""
    end = len(datagram)
    if not _CHECK_LEAST <= end <= _CHECK_MOST or datagram[:2] != b"\x00\x01" or datagram[4:8] != _COOKIE:
        return None
    at = 20
    while at + 4 <= end:
        kind, size = datagram[at] << 8 | datagram[at + 1], datagram[at + 2] << 8 | datagram[at + 3]
        if kind == _USERNAME:
            return datagram[at + 4 : at + 4 + size].decode("ascii", "replace")
        at += 4 + (size + 3 & ~3)
    return None


@dataclass(frozen=True, slots=True)
class Check:
    """A binding request whose integrity held (RFC 8445 7.3)."""

    transaction_id: bytes
    nominates: bool


def read_check(datagram: bytes, password: str) -> Check | None:
    """The request, if it was made with our `password`."""
    try:
        message = stun.parse_message(datagram)
    except Exception:  # noqa: BLE001 - a stranger's bytes: whatever the parser says of them, it is no check
        return None
    if not message.check_message_integrity(password.encode()):
        return None
    return Check(message.transaction_id, "USE-CANDIDATE" in message.attributes)


def answer_check(check: Check, password: str, address: tuple[str, int]) -> bytes:
    """The success response that says from which address the request came."""
    answer = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, transaction_id=check.transaction_id)
    answer.attributes["XOR-MAPPED-ADDRESS"] = address
    answer.add_message_integrity(password.encode())
    return bytes(answer)


def make_check(username: str, password: str, *, nominates: bool, transaction_id: bytes | None = None) -> bytes:
    """What a browser sends; for our own client in benches and tests."""
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, transaction_id=transaction_id)
    request.attributes["USERNAME"] = username
    request.attributes["PRIORITY"] = 1
    request.attributes["ICE-CONTROLLING"] = 1
    if nominates:
        request.attributes["USE-CANDIDATE"] = None
    request.add_message_integrity(password.encode())
    return bytes(request)


def is_answer(datagram: bytes, password: str) -> bool:
    """Whether it is a success response made with `password`; for our own client."""
    message = stun.parse_message(datagram)
    return message.message_class is stun.Class.RESPONSE and message.check_message_integrity(password.encode())


# DTLS and SRTP


class Identity:
    """The certificate of this process: made once, five milliseconds, lives for thirty days and is made anew in time."""

    def __init__(self) -> None:
        self.certificate = RTCCertificate.generateCertificate()
        (found,) = (one for one in self.certificate.getFingerprints() if one.algorithm == "sha-256")
        self.fingerprint = Fingerprint(found.algorithm, found.value)

    @property
    def expires_at_s(self) -> float:
        """Seconds since 1970."""
        return self.certificate.expires.timestamp()


class Sealing:
    """SRTP outward: packets are protected in place, in one buffer that all viewers of a gateway share."""

    _work = _binding.ffi.new("unsigned char[]", _WORK_BYTES)
    _view = memoryview(_binding.ffi.buffer(_work)).cast("B")
    _size = _binding.ffi.new("int *")

    def __init__(self, session: pylibsrtp.Session, tag_bytes: int) -> None:
        self._session = session
        self.tag_bytes = tag_bytes

    def seal(self, packet: bytes) -> bytes:
        """One RTP packet."""
        sealed: bytes = self._session.protect(packet)
        return sealed

    def seal_rtcp(self, packet: bytes) -> bytes:
        """One compound RTCP packet."""
        sealed: bytes = self._session.protect_rtcp(packet)
        return sealed

    def seal_run(
        self, template: bytes, count: int, sizes: tuple[int, int], header: tuple[int, int, int], ends: bool
    ) -> memoryview:
        """`count` packets laid out one behind the other, each with its header written and protected in place.

        `template` holds for each the room of a header, a payload of `sizes[0]` bytes (the last: `sizes[1]`) and the
        room of a tag. `header` is the payload type with the first sequence number above it, the timestamp, the SSRC;
        `ends` marks the last packet. What is returned is overwritten by the next call.
        """
        work, view, length, protect = self._work, self._view, self._size, _binding.lib.srtp_protect
        context = self._session._srtp[0]  # noqa: SLF001 - see the head of this file
        pack_into = _RTP.pack_into
        start, timestamp, ssrc = header
        payload_type, sequence = start & 0x7F, start >> 8
        view[: len(template)] = template
        full = RTP_HEADER_BYTES + sizes[0]
        stride = full + self.tag_bytes
        at = 0
        for index in range(count):
            if index == count - 1:
                full = RTP_HEADER_BYTES + sizes[1]
                if ends:
                    payload_type |= 0x80
            pack_into(view, at, 0x80, payload_type, sequence + index & 0xFFFF, timestamp, ssrc)
            length[0] = full
            status = protect(context, work + at, length)
            if status:
                raise HubError(ErrorKind.BROKEN, "camera_gateway.broken") from pylibsrtp.Error(pylibsrtp.ERRORS[status])
            at += stride
        return view[: len(template)]


class Dtls:
    """One DTLS association over datagrams that somebody else carries: `feed` inward, `send` outward."""

    def __init__(self, identity: Identity, send: Callable[[bytes], None], *, server: bool = True) -> None:
        self._path = _Path(send)
        self._transport = RTCDtlsTransport(self._path, [identity.certificate])  # type: ignore[arg-type] # asks no more of an ICE transport than _Path has
        self._transport._set_role("server" if server else "client")  # noqa: SLF001 - see the head of this file
        self.profile = ""
        self.sealing: Sealing | None = None

    def offer_only(self, profile: str) -> None:
        """Negotiate this SRTP profile alone, as a browser does that has no other; for our own client."""
        kept = [one for one in self._transport._srtp_profiles if one.openssl_profile == profile.encode()]  # noqa: SLF001
        self._transport._srtp_profiles = kept  # noqa: SLF001

    async def shake_hands(self, fingerprints: Iterable[Fingerprint], on_closed: Callable[[], None]) -> None:
        """The handshake; `on_closed` is called once when the other side ends the association later.

        Raises HubError PROTOCOL `camera_gateway.webrtc_handshake`.
        """
        transport = self._transport
        wanted = [RTCDtlsFingerprint(algorithm=one.algorithm, value=one.value) for one in fingerprints]
        await transport.start(RTCDtlsParameters(fingerprints=wanted))
        if transport.state != "connected":
            raise HubError(ErrorKind.PROTOCOL, "camera_gateway.webrtc_handshake")
        transport.on("statechange", lambda: on_closed() if transport.state == "closed" else None)
        self.profile = transport._ssl.get_selected_srtp_profile().decode()  # type: ignore[union-attr]  # noqa: SLF001 # connected: it is there
        self.sealing = Sealing(transport._tx_srtp, _TAG_BYTES[self.profile])  # noqa: SLF001

    def feed(self, datagram: bytes) -> None:
        """A DTLS datagram that came; thrown away where too many wait already (DTLS sends again)."""
        self._path.put(datagram)

    def open_rtcp(self, datagram: bytes) -> bytes | None:
        """What an SRTCP datagram says; None when it is not authentic, or was seen before."""
        return self._open(datagram, "unprotect_rtcp")

    def open_rtp(self, datagram: bytes) -> bytes | None:
        """An SRTP packet; for our own client."""
        return self._open(datagram, "unprotect")

    async def close(self) -> None:
        """Say goodbye (close_notify) and end."""
        await self._transport.stop()

    def _open(self, datagram: bytes, by: str) -> bytes | None:
        session: Any = self._transport._rx_srtp  # noqa: SLF001
        if session is None:
            return None
        try:
            opened: bytes = getattr(session, by)(datagram)
        except (pylibsrtp.Error, ValueError):
            return None
        return opened


class _Path:
    """All that RTCDtlsTransport asks of an ICE transport."""

    role = "controlled"
    state = "completed"

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._to = send
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue(_DATAGRAMS_WAITING)

    def put(self, datagram: bytes) -> None:
        if not self._waiting.full():
            self._waiting.put_nowait(datagram)

    async def _recv(self) -> bytes:
        return await self._waiting.get()

    async def _send(self, datagram: bytes) -> None:
        self._to(datagram)
