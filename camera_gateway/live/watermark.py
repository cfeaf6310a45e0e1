"""Who looks and when, drawn upon the picture: a photograph of the screen then tells whose screen it was.

Used by one drawing thread. Pale letters with a dark edge, on white and on black alike, in rows over the whole picture
so that no half of it is without; brightness only, colours stay. Rendered once a second of the picture's own time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from hub.font import own_font

Luma = NDArray[np.uint8]

STRENGTH = 0.36  # seen on a photograph of a screen, and a face beneath is still known
ROWS = 4
_PALE, _DARK = 235.0, 16.0
_WIDEST = 0.6  # of the picture
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Stamp:
    """What remains of the picture beneath and what is added, each 0 to 255."""

    keeps: Luma
    adds: Luma
    places: tuple[tuple[int, int], ...]  # (row, column) of the upper left corners


class Watermark:
    """One viewer's; `who` is the text of the ticket, `local` the centre's time."""

    def __init__(self, who: str, local: tzinfo) -> None:
        self._who = "".join(char for char in who if char.isprintable())
        self._local = local
        self._drawn_for: tuple[int, tuple[int, ...]] | None = None
        self._stamp: _Stamp | None = None

    def draw(self, luma: Luma, captured_at_us: int) -> None:
        """Draw upon the brightness plane, in place."""
        wanted = (captured_at_us // 1_000_000, luma.shape)
        if self._drawn_for != wanted or self._stamp is None:
            self._stamp = self._render(luma.shape[0], luma.shape[1], wanted[0])
            self._drawn_for = wanted
        stamp = self._stamp
        height, width = stamp.keeps.shape
        for top, left in stamp.places:
            beneath = luma[top : top + height, left : left + width]
            beneath[:] = cv2.add(cv2.multiply(beneath, stamp.keeps, scale=1 / 255), stamp.adds)

    def _render(self, height: int, width: int, second: int) -> _Stamp:
        local = (_EPOCH + timedelta(seconds=second)).astimezone(self._local)
        text = f"{self._who}\n{local:%Y-%m-%d %H:%M:%S}"
        size = max(10, min(40, height // 26))
        wide = _width(text, size)
        if wide > width * _WIDEST:
            size = max(6, int(size * width * _WIDEST / wide))
        letters, edges = _letters(text, size)
        letters, edges = letters[:height, :width], edges[:height, :width]
        share = np.maximum(letters, edges) * STRENGTH
        level = np.where(edges > 0, letters / np.maximum(edges, 1e-6), 0.0).clip(0, 1) * (_PALE - _DARK) + _DARK
        keeps = np.rint(255 * (1 - share)).astype(np.uint8)
        return _Stamp(keeps, np.rint(share * level).astype(np.uint8), _places(height, width, keeps.shape))


def _width(text: str, size: int) -> float:
    drawing = ImageDraw.Draw(Image.new("L", (1, 1)))
    left, _, right, _ = drawing.multiline_textbbox((0, 0), text, own_font(size), stroke_width=1)
    return float(right - left)


def _letters(text: str, size: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The letters, and the letters with their edge: 0 to 1."""
    face, spacing = own_font(size), size // 4
    drawing = ImageDraw.Draw(Image.new("L", (1, 1)))
    left, top, right, bottom = drawing.multiline_textbbox((0, 0), text, face, spacing=spacing, stroke_width=1)
    shape = (max(1, int(right - left) + 1), max(1, int(bottom - top) + 1))
    drawn = []
    for stroke in (0, 1):
        canvas = Image.new("L", shape)
        ImageDraw.Draw(canvas).multiline_text(
            (-left, -top), text, fill=255, font=face, spacing=spacing, stroke_width=stroke
        )
        drawn.append(np.asarray(canvas, np.float64) / 255)
    return drawn[0], drawn[1]


def _places(height: int, width: int, stamp: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """Rows, every second one from the right: at least one stamp a row, none cut off."""
    step = max(1, stamp[1] * 8 // 5)
    found = []
    for row in range(ROWS):
        top = min(max(0, height * (2 * row + 1) // (2 * ROWS) - stamp[0] // 2), height - stamp[0])
        offsets = range(0, width - stamp[1] + 1, step)
        found += [(top, width - stamp[1] - at if row % 2 else at) for at in offsets]
    return tuple(found)
