"""Access units for tests of what comes after a source: made by hand, or coded pictures of the simulator's clips."""

from __future__ import annotations

from collections.abc import Iterator

from camera_gateway.simulator.clip import Clip, moving_bar
from camera_gateway.sources.base import AccessUnit, VideoFormat
from camera_gateway.sources.rtsp.parameter_sets import H264, H265, ParameterSets

START_US = 1_772_413_200_000_000  # 2026-03-02T01:00Z, as the fake clock


def unit(
    number: int, *, keyframe: bool = False, size: int = 100, step: int = 3600, step_us: int = 40_000
) -> AccessUnit:
    """A unit of no real picture: the `number`-th of a 25/s stream."""
    return AccessUnit(START_US + number * step_us, number * step, keyframe, bytes(size))


def format_of(clip: Clip) -> VideoFormat:
    """What a source would say of `clip`."""
    sets = ParameterSets(clip.parameter_sets, clip.fps, H265 if clip.codec.name == "h265" else H264)
    fmt = sets.announce()
    assert fmt is not None
    return fmt


def units_of(clip: Clip, count: int | None = None, first_media_time: int = 900_000) -> Iterator[AccessUnit]:
    """Its pictures as access units, in a loop, as a source would give them."""
    for number in range(count if count is not None else len(clip.pictures)):
        picture = clip.pictures[number % len(clip.pictures)]
        data = b"".join(len(nal).to_bytes(4, "big") + nal for nal in picture.nals)
        seconds = number / clip.fps
        yield AccessUnit(
            START_US + round(seconds * 1e6), first_media_time + round(seconds * 90_000), picture.keyframe, data
        )


__all__ = ["START_US", "format_of", "moving_bar", "unit", "units_of"]
