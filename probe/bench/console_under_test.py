"""The real console as a process on a database of its own, without Redis: what it would tell waits in its outbox.

The parent's side only: starts the process, asks it with this machine's key, kills it, ends it. Blocking, one thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from hub import local_access
from hub.clock import SystemClock
from hub.errors import HubError
from hub.secrets import MasterKey
from probe.bench.processes import cpu_s
from probe.console_client import ConsoleClient

_READY_S: Final = 60.0
_STOP_S: Final = 10.0


class ConsoleUnderTest:
    """`with ConsoleUnderTest(folder) as console: console.client()…`; `kill` and `start` as often as wanted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._clock = SystemClock()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, k: type[BaseException] | None, e: BaseException | None, t: TracebackType | None) -> None:
        self.stop()

    @property
    def cpu_s(self) -> float:
        """Processor time of the process that runs now."""
        assert self._process is not None  # noqa: S101 - entered
        return cpu_s([self._process.pid])

    def client(self) -> ConsoleClient:
        """A client that may do everything, as this machine's terminal may."""
        key = MasterKey.load(self._folder / "master.key")
        return ConsoleClient(f"http://127.0.0.1:{self._port}", token=lambda: local_access.mint(key, self._clock))

    def start(self) -> None:
        """Start it and wait until it answers. Raises ChildProcessError when it ends, TimeoutError."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PROBE_")} | {
            "PROBE_DATA_DIR": str(self._folder),
            "PROBE_CONSOLE__PORT": str(self._port),
            "PROBE_REDIS_URL": "redis://127.0.0.1:1/0",
            "PROBE_FRAMES_REDIS_URL": "redis://127.0.0.1:1/1",
            "PROBE_LOG__LEVEL": "error",
        }
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self._folder / "console.log").open("ab") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "probe.cli", "console", "run"], env=environment, stdout=said, stderr=said
            )
        end = self._clock.monotonic() + _READY_S
        while True:
            with contextlib.suppress(HubError), ConsoleClient(f"http://127.0.0.1:{self._port}", timeout_s=2) as door:
                door.request("GET", "/healthz")
                return
            if self._process.poll() is not None:
                raise ChildProcessError("the console ended")
            if self._clock.monotonic() > end:
                raise TimeoutError("the console did not answer")
            asyncio.run(self._clock.sleep(0.1))

    def kill(self) -> None:
        """As a power cut would: no word, no time."""
        assert self._process is not None  # noqa: S101 - entered
        self._process.kill()
        self._process.wait(_STOP_S)

    def stop(self) -> None:
        """End it in peace."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])
