"""An import at work: its rows in batches, each row whole in the transaction that writes its line. On the event loop.

Names are resolved before a transaction begins, each host once. A process that is killed leaves whole batches and
nothing of the one it was in; the same file run again ends as if it had not been. A dry run does the same and takes it
back. The rows with their passwords live in memory alone, and no longer than this does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from hub import log
from hub.errors import ErrorKind, HubError
from patrol_console import outbox
from patrol_console.camera import history
from patrol_console.camera_import import repository
from patrol_console.camera_import.draft import Draft, Reading, draft_of, name_of
from patrol_console.camera_import.matching import Book, Known
from patrol_console.camera_import.places import Places
from patrol_console.camera_import.schemas import Outcome
from patrol_console.camera_import.settling import Settled, settle
from patrol_console.camera_import.table import Row, Table
from patrol_console.errors import DATABASE_AWAY
from patrol_console.event.notice import Notice
from patrol_console.rights import Actor
from patrol_console.tables.camera_import import CameraImportLineRow, CameraImportRow

if TYPE_CHECKING:
    from patrol_console.console import Console

logger = log.get("patrol_console.import")
_BATCH = 20  # rows: a tenth of a second in which others wait to write
_RESOLVED_AT_ONCE = 8
_TRIES = 10
_RETRY_S = 1.0

Host = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Job:
    """What an import needs to know."""

    import_id: str
    actor: Actor
    table: Table
    reading: Reading
    dry_run: bool


@dataclass(frozen=True, slots=True)
class _Ready:
    """A row that can be tried: what it asks for and where its address leads ("" where that is known already)."""

    draft: Draft
    ip: str


class ImportRun:
    """One job. `run` once, on one task, which owns everything here."""

    def __init__(self, console: Console, job: Job) -> None:
        self._console = console
        self._job = job
        self._pinned: dict[Host, str | HubError] = {}
        self._resolving = asyncio.Semaphore(_RESOLVED_AT_ONCE)

    async def run(self) -> None:
        """All rows, then the end is written. Raises nothing: what stops it is logged, and it shows as stopped."""
        try:
            async with self._console.database.reading() as session:
                self._book = Book(self._job.actor, await repository.cameras(session))
                self._places = Places(
                    await repository.areas(session, self._job.actor), await repository.units(session, self._job.actor)
                )
            rows = self._job.table.rows
            for first in range(0, len(rows), _BATCH):
                await self._batch(rows[first : first + _BATCH])
            await self._end()
        except Exception as error:  # noqa: BLE001  # the task's top: an import that fails must not take the console along
            logger.error("import.failed", import_id=self._job.import_id, reason=type(error).__name__)

    async def _batch(self, rows: Sequence[Row]) -> None:
        settled, ready = await self._prepared(rows)
        for attempt in range(_TRIES):
            try:
                done = await self._written(settled, ready)
                break
            except DATABASE_AWAY:
                if attempt == _TRIES - 1:
                    raise
                await self._console.clock.sleep(_RETRY_S)
        for each in done:
            if each.camera is not None and not self._job.dry_run:
                self._book.put(each.camera)
        self._console.outbox.wake()
        await asyncio.sleep(0)

    async def _prepared(self, rows: Sequence[Row]) -> tuple[list[Settled], list[_Ready]]:
        """Read the rows and resolve what is new; those that cannot be are settled already."""
        refused: list[Settled] = []
        drafts: list[Draft] = []
        for row in rows:
            try:
                drafts.append(draft_of(row, self._job.reading))
            except HubError as error:
                refused.append(Settled.refused(row.line, name_of(row), error))
        pins = await asyncio.gather(*(self._pin(draft) for draft in drafts))
        ready: list[_Ready] = []
        for draft, pin in zip(drafts, pins, strict=True):
            if isinstance(pin, HubError):
                refused.append(Settled.refused(draft.line, draft.name, pin))
            else:
                ready.append(_Ready(draft, pin))
        return refused, ready

    async def _pin(self, draft: Draft) -> str | HubError:
        if draft.key is None:
            return ""
        try:
            known = self._book.match(draft)
        except HubError:
            return ""  # is refused with its own reason when it is tried
        if known is not None and known.key == draft.key:
            return ""
        host = draft.key[:2]
        async with self._resolving:
            if host not in self._pinned:
                try:
                    self._pinned[host] = (await self._console.addresses.resolve(draft.values["url"])).ip
                except HubError as error:
                    self._pinned[host] = error
        return self._pinned[host]

    async def _written(self, refused: Sequence[Settled], ready: Sequence[_Ready]) -> list[Settled]:
        """One transaction: each row in a savepoint, then the lines."""
        now = self._console.clock.now()
        async with self._console.database.writing() as writing:
            await self._look_again(writing, ready)
            undo = await writing.begin_nested()
            settled = [*refused, *[await self._tried(writing, each) for each in ready]]
            if self._job.dry_run:
                await undo.rollback()
                settled = [_without_new(each) for each in settled]
            else:
                await self._tell(writing, settled)
                await undo.commit()
            for each in settled:
                writing.add(_line(self._job.import_id, each))
            await writing.execute(
                update(CameraImportRow).where(CameraImportRow.id == self._job.import_id).values(beat_at=now)
            )
        return settled

    async def _look_again(self, writing: AsyncSession, ready: Sequence[_Ready]) -> None:
        """What others have made or changed since the import began."""
        codes = [each.draft.code for each in ready if each.draft.code]
        urls = [str(each.draft.values["url"]) for each in ready if "url" in each.draft.values]
        for camera in await repository.cameras_with(writing, codes, urls):
            self._book.put(camera)

    async def _tried(self, writing: AsyncSession, each: _Ready) -> Settled:
        job, draft = self._job, each.draft
        try:
            self._book.check_once(draft)
            known = self._book.match(draft)
            async with writing.begin_nested():
                settled = await settle(self._console, writing, job.actor, self._places, draft, known, each.ip)
            self._book.met(draft)
            return settled
        except HubError as error:
            return Settled.refused(draft.line, draft.name, error)
        except IntegrityError:  # somebody else was faster, or took the area away
            faster = HubError(ErrorKind.CONFLICT, "camera_import.conflict")
            return Settled.refused(draft.line, draft.name, faster)

    async def _tell(self, writing: AsyncSession, settled: Sequence[Settled]) -> None:
        """The services and the browsers, after the commit."""
        now = self._console.clock.now()
        turned: list[tuple[Known, Outcome]] = [
            (each.camera, each.outcome)
            for each in settled
            if each.camera is not None and each.outcome in (Outcome.CREATED, Outcome.CHANGED)
        ]
        for camera, outcome in turned:
            outbox.tell_spec(writing, now, camera.camera_id)
            outbox.tell(
                writing,
                now,
                Notice(
                    noun="camera",
                    id=camera.camera_id,
                    change="created" if outcome is Outcome.CREATED else "updated",
                    camera_id=camera.camera_id,
                    area_path=camera.area_path,
                ),
            )
        if turned:
            ids = [camera.camera_id for camera, _ in turned]
            await history.note(writing, now, self._console.restart_grace, ids)

    async def _end(self) -> None:
        now = self._console.clock.now()
        async with self._console.database.writing() as writing:
            await writing.execute(
                update(CameraImportRow)
                .where(CameraImportRow.id == self._job.import_id)
                .values(state="done", ended_at=now, beat_at=now)
            )


def _without_new(settled: Settled) -> Settled:
    """Of a dry run: a camera that would be made is none."""
    if settled.outcome is not Outcome.CREATED:
        return settled
    return Settled(settled.line, settled.name, settled.outcome, None, settled.code, settled.params)


def _line(import_id: str, settled: Settled) -> CameraImportLineRow:
    return CameraImportLineRow(
        import_id=import_id,
        line=settled.line,
        outcome=settled.outcome.value,
        camera_id=None if settled.camera is None else settled.camera.camera_id,
        name=settled.name,
        code=settled.code,
        params={
            name: value if isinstance(value, int | float | str) else str(value)
            for name, value in settled.params.items()
        },
    )
