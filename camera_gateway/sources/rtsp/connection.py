"""One RTSP connection: asks, waits for the answer, logs in, and answers what the camera asks. One request at a time.

Runs on the camera's loop. Never reconnects, never follows a redirect; the whole of it ends with one HubError.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from camera_gateway.sources.rtsp.digest import Login
from camera_gateway.sources.rtsp.interleaved import InterleavedProtocol
from camera_gateway.sources.rtsp.message import Message, answer, request
from hub.addresses import PinnedAddress
from hub.clock import Clock, within
from hub.errors import ErrorKind, HubError

_UNSENT_MAX_BYTES: Final = 65_536
_UNANSWERED_MAX: Final = 32
_ANSWERED_200: Final = frozenset({"OPTIONS", "GET_PARAMETER", "SET_PARAMETER"})


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long a camera may take, in seconds."""

    connect_s: float = 5.0
    answer_s: float = 5.0  # for each answer
    media_s: float = 10.0  # without a whole access unit
    keyframe_s: float = 30.0  # with access units, but none that can be shown; H.264+ has GOPs of 20 s
    goodbye_s: float = 1.0
    keep_alive_s: float = 30.0  # at the latest after so long, sooner where the camera's session is shorter
    doubt_s: float = 1.5  # a camera that knows our session no more has so long to show that it sends all the same
    udp_s: float = 3.0  # without one datagram after PLAY


class RtspConnection:
    """Owned by one task, which alone calls `request`; the protocol's calls come from the same loop."""

    def __init__(
        self,
        address: PinnedAddress,
        login: Login,
        clock: Clock,
        timeouts: Timeouts,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.address = address
        self._tls = tls
        self.login = login
        self.timeouts = timeouts
        self._begin()
        self._may_reopen = True
        self._clock = clock
        self._sequence = 0
        self._answer: asyncio.Future[Message] | None = None
        self._unanswered: list[int] = []  # requests given up; their late answers are no answers to others

    def _begin(self) -> None:
        self.protocol = InterleavedProtocol(self._take, self._ended)
        self.ended: asyncio.Future[HubError] = asyncio.get_running_loop().create_future()

    async def open(self) -> None:
        """Connect to the pinned address. Raises HubError UNREACHABLE, PROTOCOL (TLS)."""
        loop = asyncio.get_running_loop()
        host, port = self.address.host, self.address.port
        name = host if self._tls is not None else None
        connecting = asyncio.ensure_future(
            loop.create_connection(lambda: self.protocol, self.address.ip, port, ssl=self._tls, server_hostname=name)
        )
        try:
            await within(self._clock, self.timeouts.connect_s, connecting)
        except TimeoutError as error:
            raise HubError(ErrorKind.UNREACHABLE, "camera_gateway.connect_timeout", host=host, port=port) from error
        except ssl.SSLCertVerificationError as error:
            raise HubError(ErrorKind.PROTOCOL, "camera_gateway.certificate_refused") from error
        except ssl.SSLError as error:
            raise HubError(ErrorKind.PROTOCOL, "camera_gateway.tls_failed", port=port) from error
        except OSError as error:
            raise HubError(ErrorKind.UNREACHABLE, "camera_gateway.unreachable", host=host, port=port) from error

    async def request(self, method: str, uri: str, headers: Sequence[tuple[str, str]] = ()) -> Message:
        """Ask and wait; logs in as often as is worth it. The answer has any status but 401.

        Raises HubError REFUSED | UNSUPPORTED (login), TIMEOUT (no answer), PROTOCOL, UNREACHABLE.
        """
        refused = False
        while True:  # ends: Login.challenged raises the third time at the latest
            authorization = self.login.header(method, uri)
            mine = [("Authorization", authorization)] if authorization else []
            try:
                message = await self._exchange(method, uri, [*mine, *headers])
            except HubError as error:
                if not (refused and self._may_reopen and error.code == "camera_gateway.connection_lost"):
                    raise
                self._begin()  # some close the connection after each 401
                await self.open()
                message = await self._exchange(method, uri, [*mine, *headers])
            refused = message.status == 401
            if not refused:
                self.login.accepted()
                return message
            self.login.challenged(message.all("www-authenticate"))

    async def _exchange(self, method: str, uri: str, headers: Sequence[tuple[str, str]]) -> Message:
        if self.ended.done():
            raise self.ended.result()
        self._sequence += 1
        sequence = self._sequence
        try:
            wire = request(method, uri, sequence, headers)
        except ValueError as error:
            raise HubError(ErrorKind.PROTOCOL, "camera_gateway.address_characters") from error
        self._answer = asyncio.get_running_loop().create_future()
        self.write(wire)
        try:
            return await within(self._clock, self.timeouts.answer_s, self._answer)
        except TimeoutError as error:
            self._unanswered = [*self._unanswered[-_UNANSWERED_MAX:], sequence]
            if not self.protocol.understood and self.protocol.junk_bytes:
                raise HubError(ErrorKind.PROTOCOL, "camera_gateway.not_rtsp", what="?") from error
            raise HubError(ErrorKind.TIMEOUT, "camera_gateway.no_answer", method=method) from error
        finally:
            self._answer = None

    def write(self, data: bytes) -> None:
        """Send; a camera that reads nothing for so long is given up."""
        transport = self.protocol.transport
        if transport is None or transport.is_closing():
            return
        if transport.get_write_buffer_size() > _UNSENT_MAX_BYTES:
            self._ended(HubError(ErrorKind.UNREACHABLE, "camera_gateway.connection_lost"))
            return
        transport.write(data)

    def settle(self) -> None:
        """A session stands on this connection: it is not to be made anew."""
        self._may_reopen = False

    async def close(self, farewell: tuple[str, Sequence[tuple[str, str]]] | None) -> bool:
        """Say TEARDOWN (address, headers) when there is a session, wait a moment, cut; whether it was answered."""
        self.protocol.drop_media()
        try:
            if farewell is not None and not self.ended.done():
                goodbye = asyncio.ensure_future(self._say_goodbye(*farewell))
                with contextlib.suppress(HubError, TimeoutError):
                    return await within(self._clock, self.timeouts.goodbye_s, goodbye)
            return False
        finally:
            if self.protocol.transport is not None:
                self.protocol.transport.abort()
            self.protocol.part()

    async def _say_goodbye(self, uri: str, headers: Sequence[tuple[str, str]]) -> bool:
        """A nonce may have grown old since the last request: the session of a camera that allows one must end."""
        for _ in range(2):
            authorization = self.login.header("TEARDOWN", uri)
            mine = [("Authorization", authorization)] if authorization else []
            message = await self._exchange("TEARDOWN", uri, [*mine, *headers])
            if message.status != 401:
                return True
            self.login.challenged(message.all("www-authenticate"))
        return False

    def fail(self, error: HubError) -> None:
        """End it from outside, e.g. when the camera says goodbye."""
        self._ended(error)

    def _take(self, message: Message) -> None:
        if not message.is_answer:
            status = "200 OK" if message.method in _ANSWERED_200 else "501 Not Implemented"
            self.write(answer(status, message.sequence))
        elif self._answer is not None and not self._answer.done() and message.sequence not in self._unanswered:
            self._answer.set_result(message)

    def _ended(self, error: HubError | None) -> None:
        if error is None and not self.protocol.understood:
            error = HubError(ErrorKind.PROTOCOL, "camera_gateway.closed_early")
        error = error or HubError(ErrorKind.UNREACHABLE, "camera_gateway.connection_lost")
        if not self.ended.done():
            self.ended.set_result(error)
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
        if self.protocol.transport is not None:
            self.protocol.transport.abort()
