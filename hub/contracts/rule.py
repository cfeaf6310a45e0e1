"""What a camera is watched for: one condition over detections, a zone and the hours of the day."""

from __future__ import annotations

from datetime import time
from typing import Annotated

from pydantic import Field

from hub.contracts.base import Contract, Share
from hub.contracts.severity import Severity

Label = Annotated[str, Field(min_length=1, max_length=32)]
NAME = r"^[^\x00-\x1f\x7f-\x9f\u{2028}-\u{202e}\u{2066}-\u{2069}]*$"
"""One line, and nothing that turns the direction of writing: a rule's name is drawn on evidence."""


class Hours(Contract):
    """A span of the day, the centre's own time; `end` before `start` runs over midnight, equal is the whole day."""

    start: time
    end: time


class IntrusionRule(Contract):
    """入侵: one of `labels` is in the zone for `least_time_s`, within the hours (none: always)."""

    rule_id: Annotated[str, Field(min_length=1, max_length=64)]
    name: Annotated[str, Field(min_length=1, max_length=64, pattern=NAME)]
    zone_id: Annotated[str, Field(max_length=64)]
    labels: Annotated[tuple[Label, ...], Field(min_length=1, max_length=100)] = ("person",)
    hours: Annotated[tuple[Hours, ...], Field(max_length=24)] = ()
    least_time_s: Annotated[float, Field(ge=0, le=3600)] = 4.0
    clear_after_s: Annotated[float, Field(ge=1, le=3600)] = 30.0  # empty this long: the episode is over
    least_confidence: Share = 0.5
    severity: Severity = Severity.ORANGE
    enabled: bool = True
