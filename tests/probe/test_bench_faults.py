"""`bench faults`: each camera fails as planned, and the answer says what a gateway did about it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from probe.bench import faults
from probe.bench.faults import KINDS, Layout, run
from probe.bench.faulty_fleet import FaultyFleet, Plan
from tests.support.rtsp_talk import Talk

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_of_six_hundred_fifty_fail_in_each_way_and_two_hundred_others_reboot() -> None:
    layout = Layout.of(600)
    groups = [layout.group(number) for number in range(len(KINDS))]
    assert [end - begin for begin, end in groups] == [50] * 7
    assert [end for _, end in groups[:-1]] == [begin for begin, _ in groups[1:]]
    assert layout.others == (350, 600)
    assert layout.rebooting == (350, 550)
    assert layout.steady == (550, 600)
    fewest = Layout.of(faults.FEWEST)
    assert fewest.each == 2
    assert fewest.rebooting == fewest.others == (14, 21)


def test_what_can_refuse_or_swallow_connections_has_a_port_of_its_own() -> None:
    plan = Layout.of(600).plan()
    assert plan.own_ports == ((300, 350), (350, 550))
    assert plan.logins == ((200, 250),)


@pytest.mark.slow
async def test_a_fleet_goes_wrong_in_part_and_comes_back_after_a_kill(tmp_path: Path) -> None:
    async with FaultyFleet(Plan(4, own_ports=((3, 4),), logins=((2, 3),)), tmp_path) as fleet:
        await fleet.set_faults((0, 1), "not-found")
        for index, status in ((0, 404), (1, 200), (2, 401)):
            async with Talk(fleet.urls[index]) as talk:
                assert (await talk.ask("DESCRIBE")).status == status
        await fleet.set_faults((3, 4), "refuse")
        with pytest.raises(ConnectionRefusedError):
            await Talk(fleet.urls[3]).__aenter__()
        async with Talk(fleet.urls[1]) as talk:
            await talk.play()
            await talk.packets(3)
            await fleet.pause()
            counted = await fleet.counts((0, 2))
            assert counted.sessions == counted.plays == 1
            assert counted.due > 0
        shared = fleet.urls[:3]
        await fleet.kill()
        with pytest.raises(ConnectionRefusedError):
            await Talk(shared[1]).__aenter__()
        await fleet.start_again()
        assert fleet.urls[:3] == shared


@pytest.mark.slow
async def test_the_ordeal_counts_each_unit_of_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("_SETTLE_S", 1.0), ("_AFTER_S", 3.0), ("_SPREAD_S", 1.0)):
        monkeypatch.setattr(faults, name, seconds)
    said: list[str] = []
    answer = await run(faults.FEWEST, 8.5, tmp_path, said.append)
    assert answer["others_units_ratio"] == answer["reboot_others_units_ratio"] == 1.0
    assert answer["others_units_expected"] == answer["others_units_received"]
    assert answer["others_sessions_anew"] == answer["blocked"] == 0
    per_fault = answer["per_fault"]
    assert isinstance(per_fault, dict)
    assert list(per_fault) == [kind.name for kind in KINDS]
    assert all(one["told_max_s"] is not None and one["back_max_s"] is not None for one in per_fault.values())
    assert answer["reboot_back_max_s"] is not None
    assert 1 <= int(str(answer["login_tries_max"])) <= 4
