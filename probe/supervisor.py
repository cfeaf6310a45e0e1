"""Keeps the processes of one machine alive: starts them in stages, restarts what dies, ends all of them in reverse.

Runs on the main thread's loop until `stop` is set. What dies is back at once; what dies before it was ever ready
waits longer each time, `LONGEST_WAIT_S` at most; what lives and answers nothing for `HUNG_AFTER_S` is killed and
starts again. Holds nothing of what the services do and never reads their data.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence

from hub import log, metrics
from hub.backoff import Backoff
from hub.clock import Clock
from hub.errors import ErrorKind, HubError
from probe.child import Child, LineSink
from probe.service import ServiceSpec

__all__ = ["ServiceSpec", "Supervisor", "pass_through"]

FIRST_WAIT_S = 0.1
LONGEST_WAIT_S = 4.0
HUNG_AFTER_S = 15.0
_ASK_READY_EVERY_S = 0.1
_ASK_ALIVE_EVERY_S = 3.0
_LEAST_UNANSWERED = 3  # one question that we ourselves were late with says nothing
_SETTLED_AFTER_S = 5.0  # ready for so long: whatever ends it later is a new trouble
_BUSY_WAIT_S = 3.0  # the Redis of a supervisor that was killed is on its way out
_LOOPING_AFTER = 3  # deaths in a row before it was ready
_restarts = metrics.counter("probe_supervisor_restarts_total", "Times a service was started again", ("service",))
_hung = metrics.counter("probe_supervisor_hung_total", "Times a service was killed because it hung", ("service",))
_logger = log.get("probe.supervisor")


def pass_through(service: str, stream: str, line: str) -> None:
    """A child's line to our own standard error; lines that are not structured get the service's name in front."""
    del stream
    sys.stderr.write(f"{line}\n" if line.startswith("{") else f"{service}: {line}\n")


class Supervisor:
    """`await Supervisor(services, clock).run(stop)`; a service's `name` is unique."""

    def __init__(self, services: Sequence[ServiceSpec], clock: Clock, on_line: LineSink = pass_through) -> None:
        self._services = tuple(sorted(services, key=lambda spec: spec.stage))
        self._clock = clock
        self._on_line = on_line
        self._children: dict[str, Child] = {}
        self._stopping = False

    def pid(self, name: str) -> int | None:
        """The process of a service now; None between two lives."""
        child = self._children.get(name)
        return child.pid if child is not None and child.status is None else None

    async def run(self, stop: asyncio.Event, on_ready: Callable[[], Awaitable[None]] | None = None) -> None:
        """Start everything, say `on_ready` once all are, keep them until `stop`, end them.

        Raises HubError when a port is taken (before anything starts), when a service does not come up at first, or
        what `on_ready` raised; all children are gone by then.
        """
        require_ports(self._services)
        work = asyncio.create_task(self._start_and_keep(on_ready))
        asked = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({work, asked}, return_when=asyncio.FIRST_COMPLETED)
            if work.done() and not work.cancelled() and (error := work.exception()) is not None:
                raise _innermost(error)
        finally:
            self._stopping = True
            for task in (work, asked):
                task.cancel()
            await asyncio.gather(work, asked, return_exceptions=True)
            await self._stop_all()
            for spec in reversed(self._services):
                if spec.ended is not None:
                    spec.ended()

    async def _start_and_keep(self, on_ready: Callable[[], Awaitable[None]] | None) -> None:
        async with asyncio.TaskGroup() as keepers:
            for stage in self._stages():
                of_stage = [spec for spec in self._services if spec.stage == stage]
                async with asyncio.TaskGroup() as starts:
                    for spec in of_stage:
                        starts.create_task(self._first_start(spec))
                for spec in of_stage:
                    keepers.create_task(self._keep(spec))
            _logger.info("supervisor.ready", services=[spec.name for spec in self._services])
            if on_ready is not None:
                await on_ready()

    def _stages(self) -> list[int]:
        return sorted({spec.stage for spec in self._services})

    async def _first_start(self, spec: ServiceSpec) -> None:
        """Until it is ready. A service that ends by itself is a failure; one that somebody killed starts again."""
        deadline = self._clock.monotonic() + spec.ready_within_s
        busy_until = self._clock.monotonic() + _BUSY_WAIT_S
        while True:
            try:
                child = await self._start(spec)
            except HubError as error:
                if error.kind is not ErrorKind.CONFLICT or self._clock.monotonic() >= busy_until:
                    raise
                await self._clock.sleep(_ASK_READY_EVERY_S)
                continue
            if await self._becomes_ready(child, deadline):
                return
            if child.status is None:
                line = next(iter(reversed(child.last_lines)), "-")
                raise HubError(
                    ErrorKind.TIMEOUT,
                    "hub.service_did_not_start",
                    service=spec.name,
                    seconds=round(spec.ready_within_s),
                    line=line[-300:],
                )
            await child.wait()
            if not _killed_from_outside(child.status):
                raise child.failure()

    async def _keep(self, spec: ServiceSpec) -> None:
        """Start it again whenever it ends."""
        backoff = Backoff(FIRST_WAIT_S, LONGEST_WAIT_S, jitter=0.0)
        never_ready = 0
        ready_since: float | None = self._clock.monotonic()
        while True:
            child = self._children[spec.name]
            watching = asyncio.create_task(self._watch(child))
            try:
                status = await child.wait()
            finally:
                watching.cancel()
            if self._stopping:
                return
            lived = 0.0 if ready_since is None else self._clock.monotonic() - ready_since
            never_ready = 0 if ready_since is not None else never_ready + 1
            last = next(iter(reversed(child.last_lines)), "-")
            _logger.error("service.died", of=spec.name, status=status, line=last[-300:])
            if never_ready >= _LOOPING_AFTER:
                _logger.error("service.keeps_dying", of=spec.name, times=never_ready, why=str(child.failure()))
            if lived >= _SETTLED_AFTER_S or (ready_since is not None and _killed_from_outside(status)):
                backoff.reset()
            await self._clock.sleep(backoff.next())
            ready_since = await self._start_again(spec)

    async def _watch(self, child: Child) -> None:
        """Ask whether it still answers; kill it when it has not for `HUNG_AFTER_S`."""
        alive = child.spec.alive
        if alive is None:
            return
        answered, unanswered = self._clock.monotonic(), 0
        while child.status is None:
            await self._clock.sleep(_ASK_ALIVE_EVERY_S)
            if await alive():
                answered, unanswered = self._clock.monotonic(), 0
                continue
            unanswered += 1
            silent_s = self._clock.monotonic() - answered
            if silent_s >= HUNG_AFTER_S and unanswered >= _LEAST_UNANSWERED:
                _logger.error("service.hung", of=child.spec.name, pid=child.pid, silent_s=round(silent_s, 1))
                _hung.labels(child.spec.name).inc()
                child.kill()
                return

    async def _start_again(self, spec: ServiceSpec) -> float | None:
        """When it became ready; None where it ended first, or could not even be started."""
        _restarts.labels(spec.name).inc()
        try:
            child = await self._start(spec)
        except HubError as error:
            _logger.error("service.not_started", of=spec.name, why=str(error))
            return None
        started = self._clock.monotonic()
        if not await self._becomes_ready(child, started + spec.ready_within_s):
            return None
        now = self._clock.monotonic()
        _logger.info("service.back", of=spec.name, after_s=round(now - started, 2))
        return now

    async def _start(self, spec: ServiceSpec) -> Child:
        if spec.prepare is not None:
            spec.prepare()
        child = self._children[spec.name] = await Child.start(spec, self._on_line)
        _logger.info("service.started", of=spec.name, pid=child.pid)
        return child

    async def _becomes_ready(self, child: Child, deadline: float) -> bool:
        while child.status is None:
            if child.spec.ready is None or await child.spec.ready():
                return child.status is None
            if self._clock.monotonic() >= deadline:
                return False
            await self._clock.sleep(_ASK_READY_EVERY_S)
        return False

    async def _stop_all(self) -> None:
        """The last stage first; within a stage all at once."""
        for stage in reversed(self._stages()):
            children = [child for child in self._children.values() if child.spec.stage == stage]
            await asyncio.gather(*(child.stop(child.spec.stop_within_s) for child in children))


def require_ports(services: Sequence[ServiceSpec]) -> None:
    """Raise HubError CONFLICT `hub.port_taken` naming the first port that somebody else holds."""
    for spec in services:
        for host, port in spec.ports:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            with socket.socket(family) as tried:
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that is only closing is free
                try:
                    tried.bind((host, port))
                except OSError as error:
                    raise HubError(ErrorKind.CONFLICT, "hub.port_taken", port=port, service=spec.name) from error


def _killed_from_outside(status: int | None) -> bool:
    return status in (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT)


def _innermost(error: BaseException) -> BaseException:
    """What went wrong, out of the groups that tasks wrap it in; a HubError before anything else."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    found = [_innermost(inner) for inner in error.exceptions]
    return next((inner for inner in found if isinstance(inner, HubError)), found[0])
