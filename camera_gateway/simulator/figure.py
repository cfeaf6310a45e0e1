"""A drawn person who walks: sixteen steps of one gait, drawn large once, set into a picture at any size. Pure.

Tall, upright and of one piece, so that a detector taught on people finds it (OpenCV's HOG does from about 100 px).
Nobody is meant by it.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from math import cos, pi, sin
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

STEPS: Final = 16
_TALL: Final = 400  # px of the drawn person
_BOX: Final = (440, 300)  # height, width of its picture
_FINE: Final = 3  # bits of sub-pixels
Colour = tuple[int, int, int]

_SKIN: Final[Colour] = (118, 146, 190)
_HAIR: Final[Colour] = (26, 24, 24)
_SHOES: Final[Colour] = (34, 34, 38)


@cache
def steps(coat: Colour, trousers: Colour) -> tuple[NDArray[np.uint8], ...]:
    """The gait, each step (220, 150, 4) BGRA, walking to the right, feet at the lower edge's middle."""
    return tuple(_step(2 * pi * number / STEPS, coat, trousers) for number in range(STEPS))


def _step(phase: float, coat: Colour, trousers: Colour) -> NDArray[np.uint8]:
    drawn = np.zeros((*_BOX, 4), np.uint8)
    bob = 0.008 * cos(2 * phase)

    def at(x: float, y: float) -> tuple[int, int]:
        fixed = 1 << _FINE
        return round((_BOX[1] / 2 + x * _TALL) * fixed), round((_BOX[0] - 8 - (1 - y - bob) * _TALL) * fixed)

    def limb(points: list[tuple[float, float]], width: float, colour: Colour, light: float = 1.0) -> None:
        tint = (*(min(255, round(c * light)) for c in colour), 255)
        for (x1, y1), (x2, y2) in pairwise(points):
            cv2.line(drawn, at(x1, y1), at(x2, y2), tint, max(1, round(width * _TALL)), cv2.LINE_AA, _FINE)

    def shape(points: list[tuple[float, float]], colour: Colour, light: float = 1.0) -> None:
        tint = (*(min(255, round(c * light)) for c in colour), 255)
        cv2.fillPoly(drawn, [np.array([at(x, y) for x, y in points], np.int32)], tint, cv2.LINE_AA, _FINE)

    def leg(side: float, swing: float, light: float) -> None:
        hip, stride = (side * 0.042, 0.50), 0.36 * swing
        lift = max(0.0, -cos(phase if side > 0 else phase + pi)) * 0.4
        knee = (hip[0] + 0.24 * sin(stride + lift * 0.5), hip[1] + 0.235 * cos(stride + lift * 0.5))
        foot = (knee[0] + 0.23 * sin(stride - lift), knee[1] + 0.225 * cos(stride - lift))
        limb([hip, knee], 0.105, trousers, light)
        limb([knee, foot], 0.082, trousers, light * 0.96)
        limb([foot, (foot[0] + 0.062, foot[1] + 0.012)], 0.05, _SHOES, light)

    def arm(side: float, swing: float, light: float) -> None:
        shoulder, angle = (side * 0.098, 0.215), -0.42 * swing
        elbow = (shoulder[0] + 0.155 * sin(angle) + side * 0.012, shoulder[1] + 0.155 * cos(angle))
        hand = (elbow[0] + 0.14 * sin(angle + 0.25), elbow[1] + 0.14 * cos(angle + 0.25))
        limb([shoulder, elbow], 0.066, coat, light)
        limb([elbow, hand], 0.054, coat, light * 0.97)
        limb([hand, (hand[0], hand[1] + 0.012)], 0.044, _SKIN, light)

    swing = sin(phase)
    arm(-1, swing, 0.78)
    leg(-1, -swing, 0.8)
    leg(1, swing, 1.0)
    shape([(-0.105, 0.185), (0.105, 0.185), (0.118, 0.30), (0.104, 0.55), (-0.104, 0.55), (-0.118, 0.30)], coat)
    shape([(0.0, 0.185), (0.105, 0.185), (0.118, 0.30), (0.104, 0.55), (0.02, 0.55)], coat, 1.14)
    limb([(-0.075, 0.195), (0.075, 0.195)], 0.06, coat, 1.08)
    limb([(0.004, 0.13), (0.004, 0.17)], 0.06, _SKIN, 0.85)
    arm(1, -swing, 1.1)
    limb([(0.012, 0.068), (0.012, 0.098)], 0.098, _SKIN)
    limb([(-0.004, 0.05), (0.004, 0.056)], 0.106, _HAIR)
    limb([(-0.032, 0.06), (-0.03, 0.09)], 0.045, _HAIR)
    limb([(0.03, 0.088), (0.032, 0.108)], 0.062, _SKIN, 1.06)
    return np.asarray(cv2.resize(drawn, (_BOX[1] // 2, _BOX[0] // 2), interpolation=cv2.INTER_AREA), np.uint8)


def put(
    picture: NDArray[np.uint8], figure: NDArray[np.uint8], x: float, foot_y: float, tall_px: float, *, left: bool
) -> None:
    """Set one step into `picture` in place: feet at pixel (x, foot_y), `tall_px` high, walking to the left or right."""
    scale = tall_px / _TALL
    size = max(2, round(_BOX[1] * scale)), max(2, round(_BOX[0] * scale))
    small = cv2.resize(figure[:, ::-1] if left else figure, size, interpolation=cv2.INTER_AREA)
    top, start = round(foot_y - size[1] + 8 * scale), round(x - size[0] / 2)
    rows = slice(max(0, top), min(picture.shape[0], top + size[1]))
    columns = slice(max(0, start), min(picture.shape[1], start + size[0]))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return
    part = small[rows.start - top : rows.stop - top, columns.start - start : columns.stop - start]
    alpha = part[:, :, 3:].astype(np.float32) / 255
    under = picture[rows, columns].astype(np.float32)
    # Drawn on transparent black, so the edge's colour is already multiplied by its alpha.
    picture[rows, columns] = np.clip(part[:, :, :3] + under * (1 - alpha), 0, 255).astype(np.uint8)


def shadow(picture: NDArray[np.uint8], x: float, foot_y: float, tall_px: float, strength: float) -> None:
    """A soft shadow on the ground to the right of the feet, in place."""
    long, deep = tall_px * 0.62, tall_px * 0.085
    left, right = max(0, round(x - deep * 2)), min(picture.shape[1], round(x + long + deep * 2))
    top, bottom = max(0, round(foot_y - deep * 3)), min(picture.shape[0], round(foot_y + deep * 2))
    if left >= right or top >= bottom:
        return
    mask = np.zeros((bottom - top, right - left), np.float32)
    centre = (round(x + long * 0.42) - left, round(foot_y - deep * 0.3) - top)
    cv2.ellipse(mask, centre, (round(long * 0.5), round(deep * 0.7)), -5, 0, 360, strength, -1, cv2.LINE_AA)
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), max(1.0, deep * 0.35)), np.float32)
    part = picture[top:bottom, left:right]
    part[:] = (part * (1 - mask[:, :, None])).astype(np.uint8)
