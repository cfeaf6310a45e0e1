"""Which dark cameras are one outage: tables of who went when and where, and what is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from patrol_console.outage.grouping import Dark, Group, Line, Place, Scope, groups, joiners, lines_of

T0 = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
WINDOW = timedelta(seconds=60)
SETTLE = timedelta(seconds=15)


def place(village: str, subnet: str | None = None, gateway: str = "g1", root: str = "town") -> Place:
    return Place(gateway, subnet, village, root)


def dark(where: Place, seconds: list[float], start: int = 0) -> list[Dark]:
    """One camera for each second given, at `where`."""
    return [
        Dark(f"{where.area_id}-{where.subnet}-{start + number}", T0 + timedelta(seconds=second), where)
        for number, second in enumerate(seconds)
    ]


def told(cameras: list[Dark], bright: list[Place], least: int = 5) -> list[tuple[str, str, int, bool]]:
    """(scope, ref, how many, whether it is all) of each outage; `bright` are the places of cameras that are on."""
    due = lines_of([each.place for each in cameras] + bright)
    gone = lines_of(each.place for each in cameras)
    found = groups(cameras, due, gone, least, WINDOW)
    return [(each.line.scope.value, each.line.ref, len(each.cameras), each.whole) for each in found]


A, B = place("A", "10.0.1.0/24"), place("B", "10.0.2.0/24")


@pytest.mark.parametrize(
    ("cameras", "bright", "expected"),
    [
        # four are four single cameras
        (dark(A, [0, 1, 2, 3]), [A, B] * 9, []),
        # five of a village that has more, on one subnet that has more: equal shares, the subnet is named
        (dark(A, [0, 1, 2, 3, 4]), [A, B] * 9, [("subnet", "10.0.1.0/24", 5, False)]),
        # the fifth went exactly at the window's end, and a moment after it
        (dark(A, [0, 1, 2, 3, 60]), [A] * 9, [("subnet", "10.0.1.0/24", 5, False)]),
        (dark(A, [0, 1, 2, 3, 60.1]), [A] * 9, []),
        # a slow drip, one every fifty seconds, is no outage however many they become
        (dark(A, [50.0 * number for number in range(20)]), [A] * 9, []),
        # five together and one dripping after: the drip belongs to it
        (dark(A, [0, 1, 2, 3, 4, 55]), [A] * 9, [("subnet", "10.0.1.0/24", 6, False)]),
        # all of the gateway: the gateway, though each village and subnet is whole too
        (dark(A, [0] * 6) + dark(B, [2] * 6), [], [("gateway", "g1", 12, True)]),
        # all of one subnet in a village that has another: the subnet
        (dark(A, [0] * 12), [place("A", "10.0.9.0/24")] * 12 + [B], [("subnet", "10.0.1.0/24", 12, True)]),
        # all of a village whose cameras share a flat subnet with everybody: the village
        (dark(place("A", "10.0.0.0/24"), [0] * 12), [place("B", "10.0.0.0/24")] * 50, [("area", "A", 12, True)]),
        # eleven of its twelve there (one hangs on a battery): still the village, and not "all"
        (
            dark(place("A", "10.0.0.0/24"), [0] * 11),
            [place("A", "10.0.0.0/24")] + [place("B", "10.0.0.0/24")] * 50,
            [("area", "A", 11, False)],
        ),
        # a whole village of two whole subnets is one outage, not two
        (
            dark(place("A", "10.0.1.0/24"), [0] * 6) + dark(place("A", "10.0.2.0/24"), [1] * 6),
            [B] * 5,
            [("area", "A", 12, True)],
        ),
        # two villages at the same time: two outages
        (
            dark(A, [0] * 6) + dark(B, [1] * 7),
            [place("C", "10.0.3.0/24")] * 40,
            [("subnet", "10.0.2.0/24", 7, True), ("subnet", "10.0.1.0/24", 6, True)],
        ),
        # the same village twice, ten minutes apart: two outages
        (
            dark(A, [0] * 5) + dark(A, [600] * 5, start=5),
            [A] * 5,
            [("subnet", "10.0.1.0/24", 5, False), ("subnet", "10.0.1.0/24", 5, False)],
        ),
        # five scattered over five villages and subnets: only the gateway joins them
        (
            [each for n in range(5) for each in dark(place(f"V{n}", f"10.1.{n}.0/24"), [n])],
            [place(f"V{n}", f"10.1.{n}.0/24") for n in range(5)] * 8,
            [("gateway", "g1", 5, False)],
        ),
        # addresses that are not known: the village
        (dark(place("A"), [0] * 5), [place("A")] * 20 + [place("B")] * 20, [("area", "A", 5, False)]),
        # five on one gateway, in two towns that share nothing else: neither town has five
        (dark(place("A", root="t1"), [0] * 3) + dark(place("B", root="t2"), [0] * 2), [], []),
    ],
)  # fmt: skip
def test_a_group_is_named_by_what_explains_it(
    cameras: list[Dark], bright: list[Place], expected: list[tuple[str, str, int, bool]]
) -> None:
    if len({each.camera_id for each in cameras}) != len(cameras):
        raise AssertionError("the table names a camera twice")
    assert sorted(told(cameras, bright)) == sorted(expected)
    assert sorted(told(list(reversed(cameras)), bright)) == sorted(expected), "the order of messages says nothing"


def test_a_group_is_told_when_no_more_are_likely_to_come() -> None:
    group = Group(Line(Scope.AREA, "A", "town"), tuple(dark(A, [0, 10, 20, 30, 40])), whole=False)
    for second, ripe in ((41, False), (54.9, False), (55, True), (60, True)):
        assert group.is_ripe(T0 + timedelta(seconds=second), SETTLE, WINDOW) is ripe, second
    drip = Group(group.line, tuple(dark(A, [0, 10, 20, 30, 40, 50, 58])), whole=False)
    assert drip.is_ripe(T0 + timedelta(seconds=60), SETTLE, WINDOW), "a drip does not put it off for ever"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ([60], 1),  # within the window of the last one (at 0)
        ([61], 0),  # after it
        ([50, 110, 170], 3),  # each within the window of the one before
        ([50, 111], 1),
        ([-30], 1),  # told late by its gateway, gone before the others
        ([-61], 0),  # dark long before: another matter
    ],
)
def test_late_ones_join(seconds: list[float], expected: int) -> None:
    line = Line(Scope.SUBNET, "10.0.1.0/24", "town")
    assert len(joiners(line, T0, T0, dark(A, seconds), WINDOW)) == expected
    assert joiners(line, T0, T0, dark(B, seconds), WINDOW) == [], "of another subnet"


def test_what_another_outage_holds_counts_as_gone() -> None:
    """Six of the village went before and have their outage; these six make the village whole."""
    late = dark(place("A"), [300] * 6)
    due, gone = lines_of([place("A")] * 12), lines_of([place("A")] * 12)
    (found,) = groups(late, due, gone, 5, WINDOW)
    assert found.whole
