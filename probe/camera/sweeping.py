"""`probe camera sweep`: orders a sweep, shows how far it is, lists the cameras that gave no picture and why.

The sweep itself runs in the hub; Ctrl-C stops it there. Exit 1 when a camera failed or the sweep did not finish.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from typing import Annotated, Protocol

import typer
from pydantic import BaseModel, ConfigDict, JsonValue

from hub import i18n
from hub.clock import Clock, SystemClock
from hub.contracts.camera import Cause
from hub.contracts.sweep import SweepOutcome
from hub.errors import ErrorKind, HubError
from probe import language
from probe.camera.options import DataOption, JsonFlag, PersonOption, UrlOption
from probe.camera.record import find_area, find_camera
from probe.console_client import ConsoleClient
from probe.language import say
from probe.printer import print_json, print_line, print_table, terminal
from probe.target import Target

_ASK_EVERY_S = 0.5


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class SweptCameraRecord(_Answer):
    """What became of one camera."""

    camera_id: str
    camera_name: str
    outcome: SweepOutcome
    cause: Cause = Cause.NONE
    detail: str | None = None

    def reason(self) -> str:
        """Why there is no picture: the gateway's own sentence where there is one."""
        sentence = i18n.text(self.detail, language.current(), camera=self.camera_name) if self.detail else ""
        if not sentence or sentence == self.detail:
            sentence = say(f"cause_{self.cause.value}")
        return say("sweep_skipped", why=sentence) if self.outcome is SweepOutcome.SKIPPED else sentence


class SweepRecord(_Answer):
    """`GET /api/sweeps/{id}`, as far as the command needs it."""

    id: str
    state: str
    detail: str | None = None
    total: int
    swept: int
    failed: int
    skipped: int
    began_at: datetime
    ended_at: datetime | None = None
    cameras: tuple[SweptCameraRecord, ...] = ()

    @property
    def done(self) -> int:
        """Cameras that are."""
        return self.swept + self.failed + self.skipped


class Progress(Protocol):
    """A bar, or nothing."""

    def __call__(self, done: int, total: int) -> None: ...


def sweep(
    cameras: Annotated[list[str] | None, typer.Argument(metavar="[CAMERA]...", help=say("arg_sweep_cameras"))] = None,
    area: Annotated[str | None, typer.Option("--area", "-a", help=say("opt_area"))] = None,
    tag: Annotated[str | None, typer.Option("--tag", help=say("opt_tag_listed"))] = None,
    data: DataOption = None,
    url: UrlOption = None,
    person: PersonOption = None,
    json: JsonFlag = False,
) -> None:
    """Sweep cameras and wait for the end."""
    if cameras and (area is not None or tag is not None):
        raise HubError(ErrorKind.INVALID, "probe.sweep_one_way")
    with Target(data, url, person).connect() as client:
        began = client.send(SweepRecord, "POST", "/api/sweeps", _wish(client, cameras or [], area, tag))
        with nullcontext(_silent) if json or not sys.stdout.isatty() else _bar() as progress:
            try:
                _follow(client, began.id, progress, SystemClock())
            except KeyboardInterrupt:
                client.request("POST", f"/api/sweeps/{began.id}/stop", {})
                raise
        answer = client.request("GET", f"/api/sweeps/{began.id}")
    last = SweepRecord.model_validate(answer)
    if json:
        print_json(answer)
    else:
        _print(last)
    if last.failed or last.state != "done":
        raise typer.Exit(1)


def _wish(client: ConsoleClient, cameras: list[str], area: str | None, tag: str | None) -> dict[str, JsonValue]:
    if cameras:
        return {"camera_ids": [find_camera(client, camera).id for camera in cameras]}
    wish: dict[str, JsonValue] = {} if tag is None else {"tag": tag}
    if area is not None or tag is None:
        wish["area_id"] = find_area(client, area).id
    return wish


def _follow(client: ConsoleClient, sweep_id: str, progress: Progress, clock: Clock) -> None:
    """Until it is over."""
    while True:
        now = client.get(SweepRecord, f"/api/sweeps/{sweep_id}", outcome=SweepOutcome.FAILED.value)
        progress(now.done, now.total)
        if now.state != "running":
            return
        asyncio.run(clock.sleep(_ASK_EVERY_S))


@contextmanager
def _bar() -> Iterator[Progress]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=terminal()) as bar:
        task = bar.add_task(say("sweep_progress"), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _silent(done: int, total: int) -> None:
    pass


def _print(last: SweepRecord) -> None:
    without = [one for one in last.cameras if one.outcome is not SweepOutcome.SWEPT]
    if without:
        print_table((say("head_name"), say("head_reason")), ((one.camera_name, one.reason()) for one in without))
        print_line("")
    seconds = round(((last.ended_at or last.began_at) - last.began_at).total_seconds())
    print_line(
        say(
            "sweep_done",
            swept=last.swept,
            failed=last.failed,
            skipped=last.skipped,
            total=last.total,
            seconds=seconds,
        )
    )
    if last.state == "stopped":
        why = i18n.text(last.detail, language.current()) if last.detail else say("sweep_stopped_by_hand")
        print_line(say("sweep_stopped", why=why))
