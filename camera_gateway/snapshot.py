"""One JPEG of now: the newest kept keyframe, decoded in a thread, masked before it leaves.

`take` is called on the gateway's loop; decoding runs in threads of its own, at most two, with a short row before them.
A camera that is not pulled is opened for it and closed again. Never shows an old picture as if it were now.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from camera_gateway.annexb import annexb
from camera_gateway.camera import Camera
from camera_gateway.demand import Want
from camera_gateway.frames import captured_at
from camera_gateway.sources.base import AccessUnit, VideoFormat
from hub.clock import Clock
from hub.contracts.base import Polygon
from hub.errors import ErrorKind, HubError

THREADS = 2
# A decode of 1080p takes about 25 ms: the last in the row waits a quarter of a second.
ROW = 16
# Longer than any GOP seen in the field (Hikvision's longest is 400 frames, 16 s at 25/s).
OLDEST_S = 30.0
# How long a camera that has to be opened may take to show something: connection, login, and a GOP of ten seconds.
PATIENCE_S = 15.0
# So many may wait for cameras at once.
WAITING = 64
_LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A JPEG and when its picture was captured."""

    jpeg: bytes
    captured_at: datetime


class Snapshots:
    """Makes snapshots of any camera."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="snapshot")
        self._row = 0
        self._waiting = 0

    async def take(self, camera: Camera) -> Snapshot:
        """The newest picture, masks applied; waits for one where the camera has first to be opened.

        Raises HubError UNAVAILABLE `camera_gateway.no_picture` without one of the last thirty seconds, LIMITED
        `camera_gateway.snapshots_busy` or `.uplink_full`, CONFLICT `camera_gateway.no_consent`, and what decoding
        raises.
        """
        unit, fmt = self._kept(camera) or await self._opened_for(camera)
        at = captured_at(unit)
        if self._row >= ROW:
            raise HubError(ErrorKind.LIMITED, "camera_gateway.snapshots_busy")
        self._row += 1
        try:
            loop = asyncio.get_running_loop()
            masks: tuple[Polygon, ...] | None = None
            while masks != camera.spec.masks:  # also those that were drawn while this waited in the row
                masks = camera.spec.masks
                jpeg = await loop.run_in_executor(self._threads, _make, unit.data, fmt.codec, masks)
        finally:
            self._row -= 1
        if not camera.spec.consent_in_force(self._clock.now()):
            raise HubError(ErrorKind.CONFLICT, "camera_gateway.no_consent")  # it ended meanwhile
        return Snapshot(jpeg, at)

    def _kept(self, camera: Camera) -> tuple[AccessUnit, VideoFormat] | None:
        unit, fmt = camera.stream.keyframe, camera.stream.fmt
        if unit is None or fmt is None:
            return None
        return (unit, fmt) if (self._clock.now() - captured_at(unit)).total_seconds() <= OLDEST_S else None

    async def _opened_for(self, camera: Camera) -> tuple[AccessUnit, VideoFormat]:
        """Have it opened, or hurried on its line, and wait."""
        if self._waiting >= WAITING:
            raise HubError(ErrorKind.LIMITED, "camera_gateway.snapshots_busy")
        give_up_s = self._clock.monotonic() + PATIENCE_S
        self._waiting += 1
        hold = camera.want(Want.SNAPSHOT)
        try:
            while True:
                if (kept := self._kept(camera)) is not None:
                    return kept
                if (why := camera.unlikely()) is not None:
                    raise why
                if self._clock.monotonic() >= give_up_s:
                    raise HubError(ErrorKind.UNAVAILABLE, "camera_gateway.no_picture")
                await self._clock.sleep(_LOOK_S)
        finally:
            hold.release()
            self._waiting -= 1

    def close(self) -> None:
        """Take no more; those in the row are given up."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _make(data: bytes, codec: str, masks: tuple[Polygon, ...]) -> bytes:
    from hub import picture  # PyAV, OpenCV, numpy: a gateway that starts again has cameras to see to first

    shown = picture.decode_keyframe(annexb(data), codec)
    picture.blacken(shown, masks)
    return picture.encode_jpeg(shown)
