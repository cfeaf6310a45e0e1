"""Detections: columns that fit each other, frozen, and honest on the wire."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.detections import Detections
from hub.contracts.look import Box


def some() -> Detections:
    return Detections(
        np.array([[10, 20, 110, 220], [-5, -5, 50, 50], [300, 10, 400, 90]], np.float32),
        np.array([0.9, 0.5, 0.7], np.float32),
        np.array([0, 1, 0], np.int32),
        ("person", "car"),
        (320, 240),
    )


def test_slices_masks_and_places_keep_the_columns_together() -> None:
    found = some()
    assert [found[:1].label(0), len(found[found.confidence > 0.6]), found[np.array([1])].label(0)] == [
        "person",
        2,
        "car",
    ]
    assert found.labelled(("car",)).tolist() == [False, True, False]
    assert found.labelled(("bus",)).tolist() == [False, False, False]


def test_nothing_in_it_can_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        some().xyxy[0, 0] = 1


@pytest.mark.parametrize(
    "columns",
    [
        (np.zeros((2, 4), np.float32), np.zeros(1, np.float32), np.zeros(2, np.int32)),
        (np.zeros((2, 3), np.float32), np.zeros(2, np.float32), np.zeros(2, np.int32)),
        (np.zeros((1, 4), np.float32), np.zeros(1, np.float32), np.full(1, 7, np.int32)),
    ],
)
def test_columns_that_do_not_fit_are_refused(columns: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    with pytest.raises(ValueError, match=r"columns|label"):
        Detections(*columns, ("person",), (10, 10))


def test_on_the_wire_boxes_are_cut_at_the_edges_and_empty_ones_left_out() -> None:
    boxes = some().to_boxes()
    assert [(box.label, box.x1, box.y1) for box in boxes] == [
        ("person", 0.03125, 0.08333),
        ("car", 0.0, 0.0),
        ("person", 0.9375, 0.04167),
    ]
    assert boxes[2].x2 == 1.0
    outside = Detections(
        np.array([[400, 0, 500, 9]], np.float32), np.ones(1, np.float32), np.zeros(1, np.int32), ("a",), (320, 240)
    )
    assert outside.to_boxes() == ()


def test_there_and_back_again_is_the_same() -> None:
    boxes = (Box(label="car", confidence=0.5, x1=0.1, y1=0.2, x2=0.3, y2=0.4),)
    again = Detections.of_boxes(boxes, (640, 480)).to_boxes()
    assert again == boxes
    assert len(Detections.of_boxes((), (640, 480))) == 0


def test_joined_boxes_keep_their_labels() -> None:
    motion = Detections(
        np.ones((1, 4), np.float32), np.ones(1, np.float32), np.zeros(1, np.int32), ("motion",), (320, 240)
    )
    both = some().joined(motion)
    assert [both.label(row) for row in range(len(both))] == ["person", "car", "person", "motion"]
    assert [Detections.none((320, 240)).joined(motion).label(0)] == ["motion"]
    with pytest.raises(ValueError, match="size"):
        both.joined(Detections.none((1, 1)))
