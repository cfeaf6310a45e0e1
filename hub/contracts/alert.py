"""An alert on its way to the console: something that asks for a person."""

from __future__ import annotations

from hub.contracts.base import Message, Share, UtcTime
from hub.contracts.severity import Severity


class AlertRaised(Message):
    """One entry of topic `alerts`. `alert_id` was made when its episode opened: writing it twice is harmless."""

    alert_id: str
    camera_id: str
    area_id: str
    kind: str = "intrusion"
    severity: Severity
    rule_id: str | None = None
    rule_name: str | None = None
    zone_name: str | None = None
    labels: tuple[str, ...] = ()
    confidence: Share = 0.0
    episode_started_at: UtcTime
    captured_at: UtcTime  # of the look that completed the condition
    raised_at: UtcTime
    evidence_key: str | None = None  # the drawn, masked JPEG, kept for a quarter of an hour in the lossy Redis
    evidence_sha256: str | None = None
    simulated: bool = False
