"""The one table from what makers write to `CameraEventKind`; and one notification read by it. Pure.

A topic stands here without its prefixes, as read from recorded devices: Dahua and Tapo tell motion as
`RuleEngine/CellMotionDetector/Motion` with `IsMotion`, Hikvision as `VideoSource/MotionAlarm` with `State` (true or 1).
What is not here is OTHER and kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from camera_gateway.onvif.answer import Answer
from camera_gateway.onvif.device import words
from camera_gateway.onvif.moment import parse_moment
from hub.contracts.camera_event import CameraEventKind as Kind
from hub.plain import plain

TOPIC_MAX: Final = 256
_PREFIX: Final = re.compile(r"[A-Za-z_][\w.-]*:")
_TRUE: Final = frozenset({"true", "1", "yes", "on", "active"})
_FALSE: Final = frozenset({"false", "0", "no", "off", "inactive"})
# Which item of the source tells one sensor, rule or input from another, the best first.
_SOURCES: Final = (
    "Rule", "InputToken", "RelayToken", "Token", "Source", "VideoSource", "VideoSourceToken",
    "VideoSourceConfigurationToken", "AudioSourceConfigurationToken", "port", "disk_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Topic:
    """One row: what it means, and the data items that say whether it is so; none: it is a moment."""

    kind: Kind
    items: tuple[str, ...] = ()


# Rows of which one topic tells several things: the item that is true says which.
_BY_ITEM: Final[Mapping[str, Kind]] = {
    "IsPeople": Kind.PERSON,
    "IsVehicle": Kind.VEHICLE,
    "IsPet": Kind.ANIMAL,
    "IsTamper": Kind.TAMPER,
    "IsIntrusion": Kind.INTRUSION,
    "IsLineCross": Kind.LINE_CROSSED,
}
_SMART: Final = tuple(_BY_ITEM)
_STATE: Final = ("State",)
TOPICS: Final[Mapping[str, Topic]] = {
    # motion
    "RuleEngine/CellMotionDetector/Motion": Topic(Kind.MOTION, ("IsMotion",)),
    "RuleEngine/MotionRegionDetector/Motion": Topic(Kind.MOTION, ("State",)),
    "VideoSource/MotionAlarm": Topic(Kind.MOTION, _STATE),
    "VideoAnalytics/Motion": Topic(Kind.MOTION, ("State", "IsMotion")),
    # persons, vehicles, animals: that there is one, never who
    "RuleEngine/PeopleDetector/People": Topic(Kind.PERSON, ("IsPeople",)),
    "RuleEngine/CellMotionDetector/People": Topic(Kind.PERSON, ("IsPeople",)),
    "RuleEngine/MyRuleDetector/PeopleDetect": Topic(Kind.PERSON, _STATE),
    "RuleEngine/MyRuleDetector/FaceDetect": Topic(Kind.PERSON, _STATE),
    "RuleEngine/MyRuleDetector/Visitor": Topic(Kind.PERSON, _STATE),
    "UserAlarm/IVA/HumanShapeDetect": Topic(Kind.PERSON, _STATE),
    "RuleEngine/MyRuleDetector/VehicleDetect": Topic(Kind.VEHICLE, _STATE),
    "RuleEngine/MyRuleDetector/DogCatDetect": Topic(Kind.ANIMAL, _STATE),
    "RuleEngine/TPSmartEventDetector/TPSmartEvent": Topic(Kind.OTHER, _SMART),
    "RuleEngine/CellMotionDetector/TpSmartEvent": Topic(Kind.OTHER, _SMART),
    # lines and fields
    "RuleEngine/CellMotionDetector/LineCross": Topic(Kind.LINE_CROSSED, ("IsLineCross",)),
    "RuleEngine/LineCrossDetector/LineCross": Topic(Kind.LINE_CROSSED, ("IsLineCross",)),
    "RuleEngine/LineDetector/Crossed": Topic(Kind.LINE_CROSSED),
    "RuleEngine/FieldDetector/ObjectsInside": Topic(Kind.INTRUSION, ("IsInside",)),
    "RuleEngine/CellMotionDetector/Intrusion": Topic(Kind.INTRUSION, ("IsIntrusion",)),
    "RuleEngine/IntrusionDetector/Intrusion": Topic(Kind.INTRUSION, ("IsIntrusion",)),
    "RuleEngine/LoiteringDetector/ObjectIsLoitering": Topic(Kind.INTRUSION, _STATE),
    # covered, moved, out of focus
    "RuleEngine/TamperDetector/Tamper": Topic(Kind.TAMPER, ("IsTamper", "State")),
    "RuleEngine/CellMotionDetector/Tamper": Topic(Kind.TAMPER, ("IsTamper",)),
    "VideoSource/Tampering": Topic(Kind.TAMPER, _STATE),
    **{
        f"VideoSource/{what}/{service}": Topic(Kind.TAMPER, _STATE)
        for what in ("GlobalSceneChange", "ImageTooBlurry", "ImageTooDark", "ImageTooBright")
        for service in ("AnalyticsService", "ImagingService", "RecordingService")
    },
    "VideoSource/SignalLoss": Topic(Kind.SIGNAL_LOSS, _STATE),
    "VideoSource/VideoLoss": Topic(Kind.SIGNAL_LOSS, _STATE),
    # sound
    "AudioAnalytics/Audio/DetectedSound": Topic(Kind.SOUND, ("IsSoundDetected", "State")),
    "AudioSource/TriggerLevel": Topic(Kind.SOUND, ("triggered", "State")),
    # the device itself
    "Device/Trigger/DigitalInput": Topic(Kind.DIGITAL_INPUT, ("LogicalState",)),
    "Device/IO/Port": Topic(Kind.DIGITAL_INPUT, ("state", "State")),
    "Device/Trigger/Relay": Topic(Kind.OTHER, ("LogicalState",)),
    "Device/HardwareFailure/StorageFailure": Topic(Kind.STORAGE, ("Failed",)),
    "Storage/Disruption": Topic(Kind.STORAGE, ("disruption",)),
    "Storage/Alert": Topic(Kind.STORAGE, ("alert",)),
    "Device/HardwareFailure/FanFailure": Topic(Kind.HARDWARE, ("Failed",)),
    "Device/HardwareFailure/PowerSupplyFailure": Topic(Kind.HARDWARE, ("Failed",)),
    "Device/HardwareFailure/TemperatureCritical": Topic(Kind.HARDWARE, ("Critical",)),
    "Monitoring/OperatingTime/LastReboot": Topic(Kind.REBOOT),
    "Device/OperationMode/ShutdownInitiated": Topic(Kind.REBOOT),
    "UserAlarm/IllegalLogin": Topic(Kind.LOGIN_FAILED, _STATE),
    "Monitoring/Security/LoginFailed": Topic(Kind.LOGIN_FAILED),
    "Device/Security/IllegalAccess": Topic(Kind.LOGIN_FAILED, _STATE),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One notification, read. `settles`: it tells a state that was so before (Initialized), not a change."""

    kind: Kind
    active: bool | None
    topic: str
    source: str | None
    said_at: datetime | None
    settles: bool
    gone: bool  # the property exists no more
    content: str  # what tells it from another of the same topic


