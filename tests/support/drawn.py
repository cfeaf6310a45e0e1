"""Coded pictures into a transcoder and out of it: units of both codecs, and what a viewer's decoder makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray

from camera_gateway.annexb import annexb
from camera_gateway.simulator.clip import Clip, encode
from camera_gateway.sources.base import AccessUnit, VideoFormat
from tests.support.units import START_US

Picture = NDArray[np.uint8]


def bright(width_px: int = 320, height_px: int = 180, count: int = 40, fps: float = 10.0) -> Clip:
    """A light picture with a darker bar that wanders: no pixel of it is nearly black."""
    return encode(bright_pictures(width_px, height_px, count), width_px, height_px, fps)


def bright_pictures(width_px: int, height_px: int, count: int) -> Iterator[Picture]:
    """The pictures of `bright`, (height, width, 3) BGR."""
    for number in range(count):
        picture = np.full((height_px, width_px, 3), (150, 210, 180), np.uint8)
        left = number * (width_px - 40) // count
        picture[:, left : left + 40] = (120, 130, 220)
        yield picture


def h265(
    count: int = 40, fps: int = 10, pictures: Sequence[Picture] | None = None
) -> tuple[VideoFormat, list[AccessUnit]]:
    """`pictures` (else those of `bright`) as H.265: format and units, the parameter sets before each keyframe."""
    shown = list(bright_pictures(320, 180, count)) if pictures is None else pictures
    height_px, width_px = shown[0].shape[0], shown[0].shape[1]
    context = av.CodecContext.create("libx265", "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt = width_px, height_px, "yuv420p"
    context.framerate, context.time_base = Fraction(fps), Fraction(1, fps)
    context.options = {
        "preset": "ultrafast",
        "x265-params": "log-level=none:bframes=0:keyint=20:repeat-headers=1:pools=1:frame-threads=1:info=0",
    }
    coded: list[tuple[bytes, bool]] = []
    for number, picture in enumerate(shown):
        frame = av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p")
        frame.pts = number
        coded += [(bytes(packet), packet.is_keyframe) for packet in context.encode(frame)]
    coded += [(bytes(packet), packet.is_keyframe) for packet in context.encode(None)]
    units: list[AccessUnit] = []
    sets: tuple[bytes, ...] = ()
    for number, (annexb_, keyframe) in enumerate(coded):
        nals = [nal.rstrip(b"\0") for nal in annexb_.split(b"\0\0\1") if nal.rstrip(b"\0")]
        sets = sets or tuple(nal for nal in nals if nal[0] >> 1 & 63 in (32, 33, 34))
        data = b"".join(len(nal).to_bytes(4, "big") + nal for nal in nals)
        at = number / fps
        units.append(AccessUnit(START_US + round(at * 1e6), 900_000 + round(at * 90_000), keyframe, data))
    return VideoFormat("h265", sets, width_px, height_px, "hvc1.1.6.L60.B0", float(fps)), units


def decoded(units: Iterable[AccessUnit]) -> list[Picture]:
    """What a browser's decoder makes of H.264 units; fails where one of them is no picture."""
    context = av.CodecContext.create("h264", "r")
    assert isinstance(context, av.VideoCodecContext)
    context.thread_count = 1
    frames: list[av.VideoFrame] = []
    count = 0
    for unit in units:
        count += 1
        frames += context.decode(av.Packet(annexb(unit.data)))
    frames += context.decode(None)
    assert len(frames) == count
    assert not any(frame.is_corrupt for frame in frames)
    return [np.asarray(frame.to_ndarray(format="bgr24"), np.uint8) for frame in frames]
