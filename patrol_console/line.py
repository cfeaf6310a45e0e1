"""This console's line to Redis; a console without one answers its pages all the same. On the event loop.

Whoever needs the bus asks `bus()` and gets an UNAVAILABLE error where there is none. Short notes to other consoles go
by a bounded queue and are dropped, counted, when it is full or Redis is away: consoles also look for themselves.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hub.errors import ErrorKind, HubError

if TYPE_CHECKING:
    from hub.bus import Bus

_NOTES = 1000  # 5 s of the worst case, 200 alerts/s


class Line:
    """Holds the bus. `notes_dropped` counts what other consoles were not told."""

    def __init__(self, bus: Bus | None = None) -> None:
        self._bus = bus
        self._notes: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(_NOTES)
        self.notes_dropped = 0

    def bus(self) -> Bus:
        """The bus. Raises HubError UNAVAILABLE `hub.bus_unreachable` where there is none."""
        if self._bus is None:
            raise HubError(ErrorKind.UNAVAILABLE, "hub.bus_unreachable", server="redis")
        return self._bus

    def notify_soon(self, channel: str, body: bytes) -> None:
        """Tell other consoles; never waits."""
        if self._bus is None:
            return
        try:
            self._notes.put_nowait((channel, body))
        except asyncio.QueueFull:
            self.notes_dropped += 1

    async def send_notes(self) -> None:
        """Send what `notify_soon` took, for ever."""
        while True:
            channel, body = await self._notes.get()
            try:
                await self.bus().notify(f"console.{channel}", body)
            except HubError:
                self.notes_dropped += 1

    async def close(self) -> None:
        """Close the bus."""
        bus, self._bus = self._bus, None
        if bus is not None:
            await bus.close()
