"""Detectors: motion, HOG, and the networks against what the material says they give."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import cast

import av
import numpy as np
import pytest

from analytics.background import HEIGHT, WIDTH, Background, Change, to_grey
from analytics.coco import COCO_80
from analytics.detections import Detections
from analytics.detectors.base import suppressed
from analytics.detectors.hog import HogDetector
from analytics.detectors.motion import moving
from analytics.detectors.nanodet import Nanodet
from analytics.detectors.openvino import OpenVinoDetector
from analytics.detectors.yolox import Yolox
from analytics.weights import MANIFEST, read_manifest
from hub.errors import HubError
from hub.picture import Picture
from tests.analytics.makers import scene

MATERIAL = Path(os.environ.get("PROBE_MATERIAL", "/nonexistent"))
needs_material = pytest.mark.skipif(not MATERIAL.is_dir(), reason="PROBE_MATERIAL is not set")
REFERENCES = {"yolox-nano": "yolox_nano_coco", "nanodet-m": "nanodet_m_416_coco"}


@cache
def pictures(clip: str, places: tuple[int, ...]) -> dict[int, Picture]:
    """Frames by their place, 0-based, in decode order."""
    found = {}
    with av.open(str(MATERIAL / "videos" / clip)) as container:
        for place, frame in enumerate(container.decode(video=0)):
            if place in places:
                found[place] = cast(Picture, frame.to_ndarray(format="bgr24"))
            if place >= max(places):
                break
    return found


def opened(name: str, least_confidence: float = 0.5, threads: int = 1) -> OpenVinoDetector:
    model = read_manifest(MANIFEST)[name]
    return OpenVinoDetector(
        MATERIAL / "models" / model.file,
        name=name,
        family=model.family,
        size_px=model.input.width_px,
        labels=model.classes,
        least_confidence=least_confidence,
        threads=threads,
    )


@pytest.mark.material
@needs_material
@pytest.mark.parametrize("name", sorted(REFERENCES))
@pytest.mark.parametrize("clip", ["one-by-one-person-detection.mp4", "store-aisle-detection.gif"])
def test_a_network_gives_the_boxes_of_its_reference_within_3_px_and_3_hundredths(name: str, clip: str) -> None:
    expected = json.loads((MATERIAL / "models" / "expected_boxes.json").read_text())[REFERENCES[name]][clip]
    frames = pictures(clip, tuple(int(place) for place in expected))
    detector = opened(name)
    assert detector.name == f"openvino:{name}"
    for place, boxes in expected.items():
        found = detector.detect([frames[int(place)]])[0]
        given = [(found.label(row), float(found.confidence[row]), found.xyxy[row]) for row in range(len(found))]
        assert [label for label, _, _ in given] == [box["class"] for box in boxes], (place, given)
        for (_, confidence, xyxy), box in zip(given, boxes, strict=True):
            assert abs(confidence - box["confidence"]) <= 0.03, (place, given)
            assert np.abs(xyxy - box["xyxy_px"]).max() <= 3.5, (place, xyxy)  # 3, and the reference's own rounding


@pytest.mark.material
@needs_material
def test_pictures_of_any_size_in_one_call_are_answered_in_order() -> None:
    frame = pictures("one-by-one-person-detection.mp4", (100,))[100]
    tall = np.ascontiguousarray(frame[:, 300:600])
    answers = opened("yolox-nano").detect([frame, np.zeros((50, 400, 3), np.uint8), tall])
    assert [len(answer) for answer in answers] == [1, 0, 1]
    assert [answer.resolution_wh for answer in answers] == [(768, 432), (400, 50), (300, 432)]
    assert abs(float(answers[2].xyxy[0, 0]) + 300 - float(answers[0].xyxy[0, 0])) < 12


@pytest.mark.material
@needs_material
def test_a_file_of_another_family_is_refused_with_a_sentence() -> None:
    with pytest.raises(HubError) as caught:
        OpenVinoDetector(
            MATERIAL / "models" / "fastestdet_352_coco.onnx",
            name="x",
            family="yolox",
            size_px=416,
            labels=COCO_80,
            least_confidence=0.5,
        )
    assert caught.value.code == "analytics.model_shape"


def test_a_file_that_is_no_model_is_refused_with_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "x.onnx"
    file.write_bytes(b"no model" * 100)
    with pytest.raises(HubError) as caught:
        OpenVinoDetector(file, name="x", family="yolox", size_px=416, labels=COCO_80, least_confidence=0.5)
    assert caught.value.code == "analytics.model_shape"


def test_yolox_reads_a_row_as_a_box_round_its_cell_scaled_back_through_the_letterbox() -> None:
    family = Yolox(416, ("person", "car"), 0.5)
    rows = np.full((1, 3549, 7), -9.0, np.float32)
    rows[0, :, 4:] = 0.0
    # Cell (10, 20) of stride 8, moved by half a cell, 64 x 32 px wide; in a picture twice as large as the input.
    rows[0, 20 * 52 + 10] = (0.5, 0.5, np.log(8), np.log(4), 0.9, 0.1, 1.0)
    found = family.read([rows], (832, 400))
    assert found.label(0) == "car"
    assert found.confidence[0] == pytest.approx(0.9)
    assert found.xyxy[0] == pytest.approx(np.array([84 - 32, 164 - 16, 84 + 32, 164 + 16]) * 2.0)


def test_yolox_letterboxes_at_the_top_left_with_grey_114() -> None:
    into = np.zeros((416, 416, 3), np.uint8)
    Yolox(416, ("person",), 0.5).fill(np.full((100, 200, 3), 7, np.uint8), into)
    assert (into[:208] == 7).all()
    assert (into[208:] == 114).all()


def test_nanodet_reads_sides_as_the_expectation_of_their_distributions() -> None:
    family = Nanodet(416, ("person",), 0.5)
    outputs = [np.zeros(shape, np.float32) for shape in family.output_shapes()]
    outputs[2][0, 6 * 13 + 6, 0] = 0.8  # stride 32, the middle cell
    outputs[5][0, 6 * 13 + 6] = np.tile(np.where(np.arange(8) == 2, 50.0, 0.0), 4)  # each side surely 2 strides
    found = family.read(outputs, (416, 416))
    assert found.xyxy[0] == pytest.approx(np.array([143.5, 143.5, 271.5, 271.5]), abs=0.01)


def boxes(*rows: tuple[float, float, float, float, float, int]) -> Detections:
    table = np.array(rows, np.float32).reshape(-1, 6)
    return Detections(table[:, :4], table[:, 4].copy(), table[:, 5].astype(np.int32), ("person", "car"), (500, 500))


@pytest.mark.parametrize(
    ("found", "kept"),
    [
        (boxes(), []),
        (boxes((0, 0, 100, 100, 0.9, 0)), [0.9]),
        (boxes((0, 0, 100, 100, 0.6, 0), (5, 5, 105, 105, 0.9, 0)), [0.9]),  # the surer one stays
        (boxes((0, 0, 100, 100, 0.6, 0), (5, 5, 105, 105, 0.9, 1)), [0.9, 0.6]),  # another class: both stay
        (boxes((0, 0, 100, 100, 0.6, 0), (80, 0, 180, 100, 0.9, 0)), [0.9, 0.6]),  # a ninth overlaps: both stay
    ],
)
def test_of_boxes_that_overlap_the_surest_of_each_class_stays(found: Detections, kept: Sequence[float]) -> None:
    assert suppressed(found, 0.45).confidence.tolist() == pytest.approx(kept)


def change_between(before: Picture, after: Picture) -> Change:
    background = Background(18, 0.004)
    first = background.compare(to_grey(before), 0.0)
    background.learn(to_grey(before), 0.0, first, Detections.none((320, 192)))
    return background.compare(to_grey(after), 2.0)


def test_a_moving_patch_is_one_box_round_it() -> None:
    found = moving(change_between(scene(), scene(100)), (320, 192), 18)
    assert len(found) == 1
    assert np.abs(found.xyxy[0] - (100, 60, 130, 150)).max() < 8


def test_who_stood_there_when_the_background_was_learned_leaves_no_ghost_and_is_found_where_he_went() -> None:
    assert len(moving(change_between(scene(100), scene()), (320, 192), 18)) == 0
    found = moving(change_between(scene(60), scene(200)), (320, 192), 18)
    assert len(found) == 1
    assert abs(float(found.xyxy[0, 0]) - 200) < 8


def test_a_first_look_and_a_jump_to_another_scene_are_no_movement() -> None:
    first = Background(18, 0.004).compare(to_grey(scene(100)), 0.0)
    assert first.is_open
    assert len(moving(first, (320, 192), 18)) == 0
    noise = np.random.default_rng(3).integers(0, 255, (24, 40, 3), np.uint8).repeat(8, 0).repeat(8, 1)
    jump = change_between(scene(), np.ascontiguousarray(noise))
    assert jump.is_open
    assert len(moving(jump, (320, 192), 18)) == 0


def test_noise_of_single_pixels_opens_no_gate() -> None:
    dice = np.random.default_rng(5)
    noisy = [
        np.clip(scene(size=(640, 384)) + dice.normal(0, 18, (384, 640, 3)), 0, 255).astype(np.uint8) for _ in (0, 1)
    ]
    change = change_between(*noisy)
    assert not change.is_open


def test_never_more_than_twenty_patches() -> None:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    for row in range(6):
        for column in range(8):
            mask[row * 15 + 2 : row * 15 + 9, column * 20 + 4 : column * 20 + 12] = 1
    change = Change(mask, mask * np.float32(40), float(mask.mean()), True, True, np.zeros_like(mask, np.float32))
    assert len(moving(change, (1600, 900), 18)) == 20


@pytest.mark.material
@needs_material
@pytest.mark.slow
def test_hog_finds_people_who_stand_whole_in_the_picture() -> None:
    frames = pictures("store-aisle-detection.gif", (10, 40, 70))
    found = HogDetector(0.35).detect(list(frames.values()))
    assert sum(len(one) for one in found) >= 1


def test_hog_finds_nothing_in_an_empty_scene_or_in_a_picture_smaller_than_its_window() -> None:
    found = HogDetector(0.35).detect([scene(size=(640, 384)), np.zeros((40, 40, 3), np.uint8)])
    assert [len(one) for one in found] == [0, 0]
    assert found[0].resolution_wh == (640, 384)
