"""detect: frames from the bus, looks to the bus. Any number of these compete in one consumer group.

Runs on the event loop; the blocking work is handed, a batch at a time, to one thread named `analytics-look`. While that
batch is looked at nothing else is read: what piles up is bounded by the lossy topic, which drops the oldest. A frame
whose camera or whose masks are not known is dropped and counted, never looked at unmasked.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from analytics.looker import FrameToLook, Looked, Looker
from analytics.spec_book import SpecBook
from hub import log, metrics
from hub.bus import Bus, Delivery, Topic, patiently
from hub.clock import Clock
from hub.contracts.camera import CameraSpec
from hub.contracts.frame import Frame
from hub.errors import HubError
from hub.log import RepeatedErrors

GROUP = "detect"
PICTURE_TTL_S = 60.0
"""How long a look's picture waits for the judge: the judge is seconds behind, or down and restarted."""
LATEST_S = 60.0
"""A frame that waited longer is no news; the newer ones behind it are."""

_logger = log.get("analytics.detect")
_looks = metrics.counter("probe_detect_looks_total", "Keyframes examined, by whether the detector was asked", ["gate"])
_dropped = metrics.counter("probe_detect_frames_dropped_total", "Frames not looked at, by why", ["why"])
_boxes = metrics.counter("probe_detect_boxes_total", "Boxes found")
_delay = metrics.histogram("probe_detect_delay_seconds", "From capture to the look's publication")


class Detect:
    """One worker. `consumer` is its name in the group."""

    def __init__(self, bus: Bus, clock: Clock, looker: Looker, *, consumer: str, batch: int) -> None:
        self._bus = bus
        self._clock = clock
        self._looker = looker
        self._consumer = consumer
        self._batch = batch
        self._gone: list[str] = []
        self._book = SpecBook(bus, clock, self._gone.append)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="analytics-look")
        self._errors = RepeatedErrors(_logger, clock)
        self.is_ready = False

    async def run(self) -> None:
        """Until cancelled; then the batch in hand is finished and its thread has ended."""
        await self._book.fill()
        self.is_ready = True  # what was read of Redis says it: the first frame may be seconds away
        following = asyncio.create_task(self._book.follow(), name="detect-specs")
        try:
            await self._loop()
        finally:
            self.is_ready = False
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            await asyncio.to_thread(self._thread.shutdown, wait=True, cancel_futures=True)
            self._looker.close()

    async def _loop(self) -> None:
        while True:
            try:
                deliveries = await patiently(self._clock, self._read, what="frames")
                await self._one_batch(deliveries)
            except HubError as error:
                self._errors.error("detect.failed", key=error.code, reason=str(error))
                await self._clock.sleep(0.5)
            except Exception as error:  # noqa: BLE001 - the loop's top: one batch's surprise must not stop all cameras
                self._errors.error("detect.surprise", error=type(error).__name__, reason=str(error)[:300])
                await self._clock.sleep(0.5)

    async def _read(self) -> list[Delivery]:
        return await self._bus.read(Topic.FRAMES, GROUP, self._consumer, count=self._batch, block_ms=1000)

    async def _one_batch(self, deliveries: list[Delivery]) -> None:
        wanted = [work for delivery in deliveries if (work := await self._wanted(delivery)) is not None]
        for camera_id in self._gone:
            self._looker.forget(camera_id)  # the looking thread rests between batches
        self._gone.clear()
        if not wanted:
            return
        loop = asyncio.get_running_loop()
        answers = await loop.run_in_executor(self._thread, self._looker.look, wanted)
        looked = []
        for work, answer in zip(wanted, answers, strict=True):
            if isinstance(answer, HubError):
                _dropped.labels("undecodable").inc()
                self._errors.error(
                    "detect.undecodable", key=work.spec.camera_id, camera_id=work.spec.camera_id, code=answer.code,
                    reason=str(answer.params.get("reason", "")),
                )  # fmt: skip
            else:
                looked.append(answer)
        await self._publish(looked)

    async def _wanted(self, delivery: Delivery) -> FrameToLook | None:
        """The frame with its camera, or None where it must not or need not be looked at."""
        try:
            frame = delivery.parse(Frame)
        except HubError as error:
            self._errors.error("detect.unknown_message", code=error.code)
            _dropped.labels("message").inc()
            return None
        spec = await self._book.spec(frame.camera_id, frame.spec_revision)
        why_not = self._why_not(delivery, frame, spec)
        if why_not is not None or spec is None or delivery.data is None:
            _dropped.labels(why_not).inc()
            if why_not in ("late", "unknown_camera"):  # a gateway whose clock is wrong would else be blind in silence
                self._errors.error("detect.dropped", key=str(why_not), why=why_not, camera_id=frame.camera_id)
            return None
        return FrameToLook(frame, delivery.data, spec)

    async def _publish(self, looked: list[Looked]) -> None:
        looks = []
        for item in looked:
            look = item.look
            if item.jpeg is not None and look.picture_key is not None:
                try:
                    await self._bus.put_picture(look.picture_key, item.jpeg, PICTURE_TTL_S)
                except HubError as error:  # an alert without its picture is better than none
                    self._errors.error("detect.picture_lost", camera_id=look.camera_id, code=error.code)
                    look = look.model_copy(update={"picture_key": None})
            looks.append(look)
        if not looks:
            return
        items = [(look, None) for look in looks]
        await patiently(self._clock, lambda: self._bus.publish_many(Topic.RESULTS, items), what="results")
        now = self._clock.now()
        for look in looks:
            _looks.labels("open" if look.gate_open else "closed").inc()
            _boxes.inc(len(look.boxes))
            _delay.observe(max(0.0, (now - look.captured_at).total_seconds()))

    def _why_not(self, delivery: Delivery, frame: Frame, spec: CameraSpec | None) -> str | None:
        """Why this frame must not or need not be looked at."""
        now = self._clock.now()
        if delivery.data is None:
            return "no_data"
        if now - frame.captured_at > timedelta(seconds=LATEST_S):
            return "late"
        if spec is None:
            return "unknown_camera"
        if not spec.enabled or not (spec.consent_in_force(now) and spec.consent_in_force(frame.captured_at)):
            return "not_allowed"
        return None
