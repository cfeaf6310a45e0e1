"""Alembic's entry: runs the migrations on the connection that `patrol_console.migrate` hands over, and on no other."""

from __future__ import annotations

from alembic import context

import patrol_console.tables
from patrol_console.tables.base import Base

__all__ = ["patrol_console"]

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
