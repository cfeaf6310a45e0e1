"""How a camera does, by ticks and failures at times of our choosing."""

from __future__ import annotations

from datetime import timedelta

from camera_gateway.condition import Condition
from camera_gateway.sources.base import VideoFormat
from camera_gateway.stream import Stream
from hub.contracts.camera import CameraState, Cause
from tests.support.clock import START
from tests.support.units import unit

FORMAT = VideoFormat("h264", (b"\x67\x4d\x40\x1f", b"\x68\xee"), 640, 360, "avc1.4d401f", 25.0)
LOST = (Cause.UNREACHABLE, "camera_gateway.connection_lost")


class Life:
    def __init__(self) -> None:
        self.condition = Condition(3.0, 10.0, START)
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
            changed |= self.condition.tick(self.stream, START + timedelta(seconds=self.at), 1000 + self.at)
        return changed

    def fail(self) -> bool:
        return self.condition.failed(*LOST, START + timedelta(seconds=self.at), 1000 + self.at)

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
