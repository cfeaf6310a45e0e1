"""A keyframe on its way to a detector: the encoded picture travels beside this message, in memory only."""

from __future__ import annotations

from enum import StrEnum

from hub.contracts.base import Message, UtcTime


class FrameReason(StrEnum):
    """Why the gateway thought it worth a look."""

    ACTIVITY = "activity"  # packet sizes rose since the last one
    HEARTBEAT = "heartbeat"  # the longest time without a look is over
    BLIND = "blind"  # packet sizes do not tell on this camera: every keyframe goes
    SWEEP = "sweep"  # a sweep asked for it


class Frame(Message):
    """One keyframe of topic `frames`. The bytes beside it are Annex B and start with the parameter sets."""

    camera_id: str
    gateway_id: str
    captured_at: UtcTime
    codec: str = "h264"
    reason: FrameReason
    spec_revision: int
    sweep_id: str | None = None  # of which sweep, with reason `sweep`
