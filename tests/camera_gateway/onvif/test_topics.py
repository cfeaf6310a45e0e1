"""What makers write, read by one table; and what of it is a change."""

from __future__ import annotations

from datetime import timedelta

import pytest

from camera_gateway.onvif.answer import Answer, parse_xml
from camera_gateway.onvif.happenings import BURST, EVERY_S, Happenings
from camera_gateway.onvif.topics import Told, read
from camera_gateway.simulator.onvif.event_styles import EVENT_STYLES, message
from camera_gateway.simulator.onvif.soap import Element, el, envelope
from hub.contracts.camera_event import CameraEventKind as Kind
from tests.support.clock import START


def notification(envelope_: bytes) -> Answer:
    return parse_xml(envelope_).at("Body/NotificationMessage")


def told(style: str, *, active: bool = True, operation: str | None = "Changed", later_s: float = 0) -> Told:
    at = START + timedelta(seconds=later_s)
    found = read(notification(envelope(message(EVENT_STYLES[style], active=active, at=at, operation=operation))))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("style", "kind", "topic"),
    [
        ("cell-motion", Kind.MOTION, "RuleEngine/CellMotionDetector/Motion"),  # Dahua
        ("motion-alarm", Kind.MOTION, "VideoSource/MotionAlarm"),  # Hikvision
        ("motion-alarm-digit", Kind.MOTION, "VideoSource/MotionAlarm"),  # State="1"
        ("line-cross", Kind.LINE_CROSSED, "RuleEngine/CellMotionDetector/LineCross"),  # Tapo
        ("people", Kind.PERSON, "RuleEngine/PeopleDetector/People"),
        ("tapo-vehicle", Kind.VEHICLE, "RuleEngine/TPSmartEventDetector/TPSmartEvent"),
        ("tapo-pet", Kind.ANIMAL, "RuleEngine/TPSmartEventDetector/TPSmartEvent"),
        ("field", Kind.INTRUSION, "RuleEngine/FieldDetector/ObjectsInside"),
        ("tamper", Kind.TAMPER, "RuleEngine/TamperDetector/Tamper"),
        ("scene-change", Kind.TAMPER, "VideoSource/GlobalSceneChange/ImagingService"),
        ("signal-loss", Kind.SIGNAL_LOSS, "VideoSource/SignalLoss"),
        ("storage", Kind.STORAGE, "Device/HardwareFailure/StorageFailure"),
        ("digital-input", Kind.DIGITAL_INPUT, "Device/Trigger/DigitalInput"),
        ("sound", Kind.SOUND, "AudioAnalytics/Audio/DetectedSound"),
        ("unheard-of", Kind.OTHER, "RuleEngine/CuriosityDetector/Curious"),  # kept, under its own name
    ],
)
def test_each_makers_words_become_one_of_ours(style: str, kind: Kind, topic: str) -> None:
    began, ended = told(style), told(style, active=False)
    assert (began.kind, began.topic, began.active) == (kind, topic, True)
    assert ended.active is False
    assert began.said_at == START


def test_a_crossed_line_is_a_moment() -> None:
    assert told("line", operation=None).active is None


def test_a_time_with_a_dash_is_a_time() -> None:
    said = message(EVENT_STYLES["cell-motion"], active=True, at=START, operation="Changed", dash=True)
    found = read(notification(envelope(said)))
    assert found is not None
    assert found.said_at == START


@pytest.mark.parametrize("inside", [(), (el("wsnt:Topic", " "), el("wsnt:Message")), (el("wsnt:Topic", "///"),)])
def test_a_notification_without_a_topic_is_none(inside: tuple[Element, ...]) -> None:
    assert read(notification(envelope(el("wsnt:NotificationMessage", *inside)))) is None


def events(*stream: Told) -> list[bool | None]:
    known = Happenings("cam_1", "gateway-1")
    taken = (known.take(one, START, float(place)) for place, one in enumerate(stream))
    return [event.active for event in taken if event is not None]


def test_initial_states_and_repeats_are_no_changes() -> None:
    initial = told("cell-motion", active=False, operation="Initialized")
    assert events(initial) == []
    assert events(initial, told("cell-motion"), told("cell-motion", later_s=1)) == [True]
    assert events(told("cell-motion"), told("cell-motion", active=False)) == [True, False]


def test_a_state_that_ended_while_nobody_listened_ends_with_the_next_subscription() -> None:
    assert events(told("cell-motion"), told("cell-motion", active=False, operation="Initialized")) == [True, False]


def test_a_moment_told_twice_is_one_and_the_next_one_another() -> None:
    line = told("line", operation=None)
    assert events(line, line, told("line", operation=None, later_s=3)) == [None, None]


def test_a_chattering_camera_is_cut_short_and_its_end_is_still_told() -> None:
    known = Happenings("cam_1", "gateway-1")
    taken = 0
    for number in range(200):
        one = told("cell-motion", active=number % 2 == 0, later_s=number / 100)
        taken += known.take(one, START, number / 100) is not None
    assert taken == BURST
    assert known.dropped > 50
    later = known.take(told("cell-motion", active=True, later_s=90), START, 2 + 2 * EVERY_S)
    assert later is not None


def test_the_same_event_has_the_same_id_at_two_gateways() -> None:
    one, two = (Happenings("cam_1", gateway).take(told("cell-motion"), START, 0.0) for gateway in ("a", "b"))
    assert one is not None
    assert two is not None
    assert one.event_id == two.event_id
