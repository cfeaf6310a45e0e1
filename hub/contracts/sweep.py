"""自动预检: keyframes from each of many cameras, ordered by the console, taken by a gateway."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from hub.contracts.base import Contract, UtcTime
from hub.contracts.camera import Cause


class SweepOutcome(StrEnum):
    """What became of one camera."""

    SWEPT = "swept"
    FAILED = "failed"
    SKIPPED = "skipped"  # paused by its owner, off, unknown to this gateway: never counted as failed


class SweepOrder(Contract):
    """`POST /sweep` of the gateway, beside a ticket of action `sweep`."""

    sweep_id: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_\-]+$")]
    camera_ids: Annotated[tuple[str, ...], Field(max_length=10_000)]
    at_once: Annotated[int, Field(ge=1, le=200)] | None = None  # None: as the gateway is set
    second_after_s: Annotated[float, Field(ge=0, le=120)] = 10.0  # between the two pictures of a camera


class SweptCamera(Contract):
    """One line of the gateway's answer (a JSON object a line, as each camera is done)."""

    camera_id: str
    outcome: SweepOutcome
    cause: Cause = Cause.NONE
    detail: str | None = None  # a code of hub/messages
    first_at: UtcTime | None = None  # captured_at of its pictures
    second_at: UtcTime | None = None
