"""云台: what a person wants of a camera's head, and what they are told; between the console and its gateway."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from hub.contracts.base import Contract

# A move that is not said again within so long is over: a browser that died turns no camera.
RENEW_WITHIN_S: Final = 1.5
# Who said nothing for so long holds the camera no more.
LEASE_S: Final = 15.0

Speed = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]
PresetToken = Annotated[str, Field(min_length=1, max_length=64)]


class PtzVerb(StrEnum):
    """What is wanted."""

    LOOK = "look"  # nothing moves: who holds it, and its presets
    MOVE = "move"  # at these speeds, until it stops or is not said again
    STOP = "stop"
    HOME = "home"
    GO = "go"  # to a preset
    SET = "set"  # a preset: here, under this name; with a token it is replaced
    REMOVE = "remove"  # a preset
    RELEASE = "release"  # others may have it

    @property
    def takes_hold(self) -> bool:
        """Whether it needs the lease."""
        return self not in (PtzVerb.LOOK, PtzVerb.RELEASE)


class PtzCommand(Contract):
    """One wish. Speeds: right, up and in are positive; 1 is as fast as it goes."""

    verb: PtzVerb
    pan: Speed = 0.0
    tilt: Speed = 0.0
    zoom: Speed = 0.0
    preset: PresetToken | None = None
    name: Annotated[str, Field(min_length=1, max_length=64)] | None = None


class PtzPreset(Contract):
    """预置位."""

    token: Annotated[str, Field(max_length=64)]
    name: Annotated[str, Field(max_length=64)] = ""


class PtzHolder(Contract):
    """Who has the camera in hand, and for how long if they say no more."""

    user_id: str
    name: str
    seconds: float


class PtzState(Contract):
    """The answer to each command."""

    holder: PtzHolder | None = None
    presets: tuple[PtzPreset, ...] | None = None  # None: not asked for
    preset: str | None = None  # the token of the one that was set
