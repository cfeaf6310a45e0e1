"""The migrations make what the tables say, on both databases; a timeline cannot be rewritten."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from pydantic import SecretStr
from sqlalchemy import Connection, bindparam, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from hub.settings import Settings
from patrol_console import migrate
from patrol_console.db import Database, open_database
from patrol_console.migrate import HEAD, configuration, upgrade
from patrol_console.tables.base import Base, UtcDateTime
from tests.support.database import GIVEN, postgresql, sqlite

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.skipif(not GIVEN, reason="PROBE_TEST_DATABASE_URL"))]

CAMERA = (
    "INSERT INTO area VALUES ('a', NULL, '/a/', 0, 'A', '2026-01-01')",
    "INSERT INTO camera (id, name, area_id, gateway_id, kind, enabled, url, simulated, masks, zones, rules, "
    "revision, created_at, facts) VALUES ('c', 'C', 'a', 'g', 'public', true, 'rtsp://x', false, '[]', '[]', "
    "'[]', 1, '2026-01-01', '{}')",
)


@pytest.fixture(params=BOTH)
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    async with postgresql() if request.param == "postgresql" else sqlite(tmp_path) as url:
        made = open_database(Settings(data_dir=tmp_path, database_url=SecretStr(url)))
        yield made
        await made.close()


async def test_the_migrations_make_exactly_what_the_tables_say(database: Database) -> None:
    assert (await upgrade(database))[0] is None

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_two_consoles_that_start_at_once_upgrade_one_after_the_other(database: Database, tmp_path: Path) -> None:
    other = Database(database.url)
    results = await asyncio.gather(upgrade(database), upgrade(other))
    await other.close()
    assert sorted(before or "" for before, _ in results) == ["", HEAD]


async def test_a_camera_has_many_states_that_ended_and_one_that_goes_on(database: Database) -> None:
    await upgrade(database)

    kept = text(
        "INSERT INTO camera_state (camera_id, state, cause, since, until) "
        "VALUES ('c', 'online', 'none', '2026-01-01', :until)"
    )

    async def keep(until: datetime | None) -> None:
        async with database.engine.begin() as connection:
            await connection.execute(kept.bindparams(bindparam("until", until, UtcDateTime)))

    async with database.engine.begin() as connection:
        for insert in CAMERA:
            await connection.execute(text(insert))
    await keep(datetime(2026, 1, 2, tzinfo=UTC))
    await keep(datetime(2026, 1, 3, tzinfo=UTC))
    await keep(None)
    with pytest.raises(IntegrityError):
        await keep(None)


@pytest.mark.parametrize("verb", ["UPDATE alert_entry SET note = 'never'", "DELETE FROM alert_entry"])
async def test_a_timeline_cannot_be_rewritten(database: Database, verb: str) -> None:
    await upgrade(database)
    inserts = (
        *CAMERA,
        "INSERT INTO alert (id, camera_id, area_id, kind, severity, state, labels, confidence, simulated, "
        "episode_started_at, captured_at, raised_at, written_at) VALUES ('x', 'c', 'a', 'k', 'red', 'raised', '[]', "
        "0.5, false, '2026-01-01', '2026-01-01', '2026-01-01', '2026-01-01')",
        "INSERT INTO alert_entry (alert_id, at, verb, to_state) VALUES ('x', '2026-01-01', 'raise', 'raised')",
    )
    async with database.engine.begin() as connection:
        for insert in inserts:
            await connection.execute(text(insert))
    with pytest.raises(DBAPIError, match="append-only"):
        async with database.engine.begin() as connection:
            await connection.execute(text(verb))


def test_every_column_has_a_comment() -> None:
    silent = [str(c) for table in Base.metadata.tables.values() for c in table.columns if not c.comment]
    assert not silent


def test_the_newest_migration_is_the_one_that_a_start_compares_with() -> None:
    assert ScriptDirectory.from_config(configuration()).get_heads() == [HEAD]


async def test_a_database_that_is_up_to_date_is_not_migrated_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(connection: Connection) -> tuple[str | None, str | None]:
        raise AssertionError("migrated again")

    assert await upgrade(database) == (None, HEAD)
    monkeypatch.setattr(migrate, "_upgrade", never)
    assert await upgrade(database) == (HEAD, HEAD)
