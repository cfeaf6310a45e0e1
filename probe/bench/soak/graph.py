"""Small line graphs as SVG, one above the other on one axis of time, with a tick for each thing that happened. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from probe.bench.soak.trend import thinned

_WIDTH: Final = 900
_LEFT, _RIGHT, _TOP, _GAP, _HEIGHT = 64, 16, 34, 34, 120
_MOST_POINTS: Final = 700
_COLOURS: Final = ("#1668dc", "#d46b08", "#389e0d")
_STYLE: Final = "font:12px sans-serif;fill:#595959"


@dataclass(frozen=True, slots=True)
class Line:
    """One figure over time."""

    name: str
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Panel:
    """Lines that share a scale. `from_zero`: the scale begins there."""

    title: str
    lines: tuple[Line, ...]
    from_zero: bool = True


def svg(title: str, minutes: Sequence[float], panels: Sequence[Panel], ticks: Sequence[float], warm: float) -> str:
    """The picture; `ticks` are the minutes at which something was done, `warm` the minute from which slopes count."""
    height = _TOP + len(panels) * (_HEIGHT + _GAP) + 24
    end = max(minutes, default=1.0) or 1.0
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="20" style="font:bold 13px sans-serif">{escape(title)}</text>',
    ]
    for number, panel in enumerate(panels):
        parts += _panel(panel, minutes, end, _TOP + number * (_HEIGHT + _GAP) + 18, warm)
    bottom = height - 24
    ticked = "".join(f"M{_x(minute, end):.1f} {bottom - 12}v8" for minute in ticks)
    parts.append(f'<path d="{ticked}" stroke="#cf1322" fill="none"/>')
    for share in range(5):
        minute = end * share / 4
        parts.append(
            f'<text x="{_x(minute, end):.0f}" y="{height - 8}" text-anchor="middle" style="{_STYLE}">'
            f"{minute:.0f} min</text>"
        )
    return "\n".join([*parts, "</svg>", ""])


def _x(minute: float, end: float) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * minute / end


def _panel(panel: Panel, minutes: Sequence[float], end: float, top: int, warm: float) -> list[str]:
    values = [value for line in panel.lines for value in line.values] or [0.0]
    low, high = (0.0 if panel.from_zero else min(values)), max(values)
    if high <= low:
        high = low + 1.0
    margin = 0.0 if panel.from_zero else (high - low) * 0.1
    low, high = low - margin, high + (high - low) * 0.1

    def y(value: float) -> float:
        return top + _HEIGHT - 18 - (_HEIGHT - 18) * (value - low) / (high - low)

    parts = [
        f'<text x="{_LEFT}" y="{top - 6}" style="{_STYLE}">{escape(panel.title)}</text>',
        f'<rect x="{_LEFT}" y="{top}" width="{_x(warm, end) - _LEFT:.1f}" height="{_HEIGHT - 18}" fill="#f5f5f5"/>',
    ]
    for share in (0.0, 0.5, 1.0):
        value = low + (high - low) * share
        parts.append(
            f'<path d="M{_LEFT} {y(value):.1f}H{_WIDTH - _RIGHT}" stroke="#d9d9d9" fill="none"/>'
            f'<text x="{_LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end" style="{_STYLE}">{value:.4g}</text>'
        )
    at = _LEFT + 8 * len(panel.title) + 20
    for number, line in enumerate(panel.lines):
        colour = _COLOURS[number % len(_COLOURS)]
        points = thinned(minutes, line.values, _MOST_POINTS)
        path = " ".join(f"{_x(minute, end):.1f},{y(value):.1f}" for minute, value in points)
        parts.append(f'<polyline points="{path}" stroke="{colour}" stroke-width="1.3" fill="none"/>')
        if len(panel.lines) > 1:
            parts.append(
                f'<text x="{at}" y="{top - 6}" style="font:12px sans-serif;fill:{colour}">{escape(line.name)}</text>'
            )
            at += 8 * len(line.name) + 16
    return parts