def read(notification: Answer) -> Told | None:
    """None where it has no topic. `notification` is a NotificationMessage."""
    topic = plain_topic(notification.at("Topic").text)
    if topic is None:
        return None
    said = notification.at("Message/Message")
    operation = (said.attribute("PropertyOperation") or "").lower()
    data = _items(said.at("Data"))
    source = _items(said.at("Source"))
    kind, active = _meaning(topic, data)
    return Told(
        kind=kind,
        active=active,
        topic=topic,
        source=_source(source),
        said_at=parse_moment(said.attribute("UtcTime") or ""),
        settles=operation == "initialized",
        gone=operation == "deleted",
        content="&".join(f"{name}={value}" for name, value in [*source.items(), *data.items()])[:1_000],
    )


def plain_topic(written: str) -> str | None:
    """Without prefixes, blanks and what is not to be read; None for none."""
    parts = [_PREFIX.sub("", part.strip()) for part in written.strip().split("/")]
    return plain("/".join(part for part in parts if part))[:TOPIC_MAX] or None


def _meaning(topic: str, data: Mapping[str, str]) -> tuple[Kind, bool | None]:
    row = TOPICS.get(topic, Topic(Kind.OTHER))
    known = topic in TOPICS
    # One that says several things at once: what is true counts, else the first that is told at all.
    named = [
        (name, value) for name in (row.items or (() if known else data)) if (value := _flag(data, name)) is not None
    ]
    name, active = next((one for one in named if one[1]), named[0] if named else ("", None))
    kind = _BY_ITEM.get(name, row.kind) if row.items is _SMART else row.kind
    return kind, active


def _flag(data: Mapping[str, str], name: str) -> bool | None:
    value = data.get(name, "").lower()
    return True if value in _TRUE else False if value in _FALSE else None


def _items(holder: Answer) -> dict[str, str]:
    """The SimpleItems by name, at most twenty."""
    named = ((one.attribute("Name"), one.attribute("Value")) for one in holder.all("SimpleItem")[:20])
    return {name: value or "" for name, value in named if name}


def _source(items: Mapping[str, str]) -> str | None:
    value = next((items[name] for name in _SOURCES if items.get(name)), None)
    if value is None:
        value = next(iter(items.values()), None)
    return words(value)
