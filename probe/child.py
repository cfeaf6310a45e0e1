"""One child process: its own process group, bound to die with the supervisor, its lines read as they come.

Runs on the supervisor's loop, which must be the main thread's: on Linux a child is killed when the *thread* that
started it ends. Never restarts anything.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections import deque
from collections.abc import Callable

from hub.errors import ErrorKind, HubError
from probe.service import ServiceSpec

LineSink = Callable[[str, str, str], None]
"""Called with (service, "stdout" or "stderr", line without its end)."""

_LONGEST_LINE = 16_384
_LONGEST_ANSWER = 1_048_576  # on standard output: the line of JSON of a fleet of cameras
_LAST_LINES = 20
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _bind_to(supervisor: int) -> None:
    """In the child, between fork and exec: die with the supervisor."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != supervisor:
            os._exit(125)  # it died before we were bound to it


class Child:
    """A process that runs, or has ended."""

    def __init__(self, spec: ServiceSpec, process: asyncio.subprocess.Process, on_line: LineSink) -> None:
        self.spec = spec
        self.last_lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._process = process
        self._on_line = on_line
        streams = (("stdout", process.stdout), ("stderr", process.stderr))
        self._readers = [asyncio.create_task(self._read(name, s)) for name, s in streams if s is not None]

    @classmethod
    async def start(cls, spec: ServiceSpec, on_line: LineSink) -> Child:
        """Start it; raises HubError BROKEN `hub.service_gave_up` when there is no such program."""
        supervisor = os.getpid()
        try:
            process = await asyncio.create_subprocess_exec(
                *spec.argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd=spec.cwd,
                env=None if spec.env is None else dict(spec.env),
                pass_fds=spec.pass_fds() if spec.pass_fds else (),
                start_new_session=True,
                preexec_fn=lambda: _bind_to(supervisor),  # one prctl, no lock taken
            )
        except OSError as error:
            line = f"{spec.argv[0]}: {error.strerror or error}"
            raise HubError(ErrorKind.BROKEN, "hub.service_gave_up", service=spec.name, status=127, line=line) from error
        return cls(spec, process, on_line)

    @property
    def pid(self) -> int:
        """Of the process; also of its group."""
        return self._process.pid

    @property
    def status(self) -> int | None:
        """Exit status, negative for a signal; None while it runs."""
        return self._process.returncode

    async def wait(self) -> int:
        """Until it has ended and its last lines are read."""
        status = await self._process.wait()
        with contextlib.suppress(TimeoutError):  # a grandchild may keep the pipe open
            async with asyncio.timeout(0.5):
                await asyncio.gather(*self._readers)
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)
        self._kill_group()
        return status

    async def stop(self, within_s: float) -> None:
        """SIGTERM, and SIGKILL to its whole group after `within_s`."""
        if self.status is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            try:
                async with asyncio.timeout(within_s):
                    await self._process.wait()
            except TimeoutError:
                self._on_line(self.spec.name, "stderr", f"no end within {within_s:g} s: killed")
                self._kill_group()
        await self.wait()

    def kill(self) -> None:
        """SIGKILL to its whole group, at once; `wait` tells the rest."""
        if self.status is None:
            self._kill_group()

    def failure(self) -> HubError:
        """Why it ended, as a sentence."""
        lines = list(self.last_lines)
        if self.spec.explain is not None:
            return self.spec.explain(lines)
        line = next((line for line in reversed(lines) if line.strip()), "-")
        return HubError(
            ErrorKind.BROKEN, "hub.service_gave_up", service=self.spec.name, status=self.status, line=line[-300:]
        )

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    async def _read(self, name: str, stream: asyncio.StreamReader) -> None:
        rest = b""
        while chunk := await stream.read(65_536):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._line(name, line)
            if len(rest) > _longest(name):
                self._line(name, rest)
                rest = b""
        if rest:
            self._line(name, rest)

    def _line(self, name: str, raw: bytes) -> None:
        line = raw[: _longest(name)].decode(errors="replace").rstrip("\r")
        if line.strip():
            self.last_lines.append(line[:_LONGEST_LINE])
        with contextlib.suppress(OSError, ValueError):  # our own output is gone or full: the child must not block on it
            self._on_line(self.spec.name, name, line)


def _longest(stream: str) -> int:
    return _LONGEST_ANSWER if stream == "stdout" else _LONGEST_LINE
