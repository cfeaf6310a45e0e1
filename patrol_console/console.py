"""One console process: its parts put together, its tasks started and stopped. Everything runs on one event loop.

Owns the database, the outbox, the listeners' hub and the line to Redis. Answers pages also while Redis is away; what
has to be told then waits in the outbox.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from hub import log
from hub.addresses import AddressPolicy
from hub.backoff import Backoff
from hub.bus import Bus, Topic
from hub.clock import Clock
from hub.contracts.alert import AlertRaised
from hub.contracts.camera import CameraStatus
from hub.contracts.camera_event import CameraEvent
from hub.contracts.viewing import Viewing
from hub.errors import ErrorKind, HubError
from hub.log import redact
from hub.secrets import MasterKey
from hub.settings import Settings
from hub.tickets import TicketSigner
from patrol_console.camera.status import Statuses, watch
from patrol_console.camera.unread import UnreadCameras
from patrol_console.camera_event.writing import CameraEvents
from patrol_console.camera_import.service import Imports
from patrol_console.consumer import Consumer
from patrol_console.db import Database, open_database
from patrol_console.discovery.searches import Searches
from patrol_console.event.changes import Changes
from patrol_console.gateway import Gateway
from patrol_console.holder import Holder
from patrol_console.ingest import Ingest
from patrol_console.leader import leader_of
from patrol_console.line import Line
from patrol_console.machine.service import MachineWatch
from patrol_console.migrate import upgrade
from patrol_console.outage.watch import OutageWatch
from patrol_console.outbox import Outbox
from patrol_console.pace import Pace
from patrol_console.pictures import Pictures
from patrol_console.register.writing import Register
from patrol_console.session.passwords import Passwords
from patrol_console.session.service import Sessions
from patrol_console.sweep.running import SweepRunner

logger = log.get("patrol_console")
_STOP_S = 3.0


class Console:
    """The parts by name. `start` after the database is there, `stop` once."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        key: MasterKey,
        *,
        database: Database | None = None,
        bus: Bus | None = None,
        gateway: Gateway | None = None,
        passwords: Passwords | None = None,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.key = key
        self.database = database or open_database(settings)
        self.line = Line(bus)
        self.changes = Changes()
        self.leader = leader_of(self.database, clock)
        self.outbox = Outbox(clock, self.database, self.line, self.changes, self.leader)
        self.sessions = Sessions(settings, clock, self.database, key, passwords or Passwords())
        self.signer = TicketSigner(key.derive(b"tickets"), clock)
        self.holder = Holder(settings.gateway.id, clock)
        self.gateway = gateway or Gateway(settings, holder=self.holder)
        self.searches = Searches(clock)
        self.describe_pace = Pace(clock, every_s=1.0, burst=20, patience_s=10.0, code="patrol_console.describe_rate")
        self.machine = MachineWatch(settings, clock, self.line)
        self.sweeps = SweepRunner(settings, clock, self.database, self.outbox, self.gateway, self.signer, self.leader)
        self.pictures = Pictures(settings.data_dir / "pictures")
        self.addresses = AddressPolicy(settings.addresses.allow, _own_ports(settings))
        self.imports = Imports()
        self._bus = bus
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def restart_grace(self) -> timedelta:
        """How long a gateway may take to start again before it counts."""
        return timedelta(seconds=self.settings.gateway.restart_grace_s)

    @classmethod
    async def open(cls, settings: Settings, clock: Clock) -> Console:
        """A console with its line to Redis (which may come later) and a database that is up to date.

        Raises HubError UNAVAILABLE `patrol_console.no_database`, and those of `hub.secrets` for the key file.
        """
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = MasterKey.load(settings.key_path, create=True)
        bus = await Bus.open(settings, clock, check=False)
        console = cls(settings, clock, key, bus=bus)
        try:
            await upgrade(console.database)
        except (SQLAlchemyError, OSError) as error:
            await console.stop()
            raise HubError(ErrorKind.UNAVAILABLE, "patrol_console.no_database", reason=_reason(error)) from error
        return console

    def start(self) -> None:
        """Begin to tell and to listen."""
        self._begin("outbox events", self.outbox.run("event"))
        self._begin("outbox specs", self.outbox.run("spec"))
        self._begin("watch", watch(self.clock, self.database, self.changes))
        self._begin("sessions", self.sessions.watch())
        self._begin("sweeps", self.sweeps.watch())
        bus = self._bus
        if bus is None:
            return
        name = f"{socket.gethostname()}-{self.settings.console.port or os.getpid()}"
        ingest = Ingest(self.clock, self.database, bus, self.pictures, self.outbox)
        statuses = Statuses(self.clock, self.database, self.outbox, self.restart_grace)
        if self.settings.gateway.takeover:
            self._begin("holder", self.holder.follow(bus))
        watch_outages = OutageWatch(self.settings, self.clock, self.database, self.outbox, self.leader, statuses)
        register = Register(self.database)
        clock = self.clock
        self._begin("alerts", Consumer(bus, clock, Topic.ALERTS, AlertRaised, ingest.write, name).run())
        self._begin("status", Consumer(bus, clock, Topic.STATUS, CameraStatus, statuses.write, name).run())
        self._begin("outages", watch_outages.run())
        self._begin("viewings", Consumer(bus, clock, Topic.VIEWINGS, Viewing, register.write, name).run())
        camera_events = CameraEvents(clock, self.database, self.outbox, self.settings.console.event_history_days)
        self._begin("camera events", Consumer(bus, clock, Topic.EVENTS, CameraEvent, camera_events.write, name).run())
        self._begin("old camera events", camera_events.keep_bounded(self.leader))
        self._begin("unread cameras", UnreadCameras(self).run())
        self._begin("notes", self.line.send_notes())
        self._begin("changes of others", self._hear_changes(bus))
        self._begin("wakes of others", self._hear_wakes(bus))

    async def stop(self) -> None:
        """End the streams, the tasks, the connections."""
        self.changes.stop()
        await self.searches.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_STOP_S)
        self._tasks.clear()
        await self.sweeps.close()
        await self.imports.stop()
        await self.leader.close()
        await self.gateway.close()
        await self.line.close()
        await self.database.close()

    async def ready(self) -> dict[str, bool]:
        """Which of the things this process stands on are there."""
        found = {"database": False, "redis": False}
        with contextlib.suppress(Exception):
            async with asyncio.timeout(2), self.database.reading() as session:
                await session.execute(text("SELECT 1"))
                found["database"] = True
        with contextlib.suppress(Exception):
            async with asyncio.timeout(2):
                await self.line.bus().ping()
                found["redis"] = True
        return found

    def _begin(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.create_task(work, name=name))

    async def _hear_changes(self, bus: Bus) -> None:
        backoff = Backoff(0.1, 2.0)
        while True:
            try:
                async for body in bus.listen("console.changes"):
                    backoff.reset()
                    self.changes.put_wire(body)
            except Exception as error:  # noqa: BLE001  # the loop's top: a note that is none must not deafen this console
                logger.error("changes.failed", reason=repr(error))
            await self.clock.sleep(backoff.next())

    async def _hear_wakes(self, bus: Bus) -> None:
        async for _ in bus.listen("console.outbox"):
            self.outbox.wake(tell_others=False)


def _reason(error: Exception) -> str:
    """The driver's own words without SQL, parameters or an address with a password."""
    return redact(str(getattr(error, "orig", None) or error).splitlines()[0])[:200]


def _own_ports(settings: Settings) -> tuple[int, ...]:
    analytics = settings.analytics
    return (settings.console.port, settings.gateway.port, analytics.detect_port, analytics.judge_port)
