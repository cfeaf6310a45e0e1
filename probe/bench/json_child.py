"""A part of a bench in a process of its own, asked in lines of JSON, so that what it costs is counted to nobody.

`JsonChild` is the parent's side: one question at a time. `serve` is the child's: a coroutine that answers until the
parent closes its end.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Final, Self

_LONGEST_LINE: Final = 1 << 20
_GOODBYE_S: Final = 5.0

Answer = dict[str, Any]


class JsonChild:
    """`python -m MODULE ARGUMENT…`; its first line of JSON, said when it is ready, is `ready`."""

    def __init__(self, module: str, *arguments: str, ready_s: float = 120.0) -> None:
        self._command = (sys.executable, "-m", module, *arguments)
        self._ready_s = ready_s
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self.ready: Answer = {}

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, k: type[BaseException] | None, e: BaseException | None, t: TracebackType | None) -> None:
        await self.end()

    async def start(self) -> None:
        """Raises ChildProcessError when it ends instead, TimeoutError when it is not ready in time."""
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=_LONGEST_LINE
        )
        try:
            async with asyncio.timeout(self._ready_s):
                self.ready = await self._line()
        except BaseException:
            await self.kill()
            raise

    async def ask(self, question: Mapping[str, object]) -> Answer:
        """Its answer. Raises ChildProcessError when it ended."""
        async with self._turn:
            process = self._running()
            assert process.stdin is not None  # noqa: S101 - started with pipes
            process.stdin.write(json.dumps(question).encode() + b"\n")
            return await self._line()

    async def end(self) -> None:
        """Ask it to go; it is killed when it does not."""
        process = self._process
        if process is not None and process.returncode is None:
            process.terminate()
            try:
                async with asyncio.timeout(_GOODBYE_S):
                    await process.wait()
            except TimeoutError:
                await self.kill()

    async def kill(self) -> None:
        """SIGKILL, as if its machine lost its power."""
        process = self._process
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()

    def _running(self) -> asyncio.subprocess.Process:
        assert self._process is not None  # noqa: S101 - started
        return self._process

    async def _line(self) -> Answer:
        stdout = self._running().stdout
        assert stdout is not None  # noqa: S101 - started with pipes
        line = await stdout.readline()
        if not line:
            raise ChildProcessError(f"{self._command[2]} ended")
        answer: Answer = json.loads(line)
        return answer


async def serve(ready: Mapping[str, object], answer: Callable[[Answer], Awaitable[Mapping[str, object]]]) -> None:
    """The child's side: say `ready`, then answer each line on standard input until it is closed."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    _say(ready)
    while line := await reader.readline():
        _say(await answer(json.loads(line)))


def _say(answer: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
