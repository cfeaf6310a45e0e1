"""入侵: one of the labels is in the zone for the least time, within the hours.

A pure function over (state, look, zone, rule): given the same it gives the same. Loitering, parked and crowd will be
files beside this one, over the same episodes: occupancy of a zone over looks, never who it is.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import tzinfo

from analytics.detections import Detections
from analytics.rules import episode as episodes
from analytics.rules.episode import Episode, Timing
from analytics.rules.hours import within
from analytics.zones import inside
from hub.contracts.base import Contract
from hub.contracts.look import Look
from hub.contracts.rule import IntrusionRule
from hub.contracts.zone import Zone


class RuleState(Contract):
    """What the judge keeps of one rule. `condition`: a digest of what was asked; another one starts afresh."""

    condition: str
    episode: Episode | None = None


@dataclass(frozen=True, slots=True)
class RuleHit:
    """命中: the moment a rule's condition was fulfilled. `rows`: the boxes of the look that stand for it."""

    rule: IntrusionRule
    zone: Zone
    episode: Episode
    rows: tuple[int, ...]


def judge_intrusion(
    state: RuleState | None, look: Look, rule: IntrusionRule, zone: Zone, *, local: tzinfo, most_gap_s: float
) -> tuple[RuleState, RuleHit | None]:
    """The state after the look, and the hit, once an episode."""
    condition = _condition(rule, zone)
    was = state.episode if state is not None and state.condition == condition else None
    at = look.captured_at
    timing = Timing(least_time_s=rule.least_time_s, clear_after_s=rule.clear_after_s, most_gap_s=most_gap_s)
    rows = concerned(look, rule, zone) if within(rule.hours, at, local) else ()
    if not rows:
        return RuleState(condition=condition, episode=episodes.missed(was, at, timing)), None
    now = episodes.seen(was, at, timing) or episodes.opened(look.camera_id, rule.rule_id, at)
    if not episodes.is_due(now, at, timing):
        return RuleState(condition=condition, episode=now), None
    now = now.model_copy(update={"raised_at": at})
    return RuleState(condition=condition, episode=now), RuleHit(rule, zone, now, rows)


def concerned(look: Look, rule: IntrusionRule, zone: Zone) -> tuple[int, ...]:
    """Places in `look.boxes` of what the rule is about: label, confidence, in the zone."""
    if not look.boxes:
        return ()
    found = Detections.of_boxes(look.boxes, (look.width_px, look.height_px))
    wanted = found.labelled(rule.labels) & (found.confidence >= rule.least_confidence - 1e-6)
    if not wanted.any():
        return ()
    return tuple(int(row) for row in (wanted & inside(found, zone.polygon)).nonzero()[0])


def _condition(rule: IntrusionRule, zone: Zone) -> str:
    """What is asked, without what does not change it: names, gravity, how long empty ends an episode."""
    asked = rule.model_dump_json(exclude={"name", "severity", "clear_after_s"})
    polygon = zone.model_dump_json(include={"zone_id", "polygon"})
    return hashlib.blake2s(f"{asked}{polygon}".encode(), digest_size=12).hexdigest()
