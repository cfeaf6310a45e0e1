"""One change for many cameras: one first, then a few at a time; a second failure of one kind stops it. Pure but for the
function that it is given; on its caller's loop.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from hub.contracts.cure import FixResult, Outcome

Item = TypeVar("Item")

AT_ONCE: Final = 4
# A camera that is dark, paused by its owner or switched off says nothing about the change: the next ones are tried.
NOT_OF_THE_CHANGE: Final = frozenset(
    {"camera_gateway.unreachable", "camera_gateway.connect_timeout", "hub.address_unknown_host",
     "camera_gateway.no_consent", "camera_gateway.disabled", "patrol_console.live_no_consent",
     "patrol_console.live_disabled"}
)  # fmt: skip


@dataclass(slots=True)
class Tally(Generic[Item]):
    """What came of it. `stopped_by` is the result that made it stop."""

    results: list[tuple[Item, FixResult]] = field(default_factory=list)
    left: list[Item] = field(default_factory=list)
    stopped_by: FixResult | None = None

    def count(self, *outcomes: Outcome) -> int:
        """How many ended so."""
        return sum(result.outcome in outcomes for _, result in self.results)

    @property
    def failed(self) -> int:
        """How many did not come to what was wished."""
        return sum(result.failed for _, result in self.results)


async def roll_out(
    items: Sequence[Item],
    fix: Callable[[Item], Awaitable[FixResult]],
    told: Callable[[Item, FixResult], None],
    *,
    keep_going: bool = False,
    at_once: int = AT_ONCE,
) -> Tally[Item]:
    """Fix them in their order. Until one came out well they are done one by one; those at work when it stops are ended
    properly, and the others are `left`."""
    tally: Tally[Item] = Tally()
    causes: Counter[str] = Counter()
    waiting = list(items)
    at_work: dict[asyncio.Task[FixResult], Item] = {}
    proven = False
    while waiting or at_work:
        while waiting and tally.stopped_by is None and len(at_work) < (at_once if proven else 1):
            item = waiting.pop(0)
            at_work[asyncio.ensure_future(fix(item))] = item
        if not at_work:
            break
        done, _ = await asyncio.wait(at_work, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            item, result = at_work.pop(task), task.result()
            tally.results.append((item, result))
            told(item, result)
            proven = proven or not result.failed
            if result.problem is None or result.problem.code in NOT_OF_THE_CHANGE:
                continue
            causes[result.problem.code] += 1
            if causes[result.problem.code] > 1 and not keep_going and tally.stopped_by is None:
                tally.stopped_by = result
    tally.left = waiting
    return tally
