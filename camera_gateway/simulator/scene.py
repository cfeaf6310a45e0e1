"""Drawn scenes as loops: an empty place, a visitor who walks into its zone, stays and leaves; its name and time on it.

Drawn and coded in threads, kept on disk by the hash of what draws them. The packets of the empty place are small, those
with the visitor larger, as with a real camera at constant quality.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from camera_gateway.simulator import figure
from camera_gateway.simulator.clip import Clip, Coding, encode, keep, load
from camera_gateway.simulator.scenery import HEIGHT_PX, SCENERIES, WIDTH_PX, Scenery

Picture = NDArray[np.uint8]

FPS: Final = 10.0
LAP_S: Final = 20.0
ENTERS_S: Final = 2.5
LEAVES_S: Final = 17.0
_NOISES: Final = 7
_STEPS_A_SECOND: Final = 15.0
_SOURCES: Final = ("scene.py", "scenery.py", "landscape.py", "figure.py", "clip.py", "codec.py")


@dataclass(frozen=True, slots=True)
class DrawnScene:
    """A loop and the zone that its visitor walks into. `kind`: "day" or "night"."""

    kind: str
    clip: Clip
    zone: tuple[tuple[float, float], ...]


def drawn(names: Sequence[str], light: str | None, kept: Path | None, coding: Coding | None = None) -> list[DrawnScene]:
    """One scene for each name; `light`: "day", "night", None for both. Made ones are kept in the folder `kept`."""
    chosen = [s for s in SCENERIES if light is None or s.night == (light == "night")]
    pairs = [(chosen[number % len(chosen)], name) for number, name in enumerate(names)]
    with ThreadPoolExecutor(2, thread_name_prefix="scene") as pool:
        return list(pool.map(lambda pair: _scene(pair[0], pair[1], kept, coding), pairs))


def _scene(scenery: Scenery, name: str, cache: Path | None, coding: Coding | None) -> DrawnScene:
    about = f"{_drawn_by()}\n{scenery.name} {scenery.seed} {scenery.night}\n{name}" + (f"\n{coding}" if coding else "")
    key = hashlib.sha256(about.encode()).hexdigest()
    clip = load(cache, key)
    if clip is None:
        clip = encode(pictures(scenery, name), WIDTH_PX, HEIGHT_PX, FPS, replace(coding or Coding(), crf=26))
        keep(clip, cache, key)
    return DrawnScene("night" if scenery.night else "day", clip, scenery.facing(scenery.zone))


@cache
def _drawn_by() -> str:
    sources = (Path(__file__).with_name(name).read_bytes() for name in _SOURCES)
    return hashlib.sha256(b"".join(sources)).hexdigest()


def pictures(scenery: Scenery, name: str, seconds: float = LAP_S, fps: float = FPS) -> Iterator[Picture]:
    """The loop, picture by picture, (360, 640, 3) BGR."""
    rng = np.random.default_rng(scenery.seed)
    place = scenery.picture()
    title, where = _text(name, 19)
    place = _laid(place, title, (14, 12), where)
    strength = 2.2 if scenery.night else 0.7
    grain = [rng.normal(0, strength, (HEIGHT_PX, WIDTH_PX, 1)).round().astype(np.int16) for _ in range(_NOISES)]
    brighter = [np.repeat(np.maximum(g, 0), 3, axis=2).astype(np.uint8) for g in grain]
    darker = [np.repeat(np.maximum(-g, 0), 3, axis=2).astype(np.uint8) for g in grain]
    walk = _Walk(scenery)
    for number in range(round(seconds * fps)):
        at_s = number / fps
        picture = place.copy()
        walk.draw(picture, at_s)
        stamp, alpha = _text(f"模拟画面  {int(at_s) // 60:02d}:{int(at_s) % 60:02d}", 15)
        picture = _laid(picture, stamp, (WIDTH_PX - 126, HEIGHT_PX - 28), alpha)
        which = number % _NOISES
        yield np.asarray(cv2.subtract(cv2.add(picture, brighter[which]), darker[which]), np.uint8)


class _Walk:
    """Where the visitor is at each moment: along the path's curve, slow where its corners are dense."""

    def __init__(self, scenery: Scenery) -> None:
        self._scenery = scenery
        path = np.array(scenery.facing(scenery.path), np.float64)
        self._at = np.linspace(ENTERS_S, LEAVES_S, len(path))
        self._path = path
        # Light clothes at night: infrared makes most cloth bright.
        trousers = (150, 150, 150) if scenery.night else (58, 50, 46)
        self._steps = figure.steps(scenery.coat, trousers)

    def _where(self, at_s: float) -> tuple[float, float]:
        x, y = (float(np.interp(at_s, self._at, self._path[:, axis])) for axis in (0, 1))
        before, after = (
            [float(np.interp(at_s + d, self._at, self._path[:, axis])) for axis in (0, 1)] for d in (-0.8, 0.8)
        )
        return (x + before[0] + after[0]) / 3, (y + before[1] + after[1]) / 3

    def draw(self, picture: Picture, at_s: float) -> None:
        """Set the visitor into the picture, in place; nothing when they are elsewhere."""
        if not ENTERS_S <= at_s <= LEAVES_S:
            return
        x, y = self._where(at_s)
        left = self._where(at_s + 0.2)[0] < x
        tall = self._scenery.person_px(y)
        step = self._steps[int(at_s * _STEPS_A_SECOND) % figure.STEPS]
        if not self._scenery.night:
            figure.shadow(picture, x * WIDTH_PX, y * HEIGHT_PX, tall, 0.34)
        figure.put(picture, step, x * WIDTH_PX, y * HEIGHT_PX, tall, left=left)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | None:
    """A font with Chinese: the one taken at set-up, else the machine's own; None where there is neither."""
    import hub

    folders = [Path(hub.__file__).with_name("fonts"), Path("/usr/share/fonts")]
    for folder in folders:
        for pattern in ("*Noto*SC*.[to]tf", "*NotoSansCJK-Regular.ttc", "*SansCJK*.tt[cf]", "*wqy*.tt[cf]"):
            for file in sorted(folder.rglob(pattern)):
                try:
                    return ImageFont.truetype(str(file), size)
                except OSError:
                    continue
    return None


@cache
def _text(text: str, size: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """White letters with a dark edge, (h, w, 3), and their alpha, (h, w, 1). Without a font only Latin is shown."""
    font = _font(size)
    plain: ImageFont.FreeTypeFont | ImageFont.ImageFont = font or ImageFont.load_default(size)
    shown = text if font else text.encode("ascii", "ignore").decode().strip()
    image = Image.new("RGBA", (max(4, len(text) * (size + 2)), size * 2))
    ImageDraw.Draw(image).text(
        (3, 2), shown, font=plain, fill=(245, 245, 245, 255), stroke_width=1, stroke_fill=(30, 30, 30, 255)
    )
    pixels = np.asarray(image, np.float32)
    return pixels[:, :, 2::-1].copy(), np.asarray(pixels[:, :, 3:] / 255, np.float32)


def _laid(picture: Picture, colour: NDArray[np.float32], at: tuple[int, int], alpha: NDArray[np.float32]) -> Picture:
    rows = slice(at[1], min(HEIGHT_PX, at[1] + colour.shape[0]))
    columns = slice(at[0], min(WIDTH_PX, at[0] + colour.shape[1]))
    height, width = rows.stop - rows.start, columns.stop - columns.start
    share = alpha[:height, :width]
    picture[rows, columns] = (picture[rows, columns] * (1 - share) + colour[:height, :width] * share).astype(np.uint8)
    return picture
