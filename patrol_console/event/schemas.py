"""What a browser is told: which noun to ask for again, never the thing itself."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from hub.contracts.severity import Severity


class Change(BaseModel):
    """The data of one `change` event; id "*" means: all of that noun, something was missed."""

    noun: Literal["alert", "camera", "area", "session"]
    id: str
    change: Literal["created", "updated", "removed"]
    severity: Severity | None = None
    camera_id: str | None = None
