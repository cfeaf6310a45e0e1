"""Looks at this machine when somebody asks: the services' own /metrics on loopback, Redis' INFO, /proc.

On the event loop; the disk is asked in a thread. Remembers only the last look, for rates. Answers within two seconds
also when nothing else does: what it cannot learn stays null.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prometheus_client.parser import text_string_to_metric_families

from hub import metrics
from hub.bus import Topic
from hub.bus_figures import ServerFigures
from hub.clock import Clock
from hub.errors import HubError
from hub.settings import Settings
from patrol_console.line import Line
from patrol_console.machine import proc
from patrol_console.machine.schemas import Machine, Process, ProcessName

if TYPE_CHECKING:
    import httpx

_ANSWER_S = 1.5
_LEAST_SPAN_S = 0.5  # two pages that look at once do not make rates of nothing
_LONGEST_SPAN_S = 60.0  # an average over a night says nothing of now
_LARGEST_BYTES = 2_000_000
_DETECTORS = "detect"  # the group of analytics.detect
_LOOKS = "probe_detect_looks_total"

Figures = Mapping[tuple[str, tuple[tuple[str, str], ...]], float]


@dataclass(frozen=True, slots=True)
class _Seen:
    """One look's counters."""

    at: float = float("-inf")
    ticks: proc.Ticks | None = None
    looks: float | None = None
    cpu_s: Mapping[str, float] = field(default_factory=dict)


class MachineWatch:
    """`look` for whoever may."""

    def __init__(
        self, settings: Settings, clock: Clock, line: Line, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._line = line
        self._transport = transport
        self._before = _Seen()
        self._last = _Seen()

    async def look(self) -> Machine:
        """This machine now."""
        analytics = self._settings.analytics
        ports = {"gateway": self._settings.gateway.port, "detect": analytics.detect_port, "judge": analytics.judge_port}
        told, servers, waiting, disk = await asyncio.gather(
            self._tell_all(ports), self._servers(), self._oldest(), asyncio.to_thread(self._disk)
        )
        told["console"] = _parsed(metrics.render().decode()) or {}
        gateway, detect = told.get("gateway"), told.get("detect")
        cpu_s = {name: seconds for name, said in told.items() if (seconds := _cpu_s(said)) is not None}
        cpu_s |= {name: server.cpu_s for name, server in servers.items()}
        looks = None if detect is None else _total(detect, _LOOKS) or 0.0
        before, now = self._step(_Seen(self._clock.monotonic(), proc.ticks(), looks, cpu_s))
        memory = proc.memory()
        return Machine(
            at=self._clock.now(),
            cores=os.cpu_count() or 1,
            cpu_percent=_share(before.ticks, now.ticks),
            memory_total_bytes=memory[0] if memory else None,
            memory_used_bytes=memory[1] if memory else None,
            disk_total_bytes=disk[0] if disk else None,
            disk_free_bytes=disk[1] if disk else None,
            cameras=_whole(_total(gateway, "probe_gateway_cameras")),
            cameras_online=_whole(_total(gateway, "probe_gateway_cameras", state="online")),
            viewers=_whole(_total(gateway, "probe_gateway_viewers")),
            looks_per_s=_rate(before.looks, now.looks, now.at - before.at),
            oldest_frame_s=waiting,
            processes=[
                *(_process(name, told.get(name), before, now) for name in ("console", "gateway", "detect", "judge")),
                *(_server(name, servers.get(name), before, now) for name in ("redis", "redis_frames")),
            ],
        )

    def _step(self, seen: _Seen) -> tuple[_Seen, _Seen]:
        if seen.at - self._last.at >= _LEAST_SPAN_S:
            self._before, self._last = self._last, seen
            if seen.at - self._before.at > _LONGEST_SPAN_S:
                self._before = _Seen()
        return self._before, self._last

    async def _tell_all(self, ports: Mapping[str, int]) -> dict[str, Figures]:
        import httpx  # a console that starts again answers people first

        async with httpx.AsyncClient(timeout=_ANSWER_S, trust_env=False, transport=self._transport) as client:

            async def tell(port: int) -> Figures | None:
                try:
                    answer = await client.get(f"http://127.0.0.1:{port}/metrics")
                except httpx.HTTPError:
                    return None
                if answer.status_code != 200 or len(answer.content) > _LARGEST_BYTES:
                    return None
                return _parsed(answer.text)

            answers = await asyncio.gather(*(tell(port) for port in ports.values()))
        return {name: said for name, said in zip(ports, answers, strict=True) if said is not None}

    async def _servers(self) -> dict[str, ServerFigures]:
        try:
            async with asyncio.timeout(_ANSWER_S):
                return await self._line.bus().servers()
        except (HubError, TimeoutError):
            return {}

    async def _oldest(self) -> float | None:
        try:
            async with asyncio.timeout(_ANSWER_S):
                return await self._line.bus().oldest_waiting_s(Topic.FRAMES, _DETECTORS)
        except (HubError, TimeoutError):
            return None

    def _disk(self) -> tuple[int, int] | None:
        try:
            usage = shutil.disk_usage(self._settings.data_dir)
        except OSError:
            return None
        return usage.total, usage.free


def _parsed(text: str) -> Figures | None:
    try:
        families = list(text_string_to_metric_families(text))
    except ValueError:
        return None
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def _total(said: Figures | None, name: str, **labels: str) -> float | None:
    found = [value for (each, has), value in (said or {}).items() if each == name and set(labels.items()) <= set(has)]
    return sum(found) if found else None


def _cpu_s(said: Figures | None) -> float | None:
    own = _total(said, "process_cpu_seconds_total")
    return _total(said, "probe_gateway_cpu_seconds_total") if own is None else own


def _process(name: ProcessName, said: Figures | None, before: _Seen, now: _Seen) -> Process:
    if said is None:
        return Process(name=name, state="silent")
    started = _total(said, "process_start_time_seconds")
    return Process(
        name=name,
        state="running",
        cpu_percent=_cpu_percent(name, before, now),
        memory_bytes=_whole(_total(said, "process_resident_memory_bytes")),
        started_at=None if started is None else datetime.fromtimestamp(started, UTC),
    )


def _server(name: ProcessName, said: ServerFigures | None, before: _Seen, now: _Seen) -> Process:
    if said is None:
        return Process(name=name, state="silent")
    return Process(
        name=name,
        state="running",
        cpu_percent=_cpu_percent(name, before, now),
        memory_bytes=said.memory_bytes,
        started_at=said.started_at,
    )


def _cpu_percent(name: str, before: _Seen, now: _Seen) -> float | None:
    rate = _rate(before.cpu_s.get(name), now.cpu_s.get(name), now.at - before.at)
    return None if rate is None else round(rate * 100, 1)


def _rate(before: float | None, now: float | None, span_s: float) -> float | None:
    """By the second; None where there is no earlier count, or the process began anew."""
    if before is None or now is None or now < before or not 0 < span_s < float("inf"):
        return None
    return round((now - before) / span_s, 3)


def _share(before: proc.Ticks | None, now: proc.Ticks | None) -> float | None:
    if before is None or now is None or now.all <= before.all:
        return None
    return round(100 * (now.busy - before.busy) / (now.all - before.all), 1)


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)
