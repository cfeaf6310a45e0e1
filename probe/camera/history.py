"""`probe camera record`: 一机一档, what was found of a camera, done to it and reported by it. Changes nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from pydantic import BaseModel, ConfigDict

from hub.contracts.camera_event import CameraEventKind
from probe.camera import fix_report
from probe.camera.options import CameraArgument, DataOption, JsonFlag, PersonOption, UrlOption
from probe.camera.record import CameraRecord, find_camera
from probe.language import say
from probe.printer import print_json, print_line, print_table
from probe.target import Target

_SIGNS = {"ok": "✓", "warn": "!", "fail": "✗", "unknown": "?"}


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Fault(_Answer):
    state: str
    cause: str
    since: datetime
    until: datetime | None = None
    outage_name: str | None = None


class _Change(_Answer):
    setting: str
    before: str | None = None
    after: str | None = None


class _Repair(_Answer):
    at: datetime
    user_name: str
    kind: str
    note: str | None = None
    changes: tuple[_Change, ...] = ()
    outcome: str | None = None


class _Verdict(_Answer):
    check: str
    name: str | None = None
    status: str
    detail: str | None = None


class _Examination(_Answer):
    at: datetime
    worst: str
    verdicts: tuple[_Verdict, ...]


class _Event(_Answer):
    at: datetime
    kind: str
    active: bool | None = None
    topic: str = ""


class Record(_Answer):
    """`GET /api/cameras/{id}/record`."""

    camera: CameraRecord
    area_path: tuple[str, ...] = ()
    faults: tuple[_Fault, ...] = ()
    repairs: tuple[_Repair, ...] = ()
    examinations: tuple[_Examination, ...] | None = None
    events: tuple[_Event, ...] = ()


def record(
    camera: CameraArgument,
    limit: Annotated[int, typer.Option("--limit", min=1, max=200, help=say("opt_limit"))] = 20,
    data: DataOption = None,
    url: UrlOption = None,
    person: PersonOption = None,
    json: JsonFlag = False,
) -> None:
    """Tell a camera's record."""
    with Target(data, url, person).connect() as client:
        way = f"/api/cameras/{find_camera(client, camera).id}/record"
        if json:
            print_json(client.request("GET", way, None, limit=limit))
            return
        found = client.get(Record, way, limit=limit)
    area = "/".join(found.area_path) or found.camera.area_name
    rows = [(say("head_name"), found.camera.name), (say("head_area"), area)]
    print_table(("", ""), [*rows, (say("head_state"), found.camera.state_text()), *facts_of(found.camera)])
    tell(found)


def tell(found: Record) -> None:
    """Its parts, each the newest first."""
    _part("record_faults", [_fault_line(fault) for fault in found.faults])
    _part("record_repairs", [_repair_line(repair) for repair in found.repairs])
    if found.examinations is not None:
        _part("record_verdicts", [_examination_line(each) for each in found.examinations])
    _part("record_events", [_event_line(event) for event in found.events])


def facts_of(camera: CameraRecord) -> list[tuple[str, str]]:
    """What people wrote of it, as far as they did."""
    at = "" if camera.longitude is None or camera.latitude is None else f"{camera.longitude:g}, {camera.latitude:g}"
    facts = {
        "head_place": camera.place,
        "head_code": camera.national_code,
        "head_position": at,
        "head_recordings": camera.recordings,
        "head_tags": " ".join(camera.tags),
    }
    return [(say(head), value) for head, value in facts.items() if value]


def _part(heading: str, lines: list[str]) -> None:
    print_line(f"\n{say(heading)}")
    for line in lines or [say("record_none")]:
        print_line(f"  {line}")


def _at(at: datetime | None) -> str:
    return say("record_now") if at is None else at.astimezone().strftime("%Y-%m-%d %H:%M")


def _fault_line(fault: _Fault) -> str:
    words = f"{say(f'state_{fault.state}')} · {say(f'cause_{fault.cause}')}"
    return f"{_at(fault.since)} – {_at(fault.until)}  {words}" + (
        f"  ({fault.outage_name})" if fault.outage_name else ""
    )


def _repair_line(repair: _Repair) -> str:
    told = fix_report.tell
    changes = "; ".join(
        f"{told(f'setting_{one.setting}')}: {one.before or '–'} → {one.after or '–'}" for one in repair.changes
    )
    ended = told(f"outcome_{repair.outcome}") if repair.outcome not in (None, "done") else None
    parts = (_at(repair.at), say(f"repair_{repair.kind}"), repair.user_name, repair.note, changes, ended)
    return "  ".join(part for part in parts if part)


def _examination_line(examination: _Examination) -> str:
    unwell = [each for each in examination.verdicts if each.status in ("warn", "fail")]
    said = "; ".join(f"{each.name or each.check}: {each.detail or ''}".rstrip(": ") for each in unwell[:4])
    return f"{_at(examination.at)}  {_SIGNS.get(examination.worst, '?')}  {said}".rstrip()


def _event_line(event: _Event) -> str:
    kind = say(f"event_{event.kind if event.kind in set(CameraEventKind) else CameraEventKind.OTHER}")
    turn = "" if event.active is None else f" · {say('event_began' if event.active else 'event_ended')}"
    return f"{_at(event.at)}  {kind}{turn}  {event.topic}"
