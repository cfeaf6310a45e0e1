"""One RTSP connection of a partner's player: its requests one after the other, one camera, one session.

A coroutine on the gateway's loop that waits for requests; media is written by the reader, in plain calls. Only RTP
interleaved in this connection is given (UDP is answered 461): what is sent ends with the connection. A login is asked
for DESCRIBE, SETUP and PLAY; what follows belongs to the session, and the session to this connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
from typing import Final

from camera_gateway.live.viewer import End
from camera_gateway.republish.guesses import Guesses
from camera_gateway.republish.login import Challenge, Find, Open, Verdict
from camera_gateway.republish.path import TRACK, camera_of
from camera_gateway.republish.request import Request, RequestReader
from camera_gateway.republish.sdp import description
from camera_gateway.republish.showing import NOT_FOUND, NOT_NOW, RefusedError, Showing, Surroundings
from hub import log
from hub.contracts.share import PartnerShare
from hub.errors import HubError

logger = log.get("camera_gateway.republish")

SESSION_S: Final = 60  # a player that says nothing for so long is gone
STRANGER_S: Final = 15.0  # without a login, and between it and PLAY
_CHUNK: Final = 4_096
_METHODS: Final = "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, SET_PARAMETER, TEARDOWN"
_TCP: Final = re.compile(r"RTP/AVP/TCP(?:;[^,]*)?", re.IGNORECASE)
_CHANNELS: Final = re.compile(r"interleaved=([0-9]{1,3})(?:-[0-9]{1,3})?", re.IGNORECASE)
_OK: Final = "200 OK"
_GOODBYE_S: Final = 1.0
_WITH_LOGIN: Final = frozenset({"DESCRIBE", "SETUP", "PLAY"})
Headers = list[tuple[str, str]]


class Connection:
    """From the first byte to the last. `address` is the player's."""

    def __init__(
        self,
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        address: str,
        around: Surroundings,
        guesses: Guesses,
        find: Find,
        opened: Open,
    ) -> None:
        self.share: PartnerShare | None = None  # who it is, once it logged in
        self._reading, self._writing = streams
        self._address = address
        self._around = around
        self._guesses = guesses
        self._find, self._opened = find, opened
        self._challenge = Challenge(around.clock.monotonic)
        self._session = secrets.token_urlsafe(16)
        self._channels: tuple[int, int] | None = None  # set up
        self._showing: Showing | None = None

    async def serve(self) -> None:
        """Answer until one side goes, or nothing is heard for too long."""
        requests = RequestReader()
        try:
            while data := await self._heard():
                for request in requests.feed(data):
                    if not await self._answer(request) or self._writing.is_closing():
                        return
        except HubError as error:
            logger.info("republish.cut", address=self._address, code=error.code)
            with contextlib.suppress(ConnectionError):
                self._write("400 Bad Request", None, [])
        except (TimeoutError, ConnectionError):
            pass
        finally:
            self._leave_camera()
            await self._close()

    def review(self) -> None:
        """End what is no longer allowed."""
        if self._showing is not None:
            self._showing.review()

    async def _heard(self) -> bytes:
        playing = self._showing is not None and self._showing.reader is not None
        async with asyncio.timeout(SESSION_S if playing else STRANGER_S):
            return await self._reading.read(_CHUNK)

    async def _answer(self, request: Request) -> bool:
        """One request; False: the connection is to end."""
        try:
            if request.method in _WITH_LOGIN and not await self._logged_in(request):
                return self.share is not None or not self._must_wait(request)
            match request.method:
                case "OPTIONS":
                    await self._say(_OK, request, [("Public", _METHODS)])
                case "DESCRIBE":
                    await self._describe(request)
                case "SETUP":
                    await self._set_up(request)
                case "PLAY":
                    await self._play(request)
                case "GET_PARAMETER" | "SET_PARAMETER":
                    await self._say(_OK, request, self._of_session())
                case "TEARDOWN":
                    self._leave_camera()
                    await self._say(_OK, request, [])
                    return False
                case _:
                    await self._say("405 Method Not Allowed", request, [("Allow", _METHODS)])
        except RefusedError as refused:
            self._leave_camera()
            await self._say(refused.status, request, [])
        return True

    async def _logged_in(self, request: Request) -> bool:
        """Whether the login is right; where not, that was said."""
        if self._must_wait(request):
            await self._say(NOT_NOW, request, [("Retry-After", str(SESSION_S))])
            return False
        verdict, share = self._challenge.check(request, self._find, self._opened)
        username = self._challenge.username(request)
        if verdict is Verdict.RIGHT:
            self.share = share
            self._guesses.was_right(self._address, username)
            return True
        if verdict is Verdict.WRONG:
            self._guesses.was_wrong(self._address, username)
            logger.warning("republish.login_refused", address=self._address, username=username[:32])
        self.share = None
        await self._say("401 Unauthorized", request, self._challenge.headers(verdict))
        return False

    def _must_wait(self, request: Request) -> bool:
        return self._guesses.must_wait(self._address, self._challenge.username(request))

    async def _describe(self, request: Request) -> None:
        if self._channels is not None:
            await self._say("455 Method Not Valid in This State", request, [])
            return
        body = description(await (await self._camera(request)).prepare())
        base = request.uri.rstrip("/") + "/"
        await self._say(_OK, request, [("Content-Base", base), ("Content-Type", "application/sdp")], body)

    async def _set_up(self, request: Request) -> None:
        """One track, in this connection; a second SETUP is of the same, with other channels."""
        offer = _TCP.search(request.get("transport"))
        wanted = None if offer is None else _CHANNELS.search(offer[0])
        first = int(wanted[1]) if wanted else 0
        if offer is None or first > 254:
            await self._say("461 Unsupported Transport", request, [])
            return
        if self._showing is None or self._showing.camera_id != camera_of(request.uri):
            await (await self._camera(request)).prepare()
        if self._playing:
            await self._say("455 Method Not Valid in This State", request, [])
            return
        self._channels = first, first + 1
        transport = f"RTP/AVP/TCP;unicast;interleaved={first}-{first + 1}"
        session = f"{self._session};timeout={SESSION_S}"
        await self._say(_OK, request, [("Transport", transport), ("Session", session)])

    async def _play(self, request: Request) -> None:
        showing = self._showing
        if showing is None or self._channels is None or request.get("session").partition(";")[0] != self._session:
            await self._say("454 Session Not Found", request, [])
            return
        if showing.share != self.share or showing.camera_id != camera_of(request.uri):
            raise RefusedError(NOT_FOUND)
        headers = [*self._of_session(), ("Range", "npt=now-")]
        if showing.reader is None:
            reader = await showing.open(self._writing.transport, self._channels, self._ended)
            url = f"{request.uri.rstrip('/').removesuffix('/' + TRACK)}/{TRACK}"
            first = showing.first_time()
            clock = "" if first is None else f";rtptime={first}"
            headers.append(("RTP-Info", f"url={url};seq={reader.sequence}{clock}"))
            self._write(_OK, request, headers)
            showing.begin()  # behind the answer, with nothing between
            logger.info("republish.plays", camera_id=showing.camera_id, unit_id=showing.share.unit_id)
        else:
            await self._say(_OK, request, headers)

    async def _camera(self, request: Request) -> Showing:
        """The camera that is asked for, in the place of another that is not open. Raises RefusedError."""
        if self._playing:
            raise RefusedError(NOT_NOW)
        self._leave_camera()
        camera_id = camera_of(request.uri)
        if camera_id is None or self.share is None:
            raise RefusedError(NOT_FOUND)
        self._showing = Showing(self._around, camera_id, self.share, self._address)
        return self._showing

    @property
    def _playing(self) -> bool:
        return self._showing is not None and self._showing.reader is not None

    def _leave_camera(self) -> None:
        showing, self._showing, self._channels = self._showing, None, None
        if showing is not None:
            showing.close()

    def _of_session(self) -> Headers:
        return [("Session", self._session)] if self._channels is not None else []

    def _ended(self, why: End) -> None:
        """The picture is over: a word, and no picture more; what a slow player has not taken is thrown away."""
        logger.info("republish.ended", address=self._address, why=why.value)
        reader = self._showing.reader if self._showing is not None else None
        if reader is not None and not self._writing.transport.get_write_buffer_size():
            self._writing.write(reader.goodbye())
            self._writing.close()
        else:
            self._writing.transport.abort()

    async def _close(self) -> None:
        """The last answer may still be on its way; who does not take it is cut off."""
        self._writing.close()
        try:
            async with asyncio.timeout(_GOODBYE_S):
                await self._writing.wait_closed()
        except (TimeoutError, OSError):
            self._writing.transport.abort()

    async def _say(self, status: str, request: Request | None, headers: Headers, body: bytes = b"") -> None:
        """Answer; who does not take the answers is gone."""
        self._write(status, request, headers, body)
        if not self._playing:
            async with asyncio.timeout(STRANGER_S):
                await self._writing.drain()
        elif self._writing.transport.get_write_buffer_size() > 2 * self._around.settings.gop_max_bytes:
            raise ConnectionError("its answers are not taken")

    def _write(self, status: str, request: Request | None, headers: Headers, body: bytes = b"") -> None:
        if self._writing.is_closing():
            raise ConnectionError("closed")
        lines = [f"RTSP/1.0 {status}", *([f"CSeq: {request.sequence}"] if request is not None else [])]
        lines += [f"{name}: {value}" for name, value in headers]
        lines += [f"Content-Length: {len(body)}"] if body else []
        self._writing.write(("\r\n".join(lines) + "\r\n\r\n").encode() + body)
