"""Brings the database to the newest migration: at the console's start and by `probe db upgrade`.

Two consoles that start at once do it one after the other. Alembic is synchronous and runs on the connection's own
greenlet; it is imported here and in `migrations` alone.
"""

from __future__ import annotations

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from hub import log
from patrol_console.db import Database

logger = log.get("patrol_console.migrate")


async def upgrade(database: Database) -> tuple[str | None, str | None]:
    """Upgrade to the newest; (revision before, revision after)."""
    _quiet()
    async with database.exclusive(), database.engine.connect() as connection:
        before, after = await connection.run_sync(_upgrade)
        await connection.commit()
    if before != after:
        logger.info("database.upgraded", before=before, after=after)
    return before, after


def configuration() -> Config:
    """Alembic's, without a file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _quiet() -> None:
    logging.getLogger("alembic").setLevel(logging.WARNING)  # what it did is told in one line of ours


def _upgrade(connection: Connection) -> tuple[str | None, str | None]:
    before = MigrationContext.configure(connection).get_current_revision()
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return before, MigrationContext.configure(connection).get_current_revision()
