"""From frames to looks: masks first, the gate, what stands still, what only the light does."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from analytics.detections import Detections
from analytics.detectors.base import Detector
from analytics.looker import FrameToLook, Looked, Looker
from hub.contracts.camera import CameraSpec
from hub.contracts.frame import FrameReason
from hub.errors import HubError
from hub.picture import Picture
from hub.settings import AnalyticsSettings
from tests.analytics.makers import LOWER_HALF, frame, keyframe, rule, scene, spec
from tests.support.clock import FakeClock


class Seeing:
    """Sees one `person` wherever it is dark enough, and remembers which pictures it was shown."""

    name = "seeing"

    def __init__(self) -> None:
        self.shown: list[Picture] = []

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        self.shown += [picture.copy() for picture in pictures]
        return [self._one(picture) for picture in pictures]

    def _one(self, picture: Picture) -> Detections:
        dark = (picture.max(axis=2) < 70) & (picture.max(axis=2) > 0)
        size = (picture.shape[1], picture.shape[0])
        rows, columns = np.nonzero(dark)
        if len(rows) < 500:
            return Detections.none(size, ("person",))
        box = np.array([[columns.min(), rows.min(), columns.max(), rows.max()]], np.float32)
        return Detections(box, np.array([0.9], np.float32), np.zeros(1, np.int32), ("person",), size)


def looker(detector: Detector | None = None, *, with_motion: bool = False, threads: int = 1) -> Looker:
    return Looker(AnalyticsSettings(threads=threads), FakeClock(), detector, name="test", with_motion=with_motion)


def shown(eye: Looker, seconds: float, picture: Picture, camera: CameraSpec | None = None) -> Looked:
    answer = eye.look([FrameToLook(frame(seconds), keyframe(picture), camera or spec())])[0]
    assert isinstance(answer, Looked)
    return answer


def test_the_first_look_is_open_and_an_unchanged_picture_closes_the_gate() -> None:
    eye = looker(seeing := Seeing())
    assert shown(eye, 0, scene()).look.gate_open
    assert [shown(eye, second, scene()).look.gate_open for second in (2, 4, 6)] == [False, False, False]
    assert len(seeing.shown) == 1


def test_a_sweeps_picture_is_looked_at_in_full_whatever_the_gate_says_and_its_noise_is_no_movement() -> None:
    eye = looker(seeing := Seeing(), with_motion=True)
    shown(eye, 0, scene())
    shown(eye, 2, scene())
    assert len(seeing.shown) == 1
    swept = frame(4, reason=FrameReason.SWEEP, sweep_id="sweep_1")
    (answer,) = eye.look([FrameToLook(swept, keyframe(scene()), spec())])
    assert isinstance(answer, Looked)
    assert len(seeing.shown) == 2
    assert (answer.look.gate_open, answer.look.sweep_id, answer.look.boxes) == (True, "sweep_1", ())
    after = shown(eye, 6, scene()).look
    assert (after.gate_open, after.sweep_id) == (False, None)


def test_somebody_who_comes_opens_the_gate_and_stays_found_while_standing_still_for_five_minutes() -> None:
    eye = looker(Seeing())
    shown(eye, 0, scene())
    answers = [shown(eye, second, scene(150)).look for second in range(10, 310, 10)]
    assert all(answer.gate_open and len(answer.boxes) == 1 for answer in answers)
    gone = [shown(eye, second, scene()).look for second in (310, 312, 314)]
    assert [len(answer.boxes) for answer in gone] == [0, 0, 0]
    assert not gone[-1].gate_open  # the floor beneath was never forgotten


def test_somebody_who_was_there_from_the_first_look_stays_found() -> None:
    eye = looker(Seeing())
    assert all(len(shown(eye, second, scene(150)).look.boxes) == 1 for second in range(0, 60, 10))


@pytest.mark.parametrize("light", [-60, -30, 25, 60])
def test_a_change_of_light_alone_opens_nothing_for_long(light: int) -> None:
    eye = looker(Seeing())
    shown(eye, 0, scene())
    shown(eye, 2, scene())
    answers = [shown(eye, second, scene(light=light)).look for second in (4, 6, 8)]
    assert not answers[-1].gate_open
    assert not any(answer.boxes for answer in answers)


def test_a_change_of_light_does_not_hide_who_comes_with_it() -> None:
    eye = looker(Seeing())
    shown(eye, 0, scene())
    answer = shown(eye, 2, scene(150, light=25)).look
    assert answer.gate_open
    assert len(answer.boxes) == 1


def test_masks_are_black_before_the_detector_sees_and_before_the_picture_is_kept() -> None:
    mask = ((0.3, 0.2), (0.7, 0.2), (0.7, 0.95), (0.3, 0.95))
    camera = spec(masks=(mask,), rules=(rule(labels=("person", "motion")),))
    eye = looker(seeing := Seeing(), with_motion=True)
    shown(eye, 0, scene(), camera)
    hidden = shown(eye, 2, scene(150), camera)
    assert (hidden.look.gate_open, hidden.look.boxes, hidden.jpeg) == (False, (), None)
    beside = shown(eye, 4, scene(250), camera)
    assert beside.look.boxes
    assert beside.jpeg is not None
    kept = cv2.imdecode(np.frombuffer(beside.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert kept is not None
    assert kept[50:170, 108:212].max() < 40  # nothing but what JPEG smears
    for picture in seeing.shown:
        assert not picture[48:180, 100:220].any()


def test_other_masks_begin_another_background() -> None:
    eye = looker(Seeing())
    shown(eye, 0, scene())
    assert not shown(eye, 2, scene()).look.gate_open
    assert shown(eye, 4, scene(), spec(revision=2, masks=(LOWER_HALF,))).look.gate_open


def test_the_picture_is_kept_only_where_a_rule_may_want_it() -> None:
    eye = looker(Seeing())
    shown(eye, 0, scene())
    assert shown(eye, 2, scene(150)).jpeg is not None
    upstairs = ({"zone_id": "zone_1", "name": "天台", "polygon": ((0, 0), (1, 0), (1, 0.1), (0, 0.1))},)
    for camera in (spec(rules=()), spec(zones=upstairs), spec(rules=(rule(labels=("car",)),))):
        answer = shown(eye, 4, scene(150), camera)
        assert answer.look.boxes
        assert (answer.jpeg, answer.look.picture_key) == (None, None)


def test_motion_is_found_where_a_rule_asks_for_it_and_only_there() -> None:
    for labels, found in ((("person", "motion"), ["motion"]), (("person",), [])):
        camera = spec(rules=(rule(labels=labels),))
        eye = looker(None)
        shown(eye, 0, scene(), camera)
        answer = shown(eye, 2, scene(150), camera).look
        assert [box.label for box in answer.boxes] == found
        if found:
            box = answer.boxes[0]
            assert abs(box.x1 - 150 / 320) < 0.03
            assert abs(box.y2 - 150 / 192) < 0.04
            assert box.confidence >= 0.5


def test_who_moves_is_found_by_motion_for_as_long_as_a_rule_needs() -> None:
    eye = looker(None, with_motion=True)
    shown(eye, 0, scene())
    answers = [shown(eye, second, scene(150)).look for second in range(2, 40, 2)]
    assert all(answer.boxes for answer in answers)


def test_frames_of_many_cameras_in_one_batch_are_answered_in_order_bad_ones_with_their_reason() -> None:
    eye = looker(Seeing(), threads=2)
    works = [
        FrameToLook(
            frame(0, camera_id=f"cam_{place}"),
            b"\0\0\1garbage" if place == 1 else keyframe(scene(100)),
            spec(camera_id=f"cam_{place}"),
        )
        for place in range(3)
    ]
    answers = eye.look(works)
    assert isinstance(answers[1], HubError)
    assert [a.look.camera_id for a in answers if isinstance(a, Looked)] == ["cam_0", "cam_2"]
    eye.forget("cam_0")
    eye.close()


def test_a_camera_that_was_long_away_begins_anew() -> None:
    eye = looker(Seeing())
    shown(eye, 0, scene())
    assert not shown(eye, 500, scene()).look.gate_open
    assert shown(eye, 1200, scene()).look.gate_open
