"""YOLOX around its network: a picture into its input, its output into detections.

Source: Ge et al., "YOLOX: Exceeding YOLO Series in 2021", arXiv 2107.08430, section 2; input BGR 0..255, letterboxed at
the top left with grey 114. Pure but for the input buffer, which one thread owns.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from analytics.detections import Detections
from analytics.detectors.base import suppressed
from hub.picture import Picture

MEAN = (0.0, 0.0, 0.0)
DEVIATION = (1.0, 1.0, 1.0)
STRIDES = (8, 16, 32)
_PAD = 114
_OVERLAP = 0.45


class Yolox:
    """Input of `size_px` square, `labels` in the order of the network's classes."""

    mean = MEAN
    deviation = DEVIATION

    def __init__(self, size_px: int, labels: tuple[str, ...], least_confidence: float) -> None:
        self._size_px = size_px
        self._labels = labels
        self._least_confidence = least_confidence
        self._centres, self._strides = _grid(size_px)

    def output_shapes(self) -> list[tuple[int, ...]]:
        """What a network of this family gives: one row a place of the grid: box, objectness, classes."""
        return [(1, len(self._centres), 5 + len(self._labels))]

    def fill(self, picture: Picture, into: NDArray[np.uint8]) -> None:
        """Write the picture, letterboxed, into (size, size, 3)."""
        height, width = picture.shape[:2]
        ratio = self._ratio(width, height)
        w, h = max(1, int(width * ratio)), max(1, int(height * ratio))
        into[h:] = _PAD
        into[:h, w:] = _PAD
        into[:h, :w] = cv2.resize(picture, (w, h), interpolation=cv2.INTER_LINEAR)

    def read(self, outputs: Sequence[NDArray[np.float32]], resolution_wh: tuple[int, int]) -> Detections:
        """Detections in pixels of the picture, from the network's outputs."""
        rows = outputs[0][0]
        seen = rows[:, 4] >= self._least_confidence  # objectness is never below the product with a class
        rows, centres, strides = rows[seen], self._centres[seen], self._strides[seen]
        if not len(rows):
            return Detections.none(resolution_wh, self._labels)
        scores = rows[:, 5:] * rows[:, 4:5]
        classes = scores.argmax(axis=1)
        confidence = scores[np.arange(len(rows)), classes]
        sure = confidence >= self._least_confidence
        middle = (rows[:, :2] + centres) * strides
        half = np.exp(np.minimum(rows[:, 2:4], 10.0)) * strides / 2
        boxes = np.concatenate((middle - half, middle + half), axis=1) / self._ratio(*resolution_wh)
        found = Detections(
            boxes[sure].astype(np.float32),
            np.minimum(confidence[sure], 1.0).astype(np.float32),
            classes[sure].astype(np.int32),
            self._labels,
            resolution_wh,
        )
        return suppressed(found, _OVERLAP)

    def _ratio(self, width: int, height: int) -> float:
        return min(self._size_px / width, self._size_px / height)


def _grid(size_px: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Each output row's place, (rows, 2) in cells, and its stride, (rows, 1) in pixels."""
    places, strides = [], []
    for stride in STRIDES:
        cells = np.arange(size_px // stride, dtype=np.float32)
        x, y = np.meshgrid(cells, cells)
        places.append(np.stack((x.ravel(), y.ravel()), axis=1))
        strides.append(np.full((x.size, 1), stride, np.float32))
    return np.concatenate(places), np.concatenate(strides)
