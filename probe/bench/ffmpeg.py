"""How others do it: one `ffmpeg -c copy` process a camera that is pulled (Frigate, Viseron), one `ffmpeg -frames:v 1` a
picture that is taken. All output is thrown away.
"""

from __future__ import annotations

import asyncio
import resource
import shutil
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Self

from hub.errors import ErrorKind, HubError

_STARTED_AT_ONCE: Final = 10


class FfmpegProcesses:
    """One process for each address while it is entered. Raises HubError UNAVAILABLE `probe.bench_no_ffmpeg`."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._urls = urls
        self._processes: list[asyncio.subprocess.Process] = []
        self._binary = _binary()

    @property
    def pids(self) -> list[int]:
        """Of all that were started."""
        return [process.pid for process in self._processes]

    @property
    def alive(self) -> int:
        """How many still run."""
        return sum(process.returncode is None for process in self._processes)

    async def __aenter__(self) -> Self:
        for number, url in enumerate(self._urls):
            self._processes.append(
                await asyncio.create_subprocess_exec(
                    *(self._binary, "-nostdin", "-hide_banner", "-loglevel", "error"),
                    *("-rtsp_transport", "tcp", "-i", url, "-c", "copy", "-f", "null", "-"),
                    stdout=asyncio.subprocess.DEVNULL,
                    stderr=asyncio.subprocess.DEVNULL,
                )
            )
            if number % _STARTED_AT_ONCE == _STARTED_AT_ONCE - 1:
                await asyncio.sleep(0.5)
        return self

    async def __aexit__(self, k: type[BaseException] | None, e: BaseException | None, t: TracebackType | None) -> None:
        for process in self._processes:
            if process.returncode is None:
                process.kill()
        await asyncio.gather(*(process.wait() for process in self._processes))


async def one_frame_each(urls: Sequence[str]) -> float:
    """CPU seconds, of all together, of taking one picture of each camera; some at once, each decoded and thrown away.

    Raises HubError UNAVAILABLE `bench.no_ffmpeg`, ChildProcessError where one got no picture. No other child of this
    process may end meanwhile: children are charged when they are waited for.
    """
    binary, room = _binary(), asyncio.Semaphore(_STARTED_AT_ONCE)

    async def take(url: str) -> None:
        async with room:
            process = await asyncio.create_subprocess_exec(
                *(binary, "-nostdin", "-hide_banner", "-loglevel", "error", "-rtsp_transport", "tcp"),
                *("-i", url, "-frames:v", "1", "-f", "null", "-"),
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
            if await process.wait():
                raise ChildProcessError(f"ffmpeg got no picture of {url}")

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    await asyncio.gather(*(take(url) for url in urls))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _binary() -> str:
    found = shutil.which("ffmpeg")
    if found is None:
        raise HubError(ErrorKind.UNAVAILABLE, "bench.no_ffmpeg")
    return found
