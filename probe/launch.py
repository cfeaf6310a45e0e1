"""A hub on this machine from start to end: its processes, its announcement, its signals; what `up` and `demo` share.

Runs the supervisor on the main thread's loop until SIGINT or SIGTERM. What is to be done when everything is ready
runs in a thread beside it, because it asks the console as any client does.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hub import local_access, log
from hub.clock import Clock
from hub.running import RunningHub, announced
from hub.secrets import MasterKey
from hub.settings import Settings
from probe.child import LineSink
from probe.console_client import ConsoleClient
from probe.hub_services import hub_services
from probe.service import ServiceSpec
from probe.supervisor import Supervisor, pass_through

WhenReady = Callable[["HubHere", threading.Event], None]
"""Called in a thread once all services are ready; the event is set when it has to give up."""


class HubHere:
    """The hub of these settings on this machine, with more services beside it (the demo's simulator)."""

    def __init__(self, settings: Settings, clock: Clock, more: Sequence[ServiceSpec] = ()) -> None:
        self.settings = settings
        self.clock = clock
        self.console_url = _url(settings.console.host, settings.console.port)
        self.gateway_url = settings.gateway.public_url or _url(settings.gateway.host, settings.gateway.port)
        self._services = [*hub_services(settings), *more]

    def client(self) -> ConsoleClient:
        """An administrator's client, by the key of this machine."""
        key = MasterKey.load(self.settings.key_path)
        return ConsoleClient(self.console_url, token=lambda: local_access.mint(key, self.clock))

    def run(self, when_ready: WhenReady, on_line: LineSink = pass_through) -> None:
        """Until it is interrupted.

        Raises HubError when it cannot start, or what `when_ready` raised; everything is gone by then.
        """
        here = RunningHub(os.getpid(), str(self.settings.data_dir.absolute()), self.console_url, self.gateway_url)
        with announced(here):
            asyncio.run(self._run(when_ready, on_line))

    async def _run(self, when_ready: WhenReady, on_line: LineSink) -> None:
        stop, give_up = asyncio.Event(), threading.Event()
        loop = asyncio.get_running_loop()

        def interrupted() -> None:
            give_up.set()
            stop.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, interrupted)

        async def present() -> None:
            await asyncio.to_thread(when_ready, self, give_up)

        try:
            await Supervisor(self._services, self.clock, on_line).run(stop, present)
        finally:
            give_up.set()


@contextmanager
def logging_to(file: Path, settings: Settings) -> Iterator[LineSink]:
    """What the services and we ourselves log goes to `file` (0600) instead of the terminal."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "a", encoding="utf-8") as opened:
        log.configure(settings.log, "probe", opened)

        def write(service: str, stream: str, line: str) -> None:
            del stream
            opened.write(f"{line}\n" if line.startswith("{") else f"{service}: {line}\n")
            opened.flush()

        yield write


def _url(host: str, port: int) -> str:
    here = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host  # noqa: S104 - recognised, not bound
    return f"http://[{here}]:{port}" if ":" in here else f"http://{here}:{port}"
