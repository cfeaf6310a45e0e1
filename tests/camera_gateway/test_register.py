"""The access register's source: nothing lost while Redis is away, nothing left open by a process that died."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from camera_gateway import viewing
from camera_gateway.viewing import Counted, Register
from hub.bus import Bus, Topic
from hub.clock import SystemClock
from hub.contracts.ticket import Ticket
from hub.contracts.viewing import Viewing, ViewingMoment
from hub.errors import ErrorKind, HubError
from hub.settings import Settings

OPENED, SAMPLE, CLOSED = ViewingMoment.OPENED, ViewingMoment.SAMPLE, ViewingMoment.CLOSED


def ticket(number: int) -> Ticket:
    expires = SystemClock().now() + timedelta(minutes=1)
    return Ticket(ticket_id=f"tkt_{number}", user_id="usr_1", camera_id="cam_1", purpose="wall", expires_at=expires)


@pytest.fixture
async def bus(redis_settings: Settings) -> AsyncIterator[Bus]:
    bus = await Bus.open(redis_settings, SystemClock())
    yield bus
    await bus.close()


class AwayBus:
    """A bus whose Redis is away until told otherwise, in front of a real one."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.away = True

    def transaction(self) -> object:
        if self.away:
            raise HubError(ErrorKind.UNAVAILABLE, "hub.bus_unreachable", where="durable")
        return self.bus.transaction()

    async def load(self, key: str) -> bytes | None:
        return await self.bus.load(key)


def register_on(bus: object) -> Register:
    return Register(bus, SystemClock(), "gateway-1")  # type: ignore[arg-type]


async def published(bus: Bus) -> list[tuple[str, ViewingMoment, str | None]]:
    deliveries = await bus.read(Topic.VIEWINGS, "test", "one", count=1000, block_ms=100)
    viewings = [one.parse(Viewing) for one in deliveries]
    await bus.ack(Topic.VIEWINGS, "test", [one.id for one in deliveries])
    return [(one.ticket_id, one.moment, one.closed_because) for one in viewings]


async def test_nothing_is_lost_while_redis_is_away(bus: Bus) -> None:
    away = AwayBus(bus)
    register = register_on(away)
    for number in range(3):
        await register.opened(ticket(number), Counted(frames_sent=5))
    register.closed(ticket(1), "viewer")
    with pytest.raises(HubError):
        await register.flush()
    assert await published(bus) == []
    away.away = False
    await register.flush()
    assert await published(bus) == [
        ("tkt_0", OPENED, None),
        ("tkt_1", OPENED, None),
        ("tkt_2", OPENED, None),
        ("tkt_1", CLOSED, "viewer"),
    ]
    assert register.waiting == 0


async def test_a_gateway_that_starts_anew_closes_what_its_former_self_left_open(bus: Bus) -> None:
    former = register_on(bus)
    running = asyncio.create_task(former.run())
    for number in range(3):
        await former.opened(ticket(number), Counted(frames_sent=number))
    former.closed(ticket(0), "viewer")
    await former.flush()
    running.cancel()  # killed: no word more
    await asyncio.wait({running})
    assert len(await published(bus)) == 4
    anew = register_on(bus)
    await anew.recover()
    await anew.flush()
    assert await published(bus) == [("tkt_1", CLOSED, "gateway"), ("tkt_2", CLOSED, "gateway")]
    third = register_on(bus)
    await third.recover()
    await third.flush()
    assert await published(bus) == []


async def test_samples_are_given_up_before_openings_and_then_no_picture_is_opened(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewing, "LIMIT", 6)
    monkeypatch.setattr(viewing, "RECORD_FIRST_S", 0.0)
    register = register_on(AwayBus(bus))
    for number in range(4):
        await register.opened(ticket(number), Counted())
    register.sample()
    assert register.samples_given_up == 4
    for number in range(4, 6):
        await register.opened(ticket(number), Counted())
    with pytest.raises(HubError) as caught:
        await register.opened(ticket(6), Counted())
    assert caught.value.code == "camera_gateway.register_full"


async def test_a_closing_is_written_once(bus: Bus) -> None:
    register = register_on(bus)
    running = asyncio.create_task(register.run())
    await register.opened(ticket(1), Counted())
    register.closed(ticket(1), "viewer")
    register.closed(ticket(1), "gateway")
    await register.flush()
    running.cancel()
    await asyncio.wait({running})
    assert await published(bus) == [("tkt_1", OPENED, None), ("tkt_1", CLOSED, "viewer")]
