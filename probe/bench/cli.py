"""`probe bench …`: each prints what it measured, with `--json` one object; judges nothing and keeps nothing."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Callable, Coroutine
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from hub.errors import ErrorKind, HubError

_Answer = TypeVar("_Answer")

app = typer.Typer(no_args_is_help=True, help="Measure this machine.")


class Rival(StrEnum):
    """Whom to be measured against."""

    FFMPEG = "ffmpeg"
    FLOOR = "floor"
    NONE = "none"


@app.callback()
def _bench() -> None:
    """Measure this machine, with a fleet of simulated cameras on loopback."""


@app.command()
def ingest(
    cameras: Annotated[int, typer.Option(min=1, max=2000)] = 600,
    seconds: Annotated[float, typer.Option(min=1, max=3600)] = 20.0,
    vs: Annotated[Rival, typer.Option(help="The other way to do it.")] = Rival.NONE,
    vs_cameras: Annotated[int, typer.Option(min=1, max=1000, help="Cameras of the other.")] = 100,
    json_wanted: Annotated[bool, typer.Option("--json", help="One object.")] = False,
) -> None:
    """Pull cameras: units received, CPU and memory a camera."""
    from probe.bench.ingest import run

    rival = None if vs is Rival.NONE else vs.value
    _print(_measured(lambda folder: run(cameras, rival, vs_cameras, seconds, folder, _to_stderr), cameras), json_wanted)


@app.command()
def faults(
    cameras: Annotated[int, typer.Option(min=21, max=2000)] = 600,
    outage: Annotated[float, typer.Option(min=5, max=55, help="Seconds from the beginning of the faults.")] = 25.0,
    json_wanted: Annotated[bool, typer.Option("--json", help="One object.")] = False,
) -> None:
    """Let cameras fail in seven ways: what is told, what comes back, what the others lose."""
    from probe.bench.faults import run

    _print(_measured(lambda folder: run(cameras, outage, folder, _to_stderr), cameras), json_wanted)


@app.command()
def sweep(
    cameras: Annotated[int, typer.Option(min=10, max=2000)] = 600,
    dead: Annotated[float, typer.Option(min=0, max=0.9, help="Share that refuses, swallows or never answers.")] = 0.1,
    at_once: Annotated[int, typer.Option(min=0, max=200, help="Cameras at once; 0: as the gateway is set.")] = 0,
    vs_cameras: Annotated[int, typer.Option(min=1, max=1000, help="Pictures that ffmpeg takes.")] = 100,
    json_wanted: Annotated[bool, typer.Option("--json", help="One object.")] = False,
) -> None:
    """Take two keyframes of each camera: how long, and what CPU, beside one ffmpeg a picture."""
    from probe.bench.sweep import run

    answer = _measured(lambda folder: run(cameras, dead, at_once or None, vs_cameras, folder, _to_stderr), cameras)
    _print(answer, json_wanted)


@app.command()
def soak(
    out: Annotated[Path, typer.Option(help="Folder for soak.json, soak.svg and soak.md.")],
    hours: Annotated[float, typer.Option(min=0.01, max=240)] = 1.0,
    cameras: Annotated[int, typer.Option(min=10, max=2000)] = 100,
    kill_each: Annotated[float, typer.Option(min=1, help="Seconds from one kill to the next.")] = 60.0,
    json_wanted: Annotated[bool, typer.Option("--json", help="One object.")] = False,
) -> None:
    """Hours with a kill a minute: does anything grow?"""
    from probe.bench.soak.soak import soak as run

    record = _measured(lambda folder: run(cameras, hours, out, folder, _to_stderr, kill_each), cameras)
    _print(record.verdict(), json_wanted)
    if not record.verdict()["held"]:
        raise typer.Exit(1)


@app.command("import")
def import_(
    rows: Annotated[int, typer.Option(min=2, max=10_000)] = 600,
    json_wanted: Annotated[bool, typer.Option("--json", help="One object.")] = False,
) -> None:
    """Import cameras from a file; and once more, killed in the middle and run again."""
    from probe.bench.importing import run

    with tempfile.TemporaryDirectory(prefix="probe-bench-") as folder:
        try:
            answer = run(rows, Path(folder), _to_stderr)
        except (TimeoutError, ChildProcessError) as error:
            raise HubError(ErrorKind.BROKEN, "bench.process_ended", reason=str(error)) from error
    _print(answer, json_wanted)


@app.command()
def onvif(
    clients: Annotated[int, typer.Option(min=1, max=2000)] = 600,
    json_wanted: Annotated[bool, typer.Option("--json", help="One object.")] = False,
) -> None:
    """Know so many cameras by ONVIF: memory and time for each."""
    from probe.bench.onvif import run

    _print(_measured(lambda folder: run(clients, _to_stderr), clients), json_wanted)


class Srtp(StrEnum):
    """How packets are protected."""

    CM = "SRTP_AES128_CM_SHA1_80"
    GCM_128 = "SRTP_AEAD_AES_128_GCM"
    GCM_256 = "SRTP_AEAD_AES_256_GCM"


@app.command()
def live(
    viewers: Annotated[int, typer.Option(min=1, max=30)] = 20,
    seconds: Annotated[float, typer.Option(min=1, max=600)] = 15.0,
    looks: Annotated[int, typer.Option(min=0, max=500, help="First pictures beside those of the viewers.")] = 60,
    srtp: Annotated[Srtp, typer.Option(help="The SRTP profile of all viewers, and of the floor.")] = Srtp.CM,
    json_wanted: Annotated[bool, typer.Option("--json", help="One object.")] = False,
) -> None:
    """Show one camera to many: CPU a packet and a fragment, first pictures, against floors."""
    from probe.bench.live import run

    if sys.platform != "linux":
        raise HubError(ErrorKind.UNSUPPORTED, "bench.linux_only")
    with tempfile.TemporaryDirectory(prefix="probe-bench-") as folder:
        try:
            answer = asyncio.run(run(viewers, seconds, looks, srtp.value, Path(folder), _to_stderr))
        except TimeoutError as error:
            raise HubError(ErrorKind.TIMEOUT, "bench.not_all_came", cameras=1) from error
        except ChildProcessError as error:
            raise HubError(ErrorKind.BROKEN, "bench.process_ended", reason=str(error)) from error
    _print(answer, json_wanted)


@app.command(name="all")
def everything(
    json_wanted: Annotated[bool, typer.Option("--json", help="One object a bench.")] = False,
) -> None:
    """All benches, one after the other."""
    ingest(cameras=600, seconds=20.0, vs=Rival.FFMPEG, vs_cameras=100, json_wanted=json_wanted)
    sweep(cameras=600, dead=0.1, at_once=0, vs_cameras=100, json_wanted=json_wanted)
    live(viewers=20, seconds=15.0, looks=60, srtp=Srtp.CM, json_wanted=json_wanted)


def _measured(bench: Callable[[Path], Coroutine[None, None, _Answer]], cameras: int) -> _Answer:
    """Run a bench in a folder that goes away with it; what can go wrong with any is one sentence."""
    from probe.bench.fleet import more_files

    if sys.platform != "linux":
        raise HubError(ErrorKind.UNSUPPORTED, "bench.linux_only")
    more_files()
    with tempfile.TemporaryDirectory(prefix="probe-bench-") as folder:
        try:
            return asyncio.run(bench(Path(folder)))
        except TimeoutError as error:
            raise HubError(ErrorKind.TIMEOUT, "bench.not_all_came", cameras=cameras) from error
        except ChildProcessError as error:
            raise HubError(ErrorKind.BROKEN, "bench.process_ended", reason=str(error)) from error


def _to_stderr(line: str) -> None:
    sys.stderr.write(line + "\n")


def _print(answer: dict[str, object], json_wanted: bool) -> None:
    if json_wanted:
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
        return
    width = max(map(len, answer))
    sys.stdout.writelines(f"{key:<{width}}  {value}\n" for key, value in answer.items())
