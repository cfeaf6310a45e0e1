"""A simulated camera's head: where it looks, how fast it turns, its presets. Position by time, no task, no timer.

Pan and tilt from -1 to 1, zoom from 0 to 1; full speed crosses the whole range in four seconds. A continuous move ends
by itself when its time-out passes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_RANGES: Final = ((-1.0, 1.0), (-1.0, 1.0), (0.0, 1.0))
_FULL_S: Final = 4.0
MOST_PRESETS: Final = 64


@dataclass(frozen=True, slots=True)
class Position:
    """Where a head looks."""

    pan: float = 0.0
    tilt: float = 0.0
    zoom: float = 0.0


Axes = tuple[float | None, float | None, float | None]


class Head:
    """The head. `monotonic` is the camera's time; `timeouts` False: a move does not end by itself."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._at = [0.0, 0.0, 0.0]
        self._speed = [0.0, 0.0, 0.0]
        self._since = monotonic()
        self._until: float | None = None
        self.timeouts = True
        self.home = Position()
        self.presets: dict[str, tuple[str, Position]] = {}
        self.moves = 0  # ContinuousMoves so far
        self.stops = 0
        self._made = 0

    @property
    def position(self) -> Position:
        """Where it looks now."""
        self._settle()
        return Position(*(round(axis, 6) for axis in self._at))

    @property
    def moving(self) -> bool:
        """Whether any axis turns now."""
        self._settle()
        return any(self._speed)

    def turn(self, speeds: Axes, timeout_s: float) -> None:
        """Go on turning so fast (-1..1 each; None: that axis as it is) for at most so long."""
        self._settle()
        self.moves += 1
        for axis, speed in enumerate(speeds):
            if speed is not None:
                self._speed[axis] = max(-1.0, min(1.0, speed))
        self._until = self._monotonic() + timeout_s if self.timeouts else None

    def stop(self, *, pan_tilt: bool = True, zoom: bool = True) -> None:
        """Stand still."""
        self._settle()
        self.stops += 1
        if pan_tilt:
            self._speed[0] = self._speed[1] = 0.0
        if zoom:
            self._speed[2] = 0.0

    def look(self, where: Axes, *, relative: bool = False) -> None:
        """Be there at once: nobody waits for a head that is not."""
        self.stop()
        for axis, value in enumerate(where):
            if value is not None:
                low, high = _RANGES[axis]
                self._at[axis] = max(low, min(high, value + (self._at[axis] if relative else 0.0)))

    def go(self, position: Position) -> None:
        """Look there."""
        self.look((position.pan, position.tilt, position.zoom))

    def keep(self, name: str, token: str | None) -> str:
        """Keep where it looks as a preset; its token. KeyError: no such token, OverflowError: no room."""
        if token is not None and token not in self.presets:
            raise KeyError(token)
        if token is None:
            if len(self.presets) >= MOST_PRESETS:
                raise OverflowError
            self._made += 1
            token = str(self._made)
        self.presets[token] = (name or f"Preset {token}", self.position)
        return token

    def _settle(self) -> None:
        now = self._monotonic()
        end = now if self._until is None else max(self._since, min(now, self._until))
        for axis, (low, high) in enumerate(_RANGES):
            moved = self._at[axis] + self._speed[axis] * (high - low) / _FULL_S * (end - self._since)
            self._at[axis] = max(low, min(high, moved))
        self._since = now
        if self._until is not None and now >= self._until:
            self._speed, self._until = [0.0, 0.0, 0.0], None
