"""Pictures drawn anew, for masks, a watermark, or as H.264 for browsers without H.265: who shares one, and the budget.

Runs on the gateway's loop. One transcoding a camera for all without a watermark, one more for each text of one. Above
the budget a viewer is refused; nothing that runs is made worse for somebody who comes later.
"""

from __future__ import annotations

import asyncio
import threading
from datetime import tzinfo

from camera_gateway.live.broadcast import Broadcast
from camera_gateway.live.budget import Budget, Plan
from camera_gateway.live.transcoding import PLAYED_BY_ALL, Pulled, Transcoding, is_needed
from camera_gateway.live.viewer import End
from camera_gateway.sources.base import VideoFormat
from hub import log

logger = log.get("camera_gateway.transcode")

MOST = 32
"""Threads, whatever the budget; a picture of 160x90 at one a second costs next to nothing in pixels."""
_JOIN_S = 1.0


def plays(told: str | None) -> frozenset[str]:
    """What a browser says it can play (`codecs=h264,h265`); H.264 where it says nothing."""
    found = frozenset((told or "").split(",")) & {"h264", "h265"}
    return found or PLAYED_BY_ALL


class Transcodings:
    """All of a gateway; `mpixel_s` 0: none, every picture that needs one is refused."""

    def __init__(self, mpixel_s: float, local: tzinfo, gop_max_bytes: int) -> None:
        self.budget = Budget(mpixel_s)
        self.refused = 0
        self._local = local
        self._gop_max_bytes = gop_max_bytes
        self._running: dict[tuple[str, str | None], Transcoding] = {}
        self._pictures_before = self._dropped_before = 0  # of those that are over
        self._threads: list[threading.Thread] = []

    def open(self, camera: Pulled, watermark: str | None, plays: frozenset[str]) -> Broadcast | End:
        """What a viewer of `camera` is to join: the camera's own picture where nothing has to be drawn, else one drawn
        anew, shared by all with an equal watermark; or why there is none. Each one given needs one `leave`.
        """
        if not is_needed(camera, watermark, plays):
            return camera.broadcast
        key = (camera.spec.camera_id, watermark)
        known = self._running.get(key)
        if known is not None and known.camera is not camera:  # removed and made anew meanwhile
            known.close()
            known = None
        if known is None:
            known = self._begin(key, camera)
        if known is None:
            self.refused += 1
            logger.info("transcode.refused", camera_id=camera.spec.camera_id, used=self.budget.used_pixels_s)
            return End.TRANSCODE_LIMIT
        known.join()
        return known.broadcast

    def leave(self, broadcast: Broadcast) -> None:
        """A viewer that `open` gave `broadcast` is gone; nothing to do for a camera's own."""
        for one in self._running.values():
            if one.broadcast is broadcast:
                one.leave()
                return

    def close(self) -> None:
        """End all; their threads are waited for in `joined`."""
        for one in list(self._running.values()):
            one.close()

    async def joined(self) -> None:
        """Wait for the threads, at most about a second."""
        threads, self._threads = self._threads, []
        await asyncio.to_thread(_join, threads)

    @property
    def running(self) -> int:
        """Transcodings now."""
        return len(self._running)

    @property
    def pictures(self) -> int:
        """Drawn so far."""
        return self._pictures_before + sum(one.pictures for one in self._running.values())

    @property
    def dropped(self) -> int:
        """Units that no thread had time for, and pictures drawn in vain, so far."""
        return self._dropped_before + sum(one.dropped for one in self._running.values())

    def _begin(self, key: tuple[str, str | None], camera: Pulled) -> Transcoding | None:
        def take(fmt: VideoFormat, rate: float) -> Plan | None:
            return self._take(made, fmt, rate)

        self._threads = [one for one in self._threads if one.is_alive()]  # also one that hangs
        if len(self._threads) >= MOST and not self._end_one_without_viewers(None):
            return None
        made = Transcoding(camera, take, self.budget.give_back, self._gop_max_bytes, lambda: self._over(key))
        self._running[key] = made
        camera.broadcast.drawn = (*camera.broadcast.drawn, made.broadcast)
        thread = made.begin(key[1], self._local)
        if thread is None:
            return None
        self._threads.append(thread)
        return made

    def _take(self, wanting: Transcoding, fmt: VideoFormat, rate: float) -> Plan | None:
        """From the budget; those that only linger make room."""
        while (plan := self.budget.take(fmt.width_px, fmt.height_px, rate)) is None:
            if not self._end_one_without_viewers(wanting):
                return None
        return plan

    def _end_one_without_viewers(self, besides: Transcoding | None) -> bool:
        lingering = next((one for one in self._running.values() if one.lingers and one is not besides), None)
        if lingering is None:
            return False
        lingering.close()
        return True

    def _over(self, key: tuple[str, str | None]) -> None:
        over = self._running.pop(key)
        over.camera.broadcast.drawn = tuple(one for one in over.camera.broadcast.drawn if one is not over.broadcast)
        self._pictures_before += over.pictures
        self._dropped_before += over.dropped


def _join(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.join(_JOIN_S / max(1, len(threads)))
