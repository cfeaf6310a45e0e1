"""Small real things for the tests of analytics: keyframes, specs, looks."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime, timedelta

import av
import cv2
import numpy as np

from hub.contracts.camera import CameraSpec
from hub.contracts.frame import Frame, FrameReason
from hub.contracts.look import Box, Look
from hub.contracts.rule import IntrusionRule
from hub.contracts.zone import Zone
from hub.picture import Picture
from tests.support.clock import START

CAMERA = "cam_1"
LOWER_HALF = ((0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0))
ZONE = Zone(zone_id="zone_1", name="水边", polygon=LOWER_HALF)


def at(seconds: float) -> datetime:
    """So many seconds after the clock's start."""
    return START + timedelta(seconds=seconds)


def scene(figure_x: int | None = None, *, light: int = 0, size: tuple[int, int] = (320, 192)) -> Picture:
    """A wall over a floor with a pattern; a dark figure stands at `figure_x` (of 320) where one is given."""
    width, height = size
    picture = np.full((192, 320, 3), (150, 160, 150), np.uint8)
    picture[96:] = (90, 110, 130)
    picture[::16] = (120, 120, 120)
    picture[:, ::40] = (110, 125, 120)
    if figure_x is not None:
        cv2.rectangle(picture, (figure_x, 60), (figure_x + 30, 150), (30, 30, 40), -1)
    lit = np.clip(picture.astype(np.int16) + light, 0, 255).astype(np.uint8)
    return np.ascontiguousarray(cv2.resize(lit, (width, height)), np.uint8)


def keyframe(picture: Picture, codec: str = "h264") -> bytes:
    """Annex B, parameter sets first."""
    file = io.BytesIO()
    encoder, quiet = ("libx265", {"x265-params": "log-level=none:pools=none"}) if codec == "h265" else ("libx264", {})
    with av.open(file, "w", format="hevc" if codec == "h265" else "h264") as out:
        stream = out.add_stream(encoder, rate=10, options={"preset": "ultrafast", "crf": "18", **quiet})
        assert isinstance(stream, av.VideoStream)
        stream.height, stream.width = picture.shape[:2]
        stream.pix_fmt = "yuv420p"
        for packet in [*stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")), *stream.encode(None)]:
            out.mux(packet)
    return file.getvalue()


def rule(**changes: object) -> IntrusionRule:
    """Somebody in the lower half for 4 s, at any hour."""
    return IntrusionRule.model_validate(
        {"rule_id": "rule_1", "name": "夜间闯入", "zone_id": "zone_1", "labels": ("person",), **changes}
    )


def spec(**changes: object) -> CameraSpec:
    """An enabled public camera with one zone and one rule."""
    return CameraSpec.model_validate(
        {
            "camera_id": CAMERA,
            "revision": 1,
            "name": "水库东岸 1 号",
            "area_id": "area_1",
            "gateway_id": "gateway-1",
            "url": "rtsp://192.168.1.64/1",
            "zones": (ZONE,),
            "rules": (rule(),),
            **changes,
        }
    )


def frame(seconds: float, **changes: object) -> Frame:
    """A keyframe's message."""
    return Frame.model_validate(
        {
            "camera_id": CAMERA,
            "gateway_id": "gateway-1",
            "captured_at": at(seconds),
            "reason": FrameReason.ACTIVITY,
            "spec_revision": 1,
            **changes,
        }
    )


def person(x: float = 0.5, foot_y: float = 0.8, confidence: float = 0.9, label: str = "person") -> Box:
    """Somebody whose feet are at (x, foot_y)."""
    return Box(label=label, confidence=confidence, x1=x - 0.05, x2=x + 0.05, y1=max(0.0, foot_y - 0.4), y2=foot_y)


def look(seconds: float, boxes: Sequence[Box] = (), **changes: object) -> Look:
    """One look; no picture."""
    return Look.model_validate(
        {
            "camera_id": CAMERA,
            "captured_at": at(seconds),
            "looked_at": at(seconds),
            "reason": FrameReason.ACTIVITY,
            "spec_revision": 1,
            "width_px": 320,
            "height_px": 192,
            "changed": 0.1,
            "gate_open": True,
            "detector": "motion",
            "boxes": tuple(boxes),
            **changes,
        }
    )
