"""A camera's record as the API has it: each list the newest first."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from hub.contracts.base import UtcTime
from hub.contracts.camera import CameraState, Cause
from hub.contracts.camera_event import CameraEventKind
from hub.contracts.cure import Outcome
from hub.contracts.device import DeviceFacts, StreamProfile
from patrol_console.camera.schemas import Camera, Verdict
from patrol_console.plain import SEVERAL_LINES

RepairKind = Literal["fix", "undo", "note"]
Worst = Literal["ok", "warn", "fail", "unknown"]


class SettingChange(BaseModel):
    """One setting of the camera, before and after."""

    model_config = ConfigDict(frozen=True)
    setting: str = Field(max_length=64)
    before: str | None = Field(default=None, max_length=256)
    after: str | None = Field(default=None, max_length=256)


class Repair(BaseModel):
    """Something that was done to the camera: by the cure, or told by a person."""

    id: int
    at: UtcTime
    user_name: str
    kind: RepairKind
    note: str | None
    changes: list[SettingChange]
    outcome: Outcome | None = None  # of a cure; null: a note, or a cure that broke off


class RepairNote(BaseModel):
    """POST /api/cameras/{id}/repairs: what somebody did there."""

    model_config = ConfigDict(extra="forbid")
    note: str = Field(min_length=1, max_length=500, pattern=SEVERAL_LINES)


class Fault(BaseModel):
    """A time in which it was not well; `until` null: it still is not."""

    state: CameraState
    cause: Cause
    detail: str | None  # a code of hub/messages
    since: UtcTime
    until: UtcTime | None
    outage_id: str | None  # the outage that it was part of
    outage_name: str | None


class Examination(BaseModel):
    """What the doctor found, once."""

    id: int
    at: UtcTime
    worst: Worst
    verdicts: list[Verdict]


class DeviceEvent(BaseModel):
    """设备事件: what the camera reported itself."""

    id: str
    at: UtcTime
    kind: CameraEventKind
    active: bool | None
    topic: str
    source: str | None


class CameraRecord(BaseModel):
    """GET /api/cameras/{id}/record. `examinations` is null for those who may not test cameras."""

    camera: Camera
    area_path: list[str]  # names, from the topmost that the reader may know of
    created_at: UtcTime
    device: DeviceFacts
    profiles: list[StreamProfile]  # without addresses for those who may not configure
    faults: list[Fault]
    repairs: list[Repair]
    examinations: list[Examination] | None
    events: list[DeviceEvent]
