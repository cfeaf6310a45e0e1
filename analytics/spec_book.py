"""The cameras as the console last said, as this process knows them; always the newest masks, zones and rules.

Owned by the event loop of its process. Filled at start, kept by following the topic, and asked anew when a message
speaks of a revision that is not known here yet: better a frame dropped than one judged by yesterday's masks.
"""

from __future__ import annotations

from collections.abc import Callable

from hub import log
from hub.bus import Bus, patiently
from hub.clock import Clock
from hub.contracts.camera import CameraSpec
from hub.contracts.spec import SpecChanged, SpecMessage, SpecRemoved
from hub.log import RepeatedErrors

REFRESH_EVERY_S = 1.0
"""At most so often is everything read again for the sake of an unknown revision."""
_logger = log.get("analytics.specs")


class SpecBook:
    """`on_gone(camera_id)` is called for a camera that was removed."""

    def __init__(self, bus: Bus, clock: Clock, on_gone: Callable[[str], None] = lambda _: None) -> None:
        self._bus = bus
        self._clock = clock
        self._on_gone = on_gone
        self._specs: dict[str, CameraSpec] = {}
        self._place = "0-0"
        self._refreshed_at = float("-inf")
        self._errors = RepeatedErrors(_logger, clock)

    async def fill(self) -> None:
        """Read all cameras; waits for Redis."""
        specs, self._place = await patiently(self._clock, self._bus.specs, what="specs")
        self._take(specs)

    async def follow(self) -> None:
        """Keep up with changes, for ever."""
        while True:
            try:
                async for message in self._bus.follow_specs(self._place, list(self._specs)):
                    await self._hear(message)
            except Exception as error:  # noqa: BLE001 - the loop's top: without it masks would silently grow old
                self._errors.error("specs.surprise", error=type(error).__name__, reason=str(error)[:300])
            await self._clock.sleep(1.0)
            await self.fill()

    async def spec(self, camera_id: str, least_revision: int) -> CameraSpec | None:
        """The camera at `least_revision` or newer; None where it is unknown, or known only as it was before."""
        known = self._at_least(camera_id, least_revision)
        if known is None and self._clock.monotonic() - self._refreshed_at >= REFRESH_EVERY_S:
            self._refreshed_at = self._clock.monotonic()
            await self.fill()
            known = self._at_least(camera_id, least_revision)
        return known

    async def _hear(self, message: SpecMessage) -> None:
        if isinstance(message, SpecRemoved):
            self._forget(message.camera_id)
        elif isinstance(message, SpecChanged):
            known = self._specs.get(message.spec.camera_id)
            if known is not None and known.revision > message.spec.revision:
                await self.fill()  # what is told is older than what is known: only the whole truth decides
            else:
                self._specs[message.spec.camera_id] = message.spec

    def __len__(self) -> int:
        return len(self._specs)

    def _at_least(self, camera_id: str, revision: int) -> CameraSpec | None:
        known = self._specs.get(camera_id)
        return known if known is not None and known.revision >= revision else None

    def _take(self, specs: dict[str, CameraSpec]) -> None:
        for camera_id in self._specs.keys() - specs.keys():
            self._forget(camera_id)
        self._specs = dict(specs)
        _logger.info("specs.read", cameras=len(specs))

    def _forget(self, camera_id: str) -> None:
        if self._specs.pop(camera_id, None) is not None:
            self._on_gone(camera_id)
