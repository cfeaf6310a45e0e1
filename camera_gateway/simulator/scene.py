"""Drawn scenes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from camera_gateway.simulator.clip import Clip, moving_bar


@dataclass(frozen=True, slots=True)
class DrawnScene:
    """A loop and the zone that its figure walks into."""

    kind: str
    clip: Clip
    zone: tuple[tuple[float, float], ...]


def drawn(count: int, light: str | None, cache: Path | None) -> list[DrawnScene]:
    """As many scenes as are of use."""
    clip = moving_bar(12.0, 640, 360, 12.0)
    return [DrawnScene(light or "day", clip, ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9)))] * min(count, 9)
