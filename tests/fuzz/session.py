"""A whole session against a server out of its mind: `RtspSource` on a fake clock and a network in memory.

The event loop's only change is that a connection leads to `_Wire`: what the source writes is answered with mutated
answers, in chunks of any size, with media or silence behind. Nothing here waits; the clock is moved by hand.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

from camera_gateway.sources.rtsp.client import RtspSource
from hub.addresses import PinnedAddress
from hub.errors import HubError
from tests.fuzz import seeds
from tests.fuzz.mutate import cut, mutated
from tests.support.clock import FakeClock
from tests.support.sink import KeepingSink

_LONGEST_S = 400.0  # no session outlives its server's last word by as much
_REQUESTS_MOST = 60  # then the server is silent for ever: a handshake asks a dozen times
_ADDRESS = PinnedAddress("rtsp", "camera.test", 554, "192.0.2.7", "/a")


def run_session(data: bytes, rng: Random) -> None:
    """The server's words are made from `rng`, not from `data`. Whatever it says, the source ends with a HubError."""
    loop = _Loop(rng)
    try:
        loop.run_until_complete(_session(rng))
    finally:
        loop.close()
    if loop.escaped:  # from a callback, which the loop alone would only log
        raise loop.escaped[0]


async def _session(rng: Random) -> None:
    clock, sink = FakeClock(), KeepingSink()
    source = RtspSource(_ADDRESS, "admin", "12345", clock)
    running = asyncio.ensure_future(source.run(sink))
    passed_s = 0.0
    while not running.done():
        await clock.advance(2.5)
        passed_s += 2.5
        assert passed_s < _LONGEST_S, "the session does not end"
    try:
        running.result()
    except HubError:
        pass
    else:
        raise AssertionError("a session ended without saying why")
    await clock.advance(60)
    assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()], "a task was left behind"


class _Loop(asyncio.SelectorEventLoop):
    """Connections lead to a server in memory; some are refused."""

    def __init__(self, rng: Random) -> None:
        super().__init__()
        self._rng = rng
        self.escaped: list[BaseException] = []
        self.set_exception_handler(self._caught)

    def _caught(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.escaped.append(context.get("exception") or RuntimeError(context["message"]))

    async def create_connection(self, factory: Callable[[], asyncio.Protocol], *_: Any, **__: Any) -> Any:  # type: ignore[override]
        """What `asyncio` gives, without a socket."""
        await asyncio.sleep(0)
        if self._rng.random() < 0.02:
            raise ConnectionRefusedError
        protocol = factory()
        wire = _Wire(self, protocol, self._rng)
        protocol.connection_made(wire)
        return wire, protocol


class _Wire(asyncio.Transport):
    """The client's end of a connection, and the server behind it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, protocol: asyncio.Protocol, rng: Random) -> None:
        super().__init__()
        self._loop, self._protocol, self._rng = loop, protocol, rng
        self._closing = False
        self._asked = 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """A request (or an RTCP report) arrives at the server."""
        words = bytes(data)
        if self._closing or words[:1] == b"$" or words.startswith(b"RTSP/"):
            return
        self._asked += 1
        if self._asked > _REQUESTS_MOST:
            return
        for chunk in cut(self._said(words), self._rng):
            self._loop.call_soon(self._arrive, chunk)
        if self._rng.random() < 0.03:
            self._loop.call_soon(self.abort)

    def _said(self, words: bytes) -> bytes:
        rng = self._rng
        answer = _answer(words)
        if words.startswith(b"PLAY"):
            answer += rng.choice(seeds.media())
        manner = rng.random()
        if manner < 0.55:
            return answer
        return mutated([answer], rng) if manner < 0.95 else mutated(seeds.replies(), rng)

    def _arrive(self, chunk: bytes) -> None:
        if not self._closing:
            self._protocol.data_received(chunk)

    def is_closing(self) -> bool:
        """Whether it was cut."""
        return self._closing

    def get_write_buffer_size(self) -> int:
        """All is sent."""
        return 0

    def abort(self) -> None:
        """Cut."""
        if not self._closing:
            self._closing = True
            self._loop.call_soon(self._protocol.connection_lost, None)

    close = abort


def _answer(words: bytes) -> bytes:
    """What a good camera says."""
    sequence = next((line[5:].strip() for line in words.split(b"\r\n") if line.lower().startswith(b"cseq:")), b"0")
    head = b"RTSP/1.0 200 OK\r\nCSeq: " + sequence + b"\r\n"
    method = words.split(b" ", 1)[0]
    if b"Authorization" not in words and method == b"DESCRIBE":
        return head.replace(b"200 OK", b"401 No") + b'WWW-Authenticate: Digest realm="r", nonce="n"\r\n\r\n'
    if method == b"DESCRIBE":
        body = seeds.descriptions()[int(sequence) % 3 if sequence.isdigit() else 0]
        return (
            head + b"Content-Type: application/sdp\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body
        )
    if method == b"SETUP":
        return head + b"Session: 12345678;timeout=60\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n"
    return head + b"Session: 12345678\r\nPublic: OPTIONS, GET_PARAMETER\r\n\r\n"
