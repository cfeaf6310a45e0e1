"""`probe bench faults`: seven ways of failing at once, fifty cameras each, while the others must lose nothing.

One real gateway, all cameras online; then the faults begin (T0) and end (T1), then a third of all reboot together; all
of it twice, for what an allocator once needed it keeps: what a process holds is compared after the first time and after
the second. Told is measured on the topic `status`, units as in `bench ingest`: paused, counted on both sides, exact.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hub.contracts.camera import CameraState
from probe.bench.faulty_fleet import PASSWORD, USERNAME, Counted, FaultyFleet, Group, Plan
from probe.bench.hub_under_test import GatewayUnderTest, camera_id
from probe.bench.processes import descriptors, memory_mb, processor, threads
from probe.bench.status_watch import StatusWatch

FEWEST: Final = 21
_CYCLES: Final = 2
_OPENS_PER_S: Final = 40.0  # the default of `gateway.opens_per_s`
_OPEN_S: Final = 180.0
_SETTLE_S: Final = 12.0  # rates are told after ten seconds; keyframes have come
_QUIET_S: Final = 0.5
_BACK_S: Final = 60.0  # waited for at most
_AFTER_S: Final = 30.0  # whoever is not back by then is blocked
# The cameras of a kind come right one after the other: retries that the faults' common beginning put in step would else
# all be lucky or unlucky together.
_SPREAD_S: Final = 9.0
_SAMPLES, _SAMPLE_S = 17, 0.25  # of memory: over two GOPs, which fill and empty in step

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """One way of failing. `drop`: the connections of before are reset when it begins."""

    name: str
    faults: tuple[str, ...]
    drop: bool = False
    login: bool = False
    own_port: bool = False
    # When the first and the last camera come right; None: as the bench says. A refused password must not be tried
    # often, for a camera locks the account after five (`camera_gateway/reconnect.py`): back within five seconds can be
    # held for eight seconds of it and no longer.
    mends_s: tuple[float, float] | None = None


KINDS: Final = (
    Kind("silent_before_play", ("silent",), drop=True),
    Kind("silent_after_play", ("stall:0",)),
    Kind("one_byte_a_second", ("drip:1",)),
    Kind("rtcp_only", ("rtcp-only",)),
    Kind("endless_401", ("login",), drop=True, login=True, mends_s=(1.0, 8.0)),
    Kind("reset", ("reset:0",)),
    Kind("black_hole", ("black-hole",), own_port=True),
)


@dataclass(frozen=True, slots=True)
class Layout:
    """Which camera does what: first the kinds in their order, then those that reboot, then the rest."""

    cameras: int
    each: int

    @classmethod
    def of(cls, cameras: int) -> Layout:
        """Of 600: fifty of each kind."""
        return cls(cameras, max(2, cameras // 12))

    def group(self, number: int) -> Group:
        """Of the kind with this number."""
        return number * self.each, (number + 1) * self.each

    @property
    def others(self) -> Group:
        """The cameras that never fail by themselves."""
        return len(KINDS) * self.each, self.cameras

    @property
    def rebooting(self) -> Group:
        """A third of all, out of the others."""
        begin = self.others[0]
        return begin, min(begin + self.cameras // 3, self.cameras)

    @property
    def steady(self) -> Group:
        """The others that do not reboot either."""
        return self.rebooting[1], self.cameras

    def plan(self) -> Plan:
        """For the fleet."""
        own = tuple(self.group(number) for number, kind in enumerate(KINDS) if kind.own_port)
        logins = tuple(self.group(number) for number, kind in enumerate(KINDS) if kind.login)
        return Plan(self.cameras, own_ports=(*own, self.rebooting), logins=logins)


@dataclass(frozen=True, slots=True)
class Footprint:
    """What the gateway's process holds; memory is the mean of four seconds."""

    threads: int
    descriptors: int
    memory_mb: float

    @classmethod
    async def of(cls, pid: int) -> Footprint:
        """Now."""
        memory = 0.0
        for _ in range(_SAMPLES):
            memory += memory_mb([pid]) / _SAMPLES
            await asyncio.sleep(_SAMPLE_S)
        return cls(threads(pid), descriptors(pid), round(memory, 2))


def ids(group: Group) -> list[str]:
    """The names that the gateway knows them by."""
    return [camera_id(index) for index in range(*group)]


@dataclass(frozen=True, slots=True)
class Others:
    """Those that did not fail: units that they were due, that came, and how many of them began a session anew."""

    due: int
    came: int
    anew: int


