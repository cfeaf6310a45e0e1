"""How each camera does, told to the console: at each change, and once a minute without one.

Runs on the gateway's loop: `changed` is a plain call from a camera, `run` one task. Only the newest word of each camera
waits, so nothing grows while Redis is away and nothing stale is told after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from hub import log
from hub.bus import Bus, Topic
from hub.clock import Clock
from hub.contracts.camera import CameraStatus
from hub.errors import HubError

logger = log.get("camera_gateway.status")

PAUSE_S = 0.1
AWAY_S = 0.5
# "At least once a minute", with room for a slow loop; paced over the whole time, not all cameras at once.
REPEAT_S = 50.0

Tell = Callable[[], CameraStatus]


class StatusReporter:
    """The one way from cameras to topic `status`."""

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock
        self._changed: dict[str, Tell] = {}
        self._known: dict[str, tuple[float, Tell]] = {}  # in the order in which they are due
        self.published = 0

    def changed(self, camera_id: str, tell: Tell) -> None:
        """`tell` gives the camera's status when it is this one's turn."""
        self._changed[camera_id] = tell

    def forget(self, camera_id: str) -> None:
        """The camera is gone."""
        self._changed.pop(camera_id, None)
        self._known.pop(camera_id, None)

    async def run(self) -> None:
        """Publish for ever."""
        errors = log.RepeatedErrors(logger, self._clock)
        while True:
            try:
                await self.flush()
            except HubError as error:
                errors.error("status.unpublished", error.code, code=error.code)
                await self._clock.sleep(AWAY_S)
            except Exception as error:  # noqa: BLE001 - the states of all cameras end here; one bad word stops no other
                errors.error("status.broken", repr(error), error=repr(error))
                await self._clock.sleep(AWAY_S)
            await self._clock.sleep(PAUSE_S)

    async def flush(self) -> None:
        """Publish what changed and what is due; raises HubError and keeps it when Redis is away."""
        turn = {**dict(self._due()), **self._changed}
        if not turn:
            return
        self._changed = {}
        try:
            await self._bus.publish_many(Topic.STATUS, [(tell(), None) for tell in turn.values()])
        except BaseException:
            self._changed = {**turn, **self._changed}
            raise
        due = self._clock.monotonic() + REPEAT_S
        for camera_id, tell in turn.items():
            self._known.pop(camera_id, None)
            self._known[camera_id] = (due, tell)
        self.published += len(turn)

    def _due(self) -> Iterable[tuple[str, Tell]]:
        now = self._clock.monotonic()
        for camera_id, (due, tell) in self._known.items():
            if due > now:
                return
            yield camera_id, tell
