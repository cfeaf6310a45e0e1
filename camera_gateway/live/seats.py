"""How many may watch, and whose live picture may be shown at all: the same for whatever way a browser watches by.

Runs on the gateway's loop; asks, never ends anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from camera_gateway.camera import Camera
from camera_gateway.live.viewer import End
from hub.settings import GatewaySettings


class Seats:
    """All that are taken, over all cameras and of each person."""

    def __init__(
        self, settings: GatewaySettings, find: Callable[[str], Camera | None], watching: Callable[[], int]
    ) -> None:
        self._settings = settings
        self._watching = watching
        self._watched_by: Counter[str] = Counter()  # live pictures of each person
        self.find = find

    def refusal(self, camera_id: str, user_id: str) -> End | None:
        """Why this person may not watch this camera now."""
        camera = self.find(camera_id)
        if camera is None:
            return End.CAMERA_REMOVED
        if (refusal := camera.live_refusal()) is not None:
            return refusal
        settings = self._settings
        full = len(camera.broadcast.everyone) >= settings.viewers_per_camera or self._watching() >= settings.viewers
        return End.LIMIT if full or self._watched_by[user_id] >= settings.viewers_per_user else None

    @contextmanager
    def taken_by(self, user_id: str) -> Iterator[None]:
        """One seat is this person's inside."""
        self._watched_by[user_id] += 1
        try:
            yield
        finally:
            self._watched_by[user_id] -= 1
            if self._watched_by[user_id] <= 0:
                del self._watched_by[user_id]
