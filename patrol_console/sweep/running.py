"""The sweeps that this console runs: one at a time, asked of the gateway, written down each second.

Tasks on the event loop that outlive the request that ordered them. Whether a sweep may go on stands in the database:
who stops it writes there, and one whose console was killed is called stopped by the console that leads. Never decides
which cameras are swept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement
from sqlalchemy.exc import SQLAlchemyError

from hub import log
from hub.clock import Clock
from hub.contracts.sweep import SweepOrder, SweptCamera
from hub.contracts.ticket import Ticket, TicketAction
from hub.errors import ErrorKind, HubError
from hub.ids import new_id
from hub.settings import Settings
from hub.tickets import TicketSigner
from patrol_console import outbox as told
from patrol_console.db import Database
from patrol_console.event.notice import Notice
from patrol_console.gateway import Gateway
from patrol_console.leader import Leader
from patrol_console.outbox import Outbox
from patrol_console.sweep import repository
from patrol_console.tables.area import AreaRow
from patrol_console.tables.sweep import SweepRow

logger = log.get("patrol_console.sweep")

_WRITE_S = 1.0  # progress is told about so often
_BUSY_S = 2.0  # until the gateway is asked again that is busy with another console's sweep
DEAD_AFTER = timedelta(seconds=30)  # many times `_WRITE_S`: a database that stalls is no death
_WATCH_S = 10.0
_FORGET_EVERY_S = 3600.0


@dataclass(frozen=True, slots=True)
class Running:
    """What is to be swept, for whom."""

    sweep_id: str
    area_path: str
    camera_ids: tuple[str, ...]
    user_id: str
    unit_id: str | None
    purpose: str
    reference: str | None


class SweepRunner:
    """`begin` after the sweep's row is committed."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        database: Database,
        outbox: Outbox,
        gateway: Gateway,
        signer: TicketSigner,
        leader: Leader,
    ) -> None:
        self._gateway_id = settings.gateway.id
        self._ticket_s = settings.console.ticket_s
        self._kept = timedelta(days=settings.console.state_history_days)
        self._clock = clock
        self._database = database
        self._outbox = outbox
        self._gateway = gateway
        self._signer = signer
        self._leader = leader
        self._turn = asyncio.Lock()  # the gateway does one at a time
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._forgot_s = float("-inf")

    def begin(self, running: Running) -> None:
        """Run it when those before it are over."""
        task = asyncio.create_task(self._run(running), name=running.sweep_id)
        self._tasks[running.sweep_id] = task
        task.add_done_callback(lambda _: self._tasks.pop(running.sweep_id, None))

    def stop(self, sweep_id: str) -> None:
        """It was stopped in the database; harmless where it is another console's."""
        if (task := self._tasks.get(sweep_id)) is not None:
            task.cancel()

    async def watch(self) -> None:
        """On the console that leads: sweeps whose console is gone are stopped, old ones forgotten. For ever."""
        errors = log.RepeatedErrors(logger, self._clock)
        while True:
            await self._clock.sleep(_WATCH_S)
            try:
                if await self._leader.lead():
                    await self.look_after()
            except Exception as error:  # noqa: BLE001  # the loop's top: a database that is away comes back
                errors.error("sweep.watch_failed", reason=repr(error))

    async def look_after(self) -> None:
        """One look."""
        now = self._clock.now()
        async with self._database.reading() as reading:
            dead = await repository.running_before(reading, now - DEAD_AFTER)
        if dead:
            still = SweepRow.id.in_(dead) & (SweepRow.alive_at < now - DEAD_AFTER)
            await self._end(still, repository.STOPPED, "patrol_console.sweep_console_gone")
        if self._clock.monotonic() - self._forgot_s >= _FORGET_EVERY_S:
            self._forgot_s = self._clock.monotonic()
            async with self._database.writing() as writing:
                await repository.forget(writing, now - self._kept)

    async def close(self) -> None:
        """The console stops: so do its sweeps, and what the gateway opened for them is closed."""
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _run(self, running: Running) -> None:
        state, detail = repository.STOPPED, None
        try:
            alive = asyncio.create_task(self._until_stopped(running, [], DEAD_AFTER.total_seconds() / 3))
            try:
                async with self._turn:
                    alive.cancel()
                    if await self._sweep(running):
                        state = repository.DONE
                    else:
                        detail = "patrol_console.sweep_gateway_ended"
            finally:
                alive.cancel()
        except asyncio.CancelledError:  # by hand, and it is written already; or this console stops
            detail = "patrol_console.sweep_console_gone"
            raise
        except HubError as error:
            detail = error.code
            logger.warning("sweep.failed", sweep_id=running.sweep_id, code=error.code)
        except Exception as error:  # noqa: BLE001  # the top of this sweep's task: it is told as stopped
            detail = "patrol_console.broken"
            logger.error("sweep.broken", sweep_id=running.sweep_id, reason=repr(error))
        finally:
            try:
                await self._end(SweepRow.id == running.sweep_id, state, detail)
            except (SQLAlchemyError, OSError) as error:  # the console that leads will find it
                logger.warning("sweep.end_unwritten", sweep_id=running.sweep_id, reason=repr(error))

    async def _sweep(self, running: Running) -> bool:
        """Whether all cameras were told."""
        while True:
            try:
                return await self._ask(running)
            except HubError as error:
                if error.kind is not ErrorKind.LIMITED:
                    raise
            if not await self._keep(running, ()):
                return False
            await self._clock.sleep(_BUSY_S)

    async def _ask(self, running: Running) -> bool:
        order = SweepOrder(sweep_id=running.sweep_id, camera_ids=running.camera_ids)
        left = set(running.camera_ids)
        waiting: list[SweptCamera] = []
        writing = asyncio.create_task(self._until_stopped(running, waiting, _WRITE_S))
        try:
            async with aclosing(self._gateway.sweep(order, self._ticket(running))) as answers:
                async for swept in answers:
                    if swept.camera_id in left:  # each once, and none that was not asked for
                        left.discard(swept.camera_id)
                        waiting.append(swept)
        finally:
            writing.cancel()
            await asyncio.wait({writing})
            kept = await self._keep(running, waiting)
        return kept and not left

    async def _until_stopped(self, running: Running, waiting: list[SweptCamera], every_s: float) -> None:
        """Write what waits, again and again; stop the sweep where the database says so."""
        while True:
            await self._clock.sleep(every_s)
            swept = tuple(waiting)
            try:
                if not await self._keep(running, swept):
                    break
                del waiting[: len(swept)]
            except (SQLAlchemyError, OSError) as error:  # away for a moment: that stops no sweep
                logger.warning("sweep.unwritten", sweep_id=running.sweep_id, reason=repr(error))
        self.stop(running.sweep_id)

    async def _keep(self, running: Running, swept: Sequence[SweptCamera]) -> bool:
        now = self._clock.now()
        async with self._database.writing() as writing:
            if not await repository.keep(writing, running.sweep_id, swept, now):
                return False
            if swept:
                notice = Notice(noun="sweep", id=running.sweep_id, change="updated", area_path=running.area_path)
                told.tell(writing, now, notice)
        if swept:
            self._outbox.wake()
        return True

    async def _end(self, which: ColumnElement[bool], state: str, detail: str | None) -> None:
        now = self._clock.now()
        async with self._database.writing() as writing:
            for sweep_id, area_id in await repository.end(writing, which, state, detail, now):
                area = await writing.get_one(AreaRow, area_id)
                told.tell(writing, now, Notice(noun="sweep", id=sweep_id, change="updated", area_path=area.path))
        self._outbox.wake()

    def _ticket(self, running: Running) -> str:
        now = self._clock.now()
        return self._signer.sign(
            Ticket(
                ticket_id=new_id("tkt", now),
                user_id=running.user_id,
                unit_id=running.unit_id,
                camera_id=f"gateway:{self._gateway_id}",
                action=TicketAction.SWEEP,
                purpose=running.purpose,
                reference=running.reference,
                expires_at=now + timedelta(seconds=self._ticket_s),
            )
        )
