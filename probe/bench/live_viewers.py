"""Viewers as a process of its own, so that what they cost is counted to nobody, and its remote control.

`python -m probe.bench.live_viewers` is the child: it reads one JSON object a line (`open` with the way and URLs,
`counts`, `close`) and answers each with one. `ViewersProcess` is the parent's side of it.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

import aiohttp

_OPEN_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class Opened:
    """How one viewing began."""

    first_picture_ms: float
    profile: str  # of SRTP; empty by MSE


class ViewersProcess:
    """`async with ViewersProcess() as viewers: await viewers.open("whep", urls)`."""

    def __init__(self, profile: str) -> None:
        self._profile = profile
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "probe.bench.live_viewers", self._profile),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=1 << 20,
        )
        await self.counts()  # it is there
        return self

    async def __aexit__(self, k: type[BaseException] | None, e: BaseException | None, t: TracebackType | None) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()

    async def open(self, way: str, urls: list[str], *, only_to_look: bool = False) -> list[Opened]:
        """One viewing after the other, each until its first whole picture; `only_to_look`: closed again then."""
        answer = await self._ask({"do": "open", "way": way, "urls": urls, "close": only_to_look})
        if "error" in answer:
            raise ChildProcessError(answer["error"])
        return [Opened(*one) for one in answer["opened"]]

    async def counts(self) -> dict[str, int]:
        """Datagrams and fragments that came since the start."""
        answer = await self._ask({"do": "counts"})
        return {"whep": answer["whep"], "mse": answer["mse"], "mse_bytes": answer["mse_bytes"]}

    async def close(self) -> None:
        """All that is open."""
        await self._ask({"do": "close"})

    async def _ask(self, order: dict[str, object]) -> dict[str, Any]:
        assert self._process is not None  # noqa: S101 - entered
        assert self._process.stdin is not None  # noqa: S101
        assert self._process.stdout is not None  # noqa: S101
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        line = await self._process.stdout.readline()
        if not line:
            raise ChildProcessError("the viewers ended")
        answer: dict[str, Any] = json.loads(line)
        return answer


class _Viewers:
    def __init__(self, http: aiohttp.ClientSession, profile: str) -> None:
        from camera_gateway.live.webrtc.beneath import Identity
        from probe.bench.whep_client import WhepClient

        self._http, self._profile = http, profile
        self._identity = Identity()
        self._make = WhepClient
        self._clients: list[WhepClient] = []
        self._sockets: list[tuple[aiohttp.ClientWebSocketResponse, asyncio.Task[None]]] = []
        self.fragments = self.fragment_bytes = 0
        self.datagrams = 0  # of clients that are closed

    async def open(self, way: str, url: str) -> tuple[float, str]:
        """Until the first whole picture; milliseconds, and the SRTP profile."""
        return await (self._open_whep(url) if way == "whep" else self._open_mse(url))

    async def close(self, *, newest_only: bool = False) -> None:
        """All; or of each way the one that was opened last."""
        first = -1 if newest_only else 0
        for client in self._clients[first:]:
            await client.leave()
            await client.close()
            self.datagrams += client.got.datagrams
        for socket, reading in self._sockets[first:]:
            reading.cancel()
            await socket.close()
        del self._clients[first:], self._sockets[first:]

    def counts(self) -> dict[str, int]:
        datagrams = self.datagrams + sum(client.got.datagrams for client in self._clients)
        return {"whep": datagrams, "mse": self.fragments, "mse_bytes": self.fragment_bytes}

    async def _open_whep(self, url: str) -> tuple[float, str]:
        client = self._make(self._http, self._identity)
        client.profile = self._profile
        self._clients.append(client)
        await client.open(url)
        while client.got.first_picture_s is None:  # noqa: ASYNC110 - the loop's reader sets it
            await asyncio.sleep(0.001)
        assert client.picked is not None  # noqa: S101 - it is open
        return client.got.first_picture_s * 1000, client.picked.profile

    async def _open_mse(self, url: str) -> tuple[float, str]:
        began = time.monotonic()
        socket = await self._http.ws_connect(url, max_msg_size=0)
        binaries = 0
        while binaries < 2:  # the init segment, then the keyframe
            message = await socket.receive()
            if message.type is aiohttp.WSMsgType.BINARY:
                binaries += 1
            elif socket.closed:
                raise ConnectionError(f"closed with {socket.close_code}")
        took = (time.monotonic() - began) * 1000
        self._sockets.append((socket, asyncio.create_task(self._read(socket))))
        return took, ""

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            if message.type is aiohttp.WSMsgType.BINARY:
                self.fragments += 1
                self.fragment_bytes += len(message.data)


async def _serve(profile: str) -> None:
    reader = asyncio.StreamReader(limit=1 << 20)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async with aiohttp.ClientSession() as http:
        viewers = _Viewers(http, profile)
        while line := await reader.readline():
            order: dict[str, Any] = json.loads(line)
            answer: dict[str, object] = {}
            if order["do"] == "open":
                answer = await _opened(viewers, order)
            elif order["do"] == "close":
                await viewers.close()
            else:
                answer = dict(viewers.counts())
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()


async def _opened(viewers: _Viewers, order: dict[str, Any]) -> dict[str, object]:
    opened = []
    try:
        for url in order["urls"]:
            async with asyncio.timeout(_OPEN_S):
                opened.append(await viewers.open(order["way"], url))
            if order["close"]:
                await viewers.close(newest_only=True)
    except (OSError, TimeoutError, aiohttp.ClientError) as error:
        return {"error": repr(error)}
    return {"opened": opened}


if __name__ == "__main__":
    import uvloop

    uvloop.run(_serve(sys.argv[1]))
