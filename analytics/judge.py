"""judge: looks from the bus, alerts to the bus. One in a hub; cheap; may be killed at any point.

Runs on the event loop; evidence is drawn in one thread named `judge-draw`. What it knows of a camera lies in Redis and
nowhere else: the memory of each camera of a batch, the alerts, and the acknowledgement of the looks go in one
MULTI/EXEC, which also requires that no other judge has taken over meanwhile. Killed before it, the looks come again and
give the same alerts with the same ids; killed after it, they are acknowledged.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from analytics.judgement import CameraMemory, after_clock_step, is_old, judge_look
from analytics.rules.intrusion import RuleHit
from analytics.spec_book import SpecBook
from hub import log, metrics
from hub.bus import Bus, Delivery, Topic, patiently
from hub.clock import Clock
from hub.contracts.alert import AlertRaised
from hub.contracts.camera import CameraSpec
from hub.contracts.look import Look
from hub.errors import ErrorKind, HubError
from hub.ids import new_id
from hub.log import RepeatedErrors
from hub.settings import Settings

GROUP = "judge"
CONSUMER = "judge"  # the same in every life: what the last one left comes first, and at once
OWNER = "judge:owner"
EVIDENCE_TTL_S = 900.0
BATCH = 64
GAP_HEARTBEATS = 1.5
"""Two looks further apart than so many heartbeats say nothing about the time between: no occupancy is counted."""

_logger = log.get("analytics.judge")
_judged = metrics.counter("probe_judge_looks_total", "Looks judged, or why not", ["how"])
_alerts = metrics.counter("probe_judge_alerts_total", "Alerts raised", ["evidence"])
_delay = metrics.histogram("probe_judge_delay_seconds", "From capture to the alert")


class Judge:
    """The judge of this hub, from `run` until another takes over or it is cancelled."""

    def __init__(self, bus: Bus, clock: Clock, settings: Settings) -> None:
        self._bus = bus
        self._clock = clock
        self._local = ZoneInfo(settings.timezone)
        self._language = settings.language
        self._most_gap_s = GAP_HEARTBEATS * settings.gateway.heartbeat_s
        self._owner = new_id("judge", clock.now()).encode()
        self._book = SpecBook(bus, clock)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="judge-draw")
        self._errors = RepeatedErrors(_logger, clock)
        self.is_ready = False

    async def run(self) -> None:
        """Until cancelled. Raises HubError CONFLICT `analytics.judge_overtaken` when another judge has begun."""
        await self.begin()
        self.is_ready = True  # the first look may be seconds away
        following = asyncio.create_task(self._book.follow(), name="judge-specs")
        try:
            while True:
                await self.step()
        finally:
            self.is_ready = False
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            await asyncio.to_thread(self._thread.shutdown, wait=True, cancel_futures=True)

    async def begin(self) -> None:
        """Take over from whoever judged before: from here on its transactions are refused."""
        await self._book.fill()
        await patiently(self._clock, self._take_over, what="judge")

    async def step(self, block_ms: int = 1000) -> None:
        """Judge the next looks, at most a batch; return after `block_ms` where there are none."""
        deliveries: list[Delivery] = []
        try:
            deliveries = await patiently(self._clock, lambda: self._read(block_ms), what="results")
            if deliveries:
                await self._judge(deliveries)
        except HubError as error:
            if error.code == "hub.bus_overtaken":
                await self._still_ours()
            else:  # nothing was acknowledged: the same looks come again
                self._errors.error("judge.failed", key=error.code, reason=str(error))
                await self._clock.sleep(0.2)
        except Exception as error:  # noqa: BLE001 - the loop's top: one look's surprise must not stop all cameras
            self._errors.error("judge.surprise", error=type(error).__name__, reason=str(error)[:300])
            await self._apart(deliveries)

    async def _read(self, block_ms: int) -> list[Delivery]:
        return await self._bus.read(Topic.RESULTS, GROUP, CONSUMER, count=BATCH, block_ms=block_ms)

    async def _take_over(self) -> None:
        start = self._bus.transaction()
        start.set(OWNER, self._owner)
        await start.commit()

    async def _still_ours(self) -> None:
        """Redis was emptied: go on. Another judge has begun: end."""
        owner = await patiently(self._clock, lambda: self._bus.load(OWNER), what="judge")
        if owner is not None and owner != self._owner:
            raise HubError(ErrorKind.CONFLICT, "analytics.judge_overtaken")
        await patiently(self._clock, self._take_over, what="judge")

    async def _apart(self, deliveries: Sequence[Delivery]) -> None:
        """Each look by itself; the one that cannot be judged is let go, or it would come back for ever."""
        for delivery in deliveries:
            try:
                await self._judge([delivery])
            except HubError as error:
                if error.code == "hub.bus_overtaken":
                    await self._still_ours()
                return  # Redis is away: all of them come again
            except Exception as error:  # noqa: BLE001 - the one look that surprised; it is logged and let go
                self._errors.error("judge.let_go", id=delivery.id, error=type(error).__name__, reason=str(error)[:300])
                _judged.labels("let_go").inc()
                await patiently(self._clock, lambda d=delivery: self._bus.ack(Topic.RESULTS, GROUP, [d.id]))  # type: ignore[misc]

    async def _judge(self, deliveries: Sequence[Delivery]) -> None:
        looks = sorted(self._looks(deliveries), key=lambda look: look.captured_at)
        memories: dict[str, CameraMemory] = {}
        alerts: list[AlertRaised] = []
        for look in looks:
            spec = await self._book.spec(look.camera_id, look.spec_revision)
            if spec is None or not self._allowed(spec, look):
                _judged.labels("unknown_camera" if spec is None else "not_allowed").inc()
                continue
            memory = after_clock_step(memories.get(look.camera_id) or await self._memory(look.camera_id), look)
            if is_old(memory, look):
                _judged.labels("old").inc()
                continue
            memories[look.camera_id], hits = judge_look(
                memory, look, spec, local=self._local, most_gap_s=self._most_gap_s
            )
            _judged.labels("judged").inc()
            alerts += [await self._alert(hit, look, spec) for hit in hits]
        await self._commit(memories, alerts, deliveries)

    async def _commit(
        self, memories: dict[str, CameraMemory], alerts: Sequence[AlertRaised], deliveries: Sequence[Delivery]
    ) -> None:
        """State, alerts and acknowledgement: all, or none."""
        together = self._bus.transaction()
        together.require(OWNER, self._owner)
        for camera_id, memory in memories.items():
            together.set(f"judge:{camera_id}", memory.model_dump_json().encode())
        for alert in alerts:
            together.publish(Topic.ALERTS, alert)
        together.ack(Topic.RESULTS, GROUP, [delivery.id for delivery in deliveries])
        await together.commit()
        for alert in alerts:
            _alerts.labels("ready" if alert.evidence_key else "missing").inc()
            _delay.observe(max(0.0, (alert.raised_at - alert.captured_at).total_seconds()))
            _logger.info(
                "alert.raised", alert_id=alert.alert_id, camera_id=alert.camera_id, rule_id=alert.rule_id,
                evidence=alert.evidence_key is not None,
            )  # fmt: skip

    def _looks(self, deliveries: Sequence[Delivery]) -> list[Look]:
        looks = []
        for delivery in deliveries:
            try:
                looks.append(delivery.parse(Look))
            except HubError as error:  # acknowledged with the rest: it never gets better
                self._errors.error("judge.unknown_message", code=error.code)
                _judged.labels("message").inc()
        return looks

    def _allowed(self, spec: CameraSpec, look: Look) -> bool:
        now = self._clock.now()
        return spec.enabled and spec.consent_in_force(now) and spec.consent_in_force(look.captured_at)

    async def _memory(self, camera_id: str) -> CameraMemory | None:
        body = await self._bus.load(f"judge:{camera_id}")
        if body is None:
            return None
        try:
            return CameraMemory.model_validate_json(body)
        except ValidationError:  # of a later version, rolled back: an episode begins anew
            self._errors.error("judge.memory_unreadable", camera_id=camera_id)
            return None

    async def _alert(self, hit: RuleHit, look: Look, spec: CameraSpec) -> AlertRaised:
        boxes = [look.boxes[row] for row in hit.rows]
        alert = AlertRaised(
            alert_id=hit.episode.alert_id,
            camera_id=look.camera_id,
            area_id=spec.area_id,
            severity=hit.rule.severity,
            rule_id=hit.rule.rule_id,
            rule_name=hit.rule.name,
            zone_name=hit.zone.name,
            labels=tuple(dict.fromkeys(box.label for box in boxes)),
            confidence=max(box.confidence for box in boxes),
            episode_started_at=hit.episode.started_at,
            captured_at=look.captured_at,
            raised_at=self._clock.now(),
            simulated=spec.simulated,
        )
        try:
            drawn = await self._evidence(hit, look, spec)
            if drawn is None:
                return alert
            key = f"evidence:{alert.alert_id}"
            await self._bus.put_picture(key, drawn, EVIDENCE_TTL_S)
        except HubError as error:  # an alert without its picture is better than none
            self._errors.error("judge.no_evidence", camera_id=look.camera_id, code=error.code)
            return alert
        return alert.model_copy(update={"evidence_key": key, "evidence_sha256": hashlib.sha256(drawn).hexdigest()})

    async def _evidence(self, hit: RuleHit, look: Look, spec: CameraSpec) -> bytes | None:
        """The drawn picture; None where the look's own is gone (its minute is over, or Redis began anew)."""
        jpeg = await self._bus.picture(look.picture_key) if look.picture_key is not None else None
        if jpeg is None:
            return None
        from analytics.evidence import Caption, draw_evidence  # Pillow: wanted with the first alert, not at the start

        caption = Caption(
            camera_name=spec.name,
            rule_name=hit.rule.name,
            zone_name=hit.zone.name,
            captured_at=look.captured_at,
            local=self._local,
            severity=hit.rule.severity,
            simulated=spec.simulated,
            language=self._language,
        )
        boxes = tuple(look.boxes[row] for row in hit.rows)
        loop = asyncio.get_running_loop()
        # The look's picture wears the masks of its own moment; those of now may be more.
        return await loop.run_in_executor(
            self._thread, draw_evidence, jpeg, hit.zone.polygon, boxes, caption, spec.masks
        )
