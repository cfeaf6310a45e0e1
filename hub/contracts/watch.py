"""How closely a camera is watched: what its owner's line can bear."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from hub.contracts.base import Contract


class WatchMode(StrEnum):
    """连续 每隔 N 分钟 按需."""

    CONTINUOUS = "continuous"
    INTERVAL = "interval"  # opened every N minutes for a look by the machine, closed again
    ON_REQUEST = "on_request"  # opened when somebody looks, closed again


class Watch(Contract):
    """`every_min` counts for `interval` alone."""

    mode: WatchMode = WatchMode.CONTINUOUS
    every_min: Annotated[int, Field(ge=1, le=1440)] = 10
