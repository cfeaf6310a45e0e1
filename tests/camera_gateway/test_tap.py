"""Which keyframes go to the detectors: the first ones, active ones and some after, the heartbeat, all where blind."""

from __future__ import annotations

from itertools import pairwise

import pytest

from camera_gateway.sources.base import AccessUnit
from camera_gateway.tap import Tap
from hub.contracts.frame import FrameReason
from tests.support.units import START_US

GOP_S = 2.0
RATE = 25


class Tapped:
    """A tap of a 25/s camera, fed GOP by GOP."""

    def __init__(self, heartbeat_s: float = 10.0, look_interval_s: float = 1.5) -> None:
        self.looks: list[tuple[float, FrameReason]] = []
        self.tap = Tap(self.take, heartbeat_s, look_interval_s)
        self.at_s = 0.0

    def take(self, unit: AccessUnit, reason: FrameReason) -> None:
        assert unit.keyframe
        self.looks.append(((unit.captured_at_us - START_US) / 1e6, reason))

    def gops(self, count: int, p_size: int, key_size: int = 25_000, gop_s: float = GOP_S) -> None:
        for _ in range(count):
            for n in range(round(gop_s * RATE)):
                at = self.at_s + n / RATE
                size = key_size if n == 0 else p_size + (n * 37) % 90
                unit = AccessUnit(START_US + round(at * 1e6), round(at * 90_000), n == 0, bytes(size))
                self.tap.on_unit(unit)
            self.at_s += gop_s

    def looked(self, since_s: float) -> list[tuple[float, FrameReason]]:
        return [(at - since_s, reason) for at, reason in self.looks if at >= since_s]


def test_the_first_keyframes_of_a_camera_always_go() -> None:
    tapped = Tapped()
    tapped.gops(5, 700)
    assert tapped.looks == [(at, FrameReason.BLIND) for at in (0.0, 2.0, 4.0, 6.0, 8.0)]


def test_a_quiet_camera_is_looked_at_by_its_heartbeat_only() -> None:
    tapped = Tapped()
    tapped.gops(30, 700)
    start = tapped.at_s
    tapped.gops(30, 700)
    reasons = {reason for _, reason in tapped.looked(start)}
    times = [at for at, _ in tapped.looked(start)]
    assert reasons == {FrameReason.HEARTBEAT}
    assert [later - earlier for earlier, later in pairwise(times)] == [10.0] * (len(times) - 1)


def test_activity_goes_at_the_next_keyframe_and_lingers_until_the_scene_is_quiet_again() -> None:
    tapped = Tapped()
    tapped.gops(30, 700)
    start = tapped.at_s
    tapped.gops(2, 2000)
    tapped.gops(10, 700)
    active = [at for at, reason in tapped.looked(start) if reason is FrameReason.ACTIVITY]
    assert active == [2.0, 4.0, 6.0, 8.0, 10.0, 12.0]


def test_every_keyframe_goes_where_sizes_do_not_tell() -> None:
    tapped = Tapped()
    tapped.gops(60, 1800, key_size=12_000)
    assert [reason for _, reason in tapped.looks] == [FrameReason.BLIND] * 60


def test_short_gops_are_not_looked_at_more_often_than_the_interval() -> None:
    tapped = Tapped(look_interval_s=1.5)
    tapped.gops(20, 1800, key_size=12_000, gop_s=0.4)
    times = [at for at, _ in tapped.looks]
    assert times == pytest.approx([0.0, 1.6, 3.2, 4.8, 6.4])


def test_a_wall_clock_that_is_set_back_does_not_silence_a_camera() -> None:
    tapped = Tapped()
    tapped.gops(30, 700)
    before = len(tapped.looks)
    unit = AccessUnit(START_US - 3_600_000_000, round(tapped.at_s * 90_000), True, bytes(25_000))
    tapped.tap.on_unit(unit)
    assert len(tapped.looks) == before + 1