class Ordeal:
    """One cycle. Holds what was measured so far; everything on the bench's loop."""

    def __init__(
        self,
        layout: Layout,
        fleet: FaultyFleet,
        gateway: GatewayUnderTest,
        told: StatusWatch,
        kinds: tuple[tuple[int, Kind], ...],
    ) -> None:
        self._layout, self._fleet, self._gateway, self._told = layout, fleet, gateway, told
        self._kinds = kinds  # those that fail, with their numbers in KINDS
        self.per_fault: dict[str, dict[str, float | int | None]] = {}
        self.reboot_back_s: float | None = None

    async def faults(self, outage_s: float) -> Others:
        """All kinds at once."""
        layout, fleet = self._layout, self._fleet
        began = time.monotonic()  # the last picture of those that fall silent
        await fleet.pause()
        await asyncio.sleep(_QUIET_S)
        still = [layout.others, *(layout.group(number) for number in self._spared)]
        before = [await fleet.counts(group) for group in still]
        received = await self._gateway.metric("units_received_total")
        for number, kind in self._kinds:
            await fleet.set_faults(layout.group(number), *kind.faults, drop=kind.drop)
        await fleet.resume()
        early = [(number, kind.mends_s) for number, kind in self._kinds if kind.mends_s is not None]
        late = [number for number, kind in self._kinds if kind.mends_s is None]
        came_early, mended = 0, dict[str, float]()
        for number, (first, last) in early:
            await asyncio.sleep(max(0.0, began + first - time.monotonic()))
            came_early -= (await fleet.counts(layout.group(number))).due
            mended |= await self._mend([number], last - first)
        await asyncio.sleep(max(0.0, began + outage_s - time.monotonic()))
        await fleet.pause()
        await asyncio.sleep(_QUIET_S)
        after = [await fleet.counts(group) for group in still]
        came = await self._gateway.metric("units_received_total")
        # What those sent that came right before the end is not the others'.
        came_early += sum([(await fleet.counts(layout.group(number))).due for number, _ in early])
        await fleet.resume()
        mended |= await self._mend(late, _SPREAD_S)
        await self._told.until_online(ids((0, layout.cameras)), _BACK_S)
        for number, kind in self._kinds:
            self._judge(number, kind, began, mended)
        return _between(before, after, round(came - received) - came_early)

    @property
    def _spared(self) -> list[int]:
        """Kinds that do not fail this time."""
        failing = {number for number, _ in self._kinds}
        return [number for number in range(len(KINDS)) if number not in failing]

    async def _mend(self, numbers: list[int], spread_s: float) -> dict[str, float]:
        """Their cameras are as they should be, one of each kind after the other; when each was."""
        mended: dict[str, float] = {}
        began, each = time.monotonic(), self._layout.each
        for place in range(each):
            await asyncio.sleep(max(0.0, began + spread_s * place / each - time.monotonic()))
            for number in numbers:
                index = self._layout.group(number)[0] + place
                await self._fleet.set_faults((index, index + 1))
                mended[camera_id(index)] = time.monotonic()
        return mended

    def _judge(self, number: int, kind: Kind, began: float, mended: dict[str, float]) -> None:
        cameras = ids(self._layout.group(number))
        told = [self._after(one, began, lambda word: word.state is not CameraState.ONLINE) for one in cameras]
        offline = [self._after(one, began, lambda word: word.state is CameraState.OFFLINE) for one in cameras]
        back = [self._after(one, mended[one], lambda word: word.state is CameraState.ONLINE) for one in cameras]
        self.per_fault[kind.name] = {
            "cameras": len(cameras),
            "outage_min_s": round(min(mended[one] for one in cameras) - began, 1),
            "outage_max_s": round(max(mended[one] for one in cameras) - began, 1),
            "told_max_s": _worst(told),
            "offline_max_s": _worst(offline),
            "back_median_s": _median(back),
            "back_max_s": _worst(back),
        }

    def _after(self, one: str, since: float, wanted: Callable[..., bool]) -> float | None:
        word = self._told.first(one, since, wanted)
        return None if word is None else word.at - since

    async def reboot(self, away_s: float) -> Others:
        """A third goes dark and comes back together; `reboot_back_s` is when the last is back."""
        layout, fleet = self._layout, self._fleet
        await fleet.pause()
        await asyncio.sleep(_QUIET_S)
        rest = ((0, layout.rebooting[0]), layout.steady)
        before = [await fleet.counts(group) for group in rest]
        received = await self._gateway.metric("units_received_total")
        await fleet.set_faults(layout.rebooting, "refuse")
        await fleet.resume()
        await asyncio.sleep(away_s)
        await fleet.pause()
        await asyncio.sleep(_QUIET_S)
        after = [await fleet.counts(group) for group in rest]
        came = await self._gateway.metric("units_received_total")
        await fleet.set_faults(layout.rebooting)
        returned = time.monotonic()
        await fleet.resume()
        await self._told.until_online(ids(layout.rebooting), _BACK_S)
        self.reboot_back_s = _worst(
            [self._after(one, returned, lambda word: word.state is CameraState.ONLINE) for one in ids(layout.rebooting)]
        )
        return _between(before, after, round(came - received))


