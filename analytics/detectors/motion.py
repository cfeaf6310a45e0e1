"""Patches that move, straight from the pixel gate: label `motion`, nothing to download, under a millisecond.

Pure; any thread. It does not know what moves: a rule that is content with that names `motion` among its labels.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from analytics.background import HEIGHT, WIDTH, Change
from analytics.detections import MOTION, Detections

LEAST_SHARE = 0.002
"""Of the picture: 29 of 14,400 pixels, a person at about a tenth of the picture's height."""
MOST_BOXES = 20
GHOST_STEEPNESS = 8.0
"""Grey levels of Sobel's sum: a fifth of what the outline of a patch at the gate's own difference gives."""
_RIM = np.ones((3, 3), np.uint8)
_CLOSE = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 7))  # joins legs and body, taller than wide


def moving(change: Change, resolution_wh: tuple[int, int], pixel_difference: int) -> Detections:
    """Boxes round the patches that differ, largest first, at most 20.

    Confidence is how far the patch stands out: 0.5 at the gate's own difference, 1.0 at three times that. Nothing at
    a first look or after a jump of light, where difference says nothing about movement. A ghost is left out: what stood
    there when the background was learned, and has gone.
    """
    if not change.is_known or not change.mask.any():
        return Detections.none(resolution_wh, (MOTION,))
    closed = cv2.morphologyEx(change.mask, cv2.MORPH_CLOSE, _CLOSE)
    count, places, statistics, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    patches = []
    for patch in range(1, count):
        x, y, width, height, area = (int(value) for value in statistics[patch])
        if area < LEAST_SHARE * WIDTH * HEIGHT:
            continue
        inside = (places[y : y + height, x : x + width] == patch) & (change.mask[y : y + height, x : x + width] > 0)
        if _is_ghost(change, (places == patch).astype(np.uint8)):
            continue
        strength = float(change.difference[y : y + height, x : x + width][inside].mean()) / pixel_difference
        patches.append((area, (x, y, x + width, y + height), min(1.0, 0.5 + (strength - 1.0) / 4)))
    patches.sort(reverse=True)
    patches = patches[:MOST_BOXES]
    if not patches:
        return Detections.none(resolution_wh, (MOTION,))
    scale = np.array((resolution_wh[0] / WIDTH, resolution_wh[1] / HEIGHT) * 2, np.float32)
    return Detections(
        np.array([box for _, box, _ in patches], np.float32) * scale,
        np.array([confidence for _, _, confidence in patches], np.float32),
        np.zeros(len(patches), np.int32),
        (MOTION,),
        resolution_wh,
    )


def _is_ghost(change: Change, patch: NDArray[np.uint8]) -> bool:
    """Whether the patch's outline is an edge in the background rather than in the picture of now."""
    outline = cv2.morphologyEx(patch, cv2.MORPH_GRADIENT, _RIM) > 0
    return float(change.edges[outline].mean()) < -GHOST_STEEPNESS
