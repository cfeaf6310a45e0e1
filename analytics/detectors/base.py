"""What every detector is: pictures in, detections out. Called from one thread; blocks; knows no camera and no zone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from analytics.detections import Detections
from hub.picture import Picture


class Detector(Protocol):
    """Finds things by name."""

    @property
    def name(self) -> str:
        """As a look carries it: `hog`, `openvino:yolox-nano`."""
        ...

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        """One value for each picture, in order; pixels of that picture."""
        ...


def suppressed(found: Detections, most_overlap: float, most_boxes: int = 100) -> Detections:
    """Of boxes of one class that overlap (intersection over union) more than `most_overlap`, the surest alone."""
    if len(found) < 2:
        return found
    boxes = found.xyxy.astype(np.float64)
    as_xywh = np.concatenate((boxes[:, :2], boxes[:, 2:] - boxes[:, :2]), axis=1)
    kept: NDArray[np.intp] = np.asarray(
        cv2.dnn.NMSBoxesBatched(
            as_xywh.tolist(), found.confidence.tolist(), found.class_id.tolist(), 0.0, most_overlap
        ),
        np.intp,
    )
    order = kept[np.argsort(-found.confidence[kept], kind="stable")]
    return found[order[:most_boxes]]
