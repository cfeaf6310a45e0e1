"""Imports: begun, looked up again by whoever began them, exported. On the event loop; parsing is done on a thread.

One import a person, a few at once: `Imports` knows those of this process. What a killed console left is `stopped`: with
SQLite there is one console, with PostgreSQL another may run it, so there its silence decides.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from hub import i18n
from hub.errors import ErrorKind, HubError
from hub.ids import new_id
from hub.plain import plain
from patrol_console.camera_import import repository
from patrol_console.camera_import.draft import Reading
from patrol_console.camera_import.file import MOST_BYTES, table_in
from patrol_console.camera_import.job import ImportRun, Job
from patrol_console.camera_import.multipart import Form, boundary_of, form_in
from patrol_console.camera_import.schemas import (
    CameraImport,
    CameraImportDetail,
    CameraImportList,
    ImportCounts,
    ImportLine,
    Outcome,
)
from patrol_console.rights import Actor
from patrol_console.tables.camera_import import CameraImportLineRow, CameraImportRow

if TYPE_CHECKING:
    from patrol_console.console import Console

_MOST_AT_ONCE = 4
_WAIT_S = 30
_SILENT = timedelta(seconds=20)  # a batch takes a tenth of a second, a name server five
_YES = frozenset({"1", "true", "yes", "on"})


class Imports:
    """The imports of this process, by person. Used on the event loop alone."""

    def __init__(self) -> None:
        self._people: set[str] = set()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.parsing = asyncio.Semaphore(1)  # a spreadsheet unpacked takes its place in memory

    def at_work(self) -> frozenset[str]:
        """Those at work here. Ask before the database is asked: else one that ends in between seems stopped."""
        return frozenset(self._tasks)

    @contextmanager
    def place(self, user_id: str) -> Iterator[None]:
        """This person's place while a file is read; `begin` keeps it. Raises HubError CONFLICT or LIMITED."""
        if user_id in self._people:
            raise HubError(ErrorKind.CONFLICT, "camera_import.running")
        if len(self._people) >= _MOST_AT_ONCE:
            raise HubError(ErrorKind.LIMITED, "camera_import.too_many", seconds=_WAIT_S)
        self._people.add(user_id)
        try:
            yield
        except BaseException:
            self._people.discard(user_id)
            raise

    def begin(self, user_id: str, import_id: str, run: ImportRun) -> None:
        """Set it to work; its person's place is free when it is done."""
        task = asyncio.create_task(run.run(), name=f"import {import_id}")
        self._tasks[import_id] = task

        def over(_: asyncio.Task[None]) -> None:
            self._tasks.pop(import_id, None)
            self._people.discard(user_id)

        task.add_done_callback(over)

    async def stop(self) -> None:
        """End them all where they are."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=3)


async def begin(
    console: Console, actor: Actor, content_type: str, body: AsyncIterator[bytes], lang: str
) -> CameraImport:
    """Take the file in, read it, and set to work. Raises HubError for what is no form or no table of cameras."""
    with console.imports.place(actor.user_id):
        form = form_in(await _received(body), boundary_of(content_type))
        if form.file is None:
            raise HubError(ErrorKind.INVALID, "camera_import.no_file")
        reading, dry_run = _wishes(console, form)
        async with console.imports.parsing:
            table = await asyncio.to_thread(table_in, form.file)
        now = console.clock.now()
        row = CameraImportRow(
            id=new_id("import", now),
            user_id=actor.user_id,
            file_name=plain(form.file_name.replace("\\", "/").rpartition("/")[2])[:128],
            sha256=hashlib.sha256(form.file).hexdigest(),
            dry_run=dry_run,
            total=len(table.rows),
            state="running",
            began_at=now,
            beat_at=now,
            unknown_columns=list(table.unknown),
        )
        async with console.database.writing() as writing:
            await repository.forget_old(writing, actor.user_id)
            writing.add(row)
        job = Job(row.id, actor, table, reading, dry_run)
        console.imports.begin(actor.user_id, row.id, ImportRun(console, job))
    return _view(console, row, {}, frozenset({row.id}))


async def get(
    console: Console, reading: AsyncSession, actor: Actor, import_id: str, outcome: Outcome | None, most: int, lang: str
) -> CameraImportDetail:
    """One of one's own. Raises HubError NOT_FOUND `camera_import.no_import`."""
    at_work = console.imports.at_work()
    row = await _found(reading, actor, import_id)
    counts = await repository.counts(reading, [import_id])
    lines = await repository.lines(reading, import_id, outcome, most + 1, refused_first=True)
    view = _view(console, row, counts.get(import_id, {}), at_work)
    return CameraImportDetail(
        **view.model_dump(), lines=[_line(line, lang) for line in lines[:most]], cut=len(lines) > most
    )


