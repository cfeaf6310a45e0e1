"""An alert's row as the API shows it."""

from __future__ import annotations

from hub.contracts.severity import Severity
from patrol_console.alert.repository import Found
from patrol_console.alert.schemas import Alert, AlertDetail, AlertOutage, TimelineEntry
from patrol_console.alert.state import STEPS, AlertState, Verb
from patrol_console.outage.grouping import Scope
from patrol_console.rights import Actor, may
from patrol_console.tables.alert import AlertEntryRow


def alert_view(found: Found) -> Alert:
    """For a list."""
    row = found.alert
    ready = row.picture_id is not None
    return Alert(
        id=row.id,
        kind=row.kind,
        severity=Severity(row.severity),
        state=AlertState(row.state),
        camera_id=row.camera_id,
        camera_name=found.camera_name,
        area_id=row.area_id,
        area_name=found.area_name,
        rule_name=row.rule_name,
        zone_name=row.zone_name,
        labels=[str(label) for label in row.labels],
        confidence=row.confidence,
        captured_at=row.captured_at,
        raised_at=row.raised_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        closed_at=row.closed_at,
        simulated=row.simulated,
        evidence="ready" if ready else "missing",
        evidence_url=f"/api/alerts/{row.id}/evidence.jpg" if ready else None,
        outage=_outage(found),
    )


def _outage(found: Found) -> AlertOutage | None:
    row = found.outage
    if row is None:
        return None
    return AlertOutage(
        id=row.id,
        scope=Scope(row.scope),
        name=row.name,
        whole=row.whole,
        silent=row.silent,
        cameras=found.outage_cameras,
        recovered_at=row.recovered_at,
    )


def detail_view(found: Found, actor: Actor) -> AlertDetail:
    """With its timeline (which must be loaded) and the verbs that `actor` may use now."""
    state = AlertState(found.alert.state)
    verbs = [
        verb
        for verb, step in STEPS.items()
        if step.action is not None and state in step.sources and may(actor, step.action, found)
    ]
    return AlertDetail(
        **alert_view(found).model_dump(), timeline=[_entry(row) for row in found.alert.timeline], verbs=verbs
    )


def _entry(row: AlertEntryRow) -> TimelineEntry:
    return TimelineEntry(
        at=row.at,
        verb=Verb(row.verb),
        actor_name=row.actor_name,
        from_state=None if row.from_state is None else AlertState(row.from_state),
        to_state=AlertState(row.to_state),
        note=row.note,
        detail=row.detail,
    )
