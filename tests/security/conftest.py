"""The console's town, for attackers."""

from __future__ import annotations

from tests.patrol_console.conftest import asgi, clock, console, town
from tests.support.database import database_url, migrated
from tests.support.redis import redis_settings, redis_urls

__all__ = ["asgi", "clock", "console", "database_url", "migrated", "redis_settings", "redis_urls", "town"]
