"""How a camera does, by ticks and failures at times of our choosing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from camera_gateway.condition import Condition
from camera_gateway.sources.base import VideoFormat
from camera_gateway.stream import Stream
from hub.contracts.camera import CameraState, Cause
from tests.support.clock import START
from tests.support.units import unit

FORMAT = VideoFormat("h264", (b"\x67\x4d\x40\x1f", b"\x68\xee"), 640, 360, "avc1.4d401f", 25.0)
LOST = (Cause.UNREACHABLE, "camera_gateway.connection_lost")


class Life:
    def __init__(self, grace_s: float = 0.0) -> None:
        self.condition = Condition(3.0, 10.0, START, 1000 + grace_s)
        self.stream = Stream(1_000_000)
        self.stream.on_format(FORMAT)
        self.at = 0.0
        self.condition.starting(START, 1000.0)

    def run(self, seconds: float, media: bool) -> bool:
        """Tick four times a second; True when anything changed on the way."""
        changed = False
        for _ in range(round(seconds * 4)):
            self.at += 0.25
            if media:
                for n in range(5):
                    self.stream.on_unit(unit(n, keyframe=n == 0, size=1000))
            now, monotonic = START + timedelta(seconds=self.at), 1000 + self.at
            changed |= self.condition.grace_ends(now, monotonic)
            changed |= self.condition.tick(self.stream, now, monotonic)
        return changed

    def fail(self, cause: Cause = LOST[0]) -> bool:
        return self.condition.failed(cause, LOST[1], START + timedelta(seconds=self.at), 1000 + self.at)

    @property
    def is_(self) -> tuple[CameraState, Cause]:
        return self.condition.state, self.condition.cause


def test_it_starts_offline_and_is_online_with_the_first_media() -> None:
    life = Life()
    assert life.is_ == (CameraState.OFFLINE, Cause.STARTING)
    life.run(0.25, media=True)
    assert life.is_ == (CameraState.ONLINE, Cause.NONE)
    assert life.condition.facts.width_px == 640


def test_a_silent_camera_is_degraded_after_three_seconds_and_offline_after_ten() -> None:
    life = Life()
    life.run(5, media=True)
    life.run(3.25, media=False)
    assert life.is_ == (CameraState.DEGRADED, Cause.NO_MEDIA)
    life.run(6.5, media=False)
    assert life.is_ == (CameraState.DEGRADED, Cause.NO_MEDIA)
    life.run(0.5, media=False)
    assert life.is_ == (CameraState.OFFLINE, Cause.NO_MEDIA)
    assert life.condition.last_media_at == START + timedelta(seconds=5)
    life.run(0.25, media=True)
    assert life.is_ == (CameraState.ONLINE, Cause.NONE)


def test_a_broken_connection_is_degraded_at_once_and_offline_only_when_it_stays_away() -> None:
    life = Life()
    life.run(5, media=True)
    assert life.fail()
    assert life.is_ == (CameraState.DEGRADED, Cause.UNREACHABLE)
    life.run(10.5, media=False)
    assert life.is_ == (CameraState.OFFLINE, Cause.UNREACHABLE)


def test_a_camera_that_never_gave_media_is_offline_with_the_cause_at_its_first_failure() -> None:
    life = Life()
    life.run(1, media=False)
    assert life.fail()
    assert life.is_ == (CameraState.OFFLINE, Cause.UNREACHABLE)


def test_one_that_connects_and_stays_silent_does_not_start_for_ever() -> None:
    life = Life()
    life.run(11, media=False)
    assert life.is_ == (CameraState.OFFLINE, Cause.NO_MEDIA)


def test_nothing_changes_while_nothing_changes() -> None:
    life = Life()
    life.run(12, media=True)
    assert not life.run(8, media=True)
    since = life.condition.since
    life.run(60, media=True)
    assert life.condition.since == since


def test_rates_are_measured_over_ten_seconds() -> None:
    life = Life()
    life.run(11, media=True)
    facts = life.condition.facts
    assert (facts.frame_rate, facts.bit_rate_kbps, facts.gop_s) == (20.0, 160.0, 0.25)


def test_media_flows_only_while_it_does() -> None:
    life = Life()
    life.run(6, media=True)
    assert life.condition.flowing_s(1000 + life.at) >= 5
    life.fail()
    assert life.condition.flowing_s(1000 + life.at) == 0


def test_while_the_gateway_starts_a_camera_it_has_not_seen_is_not_called_offline() -> None:
    life = Life(grace_s=90)
    assert life.is_ == (CameraState.DEGRADED, Cause.STARTING)
    life.run(2, media=False)
    life.fail()
    assert life.is_ == (CameraState.DEGRADED, Cause.UNREACHABLE)
    since = life.condition.since
    life.run(87.5, media=False)
    assert life.is_ == (CameraState.DEGRADED, Cause.UNREACHABLE)
    assert life.condition.dark
    life.run(1, media=False)
    assert life.is_ == (CameraState.OFFLINE, Cause.UNREACHABLE)
    assert life.condition.since == since  # it has been dark all the time


def test_one_that_connects_and_stays_silent_while_the_gateway_starts_is_degraded_then_offline() -> None:
    life = Life(grace_s=90)
    life.run(11, media=False)
    assert life.is_ == (CameraState.DEGRADED, Cause.NO_MEDIA)
    life.run(80, media=False)
    assert life.is_ == (CameraState.OFFLINE, Cause.NO_MEDIA)


@pytest.mark.parametrize(
    "cause", [Cause.LOGIN_REFUSED, Cause.NOT_FOUND, Cause.CODEC, Cause.FORBIDDEN_ADDRESS, Cause.REDIRECTED]
)
def test_what_the_camera_itself_answers_needs_no_grace(cause: Cause) -> None:
    life = Life(grace_s=90)
    life.fail(cause)
    assert life.is_ == (CameraState.OFFLINE, cause)


def test_one_that_was_seen_and_goes_is_offline_after_ten_seconds_also_while_the_gateway_starts() -> None:
    life = Life(grace_s=90)
    life.run(5, media=True)
    life.run(10.5, media=False)
    assert life.is_ == (CameraState.OFFLINE, Cause.NO_MEDIA)


def test_a_clock_astray_degrades_a_camera_whose_picture_flows_and_nothing_else() -> None:
    life = Life()
    life.run(2, media=True)
    life.condition.clock_astray = True
    life.run(1, media=True)
    assert life.is_ == (CameraState.DEGRADED, Cause.CLOCK)
    assert not life.condition.dark
    life.run(11, media=False)
    assert life.is_ == (CameraState.OFFLINE, Cause.NO_MEDIA)
    life.condition.clock_astray = False
    life.run(1, media=True)
    assert life.is_ == (CameraState.ONLINE, Cause.NONE)


def test_an_opening_after_a_rest_changes_nothing_until_there_is_something_to_tell() -> None:
    life = Life()
    life.run(2, media=True)
    now = START + timedelta(seconds=life.at)
    assert life.condition.rests(now)
    assert life.is_ == (CameraState.ONLINE, Cause.RESTING)
    life.condition.opening()
    life.run(9, media=False)
    assert life.is_ == (CameraState.ONLINE, Cause.RESTING)
    life.run(2, media=False)
    assert life.is_ == (CameraState.OFFLINE, Cause.NO_MEDIA)
    assert not life.condition.rests(now)  # it failed: that nobody looks makes it no better
    life.condition.opening()
    life.run(1, media=True)
    assert life.is_ == (CameraState.ONLINE, Cause.NONE)
