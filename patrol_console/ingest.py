"""Alerts come in: the evidence is stored, then alert, first timeline line and notice are written in one transaction.

Runs on the event loop as the work of a `Consumer`: what is committed is acknowledged after. The same alert twice is
written once (its id was made when its episode opened).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from hub import log, metrics
from hub.bus import Bus
from hub.clock import Clock
from hub.contracts.alert import AlertRaised
from hub.errors import HubError
from patrol_console import outbox
from patrol_console.alert import repository
from patrol_console.alert.state import AlertState, Verb
from patrol_console.db import Database
from patrol_console.event.notice import Notice
from patrol_console.outbox import Outbox
from patrol_console.pictures import Pictures
from patrol_console.tables.alert import AlertEntryRow

logger = log.get("patrol_console.ingest")
_LARGEST_BYTES = 8_000_000
_AT_ONCE = 8  # pictures fetched and stored at the same time
_written = metrics.counter("console_alerts_written", "Alerts written for the first time")
_without = metrics.counter("console_alerts_without_evidence", "Alerts whose picture was gone, damaged or not stored")
_unknown = metrics.counter("console_alerts_of_unknown_cameras", "Alerts of cameras that were never ours")
_lag = metrics.histogram(
    "console_alert_lag_seconds", "From raised to committed", buckets=[0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]
)


@dataclass(frozen=True, slots=True)
class _Evidence:
    picture_id: str
    sha256: str
    size_bytes: int


class Ingest:
    """The work on topic `alerts`."""

    def __init__(self, clock: Clock, database: Database, bus: Bus, pictures: Pictures, outbox_: Outbox) -> None:
        self._clock = clock
        self._database = database
        self._bus = bus
        self._pictures = pictures
        self._outbox = outbox_
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def write(self, alerts: Sequence[AlertRaised]) -> None:
        """Write these alerts; committed when it returns."""
        by_id = {alert.alert_id: alert for alert in alerts}
        evidence = dict(zip(by_id, await asyncio.gather(*map(self._evidence, by_id.values())), strict=True))
        async with self._database.writing() as session:
            new = await self._insert(session, by_id, evidence)
        self._outbox.wake()
        now = self._clock.now()
        for alert in new:
            _written.inc()
            _lag.observe(max(0.0, (now - alert.raised_at).total_seconds()))
            logger.info("alert.written", alert_id=alert.alert_id, camera_id=alert.camera_id, severity=alert.severity)

    async def _insert(
        self, session: AsyncSession, alerts: Mapping[str, AlertRaised], evidence: Mapping[str, _Evidence | None]
    ) -> list[AlertRaised]:
        """A few statements for the whole batch; those alerts that were not there before."""
        places = await repository.places(session, {alert.camera_id for alert in alerts.values()})
        known = [alert for alert in alerts.values() if alert.camera_id in places]
        for alert in alerts.values():
            if alert.camera_id not in places:  # another installation's: a camera of ours is committed before it is told
                _unknown.inc()
                logger.error("alert.unknown_camera", alert_id=alert.alert_id, camera_id=alert.camera_id)
        if not known:
            return []
        now = self._clock.now()
        pictures = [_picture(kept, now) for alert in known if (kept := evidence[alert.alert_id]) is not None]
        await repository.insert_pictures(session, pictures)
        rows = [_row(alert, places[alert.camera_id][0], evidence[alert.alert_id], now) for alert in known]
        inserted = await repository.insert_if_absent(session, rows)
        new = [alert for alert in known if alert.alert_id in inserted]
        session.add_all(_first_entry(alert) for alert in new)
        for alert in new:
            outbox.tell(session, now, _notice(alert, places[alert.camera_id][1]))
        await session.flush()
        return new

    async def _evidence(self, alert: AlertRaised) -> _Evidence | None:
        """The picture, stored; None where it is gone, damaged or cannot be stored: the alert comes all the same."""
        if alert.evidence_key is None:
            return None
        async with self._slots:
            try:
                jpeg = await self._bus.picture(alert.evidence_key)
                why = _fault(jpeg, alert.evidence_sha256)
                if jpeg is not None and why is None:
                    picture_id = await self._pictures.keep(jpeg)
                    return _Evidence(picture_id, hashlib.sha256(jpeg).hexdigest(), len(jpeg))
            except HubError as error:
                why = error.code
        _without.inc()
        logger.warning("alert.without_evidence", alert_id=alert.alert_id, reason=why)
        return None


def _fault(jpeg: bytes | None, sha256: str | None) -> str | None:
    if jpeg is None:
        return "gone"
    if len(jpeg) > _LARGEST_BYTES or not jpeg.startswith(b"\xff\xd8\xff"):
        return "no jpeg"
    if sha256 is not None and hashlib.sha256(jpeg).hexdigest() != sha256:
        return "damaged"
    return None


def _picture(kept: _Evidence, now: datetime) -> dict[str, object]:
    return {"id": kept.picture_id, "sha256": kept.sha256, "size_bytes": kept.size_bytes, "stored_at": now}


def _row(alert: AlertRaised, area_id: str, kept: _Evidence | None, now: datetime) -> dict[str, object]:
    return {
        "id": alert.alert_id,
        "camera_id": alert.camera_id,
        "area_id": area_id,
        "kind": alert.kind[:32],
        "severity": alert.severity.value,
        "state": AlertState.RAISED.value,
        "rule_id": _cut(alert.rule_id),
        "rule_name": _cut(alert.rule_name),
        "zone_name": _cut(alert.zone_name),
        "labels": list(alert.labels),
        "confidence": alert.confidence,
        "simulated": alert.simulated,
        "episode_started_at": alert.episode_started_at,
        "captured_at": alert.captured_at,
        "raised_at": alert.raised_at,
        "written_at": now,
        "picture_id": None if kept is None else kept.picture_id,
    }


def _first_entry(alert: AlertRaised) -> AlertEntryRow:
    parts = (_cut(alert.rule_name), _cut(alert.zone_name))
    return AlertEntryRow(
        alert_id=alert.alert_id,
        at=alert.raised_at,
        verb=Verb.RAISE.value,
        to_state=AlertState.RAISED.value,
        detail=" · ".join(part for part in parts if part) or None,
    )


def _notice(alert: AlertRaised, area_path: str) -> Notice:
    return Notice(
        noun="alert",
        id=alert.alert_id,
        change="created",
        severity=alert.severity,
        camera_id=alert.camera_id,
        area_path=area_path,
    )


def _cut(text: str | None) -> str | None:
    return None if text is None else text.replace("\0", "")[:64]
