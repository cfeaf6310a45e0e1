"""Which of several consoles on one database tells the outbox: the one that holds the lock. On the event loop.

SQLite: `flock` on a file beside the database. PostgreSQL: an advisory lock held by a connection of its own; when that
connection is lost, so is the lead, and another console takes it.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
from pathlib import Path
from typing import Protocol

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.clock import Clock
from patrol_console.db import Database

_LOCK = 0x70726F6265  # "probe": the number of our advisory lock, the same for all consoles of a database
_LOOK_AGAIN_S = 2.0  # how often the connection that holds the lock is asked whether it still lives


class Leader(Protocol):
    """Asks for the lead and keeps it."""

    leads: bool

    async def lead(self) -> bool:
        """Whether this console leads now; tries to take the lead where nobody has it."""
        ...

    async def close(self) -> None:
        """Give the lead up."""
        ...


def leader_of(database: Database, clock: Clock) -> Leader:
    """The kind of lock that this database allows."""
    if not database.is_sqlite:
        return AdvisoryLeader(database.engine, clock)
    return FileLeader(Path(f"{database.url.database}.outbox.lock"))


class FileLeader:
    """By a locked file; the kernel lets go of it when the process dies."""

    def __init__(self, path: Path) -> None:
        self.leads = False
        self._path = path
        self._file: int | None = None

    async def lead(self) -> bool:
        """Try, never wait."""
        if not self.leads:
            if self._file is None:
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            self.leads = True
        return True

    async def close(self) -> None:
        """Let go."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        self.leads = False


class AdvisoryLeader:
    """By PostgreSQL's advisory lock."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self.leads = False
        self._engine = engine
        self._clock = clock
        self._connection: AsyncConnection | None = None
        self._asked_at = float("-inf")
        self._asking = asyncio.Lock()

    async def lead(self) -> bool:
        """Try, never wait for the lead; look after the connection every two seconds."""
        async with self._asking:  # both lanes ask, and there is one connection
            return await self._lead()

    async def _lead(self) -> bool:
        now = self._clock.monotonic()
        if self._connection is not None and now - self._asked_at < _LOOK_AGAIN_S:
            return self.leads
        self._asked_at = now
        try:
            if self._connection is None:
                self._connection = await self._engine.connect()
                await self._connection.execution_options(isolation_level="AUTOCOMMIT")
            question = "SELECT true" if self.leads else f"SELECT pg_try_advisory_lock({_LOCK})"
            self.leads = bool(await self._connection.scalar(text(question)))
        except (SQLAlchemyError, OSError):
            await self._drop()
        return self.leads

    async def close(self) -> None:
        """Let go."""
        if self._connection is not None and self.leads:
            with contextlib.suppress(SQLAlchemyError, OSError):
                await self._connection.scalar(text(f"SELECT pg_advisory_unlock({_LOCK})"))
        await self._drop()

    async def _drop(self) -> None:
        self.leads = False
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.invalidate()
            await connection.close()
