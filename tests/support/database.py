"""A database for one test: a SQLite file, or a PostgreSQL database of its own where one is given.

`database_url` is a fixture (import it in a conftest): a database that is migrated already, copied from one that the
session migrated once. Who tests the migrations themselves asks `sqlite` or `postgresql` for an empty one.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from patrol_console.db import Database
from patrol_console.migrate import upgrade

GIVEN = os.environ.get("PROBE_TEST_DATABASE_URL")


@asynccontextmanager
async def sqlite(folder: Path) -> AsyncIterator[str]:
    """The URL of a new file."""
    yield f"sqlite:///{folder / 'patrol.sqlite'}"


@asynccontextmanager
async def postgresql(template: str = "template1") -> AsyncIterator[str]:
    """The URL of a new database on the server given, empty or as `template` is; dropped after."""
    name = f"probe_test_{secrets.token_hex(6)}"
    await _command(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield _server().set(database=name, drivername="postgresql").render_as_string(hide_password=False)
    finally:
        await _command(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What each test's database is copied from: the path of a SQLite file, or the name of a database on the server."""
    if GIVEN:
        name = f"probe_test_{secrets.token_hex(6)}"
        asyncio.run(_command(f'CREATE DATABASE "{name}"'))
        try:
            asyncio.run(_migrate(_server().set(database=name)))
            yield name
        finally:
            asyncio.run(_command(f'DROP DATABASE "{name}" WITH (FORCE)'))
    else:
        file = tmp_path_factory.mktemp("migrated") / "patrol.sqlite"
        asyncio.run(_migrate(URL.create("sqlite+aiosqlite", database=str(file))))
        yield str(file)


@pytest.fixture
async def database_url(tmp_path: Path, migrated: str) -> AsyncIterator[str]:
    """A new database with all tables: PostgreSQL where one is given, else SQLite."""
    if GIVEN:
        async with postgresql(migrated) as url:
            yield url
    else:
        async with sqlite(tmp_path) as url:
            shutil.copyfile(migrated, tmp_path / "patrol.sqlite")
            yield url


async def _migrate(url: URL) -> None:
    database = Database(url)
    await upgrade(database)
    await database.close()


def _server() -> URL:
    assert GIVEN is not None
    return make_url(GIVEN).set(drivername="postgresql+asyncpg")


async def _command(statement: str) -> None:
    engine = create_async_engine(_server(), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(statement))
    await engine.dispose()
