"""NanoDet around its network: a picture into its input, its output into detections.

Source: RangiLyu/nanodet 0.x; box sides are distributions over 0..7 strides (Li et al., "Generalized Focal Loss",
arXiv 2006.04388, section 3). Input BGR, plain resize, mean and deviation of ImageNet. Pure; one thread.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from analytics.detections import Detections
from analytics.detectors.base import suppressed
from hub.picture import Picture

STRIDES = (8, 16, 32)
_BINS = 8
_OVERLAP = 0.6


class Nanodet:
    """Input of `size_px` square, `labels` in the order of the network's classes."""

    mean = (103.53, 116.28, 123.675)
    deviation = (57.375, 57.12, 58.395)

    def __init__(self, size_px: int, labels: tuple[str, ...], least_confidence: float) -> None:
        self._size_px = size_px
        self._labels = labels
        self._least_confidence = least_confidence

    def output_shapes(self) -> list[tuple[int, ...]]:
        """Class scores for each stride, then the sides' distributions for each."""
        cells = [(self._size_px // stride) ** 2 for stride in STRIDES]
        return [(1, count, width) for width in (len(self._labels), 4 * _BINS) for count in cells]

    def fill(self, picture: Picture, into: NDArray[np.uint8]) -> None:
        """Write the picture, squeezed to the square, into (size, size, 3)."""
        # Pillow's bilinear widens its filter when it shrinks, cv2's does not: with cv2 boxes wander by ten pixels.
        square = (self._size_px, self._size_px)
        into[:] = np.asarray(Image.fromarray(picture).resize(square, Image.Resampling.BILINEAR))

    def read(self, outputs: Sequence[NDArray[np.float32]], resolution_wh: tuple[int, int]) -> Detections:
        """Detections in pixels of the picture, from the network's outputs."""
        boxes, confidences, classes = [], [], []
        for place, stride in enumerate(STRIDES):
            scores, sides = outputs[place][0], outputs[place + len(STRIDES)][0]
            rows = np.flatnonzero(scores.max(axis=1) >= self._least_confidence)
            best = scores[rows].argmax(axis=1)
            boxes.append(self._boxes(rows, sides[rows], stride))
            confidences.append(scores[rows, best])
            classes.append(best)
        scale = np.array([resolution_wh[0] / self._size_px, resolution_wh[1] / self._size_px] * 2, np.float32)
        found = Detections(
            (np.concatenate(boxes) * scale).astype(np.float32),
            np.concatenate(confidences).astype(np.float32),
            np.concatenate(classes).astype(np.int32),
            self._labels,
            resolution_wh,
        )
        return suppressed(found, _OVERLAP)

    def _boxes(self, rows: NDArray[np.intp], sides: NDArray[np.float32], stride: int) -> NDArray[np.float32]:
        """(N, 4) in pixels of the input: a cell's middle, less and plus the expected length of each side."""
        across = self._size_px // stride
        x = (rows % across + 0.5) * stride - 0.5
        y = (rows // across + 0.5) * stride - 0.5
        weights = np.exp(sides.reshape(-1, 4, _BINS) - sides.reshape(-1, 4, _BINS).max(axis=2, keepdims=True))
        length = (weights @ np.arange(_BINS, dtype=np.float32)) / weights.sum(axis=2) * stride
        corners = np.stack((x - length[:, 0], y - length[:, 1], x + length[:, 2], y + length[:, 3]), axis=1)
        boxes: NDArray[np.float32] = np.clip(corners, 0, self._size_px).astype(np.float32)
        return boxes
