"""Fixtures that tests of every package may ask for; and what the environment may say to the tests."""

from __future__ import annotations

import os

import pytest

from tests.support.clock import FakeClock
from tests.support.redis import redis_settings, redis_urls

__all__ = ["redis_settings", "redis_urls"]

# A PostgreSQL and a Redis may be given by the product's names too. Each test makes a database and a prefix of its own.
for _name in ("DATABASE_URL", "REDIS_URL"):
    if f"PROBE_{_name}" in os.environ:
        os.environ.setdefault(f"PROBE_TEST_{_name}", os.environ[f"PROBE_{_name}"])
# Whatever else is set for a hub of this machine is not meant for the tests.
for _name in [name for name in os.environ if name.startswith("PROBE_")]:
    if not _name.startswith(("PROBE_TEST_", "PROBE_MATERIAL", "PROBE_KILLS", "PROBE_CHROMIUM", "PROBE_E2E_")):
        del os.environ[_name]


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still."""
    return FakeClock()
