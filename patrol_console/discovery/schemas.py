"""Searches for devices as the API has them."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from hub.contracts.base import UtcTime
from hub.contracts.device import FoundBy

RANGE = r"^[0-9.]+(/[0-9]{1,2}| *- *[0-9.]+)?$"  # 192.168.1.0/24, 192.168.1.10-192.168.1.60, 192.168.1.10-60


class SearchState(StrEnum):
    """How a search stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class DiscoveryStart(BaseModel):
    """POST /api/discoveries; without `range` the gateway asks its whole network by multicast."""

    model_config = ConfigDict(extra="forbid")
    range: str | None = Field(default=None, min_length=1, max_length=64, pattern=RANGE)


class KnownCamera(BaseModel):
    """A camera that a device is already; without id and name where the reader may not see it."""

    id: str | None
    name: str | None


class FoundDevice(BaseModel):
    """A device that answered. `address` is what POST /api/cameras takes."""

    address: str
    ip: str
    endpoint: str
    name: str | None
    hardware: str | None
    location: str | None
    found_by: FoundBy
    cameras: list[KnownCamera]  # empty: nobody registered it


class Discovery(BaseModel):
    """One search. `problem` is the sentence of what ended it early."""

    id: str
    range: str | None
    state: SearchState
    began_at: UtcTime
    ended_at: UtcTime | None
    asked: int | None  # addresses, of `total`; null for the whole network
    total: int | None
    problem: str | None
    devices: list[FoundDevice]


class DiscoveryList(BaseModel):
    """GET /api/discoveries: the reader's own, the newest first, without their devices."""

    items: list[Discovery]
    next: None = None
