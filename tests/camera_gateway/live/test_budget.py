"""The budget of drawing anew: exact, never exceeded, and no size from a camera fools it."""

from __future__ import annotations

import random

import pytest

from camera_gateway.live.budget import Budget, Plan


@pytest.mark.parametrize(
    ("source", "budget", "becomes"),
    [
        # A substream as it is costs width x height x rate.
        ((640, 360, 25.0), 30.0, (640, 360, 25.0, 5_760_000)),
        ((1280, 720, 25.0), 30.0, (1280, 720, 25.0, 23_040_000)),
        # 1080p becomes 720p; that and its decoding are too much by a little: at half the rate it fits.
        ((1920, 1080, 25.0), 33.0, (1280, 720, 25.0, 32_640_000)),
        ((1920, 1080, 25.0), 30.0, (1280, 720, 12.5, 24_960_000)),
        # 4K becomes 720p too, but its decoding alone is 69 megapixels a second.
        ((3840, 2160, 25.0), 100.0, (1280, 720, 25.0, 84_480_000)),
        ((3840, 2160, 25.0), 30.0, None),
        # Sides that are odd, a rate that is absurd, a picture that is tall.
        ((641, 361, 25.0), 30.0, (640, 360, 25.0, None)),
        ((320, 180, 240.0), 30.0, (320, 180, 60.0, 3_456_000)),
        ((720, 1280, 25.0), 30.0, (720, 1280, 25.0, 23_040_000)),
        # What nobody should decode, however large the budget.
        ((8192, 8192, 1.0), 1e9, None),
        ((16_384, 16_384, 0.1), 1e9, None),
        ((0, 0, 25.0), 30.0, None),
        ((64, 64, 10.0), 0.0, None),
    ],
)
def test_a_source_becomes_the_best_that_fits(
    source: tuple[int, int, float], budget: float, becomes: tuple[int, int, float, int | None] | None
) -> None:
    plan = Budget(budget).take(*source)
    if becomes is None:
        assert plan is None
    else:
        assert plan is not None
        assert (plan.width_px, plan.height_px, plan.rate) == becomes[:3]
        assert becomes[3] in (None, plan.pixels_s)


def test_what_is_given_back_is_exactly_what_was_taken_whatever_the_order() -> None:
    chance = random.Random(5)
    budget = Budget(100.0)
    held: list[Plan] = []
    for _ in range(5000):
        if held and chance.random() < 0.5:
            budget.give_back(held.pop(chance.randrange(len(held))))
        else:
            plan = budget.take(chance.randrange(16, 2000), chance.randrange(16, 1200), chance.uniform(1, 30))
            if plan is not None:
                held.append(plan)
        assert budget.used_pixels_s == sum(plan.pixels_s for plan in held) <= budget.pixels_s
    for plan in held:
        budget.give_back(plan)
    assert budget.used_pixels_s == 0


def test_the_last_pixel_of_the_budget_can_be_used_and_not_one_more() -> None:
    budget = Budget(0.64 * 0.36 * 25)
    assert budget.take(640, 360, 25.0) is not None
    assert budget.take(16, 16, 1.0) is None
