"""Uplinks as the API has them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from patrol_console.plain import ID, ONE_LINE
from patrol_console.uplink.behind import UplinkKind

_Mbit = Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False)]
_Connections = Annotated[int, Field(gt=0, le=100_000)]


class WaitingCamera(BaseModel):
    """A camera that waits for a place on the line."""

    id: str
    name: str


class UplinkLine(BaseModel):
    """One line with its budget, and what is behind it now. `mbit_s_used` adds up what the cameras last told."""

    id: str
    name: str
    kind: UplinkKind
    ref: str
    ref_name: str
    mbit_s: float | None
    connections: int | None
    cameras: int
    pulled: int
    mbit_s_used: float
    waiting: int
    waits: list[WaitingCamera]  # the first of those that wait


class UplinkList(BaseModel):
    """GET /api/uplinks, by name."""

    items: list[UplinkLine]
    gateways: list[str]  # whose line the reader may set; empty for the people of a part


class UplinkCreate(BaseModel):
    """POST /api/uplinks."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=64, pattern=ONE_LINE)
    kind: UplinkKind
    ref: str = Field(pattern=ID)
    mbit_s: _Mbit | None = None
    connections: _Connections | None = None


class UplinkChange(BaseModel):
    """PATCH /api/uplinks/{id}; what is absent stays, null takes a limit away."""

    model_config = ConfigDict(extra="forbid")
    name: str | None = Field(default=None, min_length=1, max_length=64, pattern=ONE_LINE)
    mbit_s: _Mbit | None = None
    connections: _Connections | None = None
