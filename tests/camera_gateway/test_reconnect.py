"""When a camera is tried again, and how fast all of them may be opened."""

from __future__ import annotations

import asyncio
import random
from itertools import pairwise

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
    assert max(waits) <= 3
    assert max(reconnect.wait_s(Cause.UNREACHABLE, outage_s=600) for _ in range(20)) <= 27


@pytest.mark.parametrize("seed", range(20))
def test_tries_are_spaced_from_beginning_to_beginning(seed: int) -> None:
    """Five seconds without an answer are five seconds of waiting already; but never at once again."""
    reconnect = waiting(seed)
    waits = [reconnect.wait_s(Cause.UNREACHABLE, outage_s=30, tried_s=5.0) for _ in range(10)]
    assert min(waits) >= 0.3
    assert max(waits) <= 0.6


def test_who_is_knocked_for_is_tried_seldom_in_a_short_outage_too() -> None:
    reconnect = waiting()
    waits = [reconnect.wait_s(Cause.UNREACHABLE, outage_s=30, knocked=True) for _ in range(10)]
    assert waits[0] < 0.7
    assert min(waits[6:]) > 10


def test_a_camera_short_of_sessions_is_asked_when_it_says_or_ever_more_seldom() -> None:
    reconnect = waiting()
    assert 30 <= reconnect.wait_s(Cause.SESSION_LIMIT, outage_s=5, hint_s=30) <= 31
    assert reconnect.wait_s(Cause.SESSION_LIMIT, outage_s=5, hint_s=1e9) <= 121
    grown = waiting()
    waits = [grown.wait_s(Cause.SESSION_LIMIT, outage_s=5) for _ in range(8)]
    assert 3 <= waits[0] <= 7
    assert waits[0] < waits[1] < waits[2]
    assert max(waits) <= 60


def test_a_camera_is_hopeful_until_it_failed_again_and_again() -> None:
    reconnect = waiting()
    hopes = []
    for _ in range(4):
        hopes.append(reconnect.hopeful)
        reconnect.wait_s(Cause.PROTOCOL, outage_s=10)
    assert hopes == [True, True, True, False]
    reconnect.media_flowed()
    assert reconnect.hopeful


def test_a_login_that_was_refused_is_hopeful_for_so_few_are_allowed_that_none_may_come_late() -> None:
    reconnect = waiting()
    for _ in range(6):
        reconnect.wait_s(Cause.LOGIN_REFUSED, outage_s=10)
    assert reconnect.hopeful


def test_a_refused_login_is_never_a_storm() -> None:
    reconnect = waiting()
    tries = refusals(reconnect, 12, 0.0)
    waits = [later - earlier for earlier, later in pairwise(tries)]
    assert min(waits) >= 60
    # An hour holds few tries; the account of a camera locks after five in half an hour.
    assert sum(waits[:5]) > 1800
    assert max(waits) <= 1800


def most_in_half_an_hour(tries: list[float]) -> int:
    return max(sum(begin <= one < begin + 1800 for one in tries) for begin in tries)


def refusals(reconnect: Reconnect, count: int, start_s: float) -> list[float]:
    """When so many tries in a row are refused; the last is when the next one may be."""
    tries = [start_s]
    for _ in range(count):
        tries.append(tries[-1] + reconnect.wait_s(Cause.LOGIN_REFUSED, outage_s=1, now_s=tries[-1]))
    return tries


def test_a_login_that_worked_is_tried_again_soon_and_still_locks_no_account() -> None:
    reconnect = waiting()
    for start_s in (1000.0, 30_000.0):  # also the second time
        reconnect.media_flowed()
        tries = refusals(reconnect, 6, start_s)
        assert tries[2] - tries[0] < 10
        assert tries[3] - tries[2] >= 60
        assert most_in_half_an_hour(tries) == 4


@pytest.mark.parametrize("seed", range(20))
def test_no_account_is_locked_by_a_password_that_never_worked(seed: int) -> None:
    assert most_in_half_an_hour(refusals(waiting(seed), 12, 0.0)) <= 4


