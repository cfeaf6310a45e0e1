"""What a camera's picture looks like when nothing happens, at 160x90 grey, and what differs from it now.

One `Background` is one camera's, owned by the thread that looks. It decides whether a detector is worth asking (the
pixel gate); it never finds a thing by name. Four rules keep it honest: the first look is open; a change of light over
the whole picture is taken out before pixels are compared; where boxes stand nothing is learned, so somebody who stands
still does not become a wall; and while the last look had boxes the next one is asked too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from analytics.detections import MOTION, Detections
from hub.picture import Picture

WIDTH, HEIGHT = 160, 90
Grey = NDArray[np.float32]
"""(90, 160)."""

LEARN_S = 30.0
"""Time constant of the running average: a moved chair is background after about a minute and a half."""
LEARN_MOTION_S = 180.0
"""The same beneath boxes that only say "something moves": a parked car stops being news after some minutes."""
FORGET_S = 600.0
"""Not seen for so long, the scene is unknown again (night fell, the camera was turned): start anew, gate open."""
JUMP_SHARE = 0.6
"""More of the picture than this differs even after the light was taken out: another scene, not a visitor."""


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """What differs from the background in one picture.

    `mask`: (90, 160) uint8, 1 where it differs. `difference`: (90, 160) float32 grey levels. `share`: of all pixels.
    `is_open`: whether a detector is to be asked. `is_known`: False at a first look or after a jump, where the mask
    says nothing about movement.
    """

    mask: NDArray[np.uint8]
    difference: Grey
    share: float
    is_open: bool
    is_known: bool
    edges: Grey
    """How much steeper the picture is here than the background: a thing that left has its edges there, not here."""


def to_grey(picture: Picture) -> Grey:
    """(90, 160) float32 of (height, width, 3) BGR; shrunk by area, so noise of single pixels averages out."""
    small = cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    grey = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), (3, 3), 0)
    return grey.astype(np.float32)


class Background:
    """One camera's running average. `compare` each look, then tell it by `learn` what the detector said."""

    def __init__(self, pixel_difference: int, least_share: float) -> None:
        self._pixel_difference = float(pixel_difference)
        self._least_share = least_share
        self._mean: Grey | None = None
        self._seen_at_s = -math.inf
        self._had_boxes = False

    def compare(self, grey: Grey, at_s: float) -> Change:
        """How this look differs; `at_s` is `captured_at` in seconds. Changes nothing."""
        if self._mean is None or at_s - self._seen_at_s > FORGET_S:
            return _unknown(1.0)
        relit = _relit(self._mean, grey, self._pixel_difference)
        difference = np.abs(grey - relit)
        mask = (difference > self._pixel_difference).astype(np.uint8)
        share = float(mask.mean())
        if share > JUMP_SHARE:
            return _unknown(share)
        is_open = self._had_boxes or share >= self._least_share
        edges = _steepness(grey) - _steepness(relit) if is_open else np.zeros_like(grey)
        return Change(mask, difference, share, is_open, True, edges)

    def learn(self, grey: Grey, at_s: float, change: Change, found: Detections) -> None:
        """Take the look in: fast where nothing stands, not at all beneath a class's box, slowly beneath motion's."""
        elapsed_s = max(0.0, at_s - self._seen_at_s)
        self._seen_at_s = max(at_s, self._seen_at_s)
        self._had_boxes = bool(len(found)) and not bool(found.labelled((MOTION,)).all())
        if self._mean is None or not change.is_known:
            self._mean = grey.copy()
            return
        rate = np.full((HEIGHT, WIDTH), 1.0 - math.exp(-elapsed_s / LEARN_S), np.float32)
        scale = np.array((WIDTH / found.resolution_wh[0], HEIGHT / found.resolution_wh[1]) * 2, np.float32)
        moving = found.labelled((MOTION,))
        slow = 1.0 - math.exp(-elapsed_s / LEARN_MOTION_S)
        for boxes, value in ((found.xyxy[moving], slow), (found.xyxy[~moving], 0.0)):
            for x1, y1, x2, y2 in np.rint(boxes * scale).astype(int):
                rate[max(0, y1 - 1) : max(0, y2 + 1), max(0, x1 - 1) : max(0, x2 + 1)] = value
        relit = _relit(self._mean, grey, self._pixel_difference)
        self._mean = relit + (grey - relit) * rate


def _relit(mean: Grey, grey: Grey, pixel_difference: float) -> Grey:
    """The background in the light of now: level by the median, then gain over the pixels that agree."""
    shift = float(np.median(grey - mean))
    agree = np.abs(grey - mean - shift) < 2 * pixel_difference
    if np.count_nonzero(agree) < agree.size // 4:
        return mean
    was, now = mean[agree], grey[agree]
    was_level, now_level = float(was.mean()), float(now.mean())
    spread = float(((was - was_level) ** 2).mean())
    gain = float(((was - was_level) * (now - now_level)).mean()) / spread if spread > 4.0 else 1.0
    gain = min(1.6, max(0.6, gain))
    relit: Grey = np.clip((mean - was_level) * gain + now_level, 0.0, 255.0).astype(np.float32)
    return relit


def _steepness(grey: Grey) -> Grey:
    steep: Grey = cv2.magnitude(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)).astype(np.float32)
    return steep


def _unknown(share: float) -> Change:
    empty = np.zeros((HEIGHT, WIDTH), np.uint8)
    nothing = empty.astype(np.float32)
    return Change(empty, nothing, share, True, False, nothing)
