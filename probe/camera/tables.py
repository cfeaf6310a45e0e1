"""`probe camera template | import | export`: many cameras out of a file and into one. The console reads and decides;
here the file is handed over, the progress shown and the result written. Main thread.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel, ConfigDict, JsonValue

from hub.clock import SystemClock
from hub.errors import ErrorKind, HubError
from probe import language
from probe.camera.options import DataOption, JsonFlag, PersonOption, UrlOption
from probe.camera.record import find_area
from probe.console_client import ConsoleClient
from probe.language import say
from probe.printer import print_json, print_line
from probe.target import Target

_ASK_EVERY_S = 0.3
_SHOWN_REFUSALS = 20
_MOST_LINES = 10_000


class Coordinates(StrEnum):
    """What the positions in a file are."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class ImportLine(_Answer):
    """What became of one row."""

    line: int
    name: str
    outcome: str
    camera_id: str | None = None
    code: str | None = None
    reason: str | None = None


class Import(_Answer):
    """`GET /api/cameras/imports/{id}`."""

    id: str
    state: str
    dry_run: bool
    total: int
    done: int
    counts: dict[str, int]
    unknown_columns: tuple[str, ...] = ()
    lines: tuple[ImportLine, ...] = ()


def template(
    file: Annotated[Path, typer.Argument(metavar="[FILE]", help=say("arg_table_out"))] = Path("cameras.xlsx"),
    json: JsonFlag = False,
) -> None:
    """Write an empty table; needs no hub."""
    from patrol_console.camera_import import sheets  # xlsxwriter loads for those who write

    write(file, sheets.template(kind_of(file), language.current()))
    if json:
        print_json({"file": str(file)})
    else:
        print_line(say("template_written", file=str(file)))


def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=say("arg_table_in"))],
    dry_run: Annotated[bool, typer.Option("--dry-run", help=say("opt_dry_run"))] = False,
    result: Annotated[Path | None, typer.Option("--result", help=say("opt_result"))] = None,
    coordinates: Annotated[Coordinates, typer.Option("--coordinates", help=say("opt_coordinates"))] = Coordinates.WGS84,
    data: DataOption = None,
    url: UrlOption = None,
    person: PersonOption = None,
    json: JsonFlag = False,
) -> None:
    """Import cameras; exit 1 when a row was refused, or when the import was stopped."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise HubError(ErrorKind.INVALID, "probe.no_such_file", file=str(file)) from error
    fields = {"dry_run": "true" if dry_run else "false", "coordinates": coordinates.value}
    with Target(data, url, person).connect() as client:
        begun = client.upload(Import, "/api/cameras/import", file.name, content, fields)
        last = _followed(client, begun, quiet=json)
        path = result or file.with_name(f"{file.stem}.result.csv")
        if result is not None or not dry_run:
            write(path, client.file(f"/api/cameras/imports/{begun.id}/result.csv"))
    if json:
        print_json(last.model_dump(mode="json"))
    else:
        _tell(last, path if result is not None or not dry_run else None)
    if last.state != "done":
        raise HubError(ErrorKind.UNAVAILABLE, "probe.import_stopped")
    if last.counts.get("refused"):
        raise typer.Exit(1)


def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=say("arg_table_out"))],
    area: Annotated[str | None, typer.Option("--area", "-a", help=say("opt_export_area"))] = None,
    data: DataOption = None,
    url: UrlOption = None,
    person: PersonOption = None,
    json: JsonFlag = False,
) -> None:
    """Write the cameras to a file, as an import takes them."""
    kind = kind_of(file)
    with Target(data, url, person).connect() as client:
        query = {"kind": kind} | ({} if area is None else {"area_id": find_area(client, area).id})
        write(file, client.file("/api/cameras/export", **query))
    if json:
        print_json({"file": str(file)})
    else:
        print_line(say("export_written", file=str(file)))


def kind_of(file: Path) -> str:
    """`csv` or `xlsx`, by the file's name. Raises HubError INVALID `probe.table_kind`."""
    kind = file.suffix.lower().removeprefix(".")
    if kind not in ("csv", "xlsx"):
        raise HubError(ErrorKind.INVALID, "probe.table_kind", file=str(file))
    return kind


def write(file: Path, content: bytes) -> None:
    """Write a file. Raises HubError INVALID `probe.cannot_write`."""
    try:
        file.write_bytes(content)
    except OSError as error:
        raise HubError(ErrorKind.INVALID, "probe.cannot_write", file=str(file), why=error.strerror) from error


def _followed(client: ConsoleClient, begun: Import, *, quiet: bool) -> Import:
    """Ask until it is over; whoever stops waiting does not stop the import."""
    clock, way = SystemClock(), f"/api/cameras/imports/{begun.id}"
    with _progress(begun.total, quiet=quiet) as shown:
        try:
            while True:
                now = client.get(Import, way, lines=0)
                shown(now.done)
                if now.state != "running":
                    return client.get(Import, way, lines=_MOST_LINES)
                asyncio.run(clock.sleep(_ASK_EVERY_S))
        except KeyboardInterrupt:
            sys.stderr.write(say("import_left", id=begun.id) + "\n")
            raise


class _Shown:
    """Where progress goes; nowhere, where there is no terminal to show it."""

    def __call__(self, done: int) -> None:
        """So many rows are done."""


@contextmanager
def _progress(total: int, *, quiet: bool) -> Iterator[_Shown]:
    if quiet or not sys.stderr.isatty():
        yield _Shown()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(say("importing"), total=total)

        class Bar(_Shown):
            def __call__(self, done: int) -> None:
                progress.update(task, completed=done)

        yield Bar()


def _tell(done: Import, result: Path | None) -> None:
    if done.unknown_columns:
        print_line(say("import_unknown", columns=", ".join(done.unknown_columns)))
    counts: dict[str, JsonValue] = {
        name: done.counts.get(name, 0) for name in ("created", "changed", "unchanged", "refused")
    }
    print_line(say("import_counts", **counts) + (say("import_dry") if done.dry_run else ""))
    refused = [line for line in done.lines if line.reason]
    for line in refused[:_SHOWN_REFUSALS]:
        print_line("  " + say("import_refused_line", line=line.line, name=line.name, reason=line.reason))
    if len(refused) > _SHOWN_REFUSALS:
        print_line("  " + say("import_more_refused", count=len(refused) - _SHOWN_REFUSALS))
    if result is not None:
        print_line(say("import_result", file=str(result)))
