"""The console's town, for attackers."""

from __future__ import annotations

from tests.patrol_console.conftest import asgi, clock, console, database_url, redis_settings, redis_urls, town

__all__ = ["asgi", "clock", "console", "database_url", "redis_settings", "redis_urls", "town"]
