"""A database for one test: a SQLite file, or a PostgreSQL database of its own where one is given."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

GIVEN = os.environ.get("PROBE_TEST_DATABASE_URL")


@asynccontextmanager
async def sqlite(folder: Path) -> AsyncIterator[str]:
    """The URL of a new file."""
    yield f"sqlite:///{folder / 'patrol.sqlite'}"


@asynccontextmanager
async def postgresql() -> AsyncIterator[str]:
    """The URL of a new, empty database on the server given; dropped after."""
    assert GIVEN is not None
    server = make_url(GIVEN).set(drivername="postgresql+asyncpg")
    name = f"probe_test_{secrets.token_hex(6)}"
    engine = create_async_engine(server, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(f'CREATE DATABASE "{name}"'))
    try:
        yield server.set(database=name, drivername="postgresql").render_as_string(hide_password=False)
    finally:
        async with engine.connect() as connection:
            await connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        await engine.dispose()
