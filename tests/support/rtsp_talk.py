"""A bare RTSP client for the simulator's tests: written from the RFC, shares nothing with the product's client."""

from __future__ import annotations

import asyncio
import hashlib
import re
import struct
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


@dataclass
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def one(self, name: str) -> str:
        return self.all(name)[0]


@dataclass
class Rtp:
    channel: int
    sequence: int
    timestamp: int
    marker: bool
    payload: bytes

    @property
    def keyframe(self) -> bool:
        kind = self.payload[0] & 31
        return kind == 5 or (kind == 28 and self.payload[1] & 31 == 5)

    @property
    def sps(self) -> bool:
        return self.payload[0] & 31 == 7


class Talk:
    def __init__(self, url: str) -> None:
        self.url = url
        self.session = ""
        self._cseq = 0
        self._authorization: str | None = None

    async def __aenter__(self) -> Self:
        parts = urlsplit(self.url)
        self.reader, self.writer = await asyncio.open_connection(parts.hostname, parts.port)
        return self

    async def __aexit__(self, k: type[BaseException] | None, e: BaseException | None, t: TracebackType | None) -> None:
        self.writer.close()

    async def ask(self, method: str, *headers: str, url: str | None = None) -> Answer:
        self._cseq += 1
        lines = [f"{method} {url or self.url} RTSP/1.0", f"CSeq: {self._cseq}", *headers]
        if self.session:
            lines.append(f"Session: {self.session}")
        self.writer.write("\r\n".join([*lines, "", ""]).encode())
        return await self.answer()

    async def answer(self) -> Answer:
        async with asyncio.timeout(5):
            head = await self.reader.readuntil(b"\r\n\r\n")
        while head[0] == 0x24:
            head = head[4 + int.from_bytes(head[2:4]) :]
        lines = head.decode().split("\r\n")
        pairs = [(k, v.strip()) for k, _, v in (line.partition(":") for line in lines[1:] if line)]
        answer = Answer(int(lines[0].split()[1]), pairs)
        length = int((answer.all("Content-Length") or ["0"])[0])
        if 0 < length < 100_000:
            answer.body = await self.reader.readexactly(length)
        return answer

    async def play(self, transport: str = "RTP/AVP/TCP;unicast;interleaved=0-1") -> Answer:
        answer = await self.ask("SETUP", f"Transport: {transport}", url=f"{self.url}/trackID=0")
        if answer.status != 200:
            return answer
        self.session = answer.one("Session").partition(";")[0]
        return await self.ask("PLAY")

    async def packet(self, timeout: float = 3.0) -> Rtp:
        """The next RTP packet; RTCP is read over."""
        while True:
            async with asyncio.timeout(timeout):
                head = await self.reader.readexactly(4)
            assert head[0] == 0x24, head
            async with asyncio.timeout(timeout):
                body = await self.reader.readexactly(int.from_bytes(head[2:4]))
            if head[1] % 2 == 0:
                _, kind, sequence, timestamp, _ = struct.unpack_from(">BBHII", body)
                return Rtp(head[1], sequence, timestamp, bool(kind & 0x80), body[12:])

    async def packets_until_they_end(self, timeout: float = 3.0) -> None:
        """Raises what ended them: TimeoutError, or the connection's own error."""
        while True:
            await self.packet(timeout)

    async def packets(self, count: int) -> list[Rtp]:
        return [await self.packet() for _ in range(count)]


def digest(challenge: str, method: str, uri: str, username: str, password: str) -> str:
    given = {k.lower(): a or b for k, a, b in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', challenge)}
    hashed = hashlib.sha256 if given.get("algorithm") == "SHA-256" else hashlib.md5

    def h(text: str) -> str:
        return hashed(text.encode()).hexdigest()

    text = f'Digest username="{username}", realm="{given["realm"]}", nonce="{given["nonce"]}", uri="{uri}"'
    middle = ""
    if "qop" in given:
        middle = "00000001:abc:auth:"
        text += ', qop=auth, nc=00000001, cnonce="abc"'
    if "algorithm" in given:
        text += f", algorithm={given['algorithm']}"
    secret = h(f"{username}:{given['realm']}:{password}")
    response = h(f"{secret}:{given['nonce']}:{middle}{h(f'{method}:{uri}')}")
    return f'Authorization: {text}, response="{response}"'
