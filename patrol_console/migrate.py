"""Brings the database to the newest migration: at the console's start and by `probe db upgrade`.

Two consoles that start at once do it one after the other. Alembic is synchronous and runs on the connection's own
greenlet; it is imported here and in `migrations` alone, and not at all where the database is as new as we are: a
console that was killed is back sooner.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError

from hub import log
from patrol_console.db import Database

if TYPE_CHECKING:
    from alembic.config import Config

logger = log.get("patrol_console.migrate")
HEAD = "0006"  # the newest of `migrations/versions`; a test holds the two together


async def upgrade(database: Database) -> tuple[str | None, str | None]:
    """Upgrade to the newest; (revision before, revision after)."""
    if await _revision(database) == HEAD:
        return HEAD, HEAD
    _quiet()
    async with database.exclusive(), database.engine.connect() as connection:
        before, after = await connection.run_sync(_upgrade)
        await connection.commit()
    if before != after:
        logger.info("database.upgraded", before=before, after=after)
    return before, after


async def _revision(database: Database) -> str | None:
    """Where the database stands; None where it has never been migrated."""
    try:
        async with database.reading() as session:
            return str(await session.scalar(text("SELECT version_num FROM alembic_version")))
    except DatabaseError:
        return None  # no such table; whatever else it is, the migration meets it again and says so


def configuration() -> Config:
    """Alembic's, without a file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _quiet() -> None:
    logging.getLogger("alembic").setLevel(logging.WARNING)  # what it did is told in one line of ours


def _upgrade(connection: Connection) -> tuple[str | None, str | None]:
    from alembic import command
    from alembic.runtime.migration import MigrationContext

    before = MigrationContext.configure(connection).get_current_revision()
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return before, MigrationContext.configure(connection).get_current_revision()
