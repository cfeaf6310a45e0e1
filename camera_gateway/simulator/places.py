"""The places where simulated cameras hang: a name, what is played there, and a zone that something walks into.

Data and the making of clips; synchronous, in threads of its own. Names are Chinese in any language: they are data
of the simulated county, as a real one's would be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from camera_gateway.simulator.clip import Clip, from_file

Corners = tuple[tuple[float, float], ...]  # 0..1 of width and height, from the top left

NAMES: Final = (
    "村口东",
    "水库东岸",
    "学校北门",
    "文化广场",
    "河堤步道",
    "卫生院门前",
    "老井巷口",
    "桥头",
    "村委会院内",
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


def places_for(count: int, *, clip: Path | None, light: str | None, cache: Path | None) -> list[Place]:
    """`count` places playing `clip`, or drawn scenes by `light` ("day", "night", None: both).

    Raises HubError INVALID `simulator.clip_unreadable`.
    """
    if clip is None:
        from camera_gateway.simulator.scene import drawn

        scenes = drawn(count, light, cache)
        return [
            Place(name_of(i), scene.clip, scene.kind, scene.zone, scene.clip.seconds * (i // len(scenes)) / 7.3)
            for i, scene in ((i, scenes[i % len(scenes)]) for i in range(count))
        ]
    played = from_file(clip, cache)
    starts = _starts(count, played)
    return [Place(name_of(i), played, "clip", CLIP_ZONE, starts[i]) for i in range(count)]


def _starts(count: int, clip: Clip) -> Sequence[float]:
    """Where each begins: the first ones near the beginning of the clip (5 s, 7 s, …), then spread over all of it."""
    spread = (5.0 + 0.618_034 * clip.seconds * index + 0.37 * index for index in range(count))
    return [start % clip.seconds for start in spread]
