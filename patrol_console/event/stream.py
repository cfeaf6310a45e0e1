"""Being written."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any


async def follow(*args: Any) -> AsyncIterator[bytes]:
    """Being written."""
    raise NotImplementedError
    yield b""
