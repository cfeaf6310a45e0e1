"""This machine now: what the services say of themselves, rates between two looks, and null for what nobody says."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from redis.asyncio import Redis

from hub.bus import Bus, Topic
from hub.settings import Settings
from patrol_console.line import Line
from patrol_console.machine import proc
from patrol_console.machine.service import MachineWatch
from tests.support.clock import FakeClock

GATEWAY = """\
# TYPE probe_gateway_cameras gauge
probe_gateway_cameras{state="online"} 9.0
probe_gateway_cameras{state="offline"} 2.0
# TYPE probe_gateway_viewers gauge
probe_gateway_viewers 4.0
# TYPE process_cpu_seconds counter
process_cpu_seconds_total %s
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 1.5e+08
"""
DETECT = """\
# TYPE probe_detect_looks counter
probe_detect_looks_total{gate="asked"} %s
probe_detect_looks_total{gate="still"} 100.0
"""


class Services:
    """The gateway and the detector; the judge never answers."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.cpu_s = 10.0
        self.looks = 50.0
        self.nonsense = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.port == self._settings.gateway.port:
            return httpx.Response(200, text="cameras: many" if self.nonsense else GATEWAY % self.cpu_s)
        if request.url.port == self._settings.analytics.detect_port:
            return httpx.Response(200, text=DETECT % self.looks)
        raise httpx.ConnectError("refused")


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return Services(Settings(data_dir=tmp_path))


@pytest.fixture
def watch(services: Services, clock: FakeClock, tmp_path: Path) -> MachineWatch:
    return MachineWatch(Settings(data_dir=tmp_path), clock, Line(), httpx.MockTransport(services))


async def test_figures_come_from_the_services_and_what_none_says_is_null(watch: MachineWatch) -> None:
    seen = await watch.look()
    assert (seen.cameras, seen.cameras_online, seen.viewers) == (11, 9, 4)
    assert (seen.disk_free_bytes or 0) > 0
    by_name = {process.name: process for process in seen.processes}
    assert by_name["gateway"].memory_bytes == 150_000_000
    assert {name for name, process in by_name.items() if process.state == "silent"} == {
        "judge",
        "redis",
        "redis_frames",
    }
    assert (seen.looks_per_s, seen.oldest_frame_s, by_name["gateway"].cpu_percent) == (None, None, None)


async def test_rates_are_between_two_looks(watch: MachineWatch, services: Services, clock: FakeClock) -> None:
    await watch.look()
    await clock.advance(2)
    services.cpu_s, services.looks = 10.5, 80.0
    seen = await watch.look()
    assert seen.looks_per_s == 15
    assert next(process.cpu_percent for process in seen.processes if process.name == "gateway") == 25


async def test_a_service_that_began_anew_has_no_rate_for_a_moment(
    watch: MachineWatch, services: Services, clock: FakeClock
) -> None:
    await watch.look()
    await clock.advance(2)
    services.looks = 0
    assert (await watch.look()).looks_per_s is None


async def test_an_average_over_a_night_is_not_told_as_now(
    watch: MachineWatch, services: Services, clock: FakeClock
) -> None:
    await watch.look()
    await clock.advance(8 * 3600)
    services.looks = 1e6
    assert (await watch.look()).looks_per_s is None


async def test_a_gateway_that_answers_nonsense_counts_as_silent(watch: MachineWatch, services: Services) -> None:
    services.nonsense = True
    seen = await watch.look()
    assert seen.cameras is None
    assert seen.processes[1].state == "silent"


async def test_redis_tells_of_itself_and_of_the_oldest_frame(redis_settings: Settings, clock: FakeClock) -> None:
    bus = await Bus.open(redis_settings, clock)
    assert redis_settings.frames_redis_url is not None
    frames = Redis.from_url(redis_settings.frames_redis_url.get_secret_value())
    key = f"{redis_settings.redis_prefix}topic:{Topic.FRAMES.value}"
    try:
        assert await bus.oldest_waiting_s(Topic.FRAMES, "detect") is None
        await frames.xgroup_create(key, "detect", "0", mkstream=True)
        assert await bus.oldest_waiting_s(Topic.FRAMES, "detect") == 0
        written_ms = int((clock.now().timestamp() - 3) * 1000)
        await frames.xadd(key, {"m": "{}"}, id=f"{written_ms}-0")
        assert await bus.oldest_waiting_s(Topic.FRAMES, "detect") == pytest.approx(3)
        assert set(await bus.servers()) == {"redis", "redis_frames"}
    finally:
        await frames.delete(key)
        await frames.aclose()
        await bus.close()


def test_the_kernels_own_figures_are_read(tmp_path: Path) -> None:
    (tmp_path / "stat").write_text("cpu  10 0 5 80 5 0 0 0 0 0\ncpu0 1 1 1 1\n")
    (tmp_path / "meminfo").write_text("MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: 400 kB\n")
    assert proc.ticks(tmp_path) == (15, 100)
    assert proc.memory(tmp_path) == (1_024_000, 614_400)
    assert proc.ticks(tmp_path / "none") is None
    assert proc.memory(tmp_path / "none") is None
