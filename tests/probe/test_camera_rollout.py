"""One camera first, then a few; a second failure of one kind stops it. A table of how cameras fail and what is left."""

from __future__ import annotations

import asyncio

import pytest

from hub.contracts.cure import FixResult, Outcome
from hub.contracts.device import Reason
from probe.camera.rollout import Tally, roll_out

OK = FixResult(outcome=Outcome.DONE)


def failing(code: str) -> FixResult:
    return FixResult(outcome=Outcome.PUT_BACK, problem=Reason(code=code))


async def rolled(results: list[FixResult], **more: bool) -> tuple[Tally[int], list[int]]:
    """The tally, and how many were at work together when each began."""
    at_work, seen = 0, []

    async def fix(number: int) -> FixResult:
        nonlocal at_work
        at_work += 1
        seen.append(at_work)
        await asyncio.sleep(0.001 * (1 + number % 3))
        at_work -= 1
        return results[number]

    return await roll_out(list(range(len(results))), fix, lambda _, __: None, **more), seen


@pytest.mark.parametrize(
    ("results", "done", "left"),
    [
        # the first two fail the same way: the third is not touched
        ([failing("cure.ignored")] * 2 + [OK] * 10, 0, 10),
        # in two ways: each may be that camera's own
        ([failing("cure.ignored"), failing("cure.took_other"), OK], 1, 0),
        # dark cameras say nothing about the change
        ([failing("camera_gateway.unreachable")] * 3 + [OK], 1, 0),
        ([failing("patrol_console.live_no_consent")] * 3 + [OK], 1, 0),
        # a refused password is no such: a third try on many cameras with one login locks them all
        ([failing("camera_gateway.login_refused")] * 2 + [OK], 0, 1),
        ([OK] * 30, 30, 0),
    ],
)
async def test_a_second_failure_of_one_kind_stops_it(results: list[FixResult], done: int, left: int) -> None:
    tally, _ = await rolled(results)
    assert (tally.count(Outcome.DONE), len(tally.left)) == (done, left)
    assert (tally.stopped_by is not None) is (left > 0)


async def test_one_is_first_and_alone_until_one_came_out_well() -> None:
    _, together = await rolled([failing("cure.ignored"), OK, *[OK] * 20])
    assert together[:2] == [1, 1]
    assert max(together) == 4


async def test_those_at_work_are_ended_when_it_stops() -> None:
    results = [OK, failing("cure.ignored"), failing("cure.ignored"), *[OK] * 20]
    tally, together = await rolled(results)
    assert len(tally.results) == len(together)
    assert len(tally.results) + len(tally.left) == len(results)
    assert tally.left


async def test_it_goes_on_where_that_was_asked() -> None:
    tally, _ = await rolled([failing("cure.ignored")] * 5, keep_going=True)
    assert (tally.failed, tally.left, tally.stopped_by) == (5, [], None)
