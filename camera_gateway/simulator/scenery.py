"""The places that are drawn: water's edge, village road, courtyard, school gate, lane; day and night. Pure.

Each is a sketch on a `Canvas` with a zone that nobody should be in, a path that its visitor takes, and the height
of the pole that the camera hangs on (which says how tall a person is at which place).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from camera_gateway.simulator.landscape import Canvas

WIDTH_PX: Final = 640
HEIGHT_PX: Final = 360
Corner = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Scenery:
    """One drawn place. `path`: where the visitor's feet go, from outside the picture to outside again."""

    name: str
    draw: Callable[[Canvas], None]
    horizon: float
    pole_m: float
    zone: tuple[Corner, ...]
    path: tuple[Corner, ...]
    night: bool = False
    mirrored: bool = False
    seed: int = 0
    coat: tuple[int, int, int] = (60, 44, 40)  # BGR

    def picture(self) -> NDArray[np.uint8]:
        """The empty place, (360, 640, 3) BGR."""
        canvas = Canvas(WIDTH_PX * 3 // 2, HEIGHT_PX * 3 // 2, self.horizon, np.random.default_rng(self.seed))
        self.draw(canvas)
        drawn = canvas.finished(WIDTH_PX, HEIGHT_PX, night=self.night)
        return np.ascontiguousarray(drawn[:, ::-1]) if self.mirrored else drawn

    def facing(self, points: tuple[Corner, ...]) -> tuple[Corner, ...]:
        """The points as they are in the picture."""
        return tuple((round(1 - x, 4), y) for x, y in points) if self.mirrored else points

    def person_px(self, foot_y: float) -> float:
        """How tall a person of 1.72 m is whose feet are at `foot_y` (0..1)."""
        return (foot_y - self.horizon) * HEIGHT_PX * 1.72 / self.pole_m


def waterside(c: Canvas) -> None:
    """A reservoir's edge: water behind a railing, a paved path, grass."""
    h = c.horizon
    c.sky((214, 178, 138), (236, 226, 214), 0.55)
    c.hills(h + 0.01, 0.13, (158, 148, 128))
    c.hills(h + 0.01, 0.075, (122, 128, 104))
    c.hedge(0, 1, h + 0.022, 0.035, (78, 104, 82))
    water = c.mask([(0, h + 0.02), (1, h + 0.02), (1, 0.47), (0, 0.72)])
    c.paint(water, (168, 156, 128))
    c.texture(water, 0.07, scale=2.4, stretch=2.6)
    c.shade(c.mask([(0, h + 0.02), (1, h + 0.02), (1, h + 0.09), (0, h + 0.09)], 10) * water, 0.8)
    stones = c.mask([(0, 0.715), (1, 0.465), (1, 0.52), (0, 0.80)])
    c.paint(stones, (142, 148, 150))
    c.texture(stones, 0.16, scale=5)
    path = c.mask([(0, 0.80), (1, 0.52), (1, 0.86), (0.62, 1), (0, 1)])
    c.paint(path, (158, 164, 168))
    c.texture(path, 0.06, scale=4)
    for joint in range(1, 8):
        x = joint / 8
        c.line([(x, 0.80 - 0.28 * x), (x * 1.3 - 0.1, 1.02)], (132, 138, 142), 0.0012)
    grass = c.mask([(1, 0.85), (0.6, 1), (1, 1)], 2)
    c.paint(grass, (62, 112, 92))
    c.texture(grass, 0.22, scale=7)
    c.railing((-0.02, 0.775), (1.02, 0.495), 13, (196, 200, 202))
    c.tree(0.93, 0.60, 0.62, (56, 96, 72))
    c.polygon([(0.1, 0.58), (0.19, 0.57), (0.19, 0.645), (0.1, 0.655)], (196, 120, 40))
    c.polygon([(0.108, 0.59), (0.182, 0.582), (0.182, 0.634), (0.108, 0.643)], (236, 232, 228))
    c.line([(0.145, 0.65), (0.145, 0.73)], (150, 150, 150), 0.004)


def village_road(c: Canvas) -> None:
    """A road into a village: houses left, fields and trees right, poles with wires."""
    h = c.horizon
    c.sky((222, 184, 142), (238, 230, 220), 0.6)
    c.hills(h + 0.02, 0.16, (150, 146, 126))
    ground = c.mask([(0, h), (1, h), (1, 1), (0, 1)])
    c.paint(ground, (74, 116, 102))
    c.texture(ground, 0.2, scale=5)
    c.hedge(0.4, 1, h + 0.05, 0.07, (64, 98, 76))
    c.house((0.03, h - 0.02, 0.25, h + 0.2), (222, 226, 228), (98, 92, 88), 3)
    c.house((0.28, h + 0.0, 0.42, h + 0.12), (206, 212, 218), (82, 84, 96), 2)
    road = c.mask([(0.50, h + 0.02), (0.56, h + 0.02), (1.12, 1), (0.06, 1)], 1.0)
    c.paint(road, (138, 140, 142))
    c.texture(road, 0.07, scale=5)
    for edge in (((0.50, h + 0.02), (0.06, 1.0)), ((0.56, h + 0.02), (1.12, 1.0))):
        c.line(edge, (196, 200, 202), 0.003)
    for number in range(7):
        near, far = 0.34 + 0.11 * number**1.25 / 2, 0.34 + 0.11 * number**1.25 / 2 + 0.02 + 0.012 * number
        c.line(
            [(0.531 + (near - h) * 0.075, near), (0.531 + (far - h) * 0.075, far)],
            (206, 210, 212),
            0.002 + 0.0011 * number,
        )
    wall = c.mask([(0, h + 0.2), (0.33, h + 0.16), (0.33, h + 0.23), (0, h + 0.33)])
    c.paint(wall, (188, 196, 206))
    c.texture(wall, 0.05, scale=6)
    c.line([(0, h + 0.2), (0.33, h + 0.16)], (120, 118, 118), 0.006)
    c.tree(0.72, 0.50, 0.50)
    c.tree(0.86, 0.58, 0.68, (50, 88, 60))
    c.tree(0.655, 0.40, 0.24, (66, 104, 80))
    c.pole(0.955, 0.74, 0.02, [(0.6, 0.13), (1.1, -0.05)])
    c.pole(0.60, 0.40, 0.13, [(0.53, 0.19)])


def courtyard(c: Canvas) -> None:
    """A paved yard before a public building: steps, a notice board, a flower bed."""
    h = c.horizon
    c.sky((216, 182, 150), (234, 226, 216), 0.4)
    c.house((0.08, 0.10, 0.80, h + 0.16), (206, 214, 222), (84, 80, 106), 6)
    c.polygon([(0.40, 0.17), (0.49, 0.17), (0.49, h + 0.16), (0.40, h + 0.16)], (70, 66, 72))
    c.polygon([(0.405, 0.19), (0.443, 0.19), (0.443, h + 0.155), (0.405, h + 0.155)], (112, 108, 104), grain=0.08)
    c.polygon([(0.447, 0.19), (0.485, 0.19), (0.485, h + 0.155), (0.447, h + 0.155)], (112, 108, 104), grain=0.08)
    c.polygon([(0.345, 0.115), (0.545, 0.115), (0.545, 0.15), (0.345, 0.15)], (44, 44, 168))
    yard = c.mask([(0, h + 0.14), (1, h + 0.14), (1, 1), (0, 1)])
    c.paint(yard, (156, 162, 170))
    c.texture(yard, 0.06, scale=5)
    for number in range(1, 9):
        y = h + 0.14 + 0.62 * (number / 9) ** 1.7
        c.line([(0, y), (1, y)], (132, 138, 146), 0.0014)
    for number in range(-9, 20):
        x = number / 10
        c.line([(0.45 + (x - 0.45) * 0.55, h + 0.14), (0.45 + (x - 0.45) * 2.1, 1)], (132, 138, 146), 0.0012)
    for step in range(3):
        y = h + 0.16 + 0.016 * step
        c.polygon(
            [
                (0.37 - 0.01 * step, y),
                (0.52 + 0.01 * step, y),
                (0.52 + 0.01 * step, y + 0.016),
                (0.37 - 0.01 * step, y + 0.016),
            ],
            (182 - 14 * step, 186 - 14 * step, 190 - 14 * step),
        )
    c.polygon([(0.82, h + 0.12), (1, h + 0.14), (1, h + 0.26), (0.80, h + 0.22)], (110, 122, 148), grain=0.06)
    c.hedge(0.81, 1.0, h + 0.14, 0.07, (56, 98, 70))
    c.tree(0.92, h + 0.15, 0.42)
    c.polygon([(0.09, h + 0.02), (0.24, h + 0.02), (0.24, h + 0.13), (0.09, h + 0.13)], (84, 92, 96))
    c.polygon(
        [(0.098, h + 0.03), (0.232, h + 0.03), (0.232, h + 0.115), (0.098, h + 0.115)], (196, 206, 210), grain=0.1
    )


def school_gate(c: Canvas) -> None:
    """A gate with a guard house, a long wall, a crossing painted on the road."""
    h = c.horizon
    c.sky((224, 188, 146), (240, 232, 222), 0.6)
    c.hills(h, 0.06, (160, 152, 136))
    c.house((0.50, 0.03, 0.97, h + 0.1), (190, 208, 226), (120, 112, 110), 6)
    c.tree(0.10, h + 0.14, 0.40)
    c.tree(0.27, h + 0.13, 0.34, (60, 100, 74))
    c.tree(0.45, h + 0.12, 0.30, (54, 94, 66))
    ground = c.mask([(0, h + 0.12), (1, h + 0.12), (1, 1), (0, 1)])
    c.paint(ground, (144, 150, 156))
    c.texture(ground, 0.06, scale=5)
    c.polygon([(0, h + 0.03), (0.46, h + 0.05), (0.46, h + 0.19), (0, h + 0.23)], (176, 188, 204), grain=0.05)
    c.line([(0, h + 0.03), (0.46, h + 0.05)], (96, 92, 112), 0.007)
    for number in range(7):
        x = 0.03 + number * 0.066
        c.line([(x, h + 0.035), (x, h + 0.225 - 0.06 * x)], (150, 160, 178), 0.005)
    c.polygon([(0.44, h - 0.03), (0.485, h - 0.03), (0.485, h + 0.2), (0.44, h + 0.2)], (150, 166, 190), grain=0.04)
    c.polygon([(0.82, h - 0.03), (0.865, h - 0.03), (0.865, h + 0.2), (0.82, h + 0.2)], (150, 166, 190), grain=0.04)
    c.polygon([(0.44, h - 0.075), (0.865, h - 0.075), (0.865, h - 0.02), (0.44, h - 0.02)], (40, 44, 150))
    for number in range(26):
        x = 0.487 + number * 0.0128
        c.line([(x, h + 0.09), (x, h + 0.2)], (196, 198, 200), 0.002)
    c.line([(0.487, h + 0.095), (0.82, h + 0.095)], (206, 208, 210), 0.004)
    c.house((0.87, h + 0.0, 1.05, h + 0.2), (212, 218, 222), (96, 100, 128), 1)
    road = c.mask([(0, 0.70), (1, 0.62), (1, 1), (0, 1)])
    c.paint(road, (112, 114, 116))
    c.texture(road, 0.07, scale=6)
    c.line([(0, 0.70), (1, 0.62)], (190, 194, 196), 0.006)
    for number in range(7):
        x = 0.40 + number * 0.062
        c.polygon(
            [(x, 0.715), (x + 0.034, 0.712), (x + 0.05 + (x - 0.55) * 0.35, 1), (x + 0.005 + (x - 0.55) * 0.35, 1)],
            (206, 210, 212),
            grain=0.06,
        )


def lane(c: Canvas) -> None:
    """A lane between two walls, a well, a lamp."""
    h = c.horizon
    c.sky((206, 176, 148), (228, 220, 212), 0.5)
    c.hills(h + 0.02, 0.1, (140, 136, 122))
    c.house((0.34, h - 0.06, 0.60, h + 0.12), (196, 204, 214), (78, 78, 86), 3)
    ground = c.mask([(0, h + 0.1), (1, h + 0.1), (1, 1), (0, 1)])
    c.paint(ground, (132, 144, 158))
    c.texture(ground, 0.13, scale=7)
    left = c.mask([(0, -0.02), (0.36, h - 0.06), (0.36, h + 0.14), (0, 0.72)])
    c.paint(left, (150, 168, 192))
    c.texture(left, 0.07, scale=4)
    for row in range(1, 12):
        t = row / 12
        c.line([(0, -0.02 + 0.74 * t), (0.36, h - 0.06 + 0.2 * t)], (128, 142, 164), 0.0009)
    c.line([(0, -0.02), (0.36, h - 0.06)], (84, 82, 84), 0.008)
    right = c.mask([(1, 0.02), (0.62, h - 0.05), (0.62, h + 0.13), (1, 0.62)])
    c.paint(right, (204, 210, 214))
    c.texture(right, 0.06, scale=4)
    c.line([(1, 0.02), (0.62, h - 0.05)], (84, 82, 84), 0.008)
    c.polygon([(0.80, h + 0.02), (0.89, h + 0.01), (0.89, 0.50), (0.80, h + 0.25)], (64, 70, 92), grain=0.06)
    c.polygon([(0.09, 0.34), (0.17, 0.35), (0.17, 0.50), (0.09, 0.585)], (72, 76, 88), grain=0.06)
    c.tree(0.60, h + 0.14, 0.36, (58, 96, 72))
    c.pole(0.655, h + 0.2, 0.06, [(0.45, 0.12), (1.05, -0.02)])
    around = np.linspace(0, 2 * np.pi, 25)
    c.polygon(
        [(float(0.27 + 0.055 * np.cos(a)), float(0.60 + 0.04 * np.sin(a))) for a in around], (128, 134, 140), grain=0.06
    )
    c.polygon([(float(0.27 + 0.036 * np.cos(a)), float(0.585 + 0.024 * np.sin(a))) for a in around], (48, 50, 54))


_BANK = ((0.12, 0.72), (0.72, 0.60), (0.86, 0.93), (0.20, 0.99))
_BANK_PATH = ((1.12, 0.70), (0.74, 0.76), (0.48, 0.84), (0.28, 0.88), (0.44, 0.86), (0.66, 0.78), (1.12, 0.72))
_ROAD = ((0.30, 0.62), (0.72, 0.62), (0.90, 0.98), (0.12, 0.98))
_ROAD_PATH = ((-0.12, 0.74), (0.24, 0.80), (0.46, 0.88), (0.62, 0.84), (0.52, 0.90), (0.40, 0.86), (-0.12, 0.78))
_YARD = ((0.22, 0.60), (0.74, 0.60), (0.88, 0.97), (0.10, 0.97))
_YARD_PATH = ((1.12, 0.76), (0.72, 0.80), (0.50, 0.74), (0.42, 0.84), (0.56, 0.88), (0.70, 0.82), (1.12, 0.80))
_GATE = ((0.34, 0.60), (0.84, 0.58), (0.92, 0.97), (0.26, 0.98))
_GATE_PATH = ((-0.12, 0.84), (0.36, 0.86), (0.58, 0.80), (0.66, 0.88), (0.52, 0.84), (0.40, 0.86), (-0.12, 0.88))
_LANE_PATH = ((1.12, 0.88), (0.70, 0.84), (0.52, 0.78), (0.46, 0.86), (0.58, 0.88), (0.70, 0.86), (1.12, 0.90))

SCENERIES: Final = (
    Scenery("road", village_road, 0.24, 3.1, _ROAD, _ROAD_PATH, seed=11, coat=(58, 40, 36)),
    Scenery("waterside", waterside, 0.22, 3.2, _BANK, _BANK_PATH, seed=22, coat=(38, 40, 120)),
    Scenery("gate", school_gate, 0.26, 3.1, _GATE, _GATE_PATH, seed=33, coat=(84, 52, 30)),
    Scenery("yard", courtyard, 0.25, 3.1, _YARD, _YARD_PATH, seed=44, coat=(44, 60, 44)),
    Scenery("waterside", waterside, 0.20, 3.3, _BANK, _BANK_PATH, seed=55, mirrored=True, coat=(40, 38, 44)),
    Scenery("yard", courtyard, 0.27, 3.0, _YARD, _YARD_PATH, seed=66, mirrored=True, coat=(90, 48, 44)),
    Scenery("lane", lane, 0.28, 3.0, _YARD, _LANE_PATH, night=True, seed=77, coat=(220, 214, 208)),
    Scenery(
        "waterside", waterside, 0.22, 3.2, _BANK, _BANK_PATH, night=True, mirrored=True, seed=88, coat=(226, 222, 216)
    ),
    Scenery(
        "road", village_road, 0.24, 3.1, _ROAD, _ROAD_PATH, night=True, mirrored=True, seed=99, coat=(214, 214, 210)
    ),
)
