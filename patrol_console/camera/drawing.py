"""Being written."""

from __future__ import annotations

from typing import Any


async def put_zones(*args: Any, **kwargs: Any) -> Any:
    """Being written."""
    raise NotImplementedError


async def put_masks(*args: Any, **kwargs: Any) -> Any:
    """Being written."""
    raise NotImplementedError


async def put_rules(*args: Any, **kwargs: Any) -> Any:
    """Being written."""
    raise NotImplementedError
