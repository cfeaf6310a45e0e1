"""What drawn places are made of: noise, sky, ground in perspective, trees, walls. Pure; all in one canvas of float BGR.

Coordinates are shares 0..1 of the canvas (x to the right, y down), so that places read like a sketch. A place's
ground is a plane seen from a pole: `Canvas.depth` maps texture onto it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]
Colour = tuple[float, float, float]  # BGR, 0..255
Points = Sequence[tuple[float, float]]

_FINER: Final = 4  # bits of sub-pixels in cv2's own fixed point


def noise(rng: np.random.Generator, height: int, width: int, cells: tuple[int, int], octaves: int = 4) -> Field:
    """Cloudy noise, mean 0 and deviation 1; `cells` (rows, columns) of the coarsest octave."""
    out = np.zeros((height, width), np.float32)
    for octave in range(octaves):
        rows, columns = (max(2, min(side, n << octave)) for side, n in ((height, cells[0]), (width, cells[1])))
        grid = rng.standard_normal((rows, columns)).astype(np.float32)
        out += cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC) * 0.55**octave
    return np.asarray((out - out.mean()) / (out.std() + 1e-6), np.float32)


def _there_and_back(values: Field, length: int) -> Field:
    """Mirrored instead of wrapped, so that no seam shows."""
    return np.asarray(length - np.abs(np.mod(values, 2 * length) - length), np.float32)


@dataclass
class Canvas:
    """A picture in the making, `horizon` as a share of its height."""

    width: int
    height: int
    horizon: float
    rng: np.random.Generator

    def __post_init__(self) -> None:
        self.pixels: Field = np.zeros((self.height, self.width, 3), np.float32)
        rows = np.arange(self.height, dtype=np.float32)[:, None]
        columns = np.arange(self.width, dtype=np.float32)[None, :]
        below = np.maximum(rows - self.horizon * self.height, 1.5)
        self.depth: Field = np.asarray(np.broadcast_to(self.height / below, (self.height, self.width)), np.float32)
        self.across: Field = np.asarray((columns / self.width - 0.5) * self.depth, np.float32)
        self._grain = noise(self.rng, self.height, self.width, (24, 40), 5)
        self._broad = noise(self.rng, self.height, self.width, (6, 5), 4)

    def mask(self, points: Points, soft_px: float = 0.0) -> Field:
        """1 inside the polygon, 0 outside, its edge smooth."""
        mask = np.zeros((self.height, self.width), np.uint8)
        scale = np.array([self.width, self.height], np.float32) * (1 << _FINER)
        corners = np.round(np.array(points, np.float32) * scale).astype(np.int32)
        cv2.fillPoly(mask, [corners], 255, cv2.LINE_AA, _FINER)
        out = np.asarray(mask / 255.0, np.float32)
        if soft_px:
            return np.asarray(cv2.GaussianBlur(out, (0, 0), soft_px), np.float32)
        return np.asarray(out, np.float32)

    def paint(self, mask: Field, colour: Colour | Field, share: float = 1.0) -> None:
        """Lay a colour (or a picture) over what is there."""
        over = (mask * share)[:, :, None]
        self.pixels += (np.asarray(colour, np.float32) - self.pixels) * over

    def shade(self, mask: Field, factor: float | Field) -> None:
        """Make darker or lighter where the mask is."""
        by = np.asarray(factor, np.float32)
        self.pixels *= (1 + (by - 1) * mask)[:, :, None]

    def polygon(self, points: Points, colour: Colour, *, grain: float = 0.0, share: float = 1.0) -> None:
        """A flat surface with a little grain, 0..1; only the pixels around it are touched."""
        corners = np.array(points, np.float32) * (self.width, self.height)
        self._stamp(corners, colour, share, grain, 0)

    def line(self, points: Points, colour: Colour, width: float) -> None:
        """A stroke; `width` as a share of the picture's width."""
        corners = np.array(points, np.float32) * (self.width, self.height)
        self._stamp(corners, colour, 1.0, 0.0, max(1, round(width * self.width)))

    def _stamp(self, corners: Field, colour: Colour, share: float, grain: float, thickness: int) -> None:
        low = np.floor(corners.min(axis=0)).astype(int) - thickness - 2
        high = np.ceil(corners.max(axis=0)).astype(int) + thickness + 3
        left, top = np.clip(low, 0, (self.width, self.height))
        right, bottom = np.clip(high, 0, (self.width, self.height))
        if left >= right or top >= bottom:
            return
        mask = np.zeros((bottom - top, right - left), np.uint8)
        fixed = np.round((corners - (left, top)) * (1 << _FINER)).astype(np.int32)
        if thickness:
            cv2.polylines(mask, [fixed], False, 255, thickness, cv2.LINE_AA, _FINER)
        else:
            cv2.fillPoly(mask, [fixed], 255, cv2.LINE_AA, _FINER)
        part = self.pixels[top:bottom, left:right]
        over = (mask.astype(np.float32) * (share / 255))[:, :, None]
        flat = np.asarray(colour, np.float32)
        lit = flat * (1 + grain * self._grain[top:bottom, left:right, None]) if grain else flat
        part += (lit - part) * over

    def sky(self, top: Colour, low: Colour, clouds: float = 0.5) -> None:
        """A gradient down to the horizon with clouds that flatten towards it."""
        rows = np.linspace(0, 1, self.height, dtype=np.float32)[:, None, None] / max(self.horizon, 0.05)
        mix = np.clip(rows, 0, 1) ** 0.8
        self.pixels[:] = np.array(top, np.float32) * (1 - mix) + np.array(low, np.float32) * mix
        cover = noise(self.rng, self.height, self.width, (7, 4), 5)
        self.paint(np.asarray(np.clip(cover * 0.35 + 0.1, 0, 1), np.float32), (244, 242, 240), clouds)

    def hills(self, base: float, height: float, colour: Colour) -> None:
        """A far ridge above the line `base`."""
        ridge = noise(self.rng, 1, self.width, (1, 4), 6)[0]
        ridge = base - height * (0.55 + 0.22 * ridge)
        points = [(0.0, base), *((x / self.width, float(ridge[x])) for x in range(0, self.width, 4)), (1.0, base)]
        self.polygon(points, colour, grain=0.03)

    def texture(self, mask: Field, strength: float, *, scale: float = 3.0, stretch: float = 1.0) -> None:
        """Ground texture in perspective: fine near the camera's foot, dense far away."""
        tile = 512
        grain = noise(self.rng, tile, tile, (24, 24), 5)
        x = _there_and_back(self.across * (tile * 0.16 * scale / stretch) + 100, tile - 1)
        y = _there_and_back(self.depth * (tile * 0.16 * scale * stretch), tile - 1)
        mapped = np.asarray(cv2.remap(grain, x, y, cv2.INTER_LINEAR), np.float32)
        fade = np.clip(1.6 / self.depth, 0.1, 1.0)
        self.shade(mask, np.asarray(1 + strength * (mapped * fade + 0.5 * self._broad), np.float32))

    def tree(self, x: float, foot: float, size: float, colour: Colour = (52, 92, 66)) -> None:
        """A broad-leaved tree: clusters of leaves, darker below. `size`: its height as a share of the picture's."""
        aspect = self.height / self.width
        bark = (44.0, 52.0, 62.0)
        self.line([(x, foot), (x + 0.008 * size, foot - 0.55 * size)], bark, 0.022 * size)
        self.line([(x, foot - 0.38 * size), (x + 0.14 * size * aspect, foot - 0.66 * size)], bark, 0.012 * size)
        self.line([(x, foot - 0.42 * size), (x - 0.13 * size * aspect, foot - 0.68 * size)], bark, 0.01 * size)
        around = np.linspace(0, 2 * np.pi, 9)[:-1]
        count = 420
        for leaf in range(count):
            grown = leaf / count  # the lit ones come last, on top
            angle, far = self.rng.uniform(0, 2 * np.pi), np.sqrt(self.rng.uniform(0, 1))
            rough = 1 + 0.16 * np.sin(angle * 5 + x * 40) + 0.1 * np.sin(angle * 9 + x * 90)
            cx = x + (np.cos(angle) * far * 0.34 * rough - 0.03 * grown) * size * aspect
            cy = foot - 0.7 * size + (np.sin(angle) * far * 0.27 * rough - 0.04 * grown) * size
            light = 0.55 + 0.6 * grown - 0.5 * np.sin(angle) * far * 0.6
            radius = size * self.rng.uniform(0.016, 0.042) * (1.3 - 0.5 * grown)
            wobble = self.rng.uniform(0.6, 1.3, around.size)
            points = [
                (float(cx + np.cos(a) * radius * w * aspect), float(cy + np.sin(a) * radius * w * 0.8))
                for a, w in zip(around, wobble, strict=True)
            ]
            tint = light * self.rng.uniform(0.85, 1.15)
            self.polygon(points, (colour[0] * tint, colour[1] * tint, colour[2] * tint), share=0.8)

    def hedge(self, left: float, right: float, foot: float, height: float, colour: Colour = (50, 84, 62)) -> None:
        """A row of bushes or a far tree line."""
        edge = noise(self.rng, 1, self.width, (1, 40), 4)[0] * 0.14 + 0.9
        columns = range(int(left * self.width), int(right * self.width), 3)
        tops = [(x / self.width, foot - height * float(edge[min(x, self.width - 1)])) for x in columns]
        self.polygon([(left, foot), *tops, (right, foot)], colour, grain=0.2)
        for _ in range(int((right - left) * 500)):
            x, up = self.rng.uniform(left, right), self.rng.uniform(0.1, 0.85)
            size, tint = height * self.rng.uniform(0.05, 0.12), 0.7 + 0.5 * up * self.rng.uniform(0.7, 1.3)
            y = foot - height * up
            leaf = [(x - size * 0.6, y), (x, y - size), (x + size * 0.6, y), (x, y + size * 0.8)]
            self.polygon(leaf, (colour[0] * tint, colour[1] * tint, colour[2] * tint), share=0.7)

    def house(self, box: tuple[float, float, float, float], wall: Colour, roof: Colour, windows: int = 3) -> None:
        """A house from the front: `box` (left, top, right, bottom) of its wall, a tiled roof above."""
        left, top, right, bottom = box
        rise, eaves = (bottom - top) * 0.42, (right - left) * 0.06
        self.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], wall, grain=0.035)
        slope = [
            (left - eaves, top + 0.012),
            (right + eaves, top + 0.012),
            (right - eaves, top - rise),
            (left + eaves, top - rise),
        ]
        self.polygon(slope, roof, grain=0.06)
        for row in range(1, 6):
            y, inset = top + 0.012 - (rise + 0.012) * row / 6, eaves * (2 * row / 6 - 1)
            course = (roof[0] * 0.86, roof[1] * 0.86, roof[2] * 0.86)
            self.line([(left + inset, y), (right - inset, y)], course, 0.0008)
        self.shade(self.mask([(left, top), (right, top), (right, top + 0.02), (left, top + 0.02)], 2), 0.7)
        step = (right - left) / (windows + 0.5)
        for number in range(windows):
            x = left + step * (number + 0.4)
            y, w, h = top + (bottom - top) * 0.28, step * 0.5, (bottom - top) * 0.36
            frame = [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]
            self.polygon(frame, (92, 84, 74))
            self.polygon(
                [
                    (x + w * 0.1, y + h * 0.1),
                    (x + w * 0.9, y + h * 0.1),
                    (x + w * 0.9, y + h * 0.92),
                    (x + w * 0.1, y + h * 0.92),
                ],
                (116, 104, 88),
                grain=0.12,
            )
            self.line([(x + w / 2, y), (x + w / 2, y + h)], (170, 170, 168), 0.0016)

    def pole(self, x: float, foot: float, top: float, wires: Points = ()) -> None:
        """A concrete pole; `wires` are where its wires go."""
        self.line([(x, foot), (x, top)], (150, 156, 158), 0.006)
        self.line([(x - 0.022, top + 0.03), (x + 0.022, top + 0.03)], (96, 98, 100), 0.003)
        for end_x, end_y in wires:
            steps = np.linspace(0, 1, 12)
            sag = [
                (x + (end_x - x) * t, top + 0.03 + (end_y - top - 0.03) * t + 0.035 * 4 * t * (1 - t)) for t in steps
            ]
            self.line([(float(a), float(b)) for a, b in sag], (70, 72, 74), 0.0008)

    def railing(self, start: tuple[float, float], end: tuple[float, float], posts: int, colour: Colour) -> None:
        """A railing along the ground from `start` to `end`, smaller where it is farther."""

        def high(y: float) -> float:
            return max(0.0, (y - self.horizon) * 0.3)

        for share in (0.35, 0.7, 1.0):
            self.line(
                [(start[0], start[1] - high(start[1]) * share), (end[0], end[1] - high(end[1]) * share)], colour, 0.0035
            )
        for number in range(posts + 1):
            t = number / posts
            x, y = start[0] + (end[0] - start[0]) * t, start[1] + (end[1] - start[1]) * t
            self.line([(x, y), (x, y - high(y))], colour, 0.0012 + 0.006 * (y - self.horizon))

    def finished(self, width: int, height: int, *, night: bool) -> NDArray[np.uint8]:
        """The picture at its own size, as a lens and a sensor would give it."""
        rows = np.linspace(-1, 1, self.height, dtype=np.float32)[:, None]
        columns = np.linspace(-1, 1, self.width, dtype=np.float32)[None, :]
        if night:  # infrared: no colour, a lamp beside the lens, the far things in the dark
            grey = self.pixels @ np.array([0.2, 0.5, 0.3], np.float32)
            lamp = np.exp(-(columns**2 * 1.1 + (rows - 0.35) ** 2 * 1.4))
            lit = (grey * 0.86 + 34) * (0.24 + 1.0 * lamp)
            self.pixels = np.repeat(np.asarray(lit, np.float32)[:, :, None], 3, axis=2)
        else:
            self.pixels *= np.asarray(1 - 0.16 * (columns**2 + rows**2) ** 1.2 / 2, np.float32)[:, :, None]
        small = cv2.resize(self.pixels, (width, height), interpolation=cv2.INTER_AREA)
        soft = cv2.GaussianBlur(small, (0, 0), 0.6)
        return np.asarray(np.clip(soft + self.rng.normal(0, 1.5, soft.shape), 0, 255), np.uint8)
