"""RTP timestamps as cameras send them become times that only grow (material list 15)."""

from __future__ import annotations

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
    clock.reorder_frames = 1
    shown = [0, 3, 1, 2, 6, 4, 5, 9, 7, 8]
    decoded, presented = [], []
    for index, picture in enumerate(shown):
        decoded.append(clock.stamp(picture * FRAME, index * 0.04))
        presented.append(clock.presentation)
    assert decoded == sorted(set(decoded))
    assert all(late >= early for early, late in zip(decoded, presented, strict=True))
    assert [value // FRAME for value in presented] == shown


def test_a_step_back_is_a_step_of_the_clock_where_b_frames_are_ruled_out() -> None:
    clock = MediaClock()
    clock.may_reorder = False
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
