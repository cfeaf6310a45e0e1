"""When a camera's own clock is not to be trusted."""

from __future__ import annotations

from dataclasses import dataclass

from camera_gateway.camera_clock import OFFSET_S, STEPS_WITHIN_S, CameraClock, TellsClock


@dataclass
class Facts:
    offset_s: float | None = None
    steps: int = 0


@dataclass
class Source:
    clock_facts: Facts


def test_three_steps_within_a_minute_are_too_many_and_are_forgiven_after() -> None:
    clock, source = CameraClock(), Source(Facts())
    assert isinstance(source, TellsClock)
    for step, at_s in enumerate((0.0, 20.0, 40.0), 1):
        source.clock_facts.steps = step
        assert clock.astray(source, at_s) is (step == 3)
    assert clock.astray(source, STEPS_WITHIN_S)
    assert not clock.astray(source, STEPS_WITHIN_S + 1)


def test_a_step_now_and_then_is_an_ntp_that_took_hold() -> None:
    clock, source = CameraClock(), Source(Facts())
    for step in range(1, 10):
        source.clock_facts.steps = step
        assert not clock.astray(source, step * 31.0)


def test_three_steps_seen_at_once_count_as_three() -> None:
    assert CameraClock().astray(Source(Facts(steps=7)), 0.0)


def test_another_connection_begins_to_count_anew() -> None:
    clock = CameraClock()
    clock.astray(Source(Facts(steps=2)), 0.0)
    clock.begin()
    assert clock.astray(Source(Facts(steps=1)), 1.0)


def test_a_clock_far_from_ours_is_astray_until_it_is_well_within_again() -> None:
    clock, source = CameraClock(), Source(Facts())
    for offset_s, astray in ((-OFFSET_S + 1, False), (-OFFSET_S - 1, True), (OFFSET_S - 1, True), (200.0, False)):
        source.clock_facts.offset_s = offset_s
        assert clock.astray(source, 0.0) is astray


def test_a_source_that_says_nothing_is_not_suspected() -> None:
    assert not CameraClock().astray(None, 0.0)
    assert not CameraClock().astray(Source(Facts()), 0.0)
