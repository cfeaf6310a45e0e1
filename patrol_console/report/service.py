"""The online rate of areas, summed from the history of states. A camera counts where it stands now, also one that was
taken away since. Rows are read in pieces, so that a month of a thousand cameras does not hold up the event loop.
"""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hub import i18n
from hub.contracts.camera import CameraState, Cause
from hub.errors import ErrorKind, HubError
from patrol_console.report.online import Day, Share, Stretch, days_of, shares
from patrol_console.report.schemas import OnlineArea, OnlineDay, OnlineReport
from patrol_console.rights import Action, Actor, may, within
from patrol_console.tables.area import AreaRow
from patrol_console.tables.camera import CameraRow, CameraStateRow

if TYPE_CHECKING:
    from patrol_console.console import Console

MOST_DAYS = 31
_PIECE = 2000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would execute (CWE-1236)


@dataclass(slots=True)
class _Sum:
    """One area's days."""

    days: list[Share]
    cameras: list[set[str]]
    all_cameras: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, days: Sequence[Day]) -> _Sum:
        return cls([Share() for _ in days], [set() for _ in days])

    def add(self, camera_id: str, number: int, share: Share) -> None:
        self.days[number].add(share)
        self.cameras[number].add(camera_id)
        self.all_cameras.add(camera_id)


async def online(
    console: Console, reading: AsyncSession, actor: Actor, area_id: str | None, first: date | None, last: date | None
) -> OnlineReport:
    """The rate of an area and of those right below it. Raises HubError NOT_FOUND `no_area` or INVALID `period`."""
    zone = ZoneInfo(console.settings.timezone)
    now = console.clock.now()
    last = now.astimezone(zone).date() if last is None else last
    first = last - timedelta(days=6) if first is None else first
    if not 0 <= (last - first).days < MOST_DAYS or first.year < 2000 or last.year > 9000:
        raise HubError(ErrorKind.INVALID, "patrol_console.period", days=MOST_DAYS)
    days = days_of(first, last, zone)
    areas = list(
        await reading.scalars(
            select(AreaRow).where(within(actor, Action.CAMERA_SEE, AreaRow.path)).order_by(AreaRow.path)
        )
    )
    top, below = _chosen(areas, area_id, actor)
    sums = {row.id: _Sum.of(days) for row in ([top] if top else []) + below}
    homes = {
        row.id: [each.id for each in ([top] if top else []) + below if row.path.startswith(each.path)] for row in areas
    }
    await _add_up(reading, top.path if top else None, actor, days, now, sums, homes)
    parents = {row.parent_id for row in areas}

    def view(row: AreaRow) -> OnlineArea:
        return _view(row, sums[row.id], days, has_areas=row.id in parents)

    listed = sorted(map(view, below), key=lambda each: (each.rate is None, each.rate or 0.0, each.name))
    return OnlineReport(first=first, last=last, until=now, area=view(top) if top else None, areas=listed)


def as_csv(report: OnlineReport, language: str) -> str:
    """One line an area and day. Names that a spreadsheet would take for a formula get an apostrophe before them."""

    def say(name: str) -> str:
        return i18n.text(f"patrol_console.csv_{name}", language)

    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow([say(name) for name in ("area", "day", "cameras", "due", "online", "rate")])
    for area in ([report.area] if report.area else []) + report.areas:
        for day in area.days:
            rate = "" if day.rate is None else f"{100 * day.rate:.2f}%"
            writer.writerow(
                [_cell(area.name), day.day.isoformat(), day.cameras, round(day.due_min), round(day.online_min), rate]
            )
    return "\ufeff" + sheet.getvalue()  # the mark by which spreadsheets know UTF-8


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _chosen(areas: Sequence[AreaRow], area_id: str | None, actor: Actor) -> tuple[AreaRow | None, list[AreaRow]]:
    """The area asked for and its children; without one the reader's topmost, or all topmost where there are several."""
    known = {row.id for row in areas}
    if area_id is None:
        tops = [row for row in areas if row.parent_id not in known]
        if len(tops) != 1:
            return None, tops
        top = tops[0]
    else:
        found = next((row for row in areas if row.id == area_id), None)
        if found is None or not may(actor, Action.CAMERA_SEE, found):
            raise HubError(ErrorKind.NOT_FOUND, "patrol_console.no_area")
        top = found
    return top, [row for row in areas if row.parent_id == top.id]


async def _add_up(
    reading: AsyncSession,
    path: str | None,
    actor: Actor,
    days: Sequence[Day],
    now: datetime,
    sums: dict[str, _Sum],
    homes: dict[str, list[str]],
) -> None:
    question = (
        select(
            CameraStateRow.camera_id,
            CameraRow.area_id,
            CameraStateRow.state,
            CameraStateRow.cause,
            CameraStateRow.since,
            CameraStateRow.until,
        )
        .join(CameraRow, CameraRow.id == CameraStateRow.camera_id)
        .join(AreaRow, AreaRow.id == CameraRow.area_id)
        .where(
            within(actor, Action.CAMERA_SEE, AreaRow.path),
            CameraStateRow.since < days[-1].end,
            or_(CameraStateRow.until.is_(None), CameraStateRow.until > days[0].begin),
        )
    )
    if path is not None:
        question = question.where(AreaRow.path.startswith(path, autoescape=True))
    rows = await reading.stream(question.execution_options(yield_per=_PIECE))
    async for piece in rows.partitions(_PIECE):
        for camera_id, area_id, state, cause, since, until in piece:
            stretch = Stretch(CameraState(state), Cause(cause), since, until)
            for number, share in shares([stretch], days, now):
                for home in homes[area_id]:
                    sums[home].add(camera_id, number, share)
        await asyncio.sleep(0)


def _view(row: AreaRow, summed: _Sum, days: Sequence[Day], *, has_areas: bool) -> OnlineArea:
    total = Share()
    for share in summed.days:
        total.add(share)
    return OnlineArea(
        area_id=row.id,
        name=row.name,
        has_areas=has_areas,
        cameras=len(summed.all_cameras),
        due_min=_minutes(total.due),
        online_min=_minutes(total.online),
        rate=total.rate,
        days=[
            OnlineDay(
                day=day.day,
                cameras=len(cameras),
                due_min=_minutes(share.due),
                online_min=_minutes(share.online),
                rate=share.rate,
            )
            for day, share, cameras in zip(days, summed.days, summed.cameras, strict=True)
        ],
    )


def _minutes(lasted: timedelta) -> float:
    return round(lasted.total_seconds() / 60, 1)
