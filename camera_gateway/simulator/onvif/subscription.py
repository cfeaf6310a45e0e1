"""One pull point: what waits in it, until when it lives. A hundred messages at most; the oldest go (Core, 9.1)."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from camera_gateway.simulator.onvif.soap import Element

_MOST_WAITING: Final = 100


class Subscription:
    """One subscriber's. `ends_s` in monotonic seconds of the camera's clock."""

    def __init__(self, token: str, made_s: float, ends_s: float) -> None:
        self.token, self.made_s, self.ends_s = token, made_s, ends_s
        self._waiting: deque[Element] = deque(maxlen=_MOST_WAITING)
        self._woken = asyncio.Event()
        self.forgotten = False

    def put(self, message: Element) -> None:
        """Another message."""
        self._waiting.append(message)
        self._woken.set()

    def forget(self) -> None:
        """It is gone; whoever pulls is told."""
        self.forgotten = True
        self._woken.set()

    async def take(self, limit: int, wait_s: float) -> list[Element]:
        """What waits, at most `limit`; nothing after so many seconds."""
        if not self._waiting and not self.forgotten:
            self._woken.clear()
            try:
                async with asyncio.timeout(wait_s):
                    await self._woken.wait()
            except TimeoutError:
                return []
        return [self._waiting.popleft() for _ in range(min(max(1, limit), len(self._waiting)))]
