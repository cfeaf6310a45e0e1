"""设备事件: what the camera itself reports, by ONVIF; an alert only where a mapping makes it one."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from hub.contracts.base import Message, UtcTime


class CameraEventKind(StrEnum):
    """One word for the many topics of the makers (`camera_gateway/onvif/topics.py`)."""

    MOTION = "motion"
    TAMPER = "tamper"  # covered, moved, out of focus
    SIGNAL_LOSS = "signal_loss"
    LINE_CROSSED = "line_crossed"
    INTRUSION = "intrusion"
    PERSON = "person"
    VEHICLE = "vehicle"
    ANIMAL = "animal"
    SOUND = "sound"
    DIGITAL_INPUT = "digital_input"
    STORAGE = "storage"  # card missing, full, failing
    HARDWARE = "hardware"
    LOGIN_FAILED = "login_failed"  # somebody tried the camera's password
    REBOOT = "reboot"
    OTHER = "other"


class CameraEvent(Message):
    """One change that a camera told of, on topic `events`. The same event twice has the same `event_id`."""

    event_id: str
    camera_id: str
    gateway_id: str
    kind: CameraEventKind
    active: bool | None = None  # began, ended; None: a moment
    topic: Annotated[str, Field(max_length=256)]  # as the camera wrote it, without prefixes
    source: Annotated[str, Field(max_length=128)] | None = None  # which sensor, rule or input
    at: UtcTime  # when it reached us
    said_at: UtcTime | None = None  # by the camera's own clock
