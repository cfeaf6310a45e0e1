"""Sweeps as the API has them."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from hub.contracts.base import UtcTime
from hub.contracts.camera import Cause
from hub.contracts.sweep import SweepOutcome
from patrol_console.plain import ID, ONE_LINE

MOST_CAMERAS = 10_000
SweepState = Literal["running", "done", "stopped"]


class SweepWish(BaseModel):
    """POST /api/sweeps: the cameras by name, or those of an area, of a tag, or of a tag in an area."""

    model_config = ConfigDict(extra="forbid")
    area_id: str | None = Field(default=None, pattern=ID)
    tag: str | None = Field(default=None, min_length=1, max_length=64, pattern=ONE_LINE)
    camera_ids: (
        Annotated[list[Annotated[str, StringConstraints(pattern=ID)]], Field(min_length=1, max_length=MOST_CAMERAS)]
        | None
    ) = None

    @model_validator(mode="after")
    def _names_cameras_in_one_way(self) -> Self:
        if (self.camera_ids is None) == (self.area_id is None and self.tag is None):
            raise ValueError("either camera_ids, or area_id and tag")
        return self


class Sweep(BaseModel):
    """A sweep and how far it is: `swept + failed + skipped` of `total` are done."""

    id: str
    area_id: str
    area_name: str
    purpose: str
    reference: str | None
    user_name: str | None  # null: the hub itself
    state: SweepState
    detail: str | None  # a code of hub/messages: why it was stopped, where nobody did
    total: int
    swept: int
    failed: int
    skipped: int
    began_at: UtcTime
    ended_at: UtcTime | None


class SweptCameraLine(BaseModel):
    """What became of one camera; `detail` is a code of hub/messages."""

    camera_id: str
    camera_name: str
    outcome: SweepOutcome
    cause: Cause
    detail: str | None
    first_at: UtcTime | None
    second_at: UtcTime | None


class SweepDetail(Sweep):
    """GET /api/sweeps/{id}: with the cameras that are done, those that failed first."""

    cameras: list[SweptCameraLine]


class SweepList(BaseModel):
    """GET /api/sweeps, newest first."""

    items: list[Sweep]
    next: str | None = None
