"""What becomes of dark cameras: one alert for one camera that stays dark, one outage and one alert for many that went
together, and the end of both. A task on the event loop of the console that leads; all it knows stands in the database,
so that another console, or this one after a restart, goes on where it stopped.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from hub import metrics
from hub.contracts.camera import CameraState, Cause
from hub.contracts.severity import Severity
from hub.settings import Settings
from patrol_console.alert.raising import Raised, add_line, end, raise_once
from patrol_console.alert.state import Verb
from patrol_console.camera import history
from patrol_console.camera.state import SILENT_AFTER
from patrol_console.outage import repository
from patrol_console.outage.grouping import Line, Scope, groups, joiners, lines_of
from patrol_console.outage.opening import Opening, add_cameras, common_area, open_outage, tell
from patrol_console.outage.repository import OFFLINE_KIND, DarkCamera, OfflineAlert, OpenOutage
from patrol_console.outage.words import Words
from patrol_console.tables.alert import AlertRow
from patrol_console.tables.outage import OutageCameraRow, OutageRow

SETTLE = timedelta(seconds=15)  # after the last one went: then the list is whole, and the right name is known
STEADY = timedelta(seconds=30)  # a camera is back when it has been for so long: flapping is no recovery
BACK = 0.9  # of its cameras, and the outage is over; the rest get alerts of their own
_SET_ASIDE = frozenset({CameraState.OFF.value, CameraState.PAUSED.value})
_alone = metrics.counter("console_offline_alerts", "Alerts of single cameras that stayed dark")


class Triage:
    """One look at all dark cameras, in one transaction."""

    def __init__(self, settings: Settings) -> None:
        console = settings.console
        after = console.offline_alert_s.model_dump()
        self._least = console.outage_cameras
        self._window = timedelta(seconds=console.outage_window_s)
        self._alert_after = {severity: timedelta(seconds=after[severity.value]) for severity in Severity}
        self._words = Words(settings.language)

    async def again(self, session: AsyncSession, now: datetime) -> None:
        """Bring outages and alerts up to what is dark now. Twice is harmless."""
        dark = await repository.dark_cameras(session)
        going_on = await repository.open_outages(session)
        alerted = await repository.offline_alerts(session)
        going_on = [outage for outage in going_on if not await self._recovered(session, now, outage)]
        held = {camera_id for outage in going_on for camera_id in outage.members}
        free = {each.dark.camera_id: each for each in dark if not each.spent and each.dark.camera_id not in held}
        if free:
            for outage in going_on:
                held |= await self._join(session, now, outage, free)
            held |= await self._open_silent(session, now, free)
            held |= await self._open_groups(session, now, dark, free)
        await self._raise_alone(session, now, [each for each in dark if each.dark.camera_id not in held])
        for alert in alerted:
            await self._end_alone(session, now, alert)

    async def _recovered(self, session: AsyncSession, now: datetime, outage: OpenOutage) -> bool:
        """Note who is back or gone again; end the outage when nine tenths are back to stay."""
        back: list[datetime] = []
        still: list[str] = []
        for member in outage.members.values():
            back_at = None
            if member.dark_since is None:
                back_at = member.back_at or min(max(member.bright_since or now, member.down_since), now)
            changed = back_at != member.back_at or member.dark_since not in (None, member.down_since)
            if changed:
                kept = await session.get_one(OutageCameraRow, (outage.row.id, member.camera_id))
                kept.back_at, kept.down_since = back_at, member.dark_since or member.down_since
            if back_at is None:
                still.append(member.name)
            elif back_at <= now - STEADY:
                back.append(back_at)
        needed = math.ceil(BACK * len(outage.members))
        if len(back) < needed:
            return False
        row = await session.get_one(OutageRow, outage.row.id)
        row.recovered_at = sorted(back)[needed - 1] if needed else now
        if row.alert_id is not None:
            lasted = row.recovered_at - row.began_at
            await end(session, now, row.alert_id, self._words.over(lasted, still))
        await tell(session, now, row)
        return True

    async def _join(
        self, session: AsyncSession, now: datetime, outage: OpenOutage, free: dict[str, DarkCamera]
    ) -> set[str]:
        """Late ones are added to what is told already."""
        row = outage.row
        line = Line(Scope(row.scope), row.ref, outage.area_path.split("/")[1])
        last_at = max((member.down_since for member in outage.members.values()), default=row.began_at)
        late = joiners(line, row.began_at, last_at, (each.dark for each in free.values()), self._window)
        if not late:
            return set()
        found = [free.pop(each.camera_id) for each in late]
        kept = await session.get_one(OutageRow, row.id)
        add_cameras(session, now, kept.id, found)
        kept.area_id = common_area([outage.area_path, *(each.area_path for each in found)])
        if kept.alert_id is not None:
            alert = await session.get_one(AlertRow, kept.alert_id)
            alert.area_id = kept.area_id  # whoever reads the names must be one who may see those cameras
            await session.flush()
            await add_line(session, now, kept.alert_id, Verb.JOIN, self._words.joined([each.name for each in found]))
        await session.flush()
        await tell(session, now, kept)
        return {each.dark.camera_id for each in found}

    async def _open_silent(self, session: AsyncSession, now: datetime, free: dict[str, DarkCamera]) -> set[str]:
        """A gateway that says nothing is one outage, however few its cameras are: nobody knows how they do."""
        if not any(each.cause == Cause.GATEWAY_SILENT for each in free.values()):
            return set()
        taken: set[str] = set()
        for gateway_id, spoke in (await history.spoke(session)).items():
            if spoke is None or spoke >= now - SILENT_AFTER:
                continue
            by_root: dict[str, list[DarkCamera]] = {}
            for each in free.values():
                silent = each.cause == Cause.GATEWAY_SILENT and each.dark.place.gateway_id == gateway_id
                if silent and each.dark.since >= spoke - SILENT_AFTER:  # what was dark before is another matter
                    by_root.setdefault(each.dark.place.root, []).append(each)
            for root, cameras in by_root.items():
                line = Line(Scope.GATEWAY, gateway_id, root)
                opening = Opening(line, tuple(cameras), spoke, whole=True, silent=True)
                await open_outage(session, now, self._words, opening)
                taken |= {each.dark.camera_id for each in cameras}
        for camera_id in taken:
            del free[camera_id]
        return taken

    async def _open_groups(
        self, session: AsyncSession, now: datetime, dark: Sequence[DarkCamera], free: dict[str, DarkCamera]
    ) -> set[str]:
        """Those who went together; also the cameras of a group that is still growing are held back from alerts."""
        if len(free) < self._least:
            return set()
        due = lines_of(await repository.due_places(session, now))
        gone = Counter(lines_of(each.dark.place for each in dark))
        taken: set[str] = set()
        for group in groups([each.dark for each in free.values()], due, gone, self._least, self._window):
            taken |= {each.camera_id for each in group.cameras}
            if group.is_ripe(now, SETTLE, self._window):
                cameras = tuple(free[each.camera_id] for each in group.cameras)
                opening = Opening(group.line, cameras, group.began_at, group.whole)
                await open_outage(session, now, self._words, opening)
        return taken

    async def _raise_alone(self, session: AsyncSession, now: datetime, dark: Sequence[DarkCamera]) -> None:
        due = {
            f"offline_{each.dark.camera_id}_{int(each.dark.since.timestamp())}": each
            for each in dark
            if now - each.dark.since >= max(self._alert_after[each.importance], SETTLE)
        }
        known = await repository.known_alerts(session, due) if due else set()
        wanted = [
            Raised(
                alert_id=alert_id,
                kind=OFFLINE_KIND,
                camera_id=each.dark.camera_id,
                area_id=each.area_id,
                severity=each.importance,
                began_at=each.dark.since,
                detail=self._words.offline(now - each.dark.since, each.cause),
                simulated=each.simulated,
            )
            for alert_id, each in due.items()
            if alert_id not in known
        ]
        _alone.inc(len(await raise_once(session, now, wanted)))

    async def _end_alone(self, session: AsyncSession, now: datetime, alert: OfflineAlert) -> None:
        if alert.dark_since == alert.began_at:
            return  # still the same darkness
        set_aside = alert.state is None or alert.state in _SET_ASIDE
        over_at = min(max(alert.since or now, alert.began_at), now)
        if alert.dark_since is not None:  # it came back and went again between two looks
            over_at, set_aside = alert.dark_since, False
        said = self._words.back(over_at - alert.began_at, set_aside=set_aside)
        await end(session, now, alert.alert_id, said)
