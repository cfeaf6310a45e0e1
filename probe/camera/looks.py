"""`probe camera list | show | test | snapshot`: what the hub knows of its cameras; changes nothing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel, ConfigDict

from hub import i18n
from hub.contracts.camera import CameraState
from hub.errors import ErrorKind, HubError
from probe import language
from probe.camera.add import facts_text
from probe.camera.history import Record, facts_of, tell
from probe.camera.options import CameraArgument, DataOption, JsonFlag, PersonOption, UrlOption
from probe.camera.record import CameraRecord, find_area, find_camera
from probe.language import say
from probe.printer import print_json, print_line, print_table
from probe.target import Target

_NEWEST = 3  # of each part of the record; `camera record` tells more
_SIGNS = {"ok": "✓", "warn": "!", "fail": "✗", "unknown": "?"}


class Verdict(BaseModel):
    """One check of `POST /api/cameras/{id}/test`; `detail` and `remedy` are sentences or their codes."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    check: str
    name: str | None = None
    status: str
    detail: str | None = None
    remedy: str | None = None


class Verdicts(BaseModel):
    """The whole answer of a test."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    verdicts: tuple[Verdict, ...]


def list_cameras(
    area: Annotated[str | None, typer.Option("--area", "-a", help=say("opt_area"))] = None,
    state: Annotated[CameraState | None, typer.Option("--state", help=say("opt_state"))] = None,
    tag: Annotated[str | None, typer.Option("--tag", help=say("opt_tag_listed"))] = None,
    search: Annotated[str | None, typer.Option("--search", "-s", help=say("opt_search"))] = None,
    data: DataOption = None,
    url: UrlOption = None,
    person: PersonOption = None,
    json: JsonFlag = False,
) -> None:
    """List the cameras; `--json` prints the console's own items."""
    with Target(data, url, person).connect() as client:
        query: dict[str, str | int] = {}
        if area is not None:
            query["area_id"] = find_area(client, area).id
        if state is not None:
            query["state"] = state.value
        query |= {name: word for name, word in (("tag", tag), ("q", search)) if word is not None}
        items = list(client.items("/api/cameras", **query))
    if json:
        print_json({"items": items, "next": None})
        return
    cameras = [CameraRecord.model_validate(item) for item in items]
    if not cameras:
        print_line(say("no_cameras"))
        return
    headings = [say(f"head_{name}") for name in ("name", "area", "state", "stream", "id")]
    print_table(headings, ((c.name, c.area_name, c.state_text(), facts_text(c), c.id) for c in cameras))
    online = sum(c.state is CameraState.ONLINE for c in cameras)
    print_line("\n" + say("online_of", online=online, all=len(cameras)))


def show(
    camera: CameraArgument,
    data: DataOption = None,
    url: UrlOption = None,
    person: PersonOption = None,
    json: JsonFlag = False,
) -> None:
    """Show one camera, with the newest of its record."""
    with Target(data, url, person).connect() as client:
        found = find_camera(client, camera)
        if json:
            print_json(client.request("GET", f"/api/cameras/{found.id}"))
            return
        record = client.get(Record, f"/api/cameras/{found.id}/record", limit=_NEWEST)
    rows = [
        (say("head_name"), found.name),
        (say("head_id"), found.id),
        (say("head_area"), found.area_name),
        (say("head_state"), found.state_text()),
        (say("head_since"), found.since.isoformat(sep=" ", timespec="seconds") if found.since else "–"),
        (say("head_stream"), facts_text(found) or "–"),
        (say("head_address"), found.url or "–"),
        (say("head_login"), found.username or "–"),
        (say("head_live"), say(f"live_{found.live}")),
        *facts_of(found),
    ]
    print_table(("", ""), rows)
    tell(record)


def check_camera(
    camera: CameraArgument,
    data: DataOption = None,
    url: UrlOption = None,
    person: PersonOption = None,
    json: JsonFlag = False,
) -> None:
    """Ask the gateway to check one camera; exit 1 when a check fails."""
    with Target(data, url, person).connect() as client:
        found = find_camera(client, camera)
        answer = client.request("POST", f"/api/cameras/{found.id}/test")
    if json:
        print_json(answer)
    verdicts = Verdicts.model_validate(answer).verdicts
    if not json:
        print_verdicts(verdicts)
    if any(verdict.status == "fail" for verdict in verdicts):
        raise typer.Exit(1)


def snapshot(
    camera: CameraArgument,
    output: Annotated[Path, typer.Option("--output", "-o", help=say("opt_output"))] = Path("snapshot.jpg"),
    data: DataOption = None,
    url: UrlOption = None,
    person: PersonOption = None,
    json: JsonFlag = False,
) -> None:
    """Save the picture of this moment."""
    with Target(data, url, person).connect() as client:
        found = find_camera(client, camera)
        picture = client.picture(f"/api/cameras/{found.id}/snapshot.jpg")
    if str(output) == "-":
        sys.stdout.buffer.write(picture)
        return
    try:
        output.write_bytes(picture)
    except OSError as error:
        raise HubError(ErrorKind.INVALID, "probe.cannot_write", file=str(output), why=error.strerror) from error
    if json:
        print_json({"id": found.id, "file": str(output), "bytes": len(picture)})
    else:
        print_line(say("snapshot_written", name=found.name, file=str(output)))


def print_verdicts(verdicts: tuple[Verdict, ...]) -> None:
    """One line a check: ✓ ! ✗ ?, what was found, and beneath it what to do."""
    for verdict in verdicts:
        sign = _SIGNS.get(verdict.status, "?")
        detail = i18n.text(verdict.detail or "", language.current())
        print_line(f"{sign} {verdict.name or verdict.check}  {detail}".rstrip())
        if verdict.remedy and verdict.status != "ok":
            print_line(f"  → {i18n.text(verdict.remedy, language.current())}")
