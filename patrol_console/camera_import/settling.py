"""One row becomes a camera, a change, or nothing to do; within the caller's transaction. Tells nobody.

Everything here is what a form would do with the same values: the same checks, the same rights, the same columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from hub.contracts.watch import WatchMode
from hub.errors import ErrorKind, HubError
from patrol_console.camera import making, national_code, repository
from patrol_console.camera.schemas import CameraChange, CameraCreate
from patrol_console.camera.subnet import subnet_of
from patrol_console.camera_import.columns import Column
from patrol_console.camera_import.draft import Draft, wrong
from patrol_console.camera_import.matching import Known, key_of
from patrol_console.camera_import.places import Places
from patrol_console.camera_import.schemas import Outcome
from patrol_console.rights import Action, Actor, require
from patrol_console.tables.area import AreaRow
from patrol_console.tables.camera import CameraRow

if TYPE_CHECKING:
    from patrol_console.console import Console

_Body = TypeVar("_Body", CameraCreate, CameraChange)
_COLUMNS = frozenset(column.value for column in Column)
_NEEDED = (Column.NAME, Column.URL, Column.AREA)


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a row; `code` with its `params` is why, or what to mind."""

    line: int
    name: str
    outcome: Outcome
    camera: Known | None = None
    code: str | None = None
    params: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def refused(cls, line: int, name: str, error: HubError) -> Settled:
        """A row that was not taken."""
        return cls(line, name, Outcome.REFUSED, None, error.code, dict(error.params))


async def settle(
    console: Console, writing: AsyncSession, actor: Actor, places: Places, draft: Draft, known: Known | None, ip: str
) -> Settled:
    """Make or change the camera. `ip`: what a new address was pinned to. Raises HubError: why it is refused."""
    values = dict(draft.values)
    area: AreaRow | None = None
    if "area" in values:
        area = places.area(values.pop("area"))
        gone = HubError(ErrorKind.NOT_FOUND, "patrol_console.no_area")
        require(actor, Action.CAMERA_CONFIGURE, area, see=Action.AREA_SEE, missing=gone)
        values["area_id"] = area.id
    if "unit" in values:
        values["unit_id"] = places.unit(values.pop("unit"))
    if known is None:
        return await _create(console, writing, draft, values, area, ip)
    gone = HubError(ErrorKind.CONFLICT, "camera_import.conflict")
    require(actor, Action.CAMERA_CONFIGURE, known, see=Action.CAMERA_SEE, missing=gone)
    return await _change(console, writing, draft, values, known, area, ip)


async def _create(
    console: Console, writing: AsyncSession, draft: Draft, values: dict[str, Any], area: AreaRow | None, ip: str
) -> Settled:
    for column in _NEEDED:
        if column.value not in draft.values:
            raise wrong(column, "camera_import.missing")
    assert area is not None  # noqa: S101 - `area` is needed
    body = _valid(CameraCreate, values)
    making.check_consent(body.consent_from, body.consent_until)
    making.check_position(body.longitude, body.latitude)
    await making.check_code(writing, body.national_code)
    password = body.password.get_secret_value() if body.password else None
    row = making.new_row(console, body, body.url or "", body.username, password, ip)
    writing.add(row)
    await writing.flush()
    return Settled(draft.line, row.name, Outcome.CREATED, known_of(row, area.path), *_to_mind(draft, row, ""))


async def _change(
    console: Console,
    writing: AsyncSession,
    draft: Draft,
    values: dict[str, Any],
    known: Known,
    area: AreaRow | None,
    ip: str,
) -> Settled:
    row = await repository.locked(writing, known.camera_id)
    if row is None:
        raise HubError(ErrorKind.CONFLICT, "camera_import.conflict")
    body = _valid(CameraChange, values)
    wished = making.columns_of(body) | _login(console, row, body, ip)
    if body.watch is not None and body.watch.mode is not WatchMode.INTERVAL:
        del wished["watch_every_min"]  # counts for none but that
    columns = {name: value for name, value in wished.items() if not _same(getattr(row, name), value)}
    path = known.area_path if area is None else area.path
    if not columns:
        return Settled(draft.line, row.name, Outcome.UNCHANGED, known_of(row, path))
    await making.check_code(writing, columns.get("national_code"), row.id)
    had = row.sealed_password or ""
    await making.put(writing, row, columns, console.clock.now(), known.area_path)
    return Settled(draft.line, row.name, Outcome.CHANGED, known_of(row, path), *_to_mind(draft, row, had))


def _login(console: Console, row: CameraRow, body: CameraChange, ip: str) -> dict[str, Any]:
    """The columns of address and login. A password does not go along to another host (`service.credentials`)."""
    columns: dict[str, Any] = {}
    if body.url is not None and body.url != row.url:
        columns["url"] = body.url
        if ip:  # it leads elsewhere than before
            columns["subnet"] = subnet_of(ip)
        before, after = key_of(row.url), key_of(body.url)
        if before is None or after is None or before[:2] != after[:2]:
            columns["sealed_password"] = None
    if body.username is not None:
        columns["username"] = body.username
    if body.password is not None:
        password = body.password.get_secret_value()
        if not _opens_to(console, row, password):
            columns["sealed_password"] = console.key.seal(password, row.id)
        else:
            columns["sealed_password"] = row.sealed_password
    return columns


def _opens_to(console: Console, row: CameraRow, password: str) -> bool:
    try:
        return row.sealed_password is not None and console.key.open(row.sealed_password, row.id) == password
    except HubError:  # sealed by another key: it is written anew
        return False


def _same(before: Any, after: Any) -> bool:
    if isinstance(before, datetime) and isinstance(after, datetime):
        return before == after
    return bool(before == after)


def _to_mind(draft: Draft, row: CameraRow, had_password: str) -> tuple[str | None, dict[str, object]]:
    if had_password and row.sealed_password is None:
        return "camera_import.password_gone", {}
    if draft.code is not None and not national_code.names_a_camera(draft.code):
        return "camera_import.odd_type", {}
    return None, {}


def _valid(model: type[_Body], values: Mapping[str, Any]) -> _Body:
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field_name = str(first["loc"][0]) if first["loc"] else ""
        name = {"area_id": "area", "unit_id": "unit"}.get(field_name, field_name)
        context = {k: v for k, v in (first.get("ctx") or {}).items() if isinstance(v, int | float)}
        column = Column(name) if name in _COLUMNS else Column.NAME
        raise wrong(
            column, "camera_import.value", why_code=f"patrol_console.field_{first['type']}", **context
        ) from error


def known_of(row: CameraRow, area_path: str) -> Known:
    """The row as matching needs it."""
    return Known(row.id, row.name, row.national_code, key_of(row.url), area_path)
