"""OpenCV's built-in people detector (histograms of oriented gradients; Dalal and Triggs, CVPR 2005): needs no download.

Finds upright people of at least about a third of the picture's height, by day, from the side; a fallback, not a rival
to a model. Called from one thread; about 90 ms for a picture on one core.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from analytics.detections import Detections
from analytics.detectors.base import suppressed
from hub.picture import Picture

LONG_SIDE_PX = 480
"""Pictures are shrunk to this: the detector's window holds people of 96 lines, of 270."""
SCALE = 1.05
STRIDE_PX = 8
PADDING_PX = 32  # people cut by the picture's edge; without it half of those of the real clips were lost
SURENESS = 1.75
"""Confidence is 1 - exp(-1.75 x distance to the plane): 0.5 at 0.4, above all that empty scenes of the clips gave."""
_PADDING = (0.17, 0.07)  # of width and height on each side: the window it was taught with has so much air
_OVERLAP = 0.4


class HogDetector:
    """Label `person`. Its confidence is an order and not a probability, see `SURENESS`."""

    def __init__(self, least_confidence: float) -> None:
        self._least_confidence = least_confidence
        self._hog = cv2.HOGDescriptor()
        self._hog.setSVMDetector(np.array(cv2.HOGDescriptor.getDefaultPeopleDetector(), np.float32))

    @property
    def name(self) -> str:
        """`hog`."""
        return "hog"

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        """People, with the air round them cut off."""
        return [self._one(picture) for picture in pictures]

    def _one(self, picture: Picture) -> Detections:
        height, width = picture.shape[:2]
        ratio = LONG_SIDE_PX / max(height, width)
        small = cv2.resize(picture, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_AREA) if ratio < 1 else picture
        ratio = min(1.0, ratio)
        if small.shape[0] < 128 or small.shape[1] < 64:
            return Detections.none((width, height), ("person",))
        rectangles, weights = self._hog.detectMultiScale(
            small, winStride=(STRIDE_PX, STRIDE_PX), padding=(PADDING_PX, PADDING_PX), scale=SCALE, groupThreshold=0
        )
        if not len(rectangles):
            return Detections.none((width, height), ("person",))
        x, y, w, h = np.asarray(rectangles, np.float32).T / ratio
        boxes = np.stack(
            (x + _PADDING[0] * w, y + _PADDING[1] * h, x + (1 - _PADDING[0]) * w, y + (1 - _PADDING[1]) * h), axis=1
        )
        confidence = 1.0 - np.exp(-SURENESS * np.maximum(np.asarray(weights, np.float32).reshape(-1), 0.0))
        found = Detections(
            boxes.astype(np.float32),
            confidence.astype(np.float32),
            np.zeros(len(boxes), np.int32),
            ("person",),
            (width, height),
        )
        return suppressed(found[confidence >= self._least_confidence], _OVERLAP)
