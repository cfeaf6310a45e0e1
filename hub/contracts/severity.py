"""How grave an alert is: 红 橙 黄 蓝."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """Gravest first."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    BLUE = "blue"
