"""Host names of cameras made into addresses by threads of our own: a resolver that hangs holds nobody else up.

Asked on the gateway's loop, answered by two daemon threads that nothing waits for, not even the end of the process. A
name is asked for once however many want it. What a name last was is told when the resolver does not answer in a
second. Checks no address: that is the policy's, with each answer anew.
"""

from __future__ import annotations

import asyncio
import queue
import socket
import threading
from collections.abc import Callable, Sequence

THREADS = 2
PATIENCE_S = 1.0
_MOST_NAMES = 10_000  # more than any gateway has cameras

Lookup = Callable[[str, int], Sequence[str]]
_Name = tuple[str, int]
_Job = tuple[_Name, asyncio.AbstractEventLoop, "asyncio.Future[Sequence[str]]"]


class Names:
    """A `hub.addresses.Resolver`. `_known` and `_asked` belong to the loop, `_jobs` is what the threads read."""

    def __init__(self, lookup: Lookup | None = None) -> None:
        self._lookup = lookup or _system_lookup
        self._jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._known: dict[_Name, Sequence[str]] = {}
        self._asked: dict[_Name, asyncio.Future[Sequence[str]]] = {}
        self._threads: list[threading.Thread] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Its addresses. Raises OSError when there is no such name and there never was."""
        name = (host, port)
        asked = self._asked.get(name)
        if asked is None:
            asked = self._ask(name)
        known = self._known.get(name)
        if known is None:
            return await asyncio.shield(asked)
        await asyncio.wait({asked}, timeout=PATIENCE_S)
        return asked.result() if asked.done() and asked.exception() is None else known

    def _ask(self, name: _Name) -> asyncio.Future[Sequence[str]]:
        loop = asyncio.get_running_loop()
        asked: asyncio.Future[Sequence[str]] = loop.create_future()
        self._asked[name] = asked
        asked.add_done_callback(lambda done: self._answered(name, done))
        self._jobs.put((name, loop, asked))
        if len(self._threads) < THREADS:
            thread = threading.Thread(target=self._work, name=f"names {len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()
        return asked

    def _answered(self, name: _Name, done: asyncio.Future[Sequence[str]]) -> None:
        self._asked.pop(name, None)
        if not done.cancelled() and done.exception() is None:
            if len(self._known) >= _MOST_NAMES:
                self._known.clear()
            self._known[name] = done.result()

    def _work(self) -> None:
        """A thread's life; it ends with the process."""
        while True:
            name, loop, asked = self._jobs.get()
            error: OSError | None = None
            found: Sequence[str] = ()
            try:
                found = self._lookup(*name)
            except (OSError, UnicodeError) as failed:
                error = failed if isinstance(failed, OSError) else OSError(str(failed))
            try:
                loop.call_soon_threadsafe(_settle, asked, found, error)
            except RuntimeError:
                return  # the loop is closed: the gateway has ended


def _settle(asked: asyncio.Future[Sequence[str]], found: Sequence[str], error: OSError | None) -> None:
    if asked.done():
        return
    if error is None:
        asked.set_result(found)
    else:
        asked.set_exception(error)
        asked.exception()  # it may be that nobody waits for it any more


def _system_lookup(host: str, port: int) -> Sequence[str]:
    return [str(answer[4][0]) for answer in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
