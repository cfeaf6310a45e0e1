"""The gateway's word on who looked at what: opened, a sample every ten seconds, closed; nothing lost, none left open.

Runs on the gateway's loop: `opened` and `closed` by the handlers, `run` one task. What is not yet published waits here,
at most `LIMIT` entries: samples are given up first, and when openings and closings alone fill it no new picture is
shown. Which viewings are open is kept in Redis in the same transaction, so that a gateway that starts anew closes what
its former self left open.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from pydantic import TypeAdapter

from hub import log
from hub.bus import Bus, Topic
from hub.clock import Clock
from hub.contracts.ticket import Ticket
from hub.contracts.viewing import Viewing, ViewingMoment
from hub.errors import ErrorKind, HubError

logger = log.get("camera_gateway.viewing")

LIMIT = 20_000
SAMPLE_S = 10.0
PAUSE_S = 0.1
AWAY_S = 0.5
# An opening is in Redis before the first picture leaves; when Redis is away for longer than this the picture goes all
# the same, and the opening waits here.
RECORD_FIRST_S = 0.1
_BATCH = 500
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_open_viewings: TypeAdapter[tuple[Viewing, ...]] = TypeAdapter(tuple[Viewing, ...])


class Counts(Protocol):
    """What a viewing counts; read here, written by its viewer."""

    @property
    def frames_sent(self) -> int: ...
    @property
    def frames_dropped(self) -> int: ...
    @property
    def last_captured_at_us(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Counted:
    """Counts that grow no more: a snapshot's."""

    frames_sent: int = 0
    frames_dropped: int = 0
    last_captured_at_us: int = 0


class Register:
    """All viewings of this gateway."""

    def __init__(self, bus: Bus, clock: Clock, gateway_id: str) -> None:
        self._bus = bus
        self._clock = clock
        self._key = f"gateway:{gateway_id}:viewings"
        self._open: dict[str, tuple[Ticket, Counts]] = {}
        self._waiting: deque[tuple[Viewing, asyncio.Event | None]] = deque()
        self._recorded_open: dict[str, Viewing] = {}  # as Redis has it
        self._wake = asyncio.Event()
        self._flushing = asyncio.Lock()
        self.samples_given_up = 0

    async def opened(self, ticket: Ticket, counts: Counts) -> None:
        """Written down before the first picture. Raises HubError LIMITED when the register is full."""
        if len(self._waiting) >= LIMIT:
            raise HubError(ErrorKind.LIMITED, "camera_gateway.register_full")
        self._open[ticket.ticket_id] = (ticket, counts)
        recorded = asyncio.Event()
        self._add(self._viewing(ticket, counts, ViewingMoment.OPENED), recorded)
        try:
            async with asyncio.timeout(RECORD_FIRST_S):
                await recorded.wait()
        except TimeoutError:
            logger.warning("viewing.unrecorded", camera_id=ticket.camera_id, ticket_id=ticket.ticket_id)

    def closed(self, ticket: Ticket, because: str) -> None:
        """It ended: viewer | revoked | camera | slow | gateway. Harmless a second time."""
        known = self._open.pop(ticket.ticket_id, None)
        if known is not None:
            self._add(self._viewing(*known, ViewingMoment.CLOSED, because))

    def close_all(self) -> None:
        """The gateway stops: no viewing outlives it."""
        for ticket, _ in tuple(self._open.values()):
            self.closed(ticket, "gateway")

    def sample(self) -> None:
        """One entry for each open viewing."""
        for ticket, counts in self._open.values():
            if len(self._waiting) >= LIMIT // 2:
                self.samples_given_up += 1
                continue
            self._add(self._viewing(ticket, counts, ViewingMoment.SAMPLE))

    async def recover(self) -> None:
        """Close what a former self of this gateway left open."""
        kept = await self._bus.load(self._key)
        left = _open_viewings.validate_json(kept) if kept else ()
        self._recorded_open = {one.ticket_id: one for one in left}
        closing = {"moment": ViewingMoment.CLOSED, "at": self._clock.now(), "closed_because": "gateway"}
        for one in left:
            self._add(one.model_copy(update=closing))
        if left:
            logger.info("viewing.recovered", count=len(left))

    async def run(self) -> None:
        """Recover, then publish for ever."""
        errors = log.RepeatedErrors(logger, self._clock)
        recovered = False
        sample_at = self._clock.monotonic() + SAMPLE_S
        while True:
            try:
                if not recovered:
                    await self.recover()
                    recovered = True
                if self._clock.monotonic() >= sample_at:
                    sample_at += SAMPLE_S
                    self.sample()
                await self.flush()
            except HubError as error:
                errors.error("viewing.unpublished", error.code, code=error.code)
                await self._clock.sleep(AWAY_S)
                continue
            except Exception as error:  # noqa: BLE001 - the register must outlive whatever one entry does to it
                errors.error("viewing.broken", repr(error), error=repr(error))
                await self._clock.sleep(AWAY_S)
            try:
                # Not wait_for: in Python 3.11 it forgets a cancellation that comes together with the event.
                async with asyncio.timeout(PAUSE_S):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def flush(self) -> None:
        """Publish what waits, and which viewings are open then; raises HubError and keeps all when Redis is away."""
        async with self._flushing:
            await self._flush()

    async def _flush(self) -> None:
        self._wake.clear()
        while self._waiting:
            batch = [self._waiting[i] for i in range(min(_BATCH, len(self._waiting)))]
            still_open = dict(self._recorded_open)
            transaction = self._bus.transaction()
            for viewing, _ in batch:
                transaction.publish(Topic.VIEWINGS, viewing)
                if viewing.moment is ViewingMoment.CLOSED:
                    still_open.pop(viewing.ticket_id, None)
                else:
                    still_open[viewing.ticket_id] = viewing
            transaction.set(self._key, _open_viewings.dump_json(tuple(still_open.values())))
            await transaction.commit()
            self._recorded_open = still_open
            for _, recorded in batch:
                self._waiting.popleft()
                if recorded is not None:
                    recorded.set()

    @property
    def waiting(self) -> int:
        """Entries not yet published."""
        return len(self._waiting)

    def _add(self, viewing: Viewing, recorded: asyncio.Event | None = None) -> None:
        self._waiting.append((viewing, recorded))
        self._wake.set()

    def _viewing(self, ticket: Ticket, counts: Counts, moment: ViewingMoment, because: str | None = None) -> Viewing:
        last = counts.last_captured_at_us
        return Viewing(
            ticket_id=ticket.ticket_id,
            camera_id=ticket.camera_id,
            user_id=ticket.user_id,
            unit_id=ticket.unit_id,
            purpose=ticket.purpose,
            reference=ticket.reference,
            audio=ticket.audio,
            moment=moment,
            at=self._clock.now(),
            frames_sent=counts.frames_sent,
            frames_dropped=counts.frames_dropped,
            last_media_at=_EPOCH + timedelta(microseconds=last) if last else None,
            closed_because=because,
        )
