"""An outage is written down: its row, its cameras, its one alert and the notices, in the caller's transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from hub import log, metrics
from hub.contracts.severity import Severity
from patrol_console import outbox
from patrol_console.alert.raising import Raised, raise_once
from patrol_console.event.notice import Notice
from patrol_console.outage.grouping import Line, Scope
from patrol_console.outage.repository import OUTAGE_KIND, DarkCamera
from patrol_console.outage.words import Words
from patrol_console.tables.area import AreaRow
from patrol_console.tables.outage import OutageCameraRow, OutageRow

logger = log.get("patrol_console.outage")
_GRAVEST = list(Severity)
_opened = metrics.counter("console_outages_opened", "Outages told of")


@dataclass(frozen=True, slots=True)
class Opening:
    """An outage that is to be told of."""

    line: Line
    cameras: tuple[DarkCamera, ...]
    began_at: datetime
    whole: bool
    silent: bool = False

    @property
    def outage_id(self) -> str:
        """The same for whoever opens it, and whenever."""
        said = f"{self.line.scope} {self.line.ref} {self.line.root} {self.began_at.isoformat()}"
        return f"outage_{hashlib.sha256(said.encode()).hexdigest()[:24]}"


async def open_outage(session: AsyncSession, now: datetime, words: Words, opening: Opening) -> None:
    """Write it and its alert; nothing where it is there already."""
    if await session.get(OutageRow, opening.outage_id) is not None:
        return
    area_id = common_area(camera.area_path for camera in opening.cameras)
    severity = min((camera.importance for camera in opening.cameras), key=_GRAVEST.index)
    name = await _name(session, opening.line)
    said = words.outage(opening.line.scope, name, len(opening.cameras), whole=opening.whole, silent=opening.silent)
    first = opening.cameras[0]
    alert = Raised(
        alert_id=opening.outage_id,
        kind=OUTAGE_KIND,
        camera_id=first.dark.camera_id,
        area_id=area_id,
        severity=severity,
        began_at=opening.began_at,
        detail=said,
        simulated=all(camera.simulated for camera in opening.cameras),
    )
    await raise_once(session, now, [alert])
    row = OutageRow(
        id=opening.outage_id,
        scope=opening.line.scope.value,
        ref=opening.line.ref,
        name=name,
        whole=opening.whole,
        silent=opening.silent,
        severity=severity.value,
        area_id=area_id,
        alert_id=alert.alert_id,
        began_at=opening.began_at,
        opened_at=now,
    )
    session.add(row)
    await session.flush()
    add_cameras(session, now, row.id, opening.cameras)
    await tell(session, now, row, "created")
    _opened.inc()
    logger.warning("outage.opened", outage_id=row.id, scope=row.scope, ref=row.ref, cameras=len(opening.cameras))


def add_cameras(session: AsyncSession, now: datetime, outage_id: str, cameras: Sequence[DarkCamera]) -> None:
    """These belong to it; whoever looks at one of them hears of it."""
    for camera in cameras:
        camera_id = camera.dark.camera_id
        session.add(OutageCameraRow(outage_id=outage_id, camera_id=camera_id, down_since=camera.dark.since))
        outbox.tell(
            session,
            now,
            Notice(noun="camera", id=camera_id, change="updated", camera_id=camera_id, area_path=camera.area_path),
        )


async def tell(session: AsyncSession, now: datetime, row: OutageRow, change: str = "updated") -> None:
    """Browsers hear of the outage itself: those who may see all of it."""
    area = await session.get_one(AreaRow, row.area_id)
    said: Notice = Notice(
        noun="outage", id=row.id, change="created" if change == "created" else "updated", area_path=area.path
    )
    outbox.tell(session, now, said)
    await session.flush()


def common_area(paths: Iterable[str]) -> str:
    """The lowest area that holds all of these: a path is `/<id>/<id>/`, and all begin at one root."""
    steps = [path.strip("/").split("/") for path in paths]
    shared: list[str] = [level[0] for level in zip(*steps, strict=False) if len(set(level)) == 1]
    return shared[-1]


async def _name(session: AsyncSession, line: Line) -> str:
    if line.scope is Scope.AREA:
        area = await session.get_one(AreaRow, line.ref)
        return area.name
    return line.ref
