"""What a browser is told: which noun to ask for again; of an alert also its new state, so that a page need not wait."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from hub.contracts.severity import Severity
from patrol_console.alert.state import AlertState

Noun = Literal[
    "alert",
    "camera",
    "camera_event",
    "area",
    "outage",
    "uplink",
    "sweep",
    "session",
    "layout",
    "screen",
    "discovery",
]


class Change(BaseModel):
    """The data of one `change` event; id "*" means: all of that noun, something was missed."""

    noun: Noun
    id: str
    change: Literal["created", "updated", "removed"]
    severity: Severity | None = None
    camera_id: str | None = None
    state: AlertState | None = None  # of an alert, after the change
