"""Alerts come in: the evidence is stored, then alert, first timeline line and notice are written in one transaction.

Runs on the event loop as the work of a `Consumer`: what is committed is acknowledged after. The same alert twice is
written once (its id was made when its episode opened).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
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
from patrol_console.tables.area import AreaRow
from patrol_console.tables.camera import CameraRow
from patrol_console.tables.picture import PictureRow

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
        evidence = await asyncio.gather(*(self._evidence(alert) for alert in alerts))
        new = []
        async with self._database.writing() as session:
            for alert, picture in zip(alerts, evidence, strict=True):
                if await self._insert(session, alert, picture):
                    new.append(alert)
        self._outbox.wake()
        now = self._clock.now()
        for alert in new:
            _written.inc()
            _lag.observe(max(0.0, (now - alert.raised_at).total_seconds()))
            logger.info("alert.written", alert_id=alert.alert_id, camera_id=alert.camera_id, severity=alert.severity)

    async def _insert(self, session: AsyncSession, alert: AlertRaised, evidence: _Evidence | None) -> bool:
        place = (
            await session.execute(
                select(AreaRow.id, AreaRow.path)
                .join(CameraRow, CameraRow.area_id == AreaRow.id)
                .where(CameraRow.id == alert.camera_id)
            )
        ).first()
        if place is None:  # of another installation's Redis: a camera of ours is committed before it is told of
            _unknown.inc()
            logger.error("alert.unknown_camera", alert_id=alert.alert_id, camera_id=alert.camera_id)
            return False
        area_id, area_path = place
        now = self._clock.now()
        if evidence is not None:
            await _keep(session, evidence, PictureRow(id=evidence.picture_id, stored_at=now))
        inserted = await repository.insert_if_absent(
            session,
            {
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
                "picture_id": None if evidence is None else evidence.picture_id,
            },
        )
        if not inserted:
            return False
        session.add(
            AlertEntryRow(
                alert_id=alert.alert_id,
                at=alert.raised_at,
                verb=Verb.RAISE.value,
                to_state=AlertState.RAISED.value,
                detail=" · ".join(part for part in (alert.rule_name, alert.zone_name) if part)[:500] or None,
            )
        )
        outbox.tell(
            session,
            now,
            Notice(
                noun="alert",
                id=alert.alert_id,
                change="created",
                severity=alert.severity,
                camera_id=alert.camera_id,
                area_path=area_path,
            ),
        )
        await session.flush()
        return True

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


async def _keep(session: AsyncSession, evidence: _Evidence, row: PictureRow) -> None:
    build = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    values = {
        "id": row.id,
        "sha256": evidence.sha256,
        "size_bytes": evidence.size_bytes,
        "stored_at": row.stored_at,
    }
    await session.execute(build(PictureRow).values(**values).on_conflict_do_nothing(index_elements=["id"]))


def _cut(text: str | None) -> str | None:
    return None if text is None else text.replace("\0", "")[:64]