async def listing(console: Console, reading: AsyncSession, actor: Actor) -> CameraImportList:
    """One's own, the newest first."""
    at_work = console.imports.at_work()
    rows = await repository.own(reading, actor.user_id)
    counts = await repository.counts(reading, [row.id for row in rows])
    return CameraImportList(items=[_view(console, row, counts.get(row.id, {}), at_work) for row in rows])


async def lines_of(reading: AsyncSession, actor: Actor, import_id: str, lang: str) -> list[ImportLine]:
    """All rows in the order of the file, for the result file."""
    await _found(reading, actor, import_id)
    rows = await repository.lines(reading, import_id, None, 20_000, refused_first=False)
    return [_line(row, lang) for row in rows]


def sentence(code: str, params: dict[str, object], lang: str) -> str:
    """The reason in words; a parameter `…_code` is a sentence or a word itself."""
    filled = {name: value for name, value in params.items() if not name.endswith("_code")}
    for name, value in params.items():
        if name.endswith("_code"):
            text = i18n.text(str(value), lang, **filled)
            known = text != value
            filled[name.removesuffix("_code")] = text if known else i18n.text("patrol_console.field_wrong", lang)
    return i18n.text(code, lang, **filled)


async def _received(body: AsyncIterator[bytes]) -> bytes:
    """In memory: a file on a disk would hold passwords. Bounded here as well as by the guard."""
    held = bytearray()
    async for piece in body:
        held += piece
        if len(held) > MOST_BYTES + 10_000:
            raise HubError(ErrorKind.INVALID, "camera_import.too_large", mb=MOST_BYTES // 1_000_000)
    return bytes(held)


def _wishes(console: Console, form: Form) -> tuple[Reading, bool]:
    coordinates = form.fields.get("coordinates", "wgs84").lower().replace("-", "")
    if coordinates not in ("wgs84", "gcj02"):
        raise HubError(ErrorKind.INVALID, "camera_import.coordinates")
    reading = Reading(ZoneInfo(console.settings.timezone), gcj02=coordinates == "gcj02")
    return reading, form.fields.get("dry_run", "").lower() in _YES


async def _found(reading: AsyncSession, actor: Actor, import_id: str) -> CameraImportRow:
    row = await reading.get(CameraImportRow, import_id)
    if row is None or row.user_id != actor.user_id:
        raise HubError(ErrorKind.NOT_FOUND, "camera_import.no_import")
    return row


def _view(console: Console, row: CameraImportRow, counts: dict[str, int], at_work: frozenset[str]) -> CameraImport:
    state = row.state
    if state == "running" and row.id not in at_work:
        elsewhere = not console.database.is_sqlite and console.clock.now() - row.beat_at < _SILENT
        state = "running" if elsewhere else "stopped"
    return CameraImport.model_validate(
        {
            "id": row.id,
            "file_name": row.file_name,
            "dry_run": row.dry_run,
            "state": state,
            "total": row.total,
            "done": sum(counts.values()),
            "counts": ImportCounts.model_validate(counts),
            "unknown_columns": row.unknown_columns,
            "began_at": row.began_at,
            "ended_at": row.ended_at,
        }
    )


def _line(row: CameraImportLineRow, lang: str) -> ImportLine:
    return ImportLine(
        line=row.line,
        name=row.name,
        outcome=Outcome(row.outcome),
        camera_id=row.camera_id,
        code=row.code,
        reason=None if row.code is None else sentence(row.code, row.params, lang),
    )
