"""Who wants a camera open, how much, and when the machine looks at one that is watched every N minutes."""

from __future__ import annotations

from itertools import pairwise

import pytest

from camera_gateway.demand import FAILED_AGAIN_S, FIRST_LOOKS_S, Demand, Looks, Want
from camera_gateway.uplink import Rank
from hub.contracts.watch import Watch, WatchMode

ON_REQUEST = Watch(mode=WatchMode.ON_REQUEST)
EVERY_HOUR = Watch(mode=WatchMode.INTERVAL, every_min=60)


class Wishes:
    def __init__(self) -> None:
        self.now_s = 1000.0
        self.changes = 0
        self.demand = Demand("cam_1", 15.0, lambda: self.now_s, self._changed)

    def _changed(self) -> None:
        self.changes += 1

    def rank(self, watch: Watch) -> Rank | None:
        return self.demand.rank(watch, self.now_s)


def test_a_continuous_camera_is_always_wanted_and_more_when_somebody_looks() -> None:
    wishes = Wishes()
    assert wishes.rank(Watch()) is Rank.CONTINUOUS
    with wishes.demand.want(Want.LIVE):
        assert wishes.rank(Watch()) is Rank.WATCHED
    assert wishes.rank(Watch()) is Rank.CONTINUOUS
    assert wishes.changes == 2


@pytest.mark.parametrize(
    ("want", "rank", "lingers_s"),
    [
        (Want.LIVE, Rank.WATCHED, 15.0),
        (Want.SNAPSHOT, Rank.WATCHED, 15.0),
        (Want.SWEEP, Rank.LOOK, 0.0),  # nobody comes back to it, and the line is wanted
    ],
)
def test_on_request_it_is_open_while_it_is_held_and_a_while_after_the_last(
    want: Want, rank: Rank, lingers_s: float
) -> None:
    wishes = Wishes()
    assert wishes.rank(ON_REQUEST) is None
    first, second = wishes.demand.want(want), wishes.demand.want(want)
    assert wishes.rank(ON_REQUEST) is rank
    first.release()
    assert wishes.rank(ON_REQUEST) is rank
    first.release()  # a second time
    assert wishes.rank(ON_REQUEST) is rank
    second.release()
    if lingers_s:
        wishes.now_s += lingers_s - 0.1
        assert wishes.rank(ON_REQUEST) is Rank.LINGERING
        wishes.now_s += 0.2
    assert wishes.rank(ON_REQUEST) is None


def test_a_sweep_takes_nothing_from_what_lingers_for_somebody_who_looked() -> None:
    wishes = Wishes()
    wishes.demand.want(Want.LIVE).release()
    wishes.now_s += 5
    wishes.demand.want(Want.SWEEP).release()
    wishes.now_s += 9
    assert wishes.rank(ON_REQUEST) is Rank.LINGERING
    wishes.now_s += 2
    assert wishes.rank(ON_REQUEST) is None


def test_one_that_lingers_and_is_told_to_go_goes_at_once() -> None:
    wishes = Wishes()
    wishes.demand.want(Want.LIVE).release()
    wishes.demand.no_linger()
    assert wishes.rank(ON_REQUEST) is None


def test_the_first_looks_of_many_come_soon_and_not_together() -> None:
    firsts = []
    for number in range(600):
        looks = Looks(f"cam_{number}")
        assert not looks.due(3600, 1000.0) or looks.began_s == 1000.0
        assert looks.next_s is not None
        firsts.append(looks.next_s - 1000)
    assert max(firsts) <= FIRST_LOOKS_S
    per_second = [sum(int(one) == second for one in firsts) for second in range(60)]
    assert max(per_second) <= 25  # ten on average


def test_looks_come_once_an_interval_each_at_its_own_moment() -> None:
    looks, now_s = Looks("cam_7"), 1000.0
    times: list[float] = []
    while len(times) < 5:
        if looks.due(600, now_s):
            times.append(now_s)
            looks.over(now_s + 2, well=True)
        now_s += 1
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert 300 <= gaps[0] <= 900
    assert gaps[1:] == [600, 600, 600]


def test_a_look_that_failed_is_repeated_before_the_hour_is_over_and_at_once_when_the_camera_is_back() -> None:
    wishes = Wishes()
    wishes.now_s += 60
    while wishes.rank(EVERY_HOUR) is None:
        wishes.now_s += 1
    assert wishes.rank(EVERY_HOUR) is Rank.LOOK
    wishes.demand.looks.over(wishes.now_s, well=False)
    assert wishes.rank(EVERY_HOUR) is None
    failed_s = wishes.now_s
    while wishes.rank(EVERY_HOUR) is None:
        wishes.now_s += 1
    assert FAILED_AGAIN_S * 0.7 < wishes.now_s - failed_s < FAILED_AGAIN_S * 1.3
    wishes.demand.looks.over(wishes.now_s, well=False)
    wishes.demand.looks.at_once(wishes.now_s)
    assert wishes.rank(EVERY_HOUR) is Rank.LOOK


def test_another_interval_is_followed_at_once() -> None:
    looks = Looks("cam_1")
    looks.due(3600, 1000.0)
    looks.over(1000.0, well=True)
    assert looks.next_s is not None
    looks.due(60, 1100.0)
    assert looks.next_s <= 1160


def test_watched_in_another_way_the_looks_are_forgotten() -> None:
    wishes = Wishes()
    wishes.now_s += 100
    wishes.rank(EVERY_HOUR)
    assert wishes.rank(ON_REQUEST) is None
    assert wishes.demand.looks.next_s is None
