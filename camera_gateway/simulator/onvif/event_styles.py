"""Events as different makers word them: topic, source and data items. A table; a test fires one by its name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from camera_gateway.simulator.onvif.soap import Element, el, moment

_DIALECT: Final = "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"
_RULE: Final = (("VideoSourceConfigurationToken", "vsc_1"), ("VideoAnalyticsConfigurationToken", "vac_1"))


@dataclass(frozen=True, slots=True)
class EventStyle:
    """One row. `data`: name, value while it is so, value while it is not; `held`: a property, which has a state."""

    topic: str
    source: tuple[tuple[str, str], ...]
    data: tuple[tuple[str, str, str], ...]
    held: bool = True


def _rule(topic: str, rule: str, item: str) -> EventStyle:
    return EventStyle(f"tns1:RuleEngine/{topic}", (*_RULE, ("Rule", rule)), ((item, "true", "false"),))


EVENT_STYLES: Final[dict[str, EventStyle]] = {
    "cell-motion": _rule("CellMotionDetector/Motion", "MotionDetectorRule", "IsMotion"),  # Dahua, Tapo
    "motion-alarm": EventStyle("tns1:VideoSource/MotionAlarm", (("Source", "vs_1"),), (("State", "true", "false"),)),
    "motion-alarm-digit": EventStyle("tns1:VideoSource/MotionAlarm", (("Source", "vs_1"),), (("State", "1", "0"),)),
    "line-cross": _rule("CellMotionDetector/LineCross", "MyLineCrossDetector", "IsLineCross"),  # Tapo
    "people": _rule("PeopleDetector/People", "MyPeopleDetectorRule", "IsPeople"),  # Tapo
    "tapo-vehicle": _rule("TPSmartEventDetector/TPSmartEvent", "MyTPSmartEventRule", "IsVehicle"),
    "tapo-pet": _rule("TPSmartEventDetector/TPSmartEvent", "MyTPSmartEventRule", "IsPet"),
    "field": _rule("FieldDetector/ObjectsInside", "Field 1", "IsInside"),  # Hikvision, Bosch
    "line": EventStyle(
        "tns1:RuleEngine/LineDetector/Crossed", (*_RULE, ("Rule", "Line 1")), (("ObjectId", "7", "7"),), held=False
    ),
    "tamper": _rule("TamperDetector/Tamper", "Tamper", "IsTamper"),
    "scene-change": EventStyle(
        "tns1:VideoSource/GlobalSceneChange/ImagingService", (("Source", "vs_1"),), (("State", "true", "false"),)
    ),
    "signal-loss": EventStyle("tns1:VideoSource/SignalLoss", (("Source", "vs_1"),), (("State", "true", "false"),)),
    "storage": EventStyle(
        "tns1:Device/HardwareFailure/StorageFailure", (("Token", "SD 1"),), (("Failed", "true", "false"),)
    ),
    "digital-input": EventStyle(
        "tns1:Device/Trigger/DigitalInput", (("InputToken", "input 1"),), (("LogicalState", "true", "false"),)
    ),
    "sound": EventStyle(
        "tns1:AudioAnalytics/Audio/DetectedSound",
        (("AudioSourceConfigurationToken", "a1"),),
        (("IsSoundDetected", "true", "false"),),
    ),
    "unheard-of": EventStyle(
        "tns1:RuleEngine/tnsmaker:CuriosityDetector/Curious", (*_RULE, ("Rule", "x")), (("Curious", "true", "false"),)
    ),
}


def message(style: EventStyle, *, active: bool, at: datetime, operation: str | None, dash: bool = False) -> Element:
    """wsnt:NotificationMessage. `operation`: Initialized, Changed, Deleted, or None for what is no property."""
    items = (el("tt:SimpleItem", Name=name, Value=on if active else off) for name, on, off in style.data)
    source = (el("tt:SimpleItem", Name=name, Value=value) for name, value in style.source)
    written = moment(at)
    attributes = {"UtcTime": written.replace("T", "-") if dash else written}
    if operation is not None:
        attributes["PropertyOperation"] = operation
    said = el("tt:Message", el("tt:Source", *source), el("tt:Data", *items), **attributes)
    topic = el("wsnt:Topic", style.topic, Dialect=_DIALECT)
    return el("wsnt:NotificationMessage", topic, el("wsnt:Message", said))
