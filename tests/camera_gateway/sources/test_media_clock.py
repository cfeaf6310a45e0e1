"""RTP timestamps as cameras send them become times that only grow (material list 15)."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from camera_gateway.sources.rtsp.media_clock import JUMP_TICKS, MediaClock

FRAME = 3600  # 25 a second


def times(timestamps: list[int], step_s: float = 0.04) -> list[int]:
    clock = MediaClock()
    return [clock.stamp(value & 0xFFFF_FFFF, index * step_s) for index, value in enumerate(timestamps)]


@pytest.mark.parametrize(
    "timestamps",
    [
        [0, FRAME, 2 * FRAME],
        [2**32 - FRAME, 0, FRAME],  # the 32-bit wrap
        [0, 0, 0, 0],  # moonfire#300
        [449_825_073, 10_339_380, 10_342_980],  # frigate#8007: back
        [4_900_140_258, 3_206_904_083, 3_206_907_683],  # frigate#6499
        [394_425_663, -2_578_584_943, -2_578_581_343],  # RTSP-Server#79
        [63_349_226, 63_349_226, 63_352_826],  # frigate#7631
        [0, FRAME, 5 * 3600 * 90_000, 5 * 3600 * 90_000 + FRAME],  # five hours ahead
    ],
)
def test_time_grows_and_stays_near_the_receivers(timestamps: list[int]) -> None:
    found = times(timestamps)
    assert found == sorted(set(found))
    assert found[-1] - found[0] <= JUMP_TICKS


def test_a_reset_goes_on_at_the_pace_of_the_receiver() -> None:
    assert times([900_000, 5]) == [0, FRAME]


def test_b_frames_give_decoding_times_and_a_presentation_time_of_their_own() -> None:
    clock = MediaClock()
    clock.expect(1, 25.0)
    shown = [0, 3, 1, 2, 6, 4, 5, 9, 7, 8]
    decoded, presented = [], []
    for index, picture in enumerate(shown):
        decoded.append(clock.stamp(picture * FRAME, index * 0.04))
        presented.append(clock.presentation)
    assert decoded == sorted(set(decoded))
    assert all(late >= early for early, late in zip(decoded, presented, strict=True))
    assert [value // FRAME - 1 for value in presented] == shown


def test_a_step_back_is_a_step_of_the_clock_where_b_frames_are_ruled_out() -> None:
    clock = MediaClock()
    clock.expect(0, None)
    found = [clock.stamp(value * FRAME, index * 0.04) for index, value in enumerate((100, 101, 95, 96))]
    assert found == [0, FRAME, 2 * FRAME, 3 * FRAME]
    assert clock.reorder_frames == 0


def test_b_frames_nobody_told_of_are_learned() -> None:
    clock = MediaClock()
    shown = [0, 3, 1, 2] + [value + offset for value in (3, 6, 9, 12, 15) for offset in (3, 1, 2)]
    found = [(clock.stamp(picture * FRAME, index * 0.04), clock.presentation) for index, picture in enumerate(shown)]
    assert clock.reorder_frames == 1
    assert [decoded for decoded, _ in found] == sorted({decoded for decoded, _ in found})
    assert [presented // FRAME for _, presented in found[6:]] == shown[6:]


PYRAMID = [0, 4, 2, 1, 3]  # decoded so, of each group of five shown in order


def test_a_pyramid_of_b_frames_is_learned_within_one_group_and_shown_in_order() -> None:
    clock = MediaClock()
    shown = [group * 4 + place for group in range(60) for place in PYRAMID[1:]]
    found = [(clock.stamp(place * FRAME, index * 0.04), clock.presentation) for index, place in enumerate([0, *shown])]
    decoded, presented = [time for time, _ in found], [time for _, time in found]
    assert clock.reorder_frames == 2
    assert decoded == sorted(set(decoded))
    assert len(set(presented)) == len(presented)
    assert [time // FRAME for time in presented[9:]] == shown[8:]
    assert all(0 <= late - early <= 5 * FRAME for early, late in found)


def test_announced_b_frames_are_in_order_from_the_first_picture_on() -> None:
    clock = MediaClock()
    clock.expect(2, 25.0)
    shown = [0] + [group * 4 + place for group in range(60) for place in PYRAMID[1:]]
    found = [(clock.stamp(place * FRAME, index * 0.04), clock.presentation) for index, place in enumerate(shown)]
    decoded, presented = [time for time, _ in found], [time for _, time in found]
    assert [time // FRAME - 2 for time in presented] == shown
    assert all(FRAME // 2 <= late - early <= FRAME for early, late in pairwise(decoded))
    assert clock.reorder_frames == 2


def test_b_frames_that_are_announced_and_never_sent_cost_nothing_after_a_second() -> None:
    clock = MediaClock()
    clock.expect(3, 25.0)
    found = [(clock.stamp(number * FRAME, number * 0.04), clock.presentation) for number in range(100)]
    decoded, presented = [time for time, _ in found], [time for _, time in found]
    assert {late - early for early, late in pairwise(presented)} == {FRAME}
    assert decoded == sorted(set(decoded))
    assert decoded[30:] == presented[30:]
    assert clock.reorder_frames == 0


@pytest.mark.parametrize("told", [0.1, 5.0, 240.0, None])
def test_a_frame_rate_that_is_none_makes_no_jump(told: float | None) -> None:
    clock = MediaClock()
    clock.expect(4, told)
    shown = [0] + [group * 4 + place for group in range(60) for place in PYRAMID[1:]]
    found = [(clock.stamp(place * FRAME, index * 0.04), clock.presentation) for index, place in enumerate(shown)]
    assert all(0 < late - early <= 3 * FRAME for early, late in pairwise(time for time, _ in found))
    assert all(early <= late for early, late in found)
    first = found[0][1]
    assert [(time - first) // FRAME for _, time in found] == shown


@pytest.mark.parametrize(("before", "after"), [(0, 2), (2, 0), (2, 2)])
def test_new_parameter_sets_change_what_is_expected_without_a_hole(before: int, after: int) -> None:
    def shown(reorder: int, key: int) -> list[int]:
        if not reorder:
            return list(range(key, key + 81))
        return [key, *(key + group * 4 + place for group in range(20) for place in PYRAMID[1:])]

    clock = MediaClock()
    clock.expect(before, 25.0)
    found: list[tuple[int, int]] = []
    for place in shown(before, 0):
        found.append((clock.stamp(place * FRAME, len(found) * 0.04), clock.presentation))
    clock.expect(after, 25.0)
    for place in shown(after, 81):
        found.append((clock.stamp(place * FRAME, len(found) * 0.04), clock.presentation))
    decoded, presented = [time for time, _ in found], [time for _, time in found]
    assert decoded == sorted(set(decoded))
    assert {late - early for early, late in pairwise(sorted(presented))} == {FRAME}


# what a camera stamps in its 26th second of 25 frames a second, in frames; the pictures keep coming all 40 ms
STEPS = [
    pytest.param(-3, id="back by three frames"),
    pytest.param(-20, id="back by 800 ms: not long enough to rule a B-frame out"),
    pytest.param(-25 * 60, id="back by a minute"),
    pytest.param(25 * 3600 * 5, id="ahead by five hours"),
    pytest.param(25 * 3600 * -5, id="back by five hours"),
    pytest.param(2**31 // FRAME, id="half of all there is"),
]


@pytest.mark.parametrize("frames", STEPS)
@pytest.mark.parametrize("first", [0, 2**32 - 100 * FRAME], ids=["", "and a wrap"])
def test_a_step_of_a_live_clock_goes_on_at_the_pace_of_the_receiver(frames: int, first: int) -> None:
    stamps = [first + (number + (frames if number >= 650 else 0)) * FRAME for number in range(1000)]
    found = times(stamps)
    assert {late - early for early, late in pairwise(found)} == {FRAME}


def test_a_clock_that_steps_back_while_b_frames_are_learned_costs_a_frame_for_a_minute() -> None:
    clock = MediaClock()
    found: list[int] = []
    for number in range(25 * 80):
        stamp = (number - (3 if number >= 50 else 0)) * FRAME
        found.append(clock.stamp(stamp, number * 0.04))
        assert clock.presentation >= found[-1]
        assert clock.reorder_frames <= 1
    assert clock.reorder_frames == 0
    assert found == sorted(set(found))
    assert found[-1] == (25 * 80 - 1 - 3) * FRAME  # no time was made up


@pytest.mark.parametrize("b_frames_since", [0, 1000])
def test_b_frames_that_begin_late_are_learned_after_one_misjudgement(b_frames_since: int) -> None:
    clock = MediaClock()
    plain = list(range(b_frames_since))
    shown = plain + [b_frames_since + group * 3 + place for group in range(100) for place in (0, 3, 1, 2)[1:]]
    for index, place in enumerate(shown):
        clock.stamp(place * FRAME, index * 0.04)
    assert clock.reorder_frames == 1
    assert clock.presentation - clock._last in (0, FRAME)
    assert abs(clock.presentation - len(shown) * FRAME) <= 5 * FRAME


def test_two_pictures_of_each_timestamp_do_not_make_time_run_faster() -> None:  # frigate#7631
    clock = MediaClock()
    found = [clock.stamp(number // 2 * FRAME, number * 0.02) for number in range(2000)]
    assert found == sorted(set(found))
    assert found[-1] == 999 * FRAME + FRAME // 2
    assert {found[index] - index // 2 * FRAME for index in range(0, 2000, 2)} == {0}


def test_timestamps_that_stand_and_then_go_are_followed() -> None:
    clock = MediaClock()
    found = [clock.stamp(max(0, number - 500) * FRAME, number * 0.04) for number in range(1000)]
    assert found == sorted(set(found))
    assert abs(found[-1] - 999 * FRAME) <= 25 * FRAME


@given(st.lists(st.integers(0, 2**32 - 1), max_size=60), st.integers(0, 4))
def test_any_timestamps_grow(timestamps: list[int], reorder: int) -> None:
    clock = MediaClock()
    clock.reorder_frames = reorder
    last = -1
    for index, value in enumerate(timestamps):
        now = clock.stamp(value, index * 0.04)
        assert now > last
        assert clock.presentation >= now
        last = now
