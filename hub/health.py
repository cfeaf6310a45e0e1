"""`/healthz`, `/readyz` and `/metrics` for a process that serves nothing else.

A few lines of HTTP/1.1 on the process's own loop: one request a connection, short time-outs, a bound on connections.
`/metrics` is answered to loopback peers only. Knows nothing of what it reports: `ready` is handed in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from hub import metrics
from hub.errors import ErrorKind, HubError
from hub.peer import is_this_machine

_TIMEOUT_S = 5.0
_MOST_CONNECTIONS = 32
_REASONS = {200: "OK", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 503: "Service Unavailable"}


class HealthServer:
    """`async with HealthServer(port, ready): …`; `ready` returns (or awaits to) whether the dependencies are there."""

    def __init__(self, port: int, ready: Callable[[], bool | Awaitable[bool]], host: str = "127.0.0.1") -> None:
        self._wanted_port = port
        self._host = host
        self._ready = ready
        self._server: asyncio.Server | None = None
        self._open = 0

    @property
    def port(self) -> int:
        """Where it listens (0 was asked: the one that the system gave)."""
        if self._server is None:
            return self._wanted_port
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Listen; raises HubError CONFLICT `hub.port_taken`."""
        try:
            self._server = await asyncio.start_server(self._serve, self._host, self._wanted_port, limit=8192)
        except OSError as error:
            raise HubError(ErrorKind.CONFLICT, "hub.port_taken", port=self._wanted_port, service="health") from error

    async def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def __aenter__(self) -> HealthServer:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            if self._open > _MOST_CONNECTIONS:
                return
            async with asyncio.timeout(_TIMEOUT_S):
                head = await reader.readuntil(b"\r\n\r\n")
                status, body = await self._answer(head, str(writer.get_extra_info("peername")[0]))
                kind = metrics.CONTENT_TYPE if status == 200 and body.startswith(b"#") else "text/plain; charset=utf-8"
                writer.write(
                    f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
                    "Connection: close\r\nX-Content-Type-Options: nosniff\r\n\r\n".encode()
                )
                writer.write(body)
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # whoever asked went away, or asked nothing sensible
        finally:
            self._open -= 1
            writer.close()

    async def _answer(self, head: bytes, peer: str) -> tuple[int, bytes]:
        method, _, rest = head.partition(b" ")
        path = rest.split(b" ", 1)[0].split(b"?", 1)[0]
        if method != b"GET":
            return 405, b"GET only\n"
        if path == b"/healthz":
            return 200, b"ok\n"
        if path == b"/readyz":
            return (200, b"ready\n") if await self._is_ready() else (503, b"not ready\n")
        if path == b"/metrics":
            names = [line.partition(b":")[0].decode("latin-1") for line in head.split(b"\r\n")[1:]]
            if not is_this_machine(peer, names):
                return 403, b"loopback only\n"
            return 200, metrics.render()
        return 404, b"nothing here\n"

    async def _is_ready(self) -> bool:
        try:
            said = self._ready()
            return said if isinstance(said, bool) else await said
        except HubError:
            return False
