"""The places where simulated cameras hang: a name, what is played there, and a zone that something walks into.

Data and the making of clips; synchronous, in threads of its own. Names are Chinese in any language: they are data
of the simulated county, as a real one's would be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from camera_gateway.simulator.clip import Clip, Coding, from_file

Corners = tuple[tuple[float, float], ...]  # 0..1 of width and height, from the top left

NAMES: Final = (
    "村口东",
    "水库东岸",
    "学校北门",
    "文化广场",
    "河堤步道",
    "卫生院门前",
    "老井巷口",
    "水库西岸",
    "村口西",
)
CLIP_ZONE: Final[Corners] = ((0.12, 0.2), (0.88, 0.2), (0.98, 0.98), (0.02, 0.98))


@dataclass(frozen=True, slots=True)
class Place:
    """One camera's place. `scene`: "clip", or the kind of drawn scene. `zone` is a proposal for a rule."""

    name: str
    clip: Clip
    scene: str
    zone: Corners
    start_s: float


def name_of(index: int) -> str:
    """The name of camera `index`, counted from 0: nine names, then the same with a number."""
    lap, place = divmod(index, len(NAMES))
    return NAMES[place] + (f" {lap + 1}" if lap else "")


def places_for(
    count: int, *, clip: Path | None, light: str | None, cache: Path | None, coding: Coding | None = None
) -> list[Place]:
    """`count` places playing `clip`, or drawn scenes by `light` ("day", "night", None: both), coded as by `coding`.

    Raises HubError INVALID `simulator.clip_unreadable`.
    """
    if clip is None:
        from camera_gateway.simulator.scene import drawn

        scenes = drawn([name_of(i) for i in range(min(count, len(NAMES)))], light, cache, coding)
        starts = _starts(count, scenes[0].clip.seconds, first_s=0.0)
        pairs = [(index, scenes[index % len(scenes)]) for index in range(count)]
        return [Place(name_of(i), scene.clip, scene.kind, scene.zone, starts[i]) for i, scene in pairs]
    played = from_file(clip, cache, coding)
    starts = _starts(count, played.seconds, first_s=5.0)
    return [Place(name_of(i), played, "clip", CLIP_ZONE, starts[i]) for i in range(count)]


def _starts(count: int, lap_s: float, *, first_s: float) -> Sequence[float]:
    """Where each begins: the first at `first_s`, the others spread over the loop (golden ratio), none two alike."""
    return [(first_s + 0.618_034 * lap_s * index + 0.01 * (index // 9)) % lap_s for index in range(count)]
