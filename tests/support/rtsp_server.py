"""An RTSP server that does exactly what a test says, right or wrong; on the test's own loop.

`answers` maps a method to what is sent for it: bytes as they are, a function of the request, or a list for one call
after the other (the last one stays). A method that is not named gets the answer of a well-behaved camera.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from tests.support.rtp import IDR, PPS, SPS, P, interleaved, rtp


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    uri: str
    headers: dict[str, str]  # names in lower case


Reply = bytes | Callable[[Asked], bytes | None] | None
SETS = ",".join(base64.b64encode(nal).decode() for nal in (SPS, PPS))
SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\n"
    f"a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1;sprop-parameter-sets={SETS}\r\na=control:track1\r\n"
)


def reply(asked: Asked, *headers: str, status: str = "200 OK", body: str | bytes = "") -> bytes:
    """An answer with the CSeq of its request."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"RTSP/1.0 {status}", f"CSeq: {asked.headers.get('cseq', '')}", *headers]
    if content:
        lines.append(f"Content-Length: {len(content)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + content


def pictures(count: int, *, start: int = 0, gop: int = 5, channel: int = 0) -> bytes:
    """So many pictures as interleaved packets, 25 a second by their timestamps, a keyframe every `gop`."""
    return b"".join(
        interleaved(rtp(number, number * 3600, P if number % gop else IDR, marker=True), channel)
        for number in range(start, start + count)
    )


def _well_behaved(asked: Asked) -> bytes:
    match asked.method:
        case "OPTIONS":
            return reply(asked, "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER")
        case "DESCRIBE":
            return reply(asked, f"Content-Base: {asked.uri}/", "Content-Type: application/sdp", body=SDP)
        case "SETUP":
            return reply(asked, f"Transport: {asked.headers['transport']}", "Session: 12345678;timeout=60")
        case "PLAY" | "TEARDOWN" | "GET_PARAMETER":
            return reply(asked, "Session: 12345678")
    return reply(asked, status="501 Not Implemented")


@dataclass
class RtspServer:
    """Use as `async with RtspServer(...) as server`; all connections are served alike."""

    answers: dict[str, Reply | list[Reply]] = field(default_factory=dict)
    greeting: bytes = b""  # sent before anything is asked
    media: bytes = b""  # sent right after the answer to PLAY
    tls: ssl.SSLContext | None = None  # it is an rtsps server
    close_after: str | None = None  # the method after whose answer the connection is closed
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"{'rtsps' if self.tls else 'rtsp'}://127.0.0.1:{self.port}/stream1"
        return self

    async def __aexit__(self, k: type[BaseException] | None, e: BaseException | None, t: TracebackType | None) -> None:
        self._server.close()
        for writer in self.writers:
            writer.transport.abort()
        await asyncio.sleep(0)

    @property
    def methods(self) -> list[str]:
        """What was asked, in order."""
        return [asked.method for asked in self.asked]

    def first(self, method: str) -> Asked:
        """The first request of a method."""
        return next(asked for asked in self.asked if asked.method == method)

    def send(self, data: bytes) -> None:
        """To the newest connection."""
        self.writers[-1].write(data)

    async def was_asked(self, method: str, times: int = 1) -> None:
        """Until a method has been asked so often."""
        async with asyncio.timeout(10):
            while self.methods.count(method) < times:  # noqa: ASYNC110  # a list, not an event
                await asyncio.sleep(0.005)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        writer.write(self.greeting)
        try:
            while True:
                asked = await _read(reader)
                if asked is None:
                    continue
                self.asked.append(asked)
                writer.write(self._reply_to(asked) or b"")
                if asked.method == "PLAY":
                    writer.write(self.media)
                if asked.method == self.close_after:
                    break
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def _reply_to(self, asked: Asked) -> bytes | None:
        chosen = self.answers.get(asked.method, _well_behaved)
        if isinstance(chosen, list):
            chosen = chosen.pop(0) if len(chosen) > 1 else chosen[0]
        return chosen(asked) if callable(chosen) else chosen


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    """The next request; None for an interleaved packet or an answer of the client."""
    first = await reader.readexactly(1)
    if first == b"$":
        head = await reader.readexactly(3)
        await reader.readexactly(int.from_bytes(head[1:], "big"))
        return None
    head = first + await reader.readuntil(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    if lines[0].startswith("RTSP/"):
        return Asked("answer", lines[0], {})
    method, uri, _ = lines[0].split(" ", 2)
    pairs = (line.partition(":") for line in lines[1:] if line)
    return Asked(method, uri, {name.strip().lower(): value.strip() for name, _, value in pairs})
