"""`bench soak`: a figure that grows is told from one that only moves, and what was done is told."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from random import Random
from xml.etree.ElementTree import fromstring

import pytest

from probe.bench.soak.graph import Line, Panel, svg
from probe.bench.soak.record import Kill, Record, Sample
from probe.bench.soak.soak import soak
from probe.bench.soak.trend import slope, thinned


def sample(minute: float, *, own: float = 80.0, tasks: int = 300) -> Sample:
    return Sample(minute, own + 40, own, 150, 5, tasks, 100, 10, 3.0, 6.0)


def record(*samples: Sample, kills: list[Kill] | None = None) -> Record:
    return Record(100, list(samples), kills or [], {"opened": 3}, "cpu x 2", "2026-03-02")


def hour(own: float, grows_a_minute: float) -> list[Sample]:
    """An hour of samples that breathe by two megabytes, with a wild one here and there."""
    rng = Random(1)
    return [
        sample(at / 6, own=own + grows_a_minute * at / 6 + math.sin(at / 5) + (60 if rng.random() < 0.03 else 0))
        for at in range(360)
    ]


@pytest.mark.parametrize("grows", [0.0, 0.05, 0.5, -0.2])
def test_the_slope_is_that_of_the_line_whatever_a_few_samples_do(grows: float) -> None:
    samples = hour(80, grows)
    found = slope([one.minute for one in samples], [one.own_mb for one in samples])
    assert found == pytest.approx(grows, abs=0.01)


def test_a_slope_of_a_day_needs_no_day() -> None:
    times = [float(number) for number in range(8640)]
    assert len(thinned(times, times, 600)) <= 600
    assert slope(times, times) == pytest.approx(1.0)
    assert slope([1.0], [5.0]) == slope([], []) == 0.0


def test_an_hour_that_stays_level_holds_and_one_that_grows_does_not() -> None:
    level = record(*hour(80, 0.02)).verdict()
    assert level["held"]
    assert level["memory_slope_mb_per_10min"] == pytest.approx(0.2, abs=0.1)
    grown = record(*hour(80, 0.2)).verdict()
    assert not grown["held"]
    assert [str(one)[:12] for one in record(*hour(80, 0.2)).failures()] == ["memory grows"]


def test_growing_while_it_warms_up_is_no_leak() -> None:
    samples = [sample(at / 6, own=50 + min(at / 6, 9.0) * 4) for at in range(360)]
    assert record(*samples).verdict()["held"]


def test_tasks_that_gather_and_cameras_that_stay_away_and_a_gateway_that_ends_are_failures() -> None:
    gathering = record(*(sample(at / 6, tasks=300 + at // 10) for at in range(360))).verdict()
    assert "tasks grow" in str(gathering["failures"])
    away = record(*hour(80, 0), kills=[Kill(3.0, "a black hole", None), Kill(4.0, "a black hole", 2.0)])
    assert away.verdict()["failures"] == ["not back after a black hole at minute 3"]
    died = record(*hour(80, 0))
    died.died = "the gateway ended"
    assert not died.verdict()["held"]
    assert not record().verdict()["held"]


def test_the_three_files_say_the_same(tmp_path: Path) -> None:
    kept = record(*hour(80, 0), kills=[Kill(1.0, "connections reset", 2.5), Kill(2.0, "a fleet killed", 13.0)])
    kept.write(tmp_path)
    told = json.loads((tmp_path / "soak.json").read_text())
    assert told["verdict"]["held"] is True
    assert len(told["samples"]) == 360
    assert dict(zip(told["columns"], told["samples"][0], strict=True))["own_mb"] == 80.0
    page = (tmp_path / "soak.md").read_text()
    assert "| held | True |" in page
    assert "| connections reset | 1 | 2.5, 2.5 |" in page
    assert "100 cameras, 60 min, 2 kills" in (tmp_path / "soak.svg").read_text()


def test_a_graph_is_a_picture_of_its_lines_even_without_samples() -> None:
    panels = (
        Panel("held & kept", (Line("a", [1, 2, 3]), Line("b", [3, 3, 3]))),
        Panel("flat", (Line("c", [5, 5, 5]),)),
    )
    root = fromstring(svg("<title>", [0, 1, 2], panels, [1.0], 0.5))  # noqa: S314 - our own
    lines = root.findall("{http://www.w3.org/2000/svg}polyline")
    assert [len(str(line.get("points")).split()) for line in lines] == [3, 3, 3]
    heights = [float(point.split(",")[1]) for point in str(lines[0].get("points")).split()]
    assert heights == sorted(heights, reverse=True)
    assert fromstring(svg("none", [], (Panel("empty", (Line("a", []),)),), [], 0.0)) is not None  # noqa: S314 - our own


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_a_short_soak_kills_and_tells(tmp_path: Path) -> None:
    said: list[str] = []
    kept = await soak(10, 0.009, tmp_path / "out", tmp_path / "work", said.append, kill_each_s=8.0)
    assert kept.died is None
    assert [kill.what for kill in kept.kills][:2] == ["connections reset", "cameras that reboot"]
    assert all(kill.back_s is not None for kill in kept.kills)
    assert max(sample.online for sample in kept.samples) == 10
    assert kept.samples[-1].tasks > 10
    assert kept.viewers["opened"] > 0
    assert kept.viewers["fragments"] > 100
    assert {one.name for one in (tmp_path / "out").iterdir()} == {"soak.json", "soak.svg", "soak.md"}
