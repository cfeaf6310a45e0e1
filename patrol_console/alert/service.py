"""The queue: listed, opened, moved on. A step is one conditional UPDATE, its timeline line and its notice together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from fastapi import Response
from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from hub import i18n
from hub.contracts.severity import Severity
from hub.errors import ErrorKind, HubError
from patrol_console import outbox
from patrol_console.alert import repository
from patrol_console.alert.repository import Found
from patrol_console.alert.schemas import AlertDetail, AlertList, SeverityCounts
from patrol_console.alert.state import STEPS, AlertGroup, AlertState, Verb, states_of
from patrol_console.alert.view import alert_view, detail_view
from patrol_console.event.notice import Notice
from patrol_console.page import cursor_of, time_and_id
from patrol_console.rights import Action, Actor, may, require, within
from patrol_console.tables.alert import AlertEntryRow, AlertRow
from patrol_console.tables.area import AreaRow
from patrol_console.tables.picture import PictureRow

if TYPE_CHECKING:
    from patrol_console.console import Console


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants listed."""

    group: AlertGroup | None = None
    area_id: str | None = None
    camera_id: str | None = None
    severity: Severity | None = None
    cursor: str | None = None
    limit: int = 50


async def listing(reading: AsyncSession, actor: Actor, wish: Wish) -> AlertList:
    """A page of the alerts that the reader may see, and the counts of all groups."""
    place: list[ColumnElement[bool]] = [within(actor, Action.ALERT_SEE, AreaRow.path)]
    if wish.area_id is not None:
        area = await reading.get(AreaRow, wish.area_id)
        if area is None or not may(actor, Action.ALERT_SEE, area):
            raise HubError(ErrorKind.NOT_FOUND, "patrol_console.no_area")
        place.append(AreaRow.path.startswith(area.path, autoescape=True))
    if wish.camera_id is not None:
        place.append(AlertRow.camera_id == wish.camera_id)
    filters = list(place)
    if wish.group is not None:
        filters.append(AlertRow.state.in_([state.value for state in states_of(wish.group)]))
    if wish.severity is not None:
        filters.append(AlertRow.severity == wish.severity.value)
    after = None if wish.cursor is None else time_and_id(wish.cursor)
    rows = await repository.listing(reading, filters, after, wish.limit + 1)
    shown, more = rows[: wish.limit], len(rows) > wish.limit
    last = shown[-1].alert if shown else None
    return AlertList(
        items=[alert_view(row) for row in shown],
        next=cursor_of(last.raised_at.isoformat(), last.id) if more and last is not None else None,
        counts=_counted(await repository.counts(reading, place)),
    )


async def get(reading: AsyncSession, actor: Actor, alert_id: str) -> AlertDetail:
    """One alert with its timeline and what the reader may do."""
    return detail_view(await _found(reading, actor, alert_id, Action.ALERT_SEE, timeline=True), actor)


async def step(
    console: Console, writing: AsyncSession, actor: Actor, alert_id: str, verb: Verb, note: str | None = None
) -> AlertDetail:
    """Do `verb`. Raises HubError CONFLICT `alert_already` with who was first and when."""
    rule = STEPS[verb]
    if rule.action is None:
        raise HubError(ErrorKind.UNSUPPORTED, "patrol_console.verb_not_yet")
    found = await _found(writing, actor, alert_id, rule.action)
    now = console.clock.now()
    values: dict[str, object] = {"state": rule.target.value}
    if verb is Verb.ACKNOWLEDGE:
        values |= {"acknowledged_at": now, "acknowledged_by": actor.display_name}
    if not rule.target.is_open:
        values["closed_at"] = now
    source = await repository.move(writing, alert_id, rule.sources, values)
    if source is None:
        raise await _already(console, writing, actor, alert_id)
    writing.add(
        AlertEntryRow(
            alert_id=alert_id,
            at=now,
            verb=verb.value,
            actor_id=actor.user_id,
            actor_name=actor.display_name,
            from_state=source.value,
            to_state=rule.target.value,
            note=note,
        )
    )
    outbox.tell(writing, now, notice_of(found.alert, found.area_path, rule.target))
    await writing.flush()
    return detail_view(await _found(writing, actor, alert_id, Action.ALERT_SEE, timeline=True), actor)


async def evidence(console: Console, reading: AsyncSession, actor: Actor, alert_id: str) -> Response:
    """The kept picture. Raises HubError NOT_FOUND `no_picture` where it never came or is damaged."""
    found = await _found(reading, actor, alert_id, Action.ALERT_SEE)
    picture = await reading.get(PictureRow, found.alert.picture_id) if found.alert.picture_id else None
    if picture is None:
        raise HubError(ErrorKind.NOT_FOUND, "patrol_console.no_picture")
    jpeg = await console.pictures.load(picture.id, picture.sha256)
    headers = {"Cache-Control": "no-store"}  # not on the disk of a machine that others use after
    return Response(jpeg, media_type="image/jpeg", headers=headers)


def notice_of(alert: AlertRow, area_path: str, state: AlertState) -> Notice:
    """What browsers hear of it."""
    return Notice(
        noun="alert",
        id=alert.id,
        change="updated",
        severity=Severity(alert.severity),
        camera_id=alert.camera_id,
        state=state,
        area_path=area_path,
    )


async def _found(
    session: AsyncSession, actor: Actor, alert_id: str, action: Action, *, timeline: bool = False
) -> Found:
    gone = HubError(ErrorKind.NOT_FOUND, "patrol_console.no_alert")
    found = await repository.find(session, alert_id, timeline=timeline)
    if found is None:
        raise gone
    require(actor, action, found, see=Action.ALERT_SEE, missing=gone)
    return found


async def _already(console: Console, session: AsyncSession, actor: Actor, alert_id: str) -> HubError:
    entry = await repository.last_entry(session, alert_id)
    if entry is None:
        return HubError(ErrorKind.CONFLICT, "patrol_console.alert_moved")
    local = entry.at.astimezone(ZoneInfo(console.settings.timezone))
    return HubError(
        ErrorKind.CONFLICT,
        "patrol_console.alert_already",
        who=entry.actor_name or i18n.text("patrol_console.the_machine", actor.language),
        when=f"{local:%H:%M:%S}",
        state=i18n.text(f"patrol_console.state_{entry.to_state}", actor.language),
    )


def _counted(rows: list[tuple[str, str, int]]) -> dict[AlertGroup, SeverityCounts]:
    sums = {group: dict.fromkeys(Severity, 0) for group in AlertGroup}
    for state, severity, count in rows:
        sums[AlertState(state).group][Severity(severity)] += count
    return {group: SeverityCounts(**{s.value: n for s, n in by.items()}) for group, by in sums.items()}
