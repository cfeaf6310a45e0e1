"""The rule of intrusion over looks: what makes an episode, when it alerts, when it ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from analytics.judgement import CameraMemory, after_clock_step, is_old, judge_look
from analytics.rules.hours import within
from hub.contracts.camera import CameraSpec
from hub.contracts.look import Look
from hub.contracts.rule import Hours
from tests.analytics.makers import LOWER_HALF, at, look, person, rule, spec

SHANGHAI = ZoneInfo("Asia/Shanghai")


def raised(looks: Sequence[Look], camera: CameraSpec | None = None, most_gap_s: float = 15.0) -> list[float]:
    """Seconds after the start at which alerts are raised; through JSON at each step, as in Redis."""
    memory: CameraMemory | None = None
    moments = []
    for one in looks:
        memory, hits = judge_look(memory, one, camera or spec(), local=SHANGHAI, most_gap_s=most_gap_s)
        memory = CameraMemory.model_validate_json(memory.model_dump_json())
        moments += [(one.captured_at - at(0)).total_seconds() for _ in hits]
    return moments


def looks(pattern: str, every_s: float = 2.0) -> list[Look]:
    """`x`: somebody is in the zone, `.`: nobody, ` `: no look at all."""
    return [
        look(place * every_s, [person()] if mark == "x" else []) for place, mark in enumerate(pattern) if mark != " "
    ]


@pytest.mark.parametrize(
    ("pattern", "moments", "why"),
    [
        ("xxx", [4.0], "least time reached at the third look"),
        ("xx", [], "two seconds are not four"),
        ("x.x.x", [4.0], "a detector that misses every second look"),
        ("x..xx", [], "two misses break the stay, the new one is two seconds old"),
        ("x..xxx", [10.0], "the stay begins anew"),
        ("xxxxxxxxxxxx", [4.0], "once an episode, however long it lasts"),
        ("xxx....xxxx", [4.0], "gone for less than clear_after: the same episode"),
        ("xxx" + "." * 15 + "xxx", [4.0, 40.0], "gone for thirty seconds: a new episode, a new alert"),
        ("x" + " " * 6 + "x", [14.0], "a heartbeat's pause between two looks counts"),
        ("x" + " " * 8 + "x", [], "eighteen seconds without a look count for nothing"),
        ("x" + " " * 300 + "xx", [], "ten minutes off line are not occupancy"),
        ("xxx" + " " * 300 + "xxx", [4.0, 610.0], "after ten minutes unseen it is another episode"),
        ("x" * 2 + " " * 10 + "xxx", [28.0], "a gap within an episode begins the stay anew"),
    ],
)
def test_an_alert_comes_once_an_episode_when_the_least_time_is_reached(
    pattern: str, moments: list[float], why: str
) -> None:
    assert raised(looks(pattern)) == moments, why


def test_a_least_time_of_nothing_alerts_at_the_first_look() -> None:
    assert raised(looks("x"), spec(rules=(rule(least_time_s=0),))) == [0.0]


def test_a_clear_time_shorter_than_the_pause_between_looks_still_alerts() -> None:
    assert raised(looks("xxxx"), spec(rules=(rule(clear_after_s=1),))) == [4.0]


@pytest.mark.parametrize(
    ("box", "counts"),
    [
        (person(), True),
        (person(label="dog"), False),  # not among the labels
        (person(confidence=0.49), False),  # not sure enough
        (person(confidence=0.5), True),
        (person(foot_y=0.49), False),  # stands above the zone
        (person(foot_y=0.51), True),  # only the feet are in it
    ],
)
def test_only_a_sure_box_of_the_labels_in_the_zone_counts(box: object, counts: bool) -> None:
    one = look(0, [box])  # type: ignore[list-item]
    assert bool(raised([one], spec(rules=(rule(least_time_s=0),)))) is counts


def test_an_edit_of_the_zone_in_mid_episode_begins_anew_and_one_of_the_name_does_not() -> None:
    other = (*LOWER_HALF[:3], (0.0, 0.9))
    for changed, moments in (
        (spec(revision=2, rules=(rule(name="改名", severity="red"),)), []),
        (spec(revision=2, zones=({"zone_id": "zone_1", "name": "水边", "polygon": other},)), [10.0]),
        (spec(revision=2, rules=(rule(least_time_s=2),)), [8.0]),
    ):
        memory, _ = judge_look(None, look(0, [person()]), spec(), local=SHANGHAI, most_gap_s=15)
        memory, hits = judge_look(memory, look(4, [person()]), spec(), local=SHANGHAI, most_gap_s=15)
        assert len(hits) == 1
        later = []
        for second in (6, 8, 10):
            memory, hits = judge_look(memory, look(second, [person()]), changed, local=SHANGHAI, most_gap_s=15)
            later += [second for _ in hits]
        assert later == moments


def test_a_rule_that_is_switched_off_leaves_no_state() -> None:
    memory, _ = judge_look(None, look(0, [person()]), spec(), local=SHANGHAI, most_gap_s=15)
    memory, hits = judge_look(
        memory, look(9, [person()]), spec(rules=(rule(enabled=False),)), local=SHANGHAI, most_gap_s=15
    )
    assert (dict(memory.rules), hits) == ({}, [])


def test_two_rules_of_a_camera_do_not_know_each_other() -> None:
    both = spec(rules=(rule(), rule(rule_id="rule_2", least_time_s=2, severity="red")))
    assert raised(looks("xxx"), both) == [2.0, 4.0]


def test_the_same_episode_has_the_same_alert_whoever_judges_it() -> None:
    ids = set()
    for _ in range(2):
        memory = None
        for one in looks("xxx"):
            memory, hits = judge_look(memory, one, spec(), local=SHANGHAI, most_gap_s=15)
            ids |= {hit.episode.alert_id for hit in hits}
    assert len(ids) == 1


def test_an_older_look_is_old_and_a_memory_from_the_future_is_a_clock_set_back() -> None:
    memory, _ = judge_look(None, look(100, []), spec(), local=SHANGHAI, most_gap_s=15)
    assert is_old(memory, look(100, []))
    assert is_old(memory, look(99, []))
    assert not is_old(memory, look(101, []))
    assert after_clock_step(memory, look(60, [])) is memory
    assert after_clock_step(memory, look(10, [])) is None


def hours(start: str, end: str) -> tuple[Hours, ...]:
    return (Hours.model_validate({"start": start, "end": end}),)


@pytest.mark.parametrize(
    ("spans", "utc", "holds"),
    [
        ((), "12:00", True),  # none given: always
        (hours("22:00", "06:00"), "15:00", True),  # 23:00 in Shanghai
        (hours("22:00", "06:00"), "21:59", True),  # 05:59
        (hours("22:00", "06:00"), "22:00", False),  # 06:00: the end is not in it
        (hours("22:00", "06:00"), "14:00", True),  # 22:00: the start is
        (hours("22:00", "06:00"), "04:00", False),  # noon
        (hours("08:00", "18:00"), "00:00", True),  # 08:00
        (hours("08:00", "18:00"), "12:00", False),  # 20:00
        (hours("07:00", "07:00"), "03:00", True),  # equal: the whole day
        (hours("01:00", "02:00") + hours("22:00", "23:00"), "14:30", True),  # the second span
    ],
)
def test_hours_are_the_centres_own_and_run_over_midnight(spans: tuple[Hours, ...], utc: str, holds: bool) -> None:
    hour, minute = map(int, utc.split(":"))
    moment = datetime(2026, 3, 2, hour, minute, tzinfo=UTC)
    assert within(spans, moment, SHANGHAI) is holds
    assert within(spans, moment.astimezone(timezone(timedelta(hours=-5))), SHANGHAI) is holds


def test_outside_the_hours_nothing_counts_and_a_stay_counts_from_their_begin() -> None:
    # at(0) is 09:00 in Shanghai
    night = spec(rules=(rule(hours=hours("09:00:05", "06:00")),))
    assert raised(looks("xxxxxxx"), night) == [10.0]
