"""What a soak saw: samples and kills, the verdict on them, and the three files that tell it. Pure but for `write`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Final

from probe.bench.soak.graph import Line, Panel, svg
from probe.bench.soak.trend import slope, thinned

SLOPE_MOST_MB: Final = 1.0  # in ten minutes
# Viewers come and go and retries run: these breathe, so what counts is a growth that an hour would show.
_COUNTS_MOST: Final = 6.0  # an hour
_WARM_MIN: Final = 10.0
_WARM_SHARE: Final = 0.3  # of a run that is too short for that


_INTRODUCTION: Final = (
    "# Soak",
    "",
    "Written by `make soak` (`probe bench soak`), which replaces it. One gateway as a hub runs it, simulated cameras",
    "(640×360 H.264), people who open and leave live pictures and snapshots, and once a minute something dies.",
    "",
    "![memory, descriptors, tasks and loop lag over time](soak.svg)",
    "",
    "Grey is warming up; slopes (Theil–Sen) count from there. Red ticks are kills. *Of its own* is anonymous memory",
    "(`RssAnon`), where a leak must show; PSS moves with what other processes share too. Hold: 1 MB in ten minutes.",
    "",
)


@dataclass(frozen=True, slots=True)
class Sample:
    """The gateway's process at one moment."""

    minute: float
    pss_mb: float
    own_mb: float  # anonymous: what no file and no other process stands behind; a leak is here
    descriptors: int
    threads: int
    tasks: int
    online: int
    viewers: int
    loop_lag_ms: float  # the greatest since the sample before
    cpu_percent: float


@dataclass(frozen=True, slots=True)
class Kill:
    """One thing that was done; `back_s` until all cameras were on line again, None: not within a minute."""

    minute: float
    what: str
    back_s: float | None


@dataclass(slots=True)
class Record:
    """Grows during the run."""

    cameras: int
    samples: list[Sample] = field(default_factory=list)
    kills: list[Kill] = field(default_factory=list)
    viewers: dict[str, int] = field(default_factory=dict)
    processor: str = ""
    date: str = ""
    died: str | None = None  # why the run ended early

    @property
    def minutes(self) -> float:
        """How long it has run."""
        return self.samples[-1].minute if self.samples else 0.0

    @property
    def warm_from(self) -> float:
        """The minute from which slopes count."""
        return min(_WARM_MIN, self.minutes * _WARM_SHARE)

    def slope_of(self, name: str) -> float:
        """Of one figure of the samples, a minute."""
        warm = [sample for sample in self.samples if sample.minute >= self.warm_from]
        return slope([sample.minute for sample in warm], [float(getattr(sample, name)) for sample in warm])

    def failures(self) -> list[str]:
        """What did not hold."""
        own = self.slope_of("own_mb") * 10
        return [
            *([self.died] if self.died else []),
            *([f"memory grows {own:.2f} MB in 10 min"] if own > SLOPE_MOST_MB else []),
            *(f"{name} grow {value:g} an hour" for name, value in self._hourly().items() if value > _COUNTS_MOST),
            *(f"not back after {kill.what} at minute {kill.minute:.0f}" for kill in self.kills if kill.back_s is None),
        ]

    def _hourly(self) -> dict[str, float]:
        return {name: round(self.slope_of(name) * 60, 2) for name in ("descriptors", "threads", "tasks")}

    def verdict(self) -> dict[str, object]:
        """What `--json` prints."""
        own, pss = self.slope_of("own_mb") * 10, self.slope_of("pss_mb") * 10
        failures = self.failures()
        return {
            "held": not failures and len(self.samples) > 1,
            "failures": failures,
            "minutes": round(self.minutes, 1),
            "cameras": self.cameras,
            "kills": len(self.kills),
            "back_max_s": max((kill.back_s for kill in self.kills if kill.back_s is not None), default=None),
            "memory_slope_mb_per_10min": round(own, 3),
            "pss_slope_mb_per_10min": round(pss, 3),
            **{f"{name}_slope_per_hour": value for name, value in self._hourly().items()},
            "memory_mb": self.samples[-1].own_mb if self.samples else None,
            "loop_lag_max_ms": max((sample.loop_lag_ms for sample in self.samples), default=None),
            "viewers": self.viewers,
            "processor": self.processor,
            "date": self.date,
        }

    def write(self, folder: Path) -> None:
        """`soak.json`, `soak.svg`, `soak.md`; over those of before."""
        folder.mkdir(parents=True, exist_ok=True)
        told = {
            "verdict": self.verdict(),
            "kills": [asdict(kill) for kill in self.kills],
            "columns": [one.name for one in fields(Sample)],
            "samples": self._rows(),
        }
        texts = {
            "soak.json": json.dumps(told, separators=(",", ":")) + "\n",
            "soak.svg": self._graph(),
            "soak.md": self._page(),
        }
        for name, text in texts.items():
            (folder / name).write_text(text, "utf-8")
            (folder / name).chmod(0o644)  # the command's own files are private; these are for everybody

    def _rows(self) -> list[list[float]]:
        return [[getattr(sample, one.name) for one in fields(Sample)] for sample in self.samples]

    def _graph(self) -> str:
        minutes = [sample.minute for sample in self.samples]

        def line(name: str, label: str) -> Line:
            return Line(label, [float(getattr(sample, name)) for sample in self.samples])

        panels = (
            Panel("memory, MB", (line("pss_mb", "PSS"), line("own_mb", "of its own")), from_zero=False),
            Panel("held", (line("descriptors", "descriptors"), line("tasks", "tasks"), line("threads", "threads"))),
            Panel("people and cameras", (line("online", "cameras online"), line("viewers", "viewers"))),
            Panel("lag of the loop, ms, worst of 10 s", (line("loop_lag_ms", "lag"),)),
        )
        title = f"probe bench soak: {self.cameras} cameras, {self.minutes:.0f} min, {len(self.kills)} kills"
        return svg(title, minutes, panels, [kill.minute for kill in self.kills], self.warm_from)

    def _page(self) -> str:
        verdict = self.verdict()
        rows = [(key, value) for key, value in verdict.items() if key not in ("failures", "viewers")]
        by_kind = _by_kind(self.kills)
        return "\n".join(
            [
                *_INTRODUCTION,
                "| | |",
                "|---|---|",
                *(f"| {key} | {value} |" for key, value in rows),
                *(f"| not held | {failure} |" for failure in self.failures()),
                "",
                "| what was done | times | all cameras online again: median, worst s |",
                "|---|---|---|",
                *by_kind,
                "",
                f"Viewers: {', '.join(f'{count} {name}' for name, count in sorted(self.viewers.items())) or 'none'}.",
                "",
            ]
        )


def _by_kind(kills: Sequence[Kill]) -> list[str]:
    rows = []
    for what in sorted({kill.what for kill in kills}):
        backs = [kill.back_s for kill in kills if kill.what == what]
        known = sorted(back for back in backs if back is not None)
        middle = thinned(known, known, 1)[0][1] if known else float("nan")
        worst = f"{known[-1]:.1f}" if known and len(known) == len(backs) else "not all"
        rows.append(f"| {what} | {len(backs)} | {middle:.1f}, {worst} |")
    return rows
