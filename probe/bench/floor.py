"""The floor of a bench: a bare prototype under `tests/bench/peers`, which only a checkout has."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from hub.errors import ErrorKind, HubError

PEERS: Final = Path(__file__).resolve().parents[2] / "tests" / "bench" / "peers"


class FloorProcess:
    """The bare reader with these cameras. Raises HubError UNAVAILABLE `bench.no_peers` outside a checkout."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._urls = urls
        self._file = PEERS / "asyncio_floor.py"
        if not self._file.is_file():
            raise HubError(ErrorKind.UNAVAILABLE, "bench.no_peers")
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pids(self) -> list[int]:
        """Its one process."""
        return [] if self._process is None else [self._process.pid]

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(self._file)), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        await self._ask("".join(f"{url}\n" for url in self._urls) + "\n")
        return self

    async def __aexit__(self, k: type[BaseException] | None, e: BaseException | None, t: TracebackType | None) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def units(self) -> int:
        """Access units so far."""
        return int(await self._ask("units\n"))

    async def _ask(self, text: str) -> str:
        assert self._process is not None  # noqa: S101 - entered
        assert self._process.stdin is not None  # noqa: S101
        assert self._process.stdout is not None  # noqa: S101
        self._process.stdin.write(text.encode())
        return (await self._process.stdout.readline()).decode()
