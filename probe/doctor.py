"""`probe doctor`: is this machine fit to run a hub? Looks, changes nothing, starts nothing; main thread."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

import typer

from hub import running
from hub.errors import HubError
from hub.settings import Settings
from probe import ports
from probe.language import say
from probe.printer import print_json, print_line

app = typer.Typer(add_completion=False)

LEAST_FREE_BYTES = 2 * 1024**3  # the database, the pictures of some weeks of alerts, an AOF rewrite of Redis
LEAST_MEMORY_BYTES = 1024**3  # openvino, two Redis, six processes

_SIGNS = {"ok": "✓", "warn": "!", "fail": "✗"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `remedy` says what to do about it."""

    check: str
    status: Literal["ok", "warn", "fail"]
    detail: str
    remedy: str | None = None


@app.command(help=say("group_doctor"))
def doctor(json: Annotated[bool, typer.Option("--json", help=say("opt_json"))] = False) -> None:
    """Print what was found; exit 1 when the hub cannot run here."""
    findings = list(examine(Settings()))
    if json:
        print_json(
            {"findings": [{f: getattr(x, f) for f in ("check", "status", "detail", "remedy")} for x in findings]}
        )
    else:
        for finding in findings:
            print_line(f"{_SIGNS[finding.status]} {say(f'doctor_{finding.check}')}  {finding.detail}")
            if finding.remedy:
                print_line(f"  → {finding.remedy}")
    if any(finding.status == "fail" for finding in findings):
        raise typer.Exit(1)


def examine(settings: Settings) -> Iterator[Finding]:
    """Each check in turn."""
    checks: tuple[Callable[[Settings], Finding], ...] = (
        _python,
        _processor,
        _memory,
        _disk,
        _redis,
        _ports,
        _page,
        _font,
        _detector,
    )
    for check in checks:
        yield check(settings)


def _python(settings: Settings) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if (3, 11) <= sys.version_info[:2] < (3, 13):
        return Finding("python", "ok", version)
    return Finding("python", "fail", version, say("doctor_python_remedy"))


def _processor(settings: Settings) -> Finding:
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    detail = say("doctor_processor_detail", count=count, load=f"{os.getloadavg()[0]:.1f}")
    if count < 2:
        return Finding("processor", "warn", detail, say("doctor_processor_remedy"))
    return Finding("processor", "ok", detail)


def _memory(settings: Settings) -> Finding:
    lines = Path("/proc/meminfo")
    if not lines.is_file():
        return Finding("memory", "warn", "?", say("doctor_memory_remedy"))
    facts = dict(line.split(":", 1) for line in lines.read_text("ascii").splitlines() if ":" in line)
    available = int(facts.get("MemAvailable", "0 kB").split()[0]) * 1024
    detail = say("doctor_free", amount=_gibibytes(available))
    if available < LEAST_MEMORY_BYTES:
        return Finding("memory", "warn", detail, say("doctor_memory_remedy"))
    return Finding("memory", "ok", detail)


def _disk(settings: Settings) -> Finding:
    place = settings.data_dir
    while not place.exists() and place != place.parent:
        place = place.parent
    free = shutil.disk_usage(place).free
    detail = f"{settings.data_dir}  " + say("doctor_free", amount=_gibibytes(free))
    if not os.access(place, os.W_OK):
        return Finding("disk", "fail", str(settings.data_dir), say("doctor_disk_write_remedy"))
    if free < LEAST_FREE_BYTES:
        return Finding("disk", "warn", detail, say("doctor_disk_remedy"))
    return Finding("disk", "ok", detail)


def _redis(settings: Settings) -> Finding:
    if settings.redis_url is not None and settings.frames_redis_url is not None:
        return Finding("redis", "ok", say("doctor_redis_given"))
    from hub.redis_server import find_binary

    try:
        return Finding("redis", "ok", str(find_binary()))
    except HubError as error:
        return Finding("redis", "fail", "–", error.text(_lang()))


def _ports(settings: Settings) -> Finding:
    wanted = {
        say("port_console"): settings.console.port,
        say("port_gateway"): settings.gateway.port,
        say("port_detect"): settings.analytics.detect_port,
        say("port_judge"): settings.analytics.judge_port,
    }
    listed = " ".join(map(str, wanted.values()))
    if any(hub.console_url.endswith(f":{settings.console.port}") for hub in running.find()):
        return Finding("ports", "ok", say("doctor_ports_ours", ports=listed))
    try:
        ports.require_free(wanted)
    except HubError as error:
        return Finding("ports", "fail", listed, error.text(_lang()))
    return Finding("ports", "ok", listed)


def _page(settings: Settings) -> Finding:
    if resources.files("patrol_console").joinpath("web", "dist", "index.html").is_file():
        return Finding("page", "ok", say("doctor_there"))
    return Finding("page", "fail", say("doctor_missing"), say("doctor_setup_remedy"))


def _font(settings: Settings) -> Finding:
    if resources.files("hub").joinpath("fonts", "NotoSansSC-Regular.ttf").is_file():
        return Finding("font", "ok", "Noto Sans SC")
    return Finding("font", "warn", say("doctor_missing"), say("doctor_setup_remedy"))


def _detector(settings: Settings) -> Finding:
    weights = sorted(file.name for file in settings.models_path.glob("*.onnx"))
    if not weights:
        return Finding("detector", "warn", "motion, hog", say("doctor_detector_remedy"))
    if importlib.util.find_spec("openvino") is None:
        return Finding("detector", "warn", "motion, hog", say("doctor_setup_remedy"))
    return Finding("detector", "ok", "openvino: " + " ".join(weights))


def _gibibytes(amount: int) -> str:
    return f"{amount / 1024**3:.1f} GiB"


def _lang() -> str:
    from probe import language

    return language.current()
