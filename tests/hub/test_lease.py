"""A lease: one holder at a time, whatever happens between it and Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from hub.bus import Bus
from hub.clock import SystemClock
from hub.errors import ErrorKind, HubError
from hub.lease import Lease
from hub.settings import Settings
from tests.support.clock import FakeClock, settle

TTL_S = 15.0


class Kept:
    """What Redis does for a lease, by a clock of its own, with a line that can be cut for one of its clients."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.body: bytes | None = None
        self.until_s = 0.0

    def line(self) -> Line:
        return Line(self)

    def held(self) -> bytes | None:
        return self.body if self.clock.monotonic() < self.until_s else None

    def set(self, body: str, ttl_s: float) -> None:
        self.body, self.until_s = body.encode(), self.clock.monotonic() + ttl_s


class Line(Bus):
    """One process's end."""

    def __init__(self, kept: Kept) -> None:
        self.kept = kept
        self.cut = False
        self.hangs = False

    async def _over(self) -> Kept:
        if self.hangs:
            await asyncio.get_running_loop().create_future()
        if self.cut:
            raise HubError(ErrorKind.UNAVAILABLE, "hub.bus_unreachable", where="durable")
        return self.kept

    async def take_lease(self, name: str, body: str, ttl_s: float) -> bytes | None:
        kept = await self._over()
        if (held := kept.held()) is None:
            kept.set(body, ttl_s)
        return held

    async def renew_lease(self, name: str, body: str, ttl_s: float) -> bool:
        kept = await self._over()
        if kept.held() != body.encode():
            return False
        kept.set(body, ttl_s)
        return True

    async def replace_lease(self, name: str, held: bytes, body: str, ttl_s: float) -> bool:
        kept = await self._over()
        if kept.held() != held:
            return False
        kept.set(body, ttl_s)
        return True

    async def end_lease(self, name: str, body: str) -> None:
        kept = await self._over()
        if kept.held() == body.encode():
            kept.body = None


def lease(line: Bus, clock: FakeClock, instance: str) -> Lease:
    return Lease(line, clock, "gateway:g", f'{{"instance":"{instance}"}}', ttl_s=TTL_S, let_go_s=5.0)


@pytest.fixture
def kept(clock: FakeClock) -> Kept:
    return Kept(clock)


async def test_the_second_waits_while_the_first_renews(kept: Kept, clock: FakeClock) -> None:
    first, second = lease(kept.line(), clock, "a"), lease(kept.line(), clock, "b")
    await first.take()
    losing, taking = asyncio.create_task(first.lost()), asyncio.create_task(second.take())
    await clock.advance(600)
    assert (first.held, second.held) == (True, False)
    for task in (losing, taking):
        task.cancel()


@pytest.mark.parametrize("how", ["cut", "hangs"])
async def test_one_that_is_cut_off_lets_go_before_the_other_takes_over(kept: Kept, clock: FakeClock, how: str) -> None:
    line = kept.line()
    first, second = lease(line, clock, "a"), lease(kept.line(), clock, "b")
    await first.take()
    losing, taking = asyncio.create_task(first.lost()), asyncio.create_task(second.take())
    await clock.advance(7)
    setattr(line, how, True)
    let_go_s = taken_s = None
    for _ in range(400):
        await clock.advance(0.1)
        if losing.done() and let_go_s is None:
            let_go_s = clock.monotonic()
        if second.held:
            taken_s = clock.monotonic()
            break
    assert let_go_s is not None
    assert taken_s is not None
    assert taken_s - let_go_s >= 5.0 - 0.2
    assert not first.held
    assert await losing == "not renewed in time"
    await taking


async def test_a_redis_that_is_away_for_a_moment_or_was_emptied_costs_nothing(kept: Kept, clock: FakeClock) -> None:
    line = kept.line()
    first = lease(line, clock, "a")
    await first.take()
    losing = asyncio.create_task(first.lost())
    for _ in range(5):
        line.cut = True
        await clock.advance(6)
        line.cut = False
        await clock.advance(4)
    kept.body = None
    await clock.advance(5)
    assert first.held
    assert kept.held() is not None
    losing.cancel()


async def test_one_that_starts_anew_goes_on_at_once(kept: Kept, clock: FakeClock) -> None:
    await lease(kept.line(), clock, "a").take()  # and is killed
    again, other = lease(kept.line(), clock, "a"), lease(kept.line(), clock, "b")
    taking = asyncio.create_task(other.take())
    await settle()
    await again.take()
    assert again.held
    assert not other.held
    taking.cancel()


async def test_one_whose_name_was_taken_meanwhile_lets_go_at_once(kept: Kept, clock: FakeClock) -> None:
    first = lease(kept.line(), clock, "a")
    await first.take()
    losing = asyncio.create_task(first.lost())
    kept.set('{"instance":"b"}', TTL_S)
    await clock.advance(3.1)
    assert await losing == "taken by another"
    await first.give_up()
    assert kept.held() == b'{"instance":"b"}'  # nobody else's is freed


def test_a_lease_that_ends_before_it_is_renewed_is_refused(kept: Kept, clock: FakeClock) -> None:
    with pytest.raises(ValueError, match="renewed"):
        Lease(kept.line(), clock, "gateway:g", '{"instance":"a"}', ttl_s=6.0, let_go_s=5.0)


@pytest.fixture
async def bus(redis_settings: Settings) -> AsyncIterator[Bus]:
    opened = await Bus.open(redis_settings, SystemClock())
    yield opened
    await opened.close()


async def test_a_real_redis_gives_a_name_to_one_and_frees_it_by_its_holder_or_by_time(bus: Bus) -> None:
    assert await bus.take_lease("n", "a", 30) is None
    assert await bus.take_lease("n", "b", 30) == b"a"
    assert await bus.renew_lease("n", "a", 30)
    assert not await bus.renew_lease("n", "b", 30)
    assert not await bus.replace_lease("n", b"x", "b", 30)
    await bus.end_lease("n", "b")
    assert await bus.lease("n") == b"a"
    await bus.end_lease("n", "a")
    assert await bus.lease("n") is None
    assert not await bus.renew_lease("n", "a", 30)
    assert await bus.take_lease("n", "b", 0.05) is None
    async with asyncio.timeout(5):
        while await bus.lease("n") is not None:  # noqa: ASYNC110 - Redis tells nobody
            await asyncio.sleep(0.02)
