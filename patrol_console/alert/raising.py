"""Alerts that the console itself raises and ends: written once, with their timeline and their notice, in the caller's
transaction. Ending is honest: one that nobody touched is closed, one that somebody has in hand only gets a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from hub.contracts.severity import Severity
from patrol_console import outbox
from patrol_console.alert import repository
from patrol_console.alert.state import STEPS, AlertState, Verb
from patrol_console.event.notice import Notice
from patrol_console.tables.alert import AlertEntryRow, AlertRow
from patrol_console.tables.area import AreaRow

_LONGEST_DETAIL = 500


@dataclass(frozen=True, slots=True)
class Raised:
    """What is to be written; `alert_id` follows from its cause, so that twice is once."""

    alert_id: str
    kind: str
    camera_id: str
    area_id: str
    severity: Severity
    began_at: datetime
    detail: str
    simulated: bool = False


async def raise_once(session: AsyncSession, now: datetime, alerts: Sequence[Raised]) -> set[str]:
    """Write those that are not there; their ids."""
    if not alerts:
        return set()
    new = await repository.insert_if_absent(session, [_row(alert, now) for alert in alerts])
    for alert in alerts:
        if alert.alert_id not in new:
            continue
        raised = AlertState.RAISED.value
        session.add(_entry(alert.alert_id, now, Verb.RAISE, None, raised, alert.detail))
        area = await session.get_one(AreaRow, alert.area_id)
        outbox.tell(session, now, _notice(alert.alert_id, "created", alert, area.path, None))
    await session.flush()
    return new


async def add_line(session: AsyncSession, now: datetime, alert_id: str, verb: Verb, detail: str) -> None:
    """Something happened to what the alert tells of; its state stays."""
    alert, path = await _found(session, alert_id)
    session.add(_entry(alert_id, now, verb, alert.state, alert.state, detail))
    outbox.tell(session, now, _notice(alert_id, "updated", alert, path, AlertState(alert.state)))
    await session.flush()


async def end(session: AsyncSession, now: datetime, alert_id: str, detail: str) -> None:
    """What it told of is over: its line, and closed if nobody had touched it."""
    step = STEPS[Verb.RECOVER]
    values: dict[str, object] = {"state": step.target.value, "closed_at": now}
    moved = await repository.move(session, alert_id, step.sources, values)
    alert, path = await _found(session, alert_id)
    before = alert.state if moved is None else moved.value
    session.add(_entry(alert_id, now, Verb.RECOVER, before, alert.state, detail))
    outbox.tell(session, now, _notice(alert_id, "updated", alert, path, AlertState(alert.state)))
    await session.flush()


async def _found(session: AsyncSession, alert_id: str) -> tuple[AlertRow, str]:
    alert = await session.get_one(AlertRow, alert_id, populate_existing=True)
    area = await session.get_one(AreaRow, alert.area_id)
    return alert, area.path


def _row(alert: Raised, now: datetime) -> dict[str, object]:
    return {
        "id": alert.alert_id,
        "camera_id": alert.camera_id,
        "area_id": alert.area_id,
        "kind": alert.kind,
        "severity": alert.severity.value,
        "state": AlertState.RAISED.value,
        "labels": [],
        "confidence": 1.0,
        "simulated": alert.simulated,
        "episode_started_at": alert.began_at,
        "captured_at": alert.began_at,
        "raised_at": now,
        "written_at": now,
    }


def _entry(alert_id: str, at: datetime, verb: Verb, before: str | None, after: str, detail: str) -> AlertEntryRow:
    cut = detail[:_LONGEST_DETAIL]
    return AlertEntryRow(alert_id=alert_id, at=at, verb=verb.value, from_state=before, to_state=after, detail=cut)


def _notice(alert_id: str, change: str, alert: Raised | AlertRow, area_path: str, state: AlertState | None) -> Notice:
    return Notice(
        noun="alert",
        id=alert_id,
        change="created" if change == "created" else "updated",
        severity=Severity(alert.severity),
        camera_id=alert.camera_id,
        state=state,
        area_path=area_path,
    )
