"""A simulated fleet in a process of its own whose cameras go wrong and come right again on command.

`python -m probe.bench.faulty_fleet PLAN CACHE` is the child (one event loop); `FaultyFleet` the parent's side of it.
Groups are half-open ranges of camera numbers, counted from 0.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from camera_gateway.simulator.server import MediaCounts, SimulatedCamera, SimulatedFleet
from probe.bench.fleet import FPS, bench_clip, more_files
from probe.bench.json_child import Answer, JsonChild, serve

USERNAME: Final = "bench"
PASSWORD: Final = "right-all-along"  # noqa: S105 - of simulated cameras on loopback

Group = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the child is to be. `port` 0: any free one."""

    cameras: int
    own_ports: tuple[Group, ...] = ()  # cameras whose port can refuse, or swallow, connections
    logins: tuple[Group, ...] = ()  # cameras that ask for a password
    fps: float = FPS
    port: int = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """A group of cameras since the start of the fleet; `plays` are sessions ever begun, `sessions` those open."""

    sessions: int
    sent: int
    dropped: int
    plays: int
    passwords_refused_max: int  # of any one camera of the group

    @property
    def due(self) -> int:
        """Pictures that were due to the clients."""
        return self.sent + self.dropped


class FaultyFleet:
    """`async with FaultyFleet(plan, cache) as fleet: fleet.urls`."""

    def __init__(self, plan: Plan, cache: Path) -> None:
        self._plan, self._cache = plan, cache
        self._child = self._new_child()

    async def __aenter__(self) -> FaultyFleet:
        await self._child.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._child.end()

    @property
    def urls(self) -> list[str]:
        """Of all cameras, without credentials."""
        return [str(url) for url in self._child.ready["urls"]]

    @property
    def port(self) -> int:
        """The one that the cameras share."""
        return int(self._child.ready["port"])

    async def set_faults(self, group: Group, *faults: str, drop: bool = False) -> None:
        """From now on each camera of the group has exactly these; `drop`: and its connections are reset."""
        await self._child.ask({"do": "faults", "of": group, "faults": faults, "drop": drop})

    async def drop(self, group: Group) -> None:
        """Reset the connections of the group; it takes new ones."""
        await self._child.ask({"do": "drop", "of": group})

    async def pause(self) -> None:
        """Stop sending, all cameras; connections stay."""
        await self._child.ask({"do": "pause"})

    async def resume(self) -> None:
        """Go on."""
        await self._child.ask({"do": "resume"})

    async def counts(self, group: Group) -> Counted:
        """What the group sent until now."""
        return Counted(**await self._child.ask({"do": "counts", "of": group}))

    async def kill(self) -> None:
        """The whole process, without a word."""
        await self._child.kill()

    async def start_again(self) -> None:
        """After `kill`: the same cameras; those that share the port, at the same addresses."""
        self._plan = replace(self._plan, port=self.port)
        self._child = self._new_child()
        await self._child.start()

    def _new_child(self) -> JsonChild:
        return JsonChild("probe.bench.faulty_fleet", json.dumps(asdict(self._plan)), str(self._cache))


class _Served:
    """The child's side."""

    def __init__(self, fleet: SimulatedFleet) -> None:
        self._fleet = fleet

    async def answer(self, asked: Answer) -> dict[str, object]:
        fleet, group = self._fleet, range(*asked.get("of", (0, 0)))
        match asked["do"]:
            case "pause":
                fleet.pause()
            case "resume":
                fleet.resume()
            case "drop":
                for index in group:
                    fleet.drop_connections(index)
            case "faults":
                for index in group:
                    await fleet.set_faults(index, *asked["faults"])
                    if asked["drop"]:
                        fleet.drop_connections(index)
            case "counts":
                return asdict(self._counted(group))
        return {}

    def _counted(self, group: Sequence[int]) -> Counted:
        fleet = self._fleet
        media = sum((fleet.counts(index) for index in group), MediaCounts())
        plays = sum(fleet.methods(index).count("PLAY") for index in group)
        refused = max((fleet.passwords_refused(index) for index in group), default=0)
        return Counted(media.sessions, media.sent, media.dropped, plays, refused)


def _within(index: int, groups: Sequence[Sequence[int]]) -> bool:
    return any(begin <= index < end for begin, end in groups)


async def _run(plan: Plan, cache: Path) -> None:
    clip = bench_clip(cache, plan.fps)
    golden = 0.618_034 * clip.seconds
    cameras = [
        SimulatedCamera(
            clip=clip,
            start_s=golden * index % clip.seconds,
            username=USERNAME if _within(index, plan.logins) else None,
            password=PASSWORD,
            own_port=_within(index, plan.own_ports),
        )
        for index in range(plan.cameras)
    ]
    async with SimulatedFleet(cameras, port=plan.port) as fleet:
        ready = {"urls": [fleet.url(index) for index in range(plan.cameras)], "port": fleet.port}
        await serve(ready, _Served(fleet).answer)


if __name__ == "__main__":
    import uvloop

    more_files()
    uvloop.run(_run(Plan(**json.loads(sys.argv[1])), Path(sys.argv[2])))
