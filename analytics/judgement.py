"""What one look means for one camera: all of its rules, over what is remembered of it. Pure; any thread.

`CameraMemory` is what the judge keeps in Redis, as JSON: fields may be added with defaults and never renamed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta, tzinfo

from analytics.rules.intrusion import RuleHit, RuleState, judge_intrusion
from hub.contracts.base import Message, UtcTime
from hub.contracts.camera import CameraSpec
from hub.contracts.look import Look

CLOCK_STEP_S = 60.0
"""A memory from so far in the future is a clock that was set back, not a look that comes late."""


class CameraMemory(Message):
    """Of one camera: the last look judged, and each rule's state."""

    camera_id: str
    captured_at: UtcTime
    rules: Mapping[str, RuleState] = {}


def is_old(memory: CameraMemory | None, look: Look) -> bool:
    """Whether this look, or a later one, was judged before: it is never judged again."""
    return memory is not None and look.captured_at <= memory.captured_at


def after_clock_step(memory: CameraMemory | None, look: Look) -> CameraMemory | None:
    """The memory, or None where it lies so far after the moment of looking that the clock must have been set back."""
    if memory is not None and memory.captured_at - look.looked_at > timedelta(seconds=CLOCK_STEP_S):
        return None
    return memory


def judge_look(
    memory: CameraMemory | None, look: Look, spec: CameraSpec, *, local: tzinfo, most_gap_s: float
) -> tuple[CameraMemory, list[RuleHit]]:
    """The memory after the look, and the rules whose condition was fulfilled at it.

    The rules are the camera's of now: one that is gone or switched off leaves no state behind, so its episode ends
    without a word; one whose zone is gone judges nothing.
    """
    zones = {zone.zone_id: zone for zone in spec.zones}
    was = memory.rules if memory is not None else {}
    states: dict[str, RuleState] = {}
    hits: list[RuleHit] = []
    for rule in spec.rules:
        zone = zones.get(rule.zone_id)
        if not rule.enabled or zone is None:
            continue
        state, hit = judge_intrusion(was.get(rule.rule_id), look, rule, zone, local=local, most_gap_s=most_gap_s)
        states[rule.rule_id] = state
        if hit is not None:
            hits.append(hit)
    return CameraMemory(camera_id=look.camera_id, captured_at=look.captured_at, rules=states), hits
