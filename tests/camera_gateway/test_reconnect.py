"""When a camera is tried again, and how fast all of them may be opened."""

from __future__ import annotations

import asyncio
import random

import pytest

from camera_gateway.opening import Ramp
from camera_gateway.reconnect import Reconnect
from hub.contracts.camera import Cause
from tests.support.clock import FakeClock


def waiting(seed: int = 1) -> Reconnect:
    return Reconnect(0.5, 30.0, random.Random(seed))


@pytest.mark.parametrize("seed", range(20))
def test_after_a_short_outage_it_is_back_within_five_seconds_and_after_a_long_one_within_thirty(seed: int) -> None:
    reconnect = waiting(seed)
    waits = [reconnect.wait_s(Cause.UNREACHABLE, outage_s=20) for _ in range(10)]
    assert waits[0] < 0.7
    assert max(waits) <= 3.5
    assert max(reconnect.wait_s(Cause.UNREACHABLE, outage_s=600) for _ in range(20)) <= 27


def test_a_refused_login_is_never_a_storm() -> None:
    reconnect = waiting()
    waits = [reconnect.wait_s(Cause.LOGIN_REFUSED, outage_s=1) for _ in range(12)]
    assert min(waits) >= 60
    # An hour holds few tries; the account of a camera locks after five in half an hour.
    assert sum(waits[:5]) > 1800
    assert max(waits) <= 1800


def test_a_login_that_worked_is_tried_again_soon_and_still_locks_no_account() -> None:
    reconnect = waiting()
    for _ in range(2):  # also the second time
        reconnect.media_flowed()
        waits = [reconnect.wait_s(Cause.LOGIN_REFUSED, outage_s=1) for _ in range(6)]
        assert waits[:2] == [4, 4]
        assert min(waits[2:]) >= 60
        # From the first refusal on: the tries of any half hour are at most four.
        tries = [sum(waits[:number]) for number in range(len(waits) + 1)]
        assert max(sum(begin <= one < begin + 1800 for one in tries) for begin in tries) == 4


@pytest.mark.parametrize("cause", [Cause.FORBIDDEN_ADDRESS, Cause.REDIRECTED, Cause.CODEC, Cause.NOT_FOUND])
def test_what_no_retry_mends_is_retried_seldom(cause: Cause) -> None:
    assert waiting().wait_s(cause, outage_s=1) == 60


def test_it_begins_at_the_quick_end_only_after_media_flowed() -> None:
    reconnect = waiting()
    for _ in range(8):
        reconnect.wait_s(Cause.UNREACHABLE, outage_s=600)
    assert reconnect.wait_s(Cause.UNREACHABLE, outage_s=600) > 10
    reconnect.media_flowed()
    assert reconnect.wait_s(Cause.UNREACHABLE, outage_s=0) < 0.7


async def test_cameras_are_opened_no_faster_than_the_ramp(clock: FakeClock) -> None:
    ramp = Ramp(clock, per_s=10, per_address_s=100)
    openings = [asyncio.create_task(ramp.turn(f"10.0.0.{n}")) for n in range(40)]
    await clock.advance(0.95)
    assert ramp.opens == 10
    await clock.advance(3)
    assert ramp.opens == 40
    await asyncio.gather(*openings)


async def test_one_address_is_opened_slowly_and_delays_no_other(clock: FakeClock) -> None:
    ramp = Ramp(clock, per_s=1000, per_address_s=2)
    recorder = [asyncio.create_task(ramp.turn("10.0.0.1")) for _ in range(8)]
    await clock.advance(0.01)
    other = asyncio.create_task(ramp.turn("10.0.0.2"))
    await clock.advance(0.01)
    assert other.done()
    assert sum(task.done() for task in recorder) == 1
    await clock.advance(1.0)
    assert sum(task.done() for task in recorder) == 3
    for task in recorder:
        task.cancel()
    await asyncio.gather(*recorder, return_exceptions=True)
