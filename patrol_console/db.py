"""The database's two doors: reading and writing, on SQLite or PostgreSQL. Runs on the event loop.

SQLite has one writing connection that begins IMMEDIATE, so writers queue in asyncio and never lose an update
(TRAPS §4), and a second engine that only reads. PostgreSQL has one pool for both; there every change of state is a
conditional UPDATE or locks its row. Never holds a write open over a call to another process.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from hub.errors import ErrorKind, HubError
from hub.settings import Settings

_EXCLUSIVE_LOCK = 0x70726F6266  # beside the number of `leader`
_BUSY_MS = 5000  # how long SQLite waits for a lock that another process holds


class Database:
    """Owns the engines; one for each process."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self.is_sqlite = url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._writer = create_async_engine(url, pool_size=1, max_overflow=0)
            self._reader = create_async_engine(url, pool_size=4, max_overflow=0)
            _prepare_sqlite(self._writer, "BEGIN IMMEDIATE")
            _prepare_sqlite(self._reader, "BEGIN", read_only=True)
        else:
            self._writer = self._reader = create_async_engine(url, pool_size=8, max_overflow=4, pool_pre_ping=True)
        self._writing = async_sessionmaker(self._writer, expire_on_commit=False)
        self._reading = async_sessionmaker(self._reader, expire_on_commit=False)

    @property
    def engine(self) -> AsyncEngine:
        """The writing engine; for migrations and locks."""
        return self._writer

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session that sees one state of the database and changes nothing; begins with its first question."""
        async with self._reading() as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed at the end, rolled back by any error; begins with its first question."""
        async with self._writing() as session:
            yield session
            await session.commit()

    @asynccontextmanager
    async def exclusive(self) -> AsyncIterator[None]:
        """One console at a time, of all on this database: migrations, the first administrator. May wait."""
        if not self.is_sqlite:
            async with self._writer.connect() as connection:
                await connection.execute(text(f"SELECT pg_advisory_lock({_EXCLUSIVE_LOCK})"))
                try:
                    yield
                finally:
                    await connection.execute(text(f"SELECT pg_advisory_unlock({_EXCLUSIVE_LOCK})"))
            return
        file = os.open(f"{self.url.database}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            await asyncio.to_thread(fcntl.flock, file, fcntl.LOCK_EX)
            yield
        finally:
            os.close(file)

    async def close(self) -> None:
        """Close all connections."""
        await self._writer.dispose()
        await self._reader.dispose()


def address(settings: Settings) -> URL:
    """The database's URL with an async driver; by default the file `patrol.sqlite` in the data directory.

    Raises HubError INVALID `patrol_console.database_url` for what is neither SQLite nor PostgreSQL.
    """
    if settings.database_url is None:
        return URL.create("sqlite+aiosqlite", database=str(settings.data_dir / "patrol.sqlite"))
    try:
        url = make_url(settings.database_url.get_secret_value())
        driver = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}[
            url.drivername.partition("+")[0]
        ]
    except (ArgumentError, ValueError, KeyError) as error:
        raise HubError(ErrorKind.INVALID, "patrol_console.database_url") from error
    return url.set(drivername=driver)


def open_database(settings: Settings) -> Database:
    """The database that the settings name; the directory of a SQLite file is made, for this user alone."""
    url = address(settings)
    if url.get_backend_name() == "sqlite" and url.database:
        try:
            Path(url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise HubError(ErrorKind.UNAVAILABLE, "patrol_console.no_database", reason=error.strerror) from error
    return Database(url)


def _prepare_sqlite(engine: AsyncEngine, begin: str, *, read_only: bool = False) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def _on_connect(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # we begin ourselves
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)
