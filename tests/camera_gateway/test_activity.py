"""Whether something moves, from sizes alone: deterministic sequences, and a real corridor."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest

from camera_gateway.activity import ActivityMeter, Telling
from tests.support.material import material_file

GOP = 50
STEP = 3600


def play(
    meter: ActivityMeter, gops: int, p_size: float, key_size: int, rng: random.Random, spread: float = 0.1
) -> list[Telling]:
    """`gops` GOPs of two seconds; P-frames of `p_size` bytes give or take `spread` of it."""
    start = getattr(play, "at", 0)
    answers = []
    for _ in range(gops):
        answers.append(meter.keyframe(key_size, start))
        for n in range(1, GOP):
            meter.frame(int(p_size * (1 + spread * (2 * rng.random() - 1))), start + n * STEP)
        start += GOP * STEP
    play.at = start  # type: ignore[attr-defined]
    return answers


def test_nothing_is_known_at_first() -> None:
    assert set(play(ActivityMeter(), 5, 700, 25_000, random.Random(1))) == {Telling.BLIND}


def test_constant_quality_at_rest_is_quiet_and_a_person_is_activity() -> None:
    meter, rng = ActivityMeter(), random.Random(2)
    play(meter, 20, 700, 25_000, rng)
    assert set(play(meter, 20, 700, 25_000, rng)) == {Telling.QUIET}
    answers = play(meter, 4, 1600, 25_000, rng)
    assert answers[1:] == [Telling.ACTIVE] * 3  # the first keyframe closes the last quiet GOP
    assert play(meter, 6, 700, 25_000, rng)[1:] == [Telling.QUIET] * 5


def test_one_busy_second_of_a_long_gop_is_not_lost_in_its_mean() -> None:
    meter = ActivityMeter()
    at = 0
    answers = []
    for gop in range(40):
        answers.append(meter.keyframe(25_000, at))
        for n in range(1, 200):  # eight seconds
            busy = gop == 30 and 50 <= n < 80
            meter.frame(1800 if busy else 700, at + n * STEP)
        at += 200 * STEP
    assert answers[31] is Telling.ACTIVE
    assert set(answers[20:31]) == {Telling.QUIET}
    assert answers[32] is Telling.QUIET


def test_constant_bit_rate_is_blind_because_sizes_do_not_tell() -> None:
    # 400 kbit/s at 25/s whatever happens: P-frames near 1800 bytes beside keyframes of 12 kB.
    meter, rng = ActivityMeter(), random.Random(3)
    answers = play(meter, 60, 1800, 12_000, rng, spread=0.15)
    assert set(answers) == {Telling.BLIND}


def test_a_noisier_night_becomes_the_new_rest_within_minutes() -> None:
    meter, rng = ActivityMeter(), random.Random(4)
    play(meter, 40, 700, 25_000, rng)
    assert play(meter, 3, 1400, 25_000, rng)[-1] is Telling.ACTIVE
    play(meter, 70, 1400, 25_000, rng)
    assert Telling.ACTIVE not in play(meter, 5, 1400, 25_000, rng)


def test_the_same_sizes_always_give_the_same_answers() -> None:
    assert play(ActivityMeter(), 30, 900, 20_000, random.Random(5)) == play(
        ActivityMeter(), 30, 900, 20_000, random.Random(5)
    )


# Seconds in which a person stands or walks in the real corridor (material/README.md).
PRESENT = ((6.5, 19.5), (23, 45), (51, 69.5), (74.5, 87), (93.5, 119.5), (123.5, 136))


@pytest.mark.material
@pytest.mark.slow
@pytest.mark.parametrize(
    ("rate", "tells"),
    [
        (["-crf", "26"], True),
        (["-b:v", "400k", "-maxrate", "400k", "-bufsize", "400k"], None),
    ],
)
def test_everybody_who_enters_a_real_corridor_is_activity_or_the_camera_is_blind(
    tmp_path: Path, rate: list[str], tells: bool | None
) -> None:
    clip = material_file("videos/one-by-one-person-detection.mp4")
    out = tmp_path / "clip.mp4"
    code = ["-c:v", "libx264", "-preset", "veryfast", "-bf", "0", "-g", "20", "-sc_threshold", "0", *rate]
    subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(clip), "-an", "-vf", "scale=640:360", *code, str(out)], check=True
    )
    entries = ["-show_entries", "packet=pts_time,size,flags", "-of", "csv=p=0"]
    listing = subprocess.run(["ffprobe", "-v", "error", *entries, str(out)], check=True, capture_output=True, text=True)
    meter = ActivityMeter()
    answers: list[tuple[float, float, Telling]] = []
    for lap in range(2):
        before = 0.0
        for line in listing.stdout.split():
            at, size, flags = line.split(",")[:3]
            media_time = int((float(at) + lap * 139.4) * 90_000)
            if "K" in flags:
                answers.append((before, float(at), meter.keyframe(int(size), media_time)))
                before = float(at)
            else:
                meter.frame(int(size), media_time)
    for enters, _ in PRESENT:
        told = {telling for start, end, telling in answers if start < enters + 4 and end > enters}
        assert told & {Telling.ACTIVE, Telling.BLIND}, f"who came at {enters} s was not seen"
    if tells:
        second_lap = answers[len(answers) // 2 :]
        assert Telling.BLIND not in {telling for _, _, telling in second_lap}
        assert Telling.QUIET in {telling for _, _, telling in second_lap}