def test_a_camera_that_refuses_and_works_and_refuses_again_is_not_locked_either() -> None:
    reconnect = waiting()
    tries = list[float]()
    next_s = 0.0
    for _ in range(8):
        *refused, next_s = refusals(reconnect, 2, next_s)
        tries += refused
        reconnect.media_flowed()
    assert len(tries) == 16
    assert most_in_half_an_hour(tries) == 4


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


async def test_who_is_cancelled_leaves_no_gap_behind(clock: FakeClock) -> None:
    ramp = Ramp(clock, per_s=10, per_address_s=2)
    gone = [asyncio.create_task(ramp.turn("10.0.0.1")) for _ in range(100)]
    await clock.advance(0.001)
    for task in gone:
        task.cancel()
    await asyncio.gather(*gone, return_exceptions=True)
    assert (ramp.opens, ramp.waiting) == (1, 0)
    same, other = asyncio.create_task(ramp.turn("10.0.0.1")), asyncio.create_task(ramp.turn("10.0.0.2"))
    await clock.advance(0.15)
    assert other.done()
    await clock.advance(0.4)
    assert same.done()


async def test_a_dead_address_with_many_cameras_takes_no_other_ones_turn(clock: FakeClock) -> None:
    ramp = Ramp(clock, per_s=40, per_address_s=2)
    dead = [asyncio.create_task(ramp.turn("10.0.0.1")) for _ in range(200)]
    await clock.advance(0.001)
    others = [asyncio.create_task(ramp.turn(f"10.0.1.{n}")) for n in range(40)]
    await clock.advance(1.1)
    assert all(task.done() for task in others)
    for task in dead:
        task.cancel()
    await asyncio.gather(*dead, return_exceptions=True)


async def test_those_that_fail_again_and_again_let_others_go_first_and_are_not_forgotten(clock: FakeClock) -> None:
    ramp = Ramp(clock, per_s=40, per_address_s=2)
    failing = [asyncio.create_task(ramp.turn(f"10.0.2.{n}", hopeful=False)) for n in range(200)]
    await clock.advance(0.1)
    hopeful = [asyncio.create_task(ramp.turn(f"10.0.1.{n}")) for n in range(60)]
    await clock.advance(2.05)
    assert all(task.done() for task in hopeful)
    assert sum(task.done() for task in failing) >= 20
    await clock.advance(5)
    assert all(task.done() for task in failing)


async def test_the_camera_that_nobody_looked_at_for_longest_goes_first(clock: FakeClock) -> None:
    ramp = Ramp(clock, per_s=10, per_address_s=2)
    order: list[int] = []

    async def opens(number: int, looked_s: float | None) -> None:
        await ramp.turn(f"10.0.1.{number}", hopeful=False, looked_s=looked_s)
        order.append(number)

    now_s = clock.monotonic()
    asked = [now_s, None, now_s - 3.5, now_s - 0.5, None]
    openings = [asyncio.create_task(opens(number, looked_s)) for number, looked_s in enumerate(asked)]
    await clock.advance(1)
    assert order == [2, 3, 0, 1, 4]
    await asyncio.gather(*openings)


async def test_six_hundred_that_reboot_together_are_opened_within_fifteen_seconds(clock: FakeClock) -> None:
    ramp = Ramp(clock, per_s=40, per_address_s=2)
    openings = [asyncio.create_task(ramp.turn(f"10.{n // 250}.0.{n % 250}")) for n in range(600)]
    for second in range(1, 16):
        await clock.advance(1)
        assert ramp.opens <= 40 * second + 3  # a timer that is late by two openings is made up for
    assert all(task.done() for task in openings)


async def test_what_a_person_waits_for_goes_before_all_that_the_machine_opens(clock: FakeClock) -> None:
    ramp = Ramp(clock, per_s=10, per_address_s=100)
    order: list[str] = []
    waits = False

    async def open_(name: str, hopeful: bool = True) -> None:
        await ramp.turn("10.0.0.7", hopeful, None, lambda: waits and name == "watched")
        order.append(name)

    tasks = [asyncio.create_task(open_(f"sweep {number}")) for number in range(4)]
    tasks.append(asyncio.create_task(open_("watched", hopeful=False)))
    await clock.advance(0.1)
    waits = True  # somebody clicks on it while it stands in the row
    await clock.advance(1)
    assert order.index("watched") == 2
    await asyncio.gather(*tasks)
