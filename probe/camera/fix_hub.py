"""`probe camera fix CAMERA | --all`: cameras of a running hub, by its gateway, which alone has their passwords.

The console keeps what was and what is in each camera's record. Main thread; the requests of a rollout run in threads.
"""

from __future__ import annotations

import asyncio

from pydantic import BaseModel, ConfigDict, JsonValue

from hub.contracts.cure import Change, FixResult, FixWish, Outcome
from hub.contracts.device import Reason
from hub.errors import ErrorKind, HubError
from probe import language
from probe.camera.fix_report import as_json, outcome_text, print_changes, reason_text, tell
from probe.camera.record import CameraRecord, find_area
from probe.camera.rollout import Tally, roll_out
from probe.console_client import ConsoleClient
from probe.printer import print_json, print_line

ANSWER_S = 450.0  # a camera that starts again when it is set, and again when it is put back


class _Fixed(BaseModel):
    """What the console answers; its sentences are made here."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    outcome: Outcome
    changes: tuple[Change, ...] = ()
    problem: Reason | None = None
    notes: tuple[Reason, ...] = ()
    profile_token: str | None = None
    stream_url: str | None = None


def mend(client: ConsoleClient, camera_id: str, wish: FixWish, *, dry_run: bool) -> FixResult:
    """One camera. Raises HubError as the console says."""
    body: dict[str, JsonValue] = {**wish.model_dump(mode="json", exclude_none=True), "dry_run": dry_run}
    return _result(client.send(_Fixed, "POST", f"/api/cameras/{camera_id}/fix", body))


def put_back(client: ConsoleClient, camera_id: str, *, dry_run: bool) -> FixResult:
    """The last fix of its record that was not undone yet."""
    return _result(client.send(_Fixed, "POST", f"/api/cameras/{camera_id}/fix/undo", {"dry_run": dry_run}))


def cameras_of(client: ConsoleClient, area: str | None, tag: str | None) -> list[CameraRecord]:
    """All that are switched on, by name; those with that tag alone."""
    query: dict[str, str | int] = {}
    if area is not None:
        query["area_id"] = find_area(client, area).id
    items = list(client.items("/api/cameras", **query))
    tagged = [one for one in items if tag is None or (isinstance(one, dict) and tag in (_list(one.get("tags"))))]
    found = [CameraRecord.model_validate(item) for item in tagged]
    return [camera for camera in found if camera.enabled]


def mend_all(
    client: ConsoleClient, cameras: list[CameraRecord], wish: FixWish, *, dry_run: bool, keep_going: bool, json: bool
) -> Tally[CameraRecord]:
    """One first, then a few at a time; told as each is done."""
    told = _Teller(len(cameras), json=json)
    if cameras and not json:
        print_line(tell("first_alone", name=cameras[0].name))

    async def fix(camera: CameraRecord) -> FixResult:
        try:
            return await asyncio.to_thread(mend, client, camera.id, wish, dry_run=dry_run)
        except HubError as error:
            if error.kind is ErrorKind.UNAUTHENTICATED or error.code == "probe.console_away":
                raise
            code = str(error.params.get("problem") or error.code)
            says = str(error.params.get("says") or error.text(language.current()))
            return FixResult(outcome=Outcome.FAILED, problem=Reason(code=code, params={"says": says}))

    return asyncio.run(roll_out(cameras, fix, told, keep_going=keep_going))


def print_tally(tally: Tally[CameraRecord], *, json: bool) -> None:
    """The last words."""
    done = tally.count(Outcome.DONE, Outcome.PLANNED)
    unchanged = tally.count(Outcome.UNCHANGED)
    if json:
        stopped = tally.stopped_by.problem if tally.stopped_by is not None else None
        left: list[JsonValue] = [camera.id for camera in tally.left]
        print_json(
            {
                "done": done,
                "unchanged": unchanged,
                "failed": tally.failed,
                "left": left,
                "stopped": stopped.code if stopped else None,
            }
        )
        return
    if tally.stopped_by is not None and tally.stopped_by.problem is not None:
        print_line(tell("stopped", reason=reason_text(tally.stopped_by.problem)))
    if tally.left:
        print_line(tell("not_begun", count=len(tally.left), names=" ".join(one.name for one in tally.left[:20])))
    words = "tally_planned" if tally.count(Outcome.PLANNED) else "tally"
    print_line(tell(words, done=done, unchanged=unchanged, failed=tally.failed, left=len(tally.left)))


class _Teller:
    """Counts on as results come; called on the rollout's loop."""

    def __init__(self, total: int, *, json: bool) -> None:
        self._total = total
        self._json = json
        self._number = 0

    def __call__(self, camera: CameraRecord, result: FixResult) -> None:
        self._number += 1
        if self._json:
            print_json(as_json(result, id=camera.id, name=camera.name))
            return
        said = {"number": self._number, "total": self._total, "name": camera.name}
        print_line(tell("camera_line", **said, outcome=outcome_text(result)))
        print_changes(result.changes)
        if result.problem is not None:
            print_line(f"  ✗ {reason_text(result.problem)}")


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []


def _result(told: _Fixed) -> FixResult:
    return FixResult(
        outcome=told.outcome,
        changes=told.changes,
        problem=told.problem,
        notes=told.notes,
        profile_token=told.profile_token,
        stream_url=told.stream_url,
    )
