"""What a camera is watched for: one condition over detections, a zone and the hours of the day."""

from __future__ import annotations

from datetime import time
from typing import Annotated

from pydantic import Field

from hub.contracts.base import Contract, Share
from hub.contracts.severity import Severity


class Hours(Contract):
    """A span of the day, the centre's own time; `end` before `start` runs over midnight, equal is the whole day."""

    start: time
    end: time


class IntrusionRule(Contract):
    """入侵: one of `labels` is in the zone for `least_time_s`, within the hours (none: always)."""

    rule_id: str
    name: str
    zone_id: str
    labels: Annotated[tuple[str, ...], Field(min_length=1)] = ("person",)
    hours: tuple[Hours, ...] = ()
    least_time_s: Annotated[float, Field(ge=0, le=3600)] = 4.0
    clear_after_s: Annotated[float, Field(ge=1, le=3600)] = 30.0  # empty this long: the episode is over
    least_confidence: Share = 0.5
    severity: Severity = Severity.ORANGE
    enabled: bool = True
