"""The benches measure what they say: the fleet counts each picture, costs are read from /proc, output is one object."""

from __future__ import annotations

import asyncio
import mmap
import os
import shutil
import sys
import time
from pathlib import Path

import pytest

from probe.bench import live
from probe.bench.fleet import FleetProcess
from probe.bench.floor import FloorProcess
from probe.bench.ingest import run, theirs
from probe.bench.processes import Cost, cpu_s, exact_cpu_s, memory_mb, processor

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_cpu_of_a_process_is_what_it_burnt() -> None:
    before, exact, clock = cpu_s([os.getpid()]), exact_cpu_s(os.getpid()), time.process_time()
    while time.process_time() - clock < 0.3:
        pass
    assert cpu_s([os.getpid()]) - before == pytest.approx(0.3, abs=0.06)
    assert exact_cpu_s(os.getpid()) - exact == pytest.approx(0.3, abs=0.03)


def test_memory_counts_what_is_held_and_a_dead_process_is_an_error() -> None:
    before = memory_mb([os.getpid()])
    with mmap.mmap(-1, 30_000_000) as held:  # pages of its own: a heap would use again what other tests gave back
        for page in range(0, 30_000_000, mmap.PAGESIZE):
            held[page] = 1
        assert memory_mb([os.getpid()]) - before == pytest.approx(30, abs=5)
    with pytest.raises(FileNotFoundError):
        cpu_s([2**22 + 1])


def test_a_cost_is_for_each_camera_and_second() -> None:
    cost = Cost.of(cameras=100, seconds=20.0, cpu=4.0, memory=1350.0)
    assert (cost.cpu_ms_per_camera_s, cost.rss_mb_per_camera) == (2.0, 13.5)
    assert " x " in processor()


@pytest.mark.slow
async def test_the_fleet_counts_each_picture_that_a_reader_gets(tmp_path: Path) -> None:
    async with FleetProcess(4, tmp_path) as fleet:
        assert 350 < fleet.kbps < 550
        async with FloorProcess(fleet.urls) as reader:
            await fleet.wait_sessions(4, 10)
            await asyncio.sleep(1.0)
            sent = await fleet.pause()
            await _units(reader, sent.due)
            await asyncio.sleep(0.3)
            assert (await fleet.counts()).due == await reader.units() == sent.due
            await fleet.resume()
            await _units(reader, sent.due + 10)


async def _units(reader: FloorProcess, least: int) -> None:
    async with asyncio.timeout(20):
        while await reader.units() < least:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.1)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="no ffmpeg on the path")
async def test_ffmpeg_is_measured_while_all_of_its_processes_live(tmp_path: Path) -> None:
    async with FleetProcess(2, tmp_path) as fleet:
        cost = await theirs(fleet, 2, 1.0)
        assert cost.cameras == 2
        assert cost.rss_mb_per_camera > 3
        await fleet.wait_sessions(0, 10, at_most=True)


@pytest.mark.slow
async def test_ingest_counts_every_unit_of_the_real_gateway(tmp_path: Path) -> None:
    said: list[str] = []
    answer = await run(3, "floor", 3, 2.0, tmp_path, said.append)
    assert answer["units_received"] == answer["units_expected"]
    assert answer["units_per_camera_s"] == pytest.approx(25, abs=2.5)
    assert {"cpu_ms_per_camera_s", "rss_mb_per_camera", "vs", "cpu_ratio", "memory_ratio"} <= answer.keys()
    assert len(said) == 3


@pytest.mark.slow
async def test_live_counts_what_the_real_gateway_sent_and_what_real_viewers_got(tmp_path: Path) -> None:
    said: list[str] = []
    answer = await live.run(2, 1.0, 2, live.PROFILE, tmp_path, said.append)
    sent, received = answer["webrtc_packets"], answer["webrtc_packets_received"]
    assert isinstance(sent, int)
    assert received == pytest.approx(sent, rel=0.2)  # counted at two moments, reports among them
    assert answer["first_pictures"] == 4
    assert answer["srtp_profile"] == live.PROFILE
    assert {
        *("webrtc_us_per_packet", "webrtc_floor_us", "webrtc_ratio", "mse_us_per_fragment", "mse_floor_us"),
        *("mse_ratio", "mse_mux_us_per_frame", "first_picture_p95_ms", "gateway_first_picture_p95_ms", "load"),
    } <= answer.keys()
    assert len(said) == 3
