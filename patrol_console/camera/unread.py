"""Cameras that came with nothing but a host (an import's row, say): read over ONVIF in the background, few at a time.

A task on the event loop of the console that leads. What could not be read keeps the reason; one that was not reached is
tried again by and by, one that refused the login only after somebody changed it: three wrong ones lock its account.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from hub import log
from hub.contracts.device import Reason
from hub.errors import ErrorKind, HubError
from patrol_console.camera import repository
from patrol_console.camera.device_reading import columns_of, put, read, wish_for
from patrol_console.camera.service import tell_changed
from patrol_console.tables.camera import CameraRow

if TYPE_CHECKING:
    from patrol_console.console import Console

logger = log.get("patrol_console.unread")

AT_ONCE: Final = 3  # the gateway takes four: one place stays for people
_EVERY_S: Final = 2.0
_FIRST_S: Final = 5.0
AGAIN_AFTER: Final = timedelta(minutes=10)
_HUB: Final = "hub"  # who asks: the hub itself
# The device was not at fault, or not for ever.
_PASSING: Final = frozenset({ErrorKind.UNREACHABLE, ErrorKind.TIMEOUT})
_NOT_THE_CAMERAS: Final = frozenset({ErrorKind.UNAVAILABLE, ErrorKind.LIMITED})


class UnreadCameras:
    """Owns nothing that must survive: what became of a camera stands in its row."""

    def __init__(self, console: Console) -> None:
        self._console = console

    async def run(self) -> None:
        """For ever."""
        console = self._console
        errors = log.RepeatedErrors(logger, console.clock)
        await console.clock.sleep(_FIRST_S)
        while True:
            try:
                if await console.leader.lead():
                    await self.once()
            except Exception as error:  # noqa: BLE001  # the loop's top: a database that is away comes back
                errors.error("unread.failed", reason=repr(error))
            await console.clock.sleep(_EVERY_S)

    async def once(self) -> int:
        """Read the next few; returns how many were due."""
        due = await self._due()
        await asyncio.gather(*(self._read(camera) for camera in due))
        return len(due)

    async def _due(self) -> list[CameraRow]:
        now = self._console.clock.now()
        question = (
            select(CameraRow)
            .where(
                CameraRow.removed_at.is_(None),
                CameraRow.enabled,
                CameraRow.onvif.is_(None),
                CameraRow.url.not_like("%://%/_%"),  # nothing behind the host
            )
            .order_by(CameraRow.created_at, CameraRow.id)
        )
        async with self._console.database.reading() as reading:
            cameras = await reading.scalars(question)
            return [camera for camera in cameras if _is_due(camera, now)][:AT_ONCE]

    async def _read(self, camera: CameraRow) -> None:
        console = self._console
        try:
            columns = columns_of(await read(console, _HUB, None, wish_for(camera)))
        except HubError as error:
            if error.kind not in _NOT_THE_CAMERAS:
                await self._failed(camera, error)
            return
        async with console.database.writing() as writing:
            row = await repository.locked(writing, camera.id)
            if row is None or row.revision != camera.revision:
                return  # changed meanwhile: the next round asks again
            put(row, columns)
            row.revision += 1
            await writing.flush()
            await tell_changed(console, writing, camera.id, "updated")
        console.outbox.wake()

    async def _failed(self, camera: CameraRow, error: HubError) -> None:
        console = self._console
        async with console.database.writing() as writing:
            row = await repository.locked(writing, camera.id)
            if row is None:
                return
            row.reading_problem = {
                **Reason.of(error).model_dump(),
                "at": console.clock.now().isoformat(),
                "kind": error.kind.value,
                "revision": camera.revision,
            }
            await writing.flush()
            await tell_changed(console, writing, camera.id, "updated")
        console.outbox.wake()
        logger.info("camera.not_read", camera_id=camera.id, code=error.code)


def _is_due(camera: CameraRow, now: datetime) -> bool:
    problem: Mapping[str, Any] | None = camera.reading_problem
    if not problem or problem.get("revision") != camera.revision:
        return True
    return problem.get("kind") in _PASSING and now >= datetime.fromisoformat(str(problem["at"])) + AGAIN_AFTER
