"""Being written."""

from __future__ import annotations

from typing import Any


async def listing(*args: Any, **kwargs: Any) -> Any:
    """Being written."""
    raise NotImplementedError


async def create(*args: Any, **kwargs: Any) -> Any:
    """Being written."""
    raise NotImplementedError


async def get(*args: Any, **kwargs: Any) -> Any:
    """Being written."""
    raise NotImplementedError


async def change(*args: Any, **kwargs: Any) -> Any:
    """Being written."""
    raise NotImplementedError


async def remove(*args: Any, **kwargs: Any) -> Any:
    """Being written."""
    raise NotImplementedError


class Wish:
    """Being written."""

    def __init__(self, **kwargs: Any) -> None: ...
