"""The searches of this console process, running and over: in memory, few, each one's devices bounded.

One task a search on the event loop, which alone writes to it; everybody else reads. A search that this process forgot
(a restart, an hour) is made again by whoever wants it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hub import log
from hub.clock import Clock
from hub.contracts.device import DiscoveredDevice, Reason
from hub.contracts.joining import DiscoveryLine
from hub.errors import ErrorKind, HubError
from hub.ids import new_id
from patrol_console.discovery.schemas import SearchState

logger = log.get("patrol_console.discovery")

MOST_SEARCHES = 32
MOST_DEVICES = 4096
KEPT = timedelta(hours=1)

Lines = Callable[[], AsyncGenerator[DiscoveryLine]]
Ended = Callable[["Search"], Awaitable[None]]


@dataclass(slots=True)
class Search:
    """One search of one person."""

    id: str
    user_id: str
    range: str | None
    began_at: datetime
    state: SearchState = SearchState.RUNNING
    ended_at: datetime | None = None
    asked: int | None = None
    total: int | None = None
    problem: Reason | None = None
    devices: dict[str, DiscoveredDevice] = field(default_factory=dict)  # by address of the service

    def take(self, line: DiscoveryLine) -> None:
        """What the gateway said next; a device that answered twice counts once, its later word is the better."""
        if line.device is not None and (len(self.devices) < MOST_DEVICES or line.device.xaddr in self.devices):
            self.devices[line.device.xaddr] = line.device
        if line.asked is not None:
            self.asked, self.total = line.asked, line.total
        if line.problem is not None:
            self.problem = line.problem


class Searches:
    """By id."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, Search] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def begin(self, user_id: str, network: str | None, lines: Lines, ended: Ended) -> Search:
        """A search that goes on until `lines` end. Raises HubError LIMITED `discovery_running` while one goes on."""
        self._forget_old()
        if any(search.state is SearchState.RUNNING for search in self._kept.values()):
            raise HubError(ErrorKind.LIMITED, "patrol_console.discovery_running")
        now = self._clock.now()
        search = Search(new_id("search", now), user_id, network, now)
        self._kept[search.id] = search
        task = asyncio.create_task(self._run(search, lines, ended), name="discovery")
        self._tasks[search.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(search.id, None))
        return search

    def of(self, user_id: str) -> list[Search]:
        """This person's, the newest first."""
        self._forget_old()
        return [search for search in reversed(self._kept.values()) if search.user_id == user_id]

    def get(self, user_id: str, search_id: str) -> Search:
        """One of this person's. Raises HubError NOT_FOUND `no_discovery`."""
        self._forget_old()
        search = self._kept.get(search_id)
        if search is None or search.user_id != user_id:
            raise HubError(ErrorKind.NOT_FOUND, "patrol_console.no_discovery")
        return search

    async def end(self, user_id: str, search_id: str) -> None:
        """Stop it where it goes on; what it found stays."""
        search = self.get(user_id, search_id)
        task = self._tasks.get(search.id)
        if task is not None:
            task.cancel()
            await asyncio.wait({task})

    async def close(self) -> None:
        """End all."""
        tasks = set(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _run(self, search: Search, lines: Lines, ended: Ended) -> None:
        try:
            async with contextlib.aclosing(lines()) as saying:
                async for line in saying:
                    search.take(line)
        except HubError as error:
            search.problem = Reason.of(error)
        except Exception as error:  # noqa: BLE001  # the task's top: whoever waits must see that it is over
            logger.error("discovery.failed", reason=repr(error))
            search.problem = Reason(code="patrol_console.broken")
        finally:
            search.ended_at = self._clock.now()
            search.state = SearchState.DONE if search.problem is None else SearchState.FAILED
        with contextlib.suppress(Exception):  # the page asks by itself too
            await ended(search)

    def _forget_old(self) -> None:
        oldest = self._clock.now() - KEPT
        over = [one for one in self._kept.values() if one.ended_at is not None]
        for search in over:
            if (search.ended_at or oldest) < oldest or len(self._kept) > MOST_SEARCHES:
                del self._kept[search.id]
