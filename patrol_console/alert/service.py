"""Being written."""

from __future__ import annotations

from typing import Any


async def listing(*args: Any, **kwargs: Any) -> Any:
    """Being written."""
    raise NotImplementedError


async def get(*args: Any, **kwargs: Any) -> Any:
    """Being written."""
    raise NotImplementedError


async def step(*args: Any, **kwargs: Any) -> Any:
    """Being written."""
    raise NotImplementedError


async def evidence(*args: Any, **kwargs: Any) -> Any:
    """Being written."""
    raise NotImplementedError


class Wish:
    """Being written."""

    def __init__(self, *args: Any) -> None: ...
