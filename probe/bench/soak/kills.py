"""What dies in a soak, one thing a minute: connections, cameras, a whole process of cameras, specs, Redis.

Each kind is a coroutine that returns when what it took away is back; whether the cameras are, the soak looks. Runs on
the bench's loop.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import cycle
from typing import Final, TypeVar

from hub.bus import Bus
from hub.errors import ErrorKind, HubError
from probe.bench.faulty_fleet import FaultyFleet, Group
from probe.bench.hub_under_test import GatewayUnderTest, camera_id

_DOWN_S: Final = 12.0
_NOTICED_S: Final = 0.5  # before anybody looks whether all are online
_REDIS_S: Final = 4.0
_REDIS_EACH: Final = 10  # kills
_REDIS_TRIES: Final = 60

Kill = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Victims:
    """Whom it can hit. `small`: a fleet in a process of its own, killed whole."""

    gateway: GatewayUnderTest
    fleet: FaultyFleet
    small: FaultyFleet
    cameras: int  # of `fleet`
    own_ports: Group  # of `fleet`

    @property
    def bus(self) -> Bus:
        """Through which specs change."""
        return self.gateway.bus


_Result = TypeVar("_Result")


async def _patiently(ask: Callable[[], Awaitable[_Result]]) -> _Result:
    """Ask again while Redis is away: a spec that was taken out must come back."""
    for _ in range(_REDIS_TRIES):
        try:
            return await ask()
        except HubError as error:
            if error.kind is not ErrorKind.UNAVAILABLE:
                raise
            await asyncio.sleep(1.0)
    return await ask()


class Killer:
    """Gives one kill after the other, by name."""

    def __init__(self, victims: Victims, rng: random.Random) -> None:
        self._victims, self._random = victims, rng
        self._count = self._redis = 0
        self._kinds = cycle(
            (
                ("connections reset", self._reset),
                ("cameras that reboot", self._reboot),
                ("a fleet killed", self._kill_fleet),
                ("pictures that stop", self._stall),
                ("a black hole", self._black_hole),
                ("a camera removed and added", self._respec),
                ("one byte a second", self._drip),
            )
        )

    def next(self) -> tuple[str, Kill]:
        """What is next, and how."""
        self._count += 1
        if self._count % _REDIS_EACH:
            return next(self._kinds)
        self._redis += 1
        server = self._redis % 2
        return f"Redis away ({'frames' if server else 'durable'})", lambda: self._redis_away(server)

    async def _reset(self) -> None:
        await self._victims.fleet.drop(self._some(5, (0, self._victims.cameras)))
        await asyncio.sleep(_NOTICED_S)

    async def _reboot(self) -> None:
        await self._faulty(self._some(5, self._victims.own_ports), "refuse")

    async def _black_hole(self) -> None:
        await self._faulty(self._some(3, self._victims.own_ports), "black-hole")

    async def _stall(self) -> None:
        await self._faulty(self._some(5, (0, self._victims.cameras)), "stall:0")

    async def _drip(self) -> None:
        await self._faulty(self._some(3, (0, self._victims.cameras)), "drip:1")

    async def _faulty(self, group: Group, fault: str) -> None:
        await self._victims.fleet.set_faults(group, fault)
        await asyncio.sleep(_DOWN_S)
        await self._victims.fleet.set_faults(group)

    async def _kill_fleet(self) -> None:
        await self._victims.small.kill()
        await asyncio.sleep(_DOWN_S)
        await self._victims.small.start_again()

    async def _respec(self) -> None:
        camera = camera_id(self._random.randrange(self._victims.cameras))
        bus = self._victims.bus
        specs, _ = await _patiently(bus.specs)
        spec = specs[camera]
        await _patiently(lambda: bus.remove_spec(camera))
        await asyncio.sleep(3.0)
        await _patiently(lambda: bus.put_spec(spec.model_copy(update={"revision": spec.revision + 1})))
        await asyncio.sleep(_NOTICED_S)

    async def _redis_away(self, server: int) -> None:
        await self._victims.gateway.redis_away(server, _REDIS_S)

    def _some(self, count: int, of: Group) -> Group:
        count = min(count, of[1] - of[0])
        begin = self._random.randint(of[0], of[1] - count)
        return begin, begin + count
