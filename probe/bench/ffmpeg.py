"""How others pull cameras (Frigate, Viseron): one `ffmpeg -c copy` process a camera, all output thrown away."""

from __future__ import annotations

import asyncio
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
        self._binary = shutil.which("ffmpeg")
        if self._binary is None:
            raise HubError(ErrorKind.UNAVAILABLE, "bench.no_ffmpeg")

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
                    *(str(self._binary), "-nostdin", "-hide_banner", "-loglevel", "error"),
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
