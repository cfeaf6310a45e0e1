"""Being written."""

from __future__ import annotations

from typing import Any


async def facts(*args: Any, **kwargs: Any) -> Any:
    """Being written."""
    raise NotImplementedError
