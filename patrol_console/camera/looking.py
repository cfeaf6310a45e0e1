"""Being written."""

from __future__ import annotations

from typing import Any


async def test(*args: Any, **kwargs: Any) -> Any:
    """Being written."""
    raise NotImplementedError


async def snapshot(*args: Any, **kwargs: Any) -> Any:
    """Being written."""
    raise NotImplementedError


async def ticket(*args: Any, **kwargs: Any) -> Any:
    """Being written."""
    raise NotImplementedError
