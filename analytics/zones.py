"""Whether a box is in a zone. Pure geometry in 0..1 of the picture; any thread.

A box is in a zone when its **foot point** (the middle of its lower edge, where a person stands) is in the polygon, or
when at least half of its area is: feet are often hidden behind a wall, a boat, the picture's edge. So a zone is drawn
on the ground that matters, and a person who only passes in front of it with less than half the body is not in it.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from analytics.detections import Detections
from hub.contracts.base import Polygon

LEAST_OVERLAP = 0.5
"""Share of a box's area that puts it in a zone without its foot point: below half, the box is mostly elsewhere."""
_GRID = 512  # polygons are rasterised once at this size for the share of area: 0.2 % of the picture's width


def inside(found: Detections, polygon: Polygon) -> NDArray[np.bool_]:
    """(N,) which boxes are in the polygon (corners 0..1, any winding, a foot point on the edge counts)."""
    if not len(found):
        return np.zeros(0, np.bool_)
    boxes = np.clip(found.xyxy / np.array(found.resolution_wh * 2, np.float32), 0.0, 1.0).astype(np.float32)
    corners = np.array(polygon, np.float32)
    feet = np.stack(((boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]), axis=1)
    standing = np.array([cv2.pointPolygonTest(corners, (float(x), float(y)), False) >= 0 for x, y in feet], np.bool_)
    if standing.all():
        return standing
    covered: NDArray[np.bool_] = _overlap(boxes, corners) >= LEAST_OVERLAP
    return standing | covered


def _overlap(boxes: NDArray[np.float32], corners: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N,) the share of each box's area in the polygon."""
    plane = np.zeros((_GRID, _GRID), np.uint8)
    cv2.fillPoly(plane, [np.rint(corners * (_GRID - 1)).astype(np.int32)], (1,))
    starts = np.minimum(np.floor(boxes[:, :2] * _GRID).astype(np.intp), _GRID - 1)
    ends = np.maximum(np.ceil(boxes[:, 2:] * _GRID).astype(np.intp), starts + 1)
    shares = [plane[y1:y2, x1:x2].mean() for (x1, y1), (x2, y2) in zip(starts, ends, strict=True)]
    return np.array(shares, np.float32)
