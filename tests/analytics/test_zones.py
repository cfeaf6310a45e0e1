"""Whether a box is in a zone: tables, a comment a row."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.detections import Detections
from analytics.zones import inside
from hub.contracts.base import Polygon

SQUARE: Polygon = ((0.4, 0.4), (0.8, 0.4), (0.8, 0.8), (0.4, 0.8))
BACKWARDS: Polygon = tuple(reversed(SQUARE))
ELL: Polygon = ((0.1, 0.1), (0.3, 0.1), (0.3, 0.7), (0.9, 0.7), (0.9, 0.9), (0.1, 0.9))
BOW_TIE: Polygon = ((0.2, 0.2), (0.8, 0.8), (0.8, 0.2), (0.2, 0.8))


def boxes(*corners: tuple[float, float, float, float]) -> Detections:
    """0..1 in a picture of 1000x500."""
    return Detections(
        np.array(corners, np.float32).reshape(-1, 4) * np.array((1000, 500, 1000, 500), np.float32),
        np.ones(len(corners), np.float32),
        np.zeros(len(corners), np.int32),
        ("person",),
        (1000, 500),
    )


@pytest.mark.parametrize(
    ("polygon", "box", "is_inside"),
    [
        (SQUARE, (0.55, 0.3, 0.65, 0.7), True),  # stands in it
        (SQUARE, (0.55, 0.0, 0.65, 0.39), False),  # wholly above
        (SQUARE, (0.55, 0.1, 0.65, 0.41), True),  # only the feet are in it
        (SQUARE, (0.55, 0.5, 0.65, 0.95), True),  # feet below it, two thirds of the body in it
        (SQUARE, (0.55, 0.75, 0.65, 0.99), False),  # only the head is in it
        (SQUARE, (0.3, 0.3, 0.5, 0.6), True),  # foot point exactly on the left edge
        (SQUARE, (0.0, 0.0, 1.0, 1.0), False),  # a box over the whole picture has its feet elsewhere
        (SQUARE, (0.9, 0.5, 1.4, 0.7), False),  # reaches out of the picture
        (BACKWARDS, (0.55, 0.3, 0.65, 0.7), True),  # the winding does not matter
        (ELL, (0.5, 0.2, 0.6, 0.5), False),  # in the notch of an L
        (ELL, (0.5, 0.5, 0.6, 0.8), True),  # on its foot
        (BOW_TIE, (0.48, 0.3, 0.52, 0.31), False),  # between the wings of a polygon that crosses itself
        (BOW_TIE, (0.7, 0.3, 0.8, 0.5), True),  # in its right wing
    ],
)
@pytest.mark.filterwarnings("error")
def test_a_box_is_in_a_zone_by_its_feet_or_by_half_of_its_area(
    polygon: Polygon, box: tuple[float, float, float, float], is_inside: bool
) -> None:
    assert inside(boxes(box), polygon).tolist() == [is_inside]


def test_many_boxes_are_answered_in_their_order_and_none_with_none() -> None:
    found = inside(boxes((0.55, 0.3, 0.65, 0.7), (0.0, 0.0, 0.1, 0.1), (0.5, 0.5, 0.6, 0.6)), SQUARE)
    assert found.tolist() == [True, False, True]
    assert inside(boxes(), SQUARE).tolist() == []