def _between(before: list[Counted], after: list[Counted], came: int) -> Others:
    due = sum(one.due for one in after) - sum(one.due for one in before)
    return Others(due, came, sum(one.plays for one in after) - sum(one.plays for one in before))


def _worst(values: list[float | None]) -> float | None:
    """The greatest; None where one never came."""
    known = [value for value in values if value is not None]
    return round(max(known), 2) if known and len(known) == len(values) else None


def _median(values: list[float | None]) -> float | None:
    known = sorted(value for value in values if value is not None)
    return round(known[len(known) // 2], 2) if known else None


async def run(cameras: int, outage_s: float, folder: Path, say: Say) -> dict[str, object]:
    """The whole bench. The answer is what `--json` prints; a time is None where a camera never got there."""
    layout = Layout.of(cameras)
    async with FaultyFleet(layout.plan(), folder / "clips") as fleet:
        logins = {
            index: (USERNAME, PASSWORD)
            for number, kind in enumerate(KINDS)
            if kind.login
            for index in range(*layout.group(number))
        }
        environment = {"PROBE_GATEWAY__RESTART_GRACE_S": "0"}
        async with (
            GatewayUnderTest(
                folder / "hub", fleet.urls, opens_per_s=_OPENS_PER_S, logins=logins, environment=environment
            ) as gateway,
            StatusWatch(gateway.bus) as told,
        ):
            await gateway.wait_online(cameras, _OPEN_S)
            await asyncio.sleep(_SETTLE_S)
            prints = [await Footprint.of(gateway.pid)]
            say(f"{cameras} cameras online, {prints[0]}; {len(KINDS)} kinds of {layout.each} begin to fail")
            cycles: list[Ordeal] = []
            beside: list[Others] = []
            rest: list[Others] = []
            for number in range(_CYCLES):
                # No password is refused more often in half an hour than the first time (`camera_gateway/reconnect.py`).
                kinds = tuple((place, kind) for place, kind in enumerate(KINDS) if number == 0 or not kind.login)
                ordeal = Ordeal(layout, fleet, gateway, told, kinds)
                cycles.append(ordeal)
                beside.append(await ordeal.faults(outage_s))
                for name, figures in ordeal.per_fault.items():
                    say(f"{name}: {figures}")
                await told.until_online(ids((0, cameras)), _AFTER_S)
                await asyncio.sleep(_SETTLE_S)
                say(f"{layout.rebooting[1] - layout.rebooting[0]} reboot")
                rest.append(await ordeal.reboot(10.0))
                await asyncio.sleep(_AFTER_S)
                prints.append(await Footprint.of(gateway.pid))
                say(f"after cycle {number + 1}: {prints[-1]}")
            refused = (await fleet.counts((0, cameras))).passwords_refused_max
            blocked = cameras - round(await gateway.metric("cameras", 'state="online"'))
    kinds_told = [one for cycle in cycles for one in cycle.per_fault.values()]
    first, last = prints[0], prints[-1]
    return {
        "cameras": cameras,
        "cameras_a_fault": layout.each,
        "cycles": _CYCLES,
        "outage_s": outage_s,
        "told_max_s": _worst([one["told_max_s"] for one in kinds_told]),
        "offline_max_s": _worst([one["offline_max_s"] for one in kinds_told if (one["outage_min_s"] or 0) >= 15]),
        "back_max_s": _worst([one["back_max_s"] for one in kinds_told]),
        **_counted("others", beside),
        "reboot_cameras": layout.rebooting[1] - layout.rebooting[0],
        "reboot_back_max_s": _worst([cycle.reboot_back_s for cycle in cycles]),
        **_counted("reboot_others", rest),
        "blocked": blocked,
        "login_tries_max": refused,
        "threads_delta": last.threads - first.threads,
        "descriptors_delta": last.descriptors - first.descriptors,
        "memory_first_cycle_mb": round(prints[1].memory_mb - first.memory_mb, 2),
        "memory_delta_mb": round(last.memory_mb - prints[1].memory_mb, 2),
        "memory_mb": round(last.memory_mb, 1),
        "per_fault": cycles[0].per_fault,
        "per_fault_again": cycles[-1].per_fault,
        "load": os.getloadavg()[1],
        "processor": processor(),
    }


def _counted(name: str, those: list[Others]) -> dict[str, int | float]:
    due, came = sum(one.due for one in those), sum(one.came for one in those)
    return {
        f"{name}_units_expected": due,
        f"{name}_units_received": came,
        f"{name}_units_ratio": round(came / due, 6),
        f"{name}_sessions_anew": sum(one.anew for one in those),
    }
