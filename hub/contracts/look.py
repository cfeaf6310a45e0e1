"""One look: what a detector found on one keyframe (看一次)."""

from __future__ import annotations

from hub.contracts.base import Contract, Message, Share, UtcTime
from hub.contracts.frame import FrameReason


class Box(Contract):
    """A detection: corners 0..1 of the picture (x1 < x2, y1 < y2), `label` a COCO name (`person`) or `motion`."""

    label: str
    confidence: Share
    x1: Share
    y1: Share
    x2: Share
    y2: Share


class Look(Message):
    """One entry of topic `results`."""

    camera_id: str
    captured_at: UtcTime
    looked_at: UtcTime
    reason: FrameReason
    sweep_id: str | None = None  # of which sweep, with reason `sweep`: a round is put in order by it
    spec_revision: int
    width_px: int
    height_px: int
    changed: Share  # of the picture against the camera's background
    gate_open: bool  # whether the detector was asked at all
    detector: str  # "motion", "hog", "openvino:yolox-nano"
    boxes: tuple[Box, ...] = ()
    picture_key: str | None = None  # the masked JPEG, kept for a minute in the lossy Redis
