"""The back-off and the clock that tests move."""

from __future__ import annotations

import asyncio
import random

import pytest

from hub.backoff import Backoff
from hub.bus import patiently
from hub.errors import ErrorKind, HubError
from tests.support.clock import START, FakeClock


def test_waits_grow_to_the_cap_and_never_beyond_and_begin_again() -> None:
    backoff = Backoff(0.5, 30, random.Random(1))
    waits = [backoff.next() for _ in range(20)]
    assert all(0.5 * 0.7 * 2**n <= wait <= min(30, 0.5 * 1.3 * 2**n) for n, wait in enumerate(waits[:6]))
    assert max(waits) <= 30
    assert min(waits[8:]) >= 30 * 0.7
    backoff.reset()
    assert backoff.next() <= 0.65


def test_two_hundred_cameras_do_not_come_back_together() -> None:
    waits = sorted(Backoff(2.0, 30, random.Random(seed)).next() for seed in range(200))
    assert waits[-1] - waits[0] > 1.0


@pytest.mark.parametrize("bad", [(0, 1), (2, 1), (-1, 5)])
def test_a_back_off_that_makes_no_sense_is_refused(bad: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="back-off"):
        Backoff(*bad)


async def test_the_clock_wakes_sleepers_in_order_and_again_within_one_advance(clock: FakeClock) -> None:
    said: list[tuple[str, float]] = []

    async def every(name: str, seconds: float) -> None:
        while True:
            await clock.sleep(seconds)
            said.append((name, clock.monotonic() - 1000))

    tasks = [asyncio.create_task(every("two", 2)), asyncio.create_task(every("three", 3))]
    await clock.advance(6)
    assert said == [("two", 2), ("three", 3), ("two", 4), ("three", 6), ("two", 6)]
    assert (clock.now() - START).total_seconds() == 6
    for task in tasks:
        task.cancel()


async def test_the_wall_clock_may_jump_alone(clock: FakeClock) -> None:
    before = clock.monotonic()
    clock.step(-3600)
    assert clock.monotonic() == before
    assert (clock.now() - START).total_seconds() == -3600


async def test_patience_waits_out_what_is_away_and_nothing_else(clock: FakeClock) -> None:
    tries: list[float] = []

    async def away_for_ten_seconds() -> str:
        tries.append(clock.monotonic())
        if clock.monotonic() < 1010:
            raise HubError(ErrorKind.UNAVAILABLE, "hub.bus_unreachable", where="durable")
        return "here"

    task = asyncio.create_task(patiently(clock, away_for_ten_seconds))
    await clock.advance(15)
    assert await task == "here"
    assert len(tries) < 20

    async def broken() -> None:
        raise HubError(ErrorKind.BROKEN, "hub.bus_answer", reason="x")

    with pytest.raises(HubError):
        await patiently(clock, broken)
