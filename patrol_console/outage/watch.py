"""The watch over dark cameras: every two seconds on the console that leads, what time alone has changed is noted, then
outages and alerts follow; once an hour old history goes. A task on the event loop.
"""

from __future__ import annotations

from datetime import timedelta

from hub import log
from hub.clock import Clock
from hub.settings import Settings
from patrol_console.camera import history
from patrol_console.camera.status import Statuses
from patrol_console.db import Database
from patrol_console.leader import Leader
from patrol_console.outage import repository
from patrol_console.outage.triage import Triage
from patrol_console.outbox import Outbox

logger = log.get("patrol_console.outage")
_EVERY_S = 2.0
_FIRST_S = 15.0  # a console that starts reads first what the gateways said while nobody listened
_FORGET_EVERY_S = 3600.0


class OutageWatch:
    """Owns nothing that must survive: what it knows stands in the database."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        database: Database,
        outbox_: Outbox,
        leader: Leader,
        statuses: Statuses,
    ) -> None:
        self._clock = clock
        self._database = database
        self._outbox = outbox_
        self._leader = leader
        self._statuses = statuses
        self._triage = Triage(settings)
        self._grace = timedelta(seconds=settings.gateway.restart_grace_s)
        self._kept = timedelta(days=settings.console.state_history_days)
        self._forgot_at = float("-inf")

    async def run(self) -> None:
        """For ever."""
        errors = log.RepeatedErrors(logger, self._clock)
        await self._clock.sleep(_FIRST_S)
        while True:
            try:
                if await self._leader.lead() and not self._statuses.behind():
                    await self.once()
            except Exception as error:  # noqa: BLE001  # the loop's top: a database that is away comes back
                errors.error("outage.failed", reason=repr(error))
            await self._clock.sleep(_EVERY_S)

    async def once(self) -> None:
        """One look."""
        now = self._clock.now()
        await history.sweep(self._database, now, self._grace)
        async with self._database.reading() as reading:
            anything = await repository.anything(reading)
        if anything:
            async with self._database.writing() as writing:
                await self._triage.again(writing, now)
            self._outbox.wake()
        if self._clock.monotonic() - self._forgot_at >= _FORGET_EVERY_S:
            self._forgot_at = self._clock.monotonic()
            while await history.forget(self._database, now - self._kept):
                await self._clock.sleep(0.1)  # others write in between
