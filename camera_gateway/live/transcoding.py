"""One camera's picture drawn anew, seen from the gateway's loop; one thread of its own does the work (`transcoder.py`).

A listener of its camera's stream that fills a `Stream` of its own: whoever can serve a camera's stream can serve this
one. It draws the masks of now, whatever it was opened for. libav works outside Python's lock, so the loop is not held
up; between the two stand a bounded inbox and a bounded number of pictures on their way. A thread that fails ends its
own picture and nothing else.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import tzinfo
from typing import TYPE_CHECKING, Protocol

from camera_gateway.live.broadcast import Broadcast
from camera_gateway.live.budget import Plan
from camera_gateway.live.inbox import Beginning, Inbox
from camera_gateway.live.viewer import End
from camera_gateway.sources.base import AccessUnit, VideoFormat
from camera_gateway.stream import Stream
from hub import log
from hub.contracts.base import Polygon
from hub.contracts.camera import CameraSpec
from hub.errors import HubError

if TYPE_CHECKING:
    from camera_gateway.live.transcoder import Drawn

logger = log.get("camera_gateway.transcode")

LINGER_S = 3.0
"""After the last viewer: a page that is loaded anew finds it running."""
MOST_ON_THE_WAY = 50  # pictures drawn and not yet taken by the loop; then the thread waits
PLAYED_BY_ALL = frozenset({"h264"})
_USUAL_RATE = 25.0
_LEAST_MEASURED = 5  # units of a GOP before its own times are believed more than what the camera says of itself
STUCK_US = 10_000_000  # so long after a keyframe went in and nothing came out: the thread hangs, or gets no processor
_METER_S = 5.0
_FASTER = 1.5  # than planned: planned anew


class Pulled(Protocol):
    """What is needed of a camera."""

    spec: CameraSpec
    stream: Stream
    broadcast: Broadcast

    def live_refusal(self) -> End | None:
        """Why its live picture may not be shown now."""
        ...


class Transcoding:
    """One camera's picture drawn anew for those with one watermark, or with none.

    `begin`, `join`, `leave`, `close` and all of a listener are called on the loop. The thread calls `_masks` and
    `_send` and nothing else of this object.
    """

    def __init__(
        self,
        camera: Pulled,
        take: Callable[[VideoFormat, float], Plan | None],
        give_back: Callable[[Plan], None],
        gop_max_bytes: int,
        over: Callable[[], None],
    ) -> None:
        self.camera = camera
        self.stream = Stream(gop_max_bytes)
        self.broadcast = Broadcast(self.stream, camera.stream)
        self.pictures = 0
        self._inbox = Inbox()
        self._take, self._give_back, self._over = take, give_back, over
        self._plan: Plan | None = None
        self._fmt: VideoFormat | None = None
        self._watermarked = False
        self._number = 0  # of the beginning that pictures are taken of
        self._connection = camera.stream.connection
        self._masks_shown = camera.spec.masks
        self._until_keyframe = True
        self._in_vain = 0
        self._users = 0
        self._lingering: asyncio.TimerHandle | None = None
        self._closed = False
        self._on_the_way = threading.BoundedSemaphore(MOST_ON_THE_WAY)
        self._loop = asyncio.get_running_loop()
        self._metered_from_us = self._metered = 0
        self._unanswered_us = 0  # when the first keyframe went in since a picture came out

    def begin(self, watermark: str | None, local: tzinfo) -> threading.Thread | None:
        """Listen, and start the thread; None where the budget does not bear it. While the camera's format is not known
        it costs nothing, and is weighed when it is.
        """
        self._watermarked = watermark is not None
        source = self.camera.stream
        source.attach(self)
        if source.fmt is not None:
            self._fmt = source.fmt
            if not self._plan_for(_rate_of(source)):
                self.close()
                return None
            self._hand_over(tuple(source.gop), source.gop_complete)
        name = f"transcode {self.camera.spec.camera_id}"
        thread = threading.Thread(target=self._draw, args=(watermark, local), name=name, daemon=True)
        thread.start()
        return thread

    def join(self) -> None:
        """One more looks."""
        self._users += 1
        if self._lingering is not None:
            self._lingering.cancel()
            self._lingering = None
        self._follow_masks()

    def leave(self) -> None:
        """One less looks; with the last it ends soon, and at once where the camera may not be shown."""
        self._users -= 1
        if self._users > 0 or self._closed:
            return
        if self.camera.live_refusal() is not None:
            self.close()
        else:
            self._lingering = self._loop.call_later(LINGER_S, self.close)

    @property
    def lingers(self) -> bool:
        """Whether nobody looks."""
        return self._lingering is not None

    @property
    def dropped(self) -> int:
        """Units that the thread had no time for, and pictures drawn in vain."""
        return self._inbox.dropped + self._in_vain

    def end(self, why: End) -> None:
        """All who look must go, and it is over."""
        self.broadcast.end(why)
        self.close()

    def close(self) -> None:
        """It is over: nothing of its picture is kept."""
        if self._closed:
            return
        self._closed = True
        if self._lingering is not None:
            self._lingering.cancel()
            self._lingering = None
        self.camera.stream.detach(self)
        self._inbox.close()
        self.stream.forget()
        if self._plan is not None:
            self._give_back(self._plan)
            self._plan = None
        self._over()

    def on_format(self, fmt: VideoFormat) -> None:
        """Other parameters: weighed anew."""
        self._fmt = fmt
        if not is_needed(self.camera, "" if self._watermarked else None, PLAYED_BY_ALL):
            self.end(End.TICKET)
        elif self._plan_for(fmt.frame_rate or _USUAL_RATE):
            self._hand_over((), True)
        else:
            self.end(End.TRANSCODE_LIMIT)

    def on_unit(self, unit: AccessUnit) -> None:
        """To the thread."""
        if self._plan is None:
            return
        if self.camera.stream.connection != self._connection:
            self._hand_over((), False)
        self._inbox.put(unit)
        if unit.keyframe and not self._unanswered_us:
            self._unanswered_us = unit.captured_at_us
        if self._unanswered_us and unit.captured_at_us - self._unanswered_us > STUCK_US:
            logger.error("transcode.stuck", camera_id=self.camera.spec.camera_id)
            self.end(End.TRANSCODE_LIMIT)
            return
        self._meter(unit, self._plan)

    def _plan_for(self, rate: float) -> bool:
        if self._plan is not None:
            self._give_back(self._plan)
        fmt = self._fmt
        self._plan = None if fmt is None else self._take(fmt, rate)
        return self._plan is not None

    def _hand_over(self, kept: tuple[AccessUnit, ...], complete: bool) -> None:
        """The thread begins anew with this."""
        if self._fmt is None or self._plan is None:
            return
        self._number += 1
        if self._connection != self.camera.stream.connection:
            self._connection = self.camera.stream.connection
            self.stream.end()
            self.stream.begin()
        self._metered_from_us = self._metered = self._unanswered_us = 0
        self._inbox.begin(Beginning(self._number, self._fmt, self._plan, kept, complete))

    def _meter(self, unit: AccessUnit, plan: Plan) -> None:
        """A camera that sends faster than it said takes more of the budget, or goes."""
        if not self._metered_from_us:
            self._metered_from_us = unit.captured_at_us
        self._metered += 1
        spent_s = (unit.captured_at_us - self._metered_from_us) / 1e6
        if spent_s < _METER_S:
            return
        rate = self._metered / spent_s
        self._metered_from_us = self._metered = 0
        if rate > plan.source_rate * _FASTER:
            if self._plan_for(rate):
                self._hand_over((), False)
            else:
                self.end(End.TRANSCODE_LIMIT)

    def _follow_masks(self) -> None:
        """Other masks: what was drawn with the old ones is not shown to anybody any more."""
        masks = self.camera.spec.masks
        if masks == self._masks_shown:
            return
        self._masks_shown = masks
        self._until_keyframe = True
        fmt = self.stream.fmt
        self.stream.forget()
        if fmt is not None:
            self.stream.on_format(fmt)  # clears what others kept of it
        self._inbox.want_keyframe()

    def _taken(self, drawn: Drawn) -> None:
        """A picture from the thread, on the loop."""
        self._on_the_way.release()
        if self._closed:
            return
        self._unanswered_us = 0
        self._follow_masks()
        if not self.camera.spec.masks and not self._watermarked and self._fmt is not None and self._fmt.codec == "h264":
            self.end(End.TICKET)  # the last mask went: a fresh ticket opens the camera's own picture
            return
        stands = drawn.beginning == self._number and drawn.masks == self._masks_shown
        if not stands or (self._until_keyframe and not drawn.unit.keyframe):
            self._in_vain += 1
            self._until_keyframe = True
            return
        self._until_keyframe = False
        self.pictures += 1
        self.stream.on_format(drawn.fmt)
        self.stream.on_unit(drawn.unit)

    def _failed(self, code: str, error: str) -> None:
        if not self._closed:
            logger.error("transcode.failed", camera_id=self.camera.spec.camera_id, code=code, error=error)
            self.end(End.LIVE_OFF)

    # In the thread.

    def _draw(self, watermark: str | None, local: tzinfo) -> None:
        try:
            # PyAV, OpenCV, Pillow: a gateway that starts has cameras to see to first.
            from camera_gateway.live.transcoder import Transcoder

            Transcoder(self._inbox, watermark, local, self._masks, self._send).run()
        except HubError as error:
            self._tell(self._failed, error.code, str(error))
        except Exception as error:  # noqa: BLE001 - the top of this picture's thread: its viewers are told
            self._tell(self._failed, "camera_gateway.broken", repr(error))

    def _masks(self) -> tuple[Polygon, ...]:
        return self.camera.spec.masks

    def _send(self, drawn: Drawn) -> bool:
        while not self._on_the_way.acquire(timeout=0.2):
            if self._inbox.closed:
                return False
        return self._tell(self._taken, drawn)

    def _tell(self, what: Callable[..., None], *words: object) -> bool:
        try:
            self._loop.call_soon_threadsafe(what, *words)
        except RuntimeError:  # the loop is closed
            return False
        return True


def is_needed(camera: Pulled, watermark: str | None, plays: frozenset[str]) -> bool:
    """Whether a viewer of `camera` can only be shown a picture that is drawn anew."""
    fmt = camera.stream.fmt
    return bool(camera.spec.masks) or watermark is not None or (fmt is not None and fmt.codec not in plays)


def _rate_of(source: Stream) -> float:
    """Pictures a second, as the kept GOP has them, else as the camera says."""
    times = [unit.media_time for unit in source.gop]
    if len(times) >= _LEAST_MEASURED and times[-1] > times[0]:
        return (len(times) - 1) * 90_000 / (times[-1] - times[0])
    told = source.fmt.frame_rate if source.fmt is not None else None
    return told or _USUAL_RATE
