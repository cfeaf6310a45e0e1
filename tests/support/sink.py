"""A Sink that keeps what it is given, for tests."""

from __future__ import annotations

import asyncio

from camera_gateway.sources.base import AccessUnit, VideoFormat


class KeepingSink:
    def __init__(self) -> None:
        self.formats: list[VideoFormat] = []
        self.units: list[AccessUnit] = []
        self._wanted = 0
        self._enough = asyncio.Event()

    def on_format(self, fmt: VideoFormat) -> None:
        self.formats.append(fmt)

    def on_unit(self, unit: AccessUnit) -> None:
        self.units.append(unit)
        if len(self.units) >= self._wanted:
            self._enough.set()

    async def has(self, count: int) -> None:
        """Until so many units have come; a test's own timeout ends it."""
        self._wanted = count
        if len(self.units) < count:
            self._enough.clear()
            async with asyncio.timeout(20):
                await self._enough.wait()
