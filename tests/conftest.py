"""Fixtures that tests of every package may ask for."""

from __future__ import annotations

import pytest

from tests.support.clock import FakeClock
from tests.support.redis import redis_settings, redis_urls

__all__ = ["redis_settings", "redis_urls"]


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still."""
    return FakeClock()
