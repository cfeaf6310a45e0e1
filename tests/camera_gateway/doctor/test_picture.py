"""What a watched stream says of itself: smart codecs, rates against what is declared, timestamps, B-frames."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from camera_gateway.doctor import picture
from camera_gateway.doctor.watched import Watched
from camera_gateway.sources.base import AccessUnit, VideoFormat
from hub.contracts.device import StreamProfile
from hub.contracts.verdict import Verdict, VerdictStatus

FORMAT = VideoFormat("h264", (b"a", b"b"), 640, 360, "avc1.4d401e", 25.0)


def watched(
    gops: Sequence[int], *, fps: float = 25.0, size: int = 1000, runs: float = 1.0, b_frames: bool = False
) -> Watched:
    """A stream whose GOPs have these lengths in frames, the last one cut; `runs`: its timestamps against real time."""
    made, number = Watched(600.0), 0
    made.on_format(FORMAT)
    for length in (*gops, 1):
        for index in range(length):
            media_time = round(number * 90_000 / fps * runs)
            offset = 7200 if b_frames and number % 3 == 1 else 0
            unit = AccessUnit(round(number * 1e6 / fps), media_time, index == 0, bytes(size), offset)
            made.on_unit(unit)
            number += 1
    return made


def declared(**told: object) -> StreamProfile:
    return StreamProfile.model_validate({"token": "p", **told})


def said(verdict: Verdict) -> tuple[str, str]:
    for lang in ("zh", "en"):
        assert "{" not in verdict.detail_text(lang) + verdict.remedy_text(lang) + verdict.name_text(lang)
    return verdict.status.value, (verdict.detail or "").rpartition(".found_")[2]


@pytest.mark.parametrize(
    ("gops", "told", "status", "sentence"),
    [
        ([50, 50, 50], None, "ok", "even_gop"),
        ([50, 51, 50], None, "ok", "even_gop"),  # one frame dropped
        ([50, 50, 120], None, "warn", "smart_codec_uneven"),  # dynamic GOP
        ([50, 20, 50], None, "warn", "smart_codec_uneven"),  # a keyframe at a change of scene, by a smart encoder
        ([100], 50, "warn", "smart_codec_declared"),
        ([50], 50, "unknown", ""),
        ([300], None, "warn", "smart_codec_long"),
        ([], None, "unknown", ""),
    ],
)
def test_a_smart_codec_is_known_by_its_gop(gops: list[int], told: int | None, status: str, sentence: str) -> None:
    profile = declared(gop_frames=told) if told else None
    assert said(picture.smart_codec(watched(gops), profile)) == (status, sentence)


def test_one_keyframe_in_ten_seconds_is_a_smart_codec() -> None:
    assert said(picture.smart_codec(_endless(260), None)) == ("warn", "smart_codec_long")
    assert said(picture.keyframe_interval(_endless(260))) == ("warn", "one_keyframe")


def _endless(frames: int) -> Watched:
    made = Watched(600.0)
    for number in range(frames):
        made.on_unit(AccessUnit(number * 40_000, number * 3600, number == 0, bytes(10)))
    return made


def test_a_long_gop_is_a_warning_and_an_ordinary_one_is_none() -> None:
    assert said(picture.keyframe_interval(watched([50, 50]))) == ("ok", "keyframe_interval")
    assert said(picture.keyframe_interval(watched([150, 150]))) == ("warn", "keyframe_interval")


@pytest.mark.parametrize(
    ("size", "told", "status"),
    [
        (1000, None, "ok"),
        (1000, 256.0, "ok"),
        (1000, 100.0, "warn"),
        (100, 2048.0, "ok"),
    ],  # 25 frames of 1 kB: 200 kbit/s
)
def test_more_than_is_declared_is_a_warning_and_less_is_none(size: int, told: float | None, status: str) -> None:
    profile = declared(bit_rate_kbps=told) if told else None
    assert picture.bit_rate(watched([50, 50], size=size), profile).status == status


@pytest.mark.parametrize(
    ("fps", "told", "sentence"),
    [
        (25.0, 25.0, "frame_rate"),
        (12.5, 25.0, "frame_rate_less"),
        (24.0, None, "frame_rate"),
        (3.0, 25.0, "frame_rate"),
    ],
)
def test_the_frame_rate_is_held_against_what_is_declared(fps: float, told: float | None, sentence: str) -> None:
    verdict = picture.frame_rate(watched([20, 20], fps=fps), declared(frame_rate=told) if told else None)
    assert said(verdict) == ("ok" if sentence == "frame_rate" and fps > 4 else "warn", sentence)


@pytest.mark.parametrize(
    ("runs", "odd", "steps", "sentence"),
    [
        (1.0, 0, 0, "timestamps"),
        (1.0, 40, 0, "timestamps_odd"),
        (1.0, 0, 1, "timestamps_steps"),
        (1.4, 0, 0, "timestamps_run"),
    ],
)
def test_timestamps_that_do_not_go_as_time_does_are_told(runs: float, odd: int, steps: int, sentence: str) -> None:
    verdict = picture.timestamps(watched([50, 50], runs=runs), odd, steps)
    assert said(verdict) == ("ok" if sentence == "timestamps" else "warn", sentence)


def test_b_frames_and_a_codec_or_a_size_that_was_not_declared_are_told() -> None:
    plain = watched([50])
    assert said(picture.codec(FORMAT, plain, None)) == ("ok", "codec")
    assert said(picture.codec(FORMAT, watched([50], b_frames=True), None)) == ("warn", "b_frames")
    assert said(picture.codec(FORMAT, plain, declared(codec="h265"))) == ("warn", "codec_other")
    assert said(picture.size(FORMAT, declared(width_px=1920, height_px=1080))) == ("warn", "size_other")
    assert picture.size(FORMAT, declared(width_px=640, height_px=360)).status is VerdictStatus.OK
