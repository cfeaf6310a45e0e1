"""One durable topic read for the console: work, commit, acknowledge, in this order, for ever. A task on the event loop.

What is not acknowledged comes again, so the work must bear repetition. A message that cannot be understood, or that
the database refuses for what it is, is logged, counted and acknowledged: it would come back for ever.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, IntegrityError

from hub import log, metrics
from hub.backoff import Backoff
from hub.bus import Bus, Delivery, Topic
from hub.clock import Clock
from hub.contracts.base import Message
from hub.errors import HubError

M = TypeVar("M", bound=Message)
logger = log.get("patrol_console.consumer")

GROUP = "console"
_BATCH = 64
_BLOCK_MS = 1000
_taken = metrics.counter("console_messages_taken", "Messages whose work is committed", ["topic"])
_refused = metrics.counter("console_messages_refused", "Messages given up: not understood, or refused", ["topic"])


class Consumer(Generic[M]):
    """Reads `topic` as `Model` and hands batches to `work`, which commits before it returns."""

    def __init__(
        self,
        bus: Bus,
        clock: Clock,
        topic: Topic,
        model: type[M],
        work: Callable[[Sequence[M]], Awaitable[None]],
        name: str,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._topic = topic
        self._model = model
        self._work = work
        self._name = name

    async def run(self) -> None:
        """For ever."""
        backoff = Backoff(0.1, 2.0)
        errors = log.RepeatedErrors(logger, self._clock)
        while True:
            try:
                await self.once()
                backoff.reset()
                continue
            except HubError as error:
                errors.error("consumer.waits", key=self._topic.value, topic=self._topic.value, code=error.code)
            except Exception as error:  # noqa: BLE001  # the loop's top: counted, and the batch comes again
                errors.error("consumer.failed", key=self._topic.value, topic=self._topic.value, reason=repr(error))
            await self._clock.sleep(backoff.next())

    async def once(self) -> int:
        """One batch; how many were acknowledged."""
        deliveries = await self._bus.read(self._topic, GROUP, self._name, count=_BATCH, block_ms=_BLOCK_MS)
        if not deliveries:
            return 0
        understood = [message for delivery in deliveries if (message := self._parsed(delivery)) is not None]
        try:
            await self._work(understood)
            _taken.labels(self._topic.value).inc(len(understood))
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            await self._one_by_one(understood)
        await self._bus.ack(self._topic, GROUP, [delivery.id for delivery in deliveries])
        return len(deliveries)

    async def _one_by_one(self, messages: Sequence[M]) -> None:
        """A batch that the database refused: only the guilty message is given up."""
        for message in messages:
            try:
                await self._work([message])
                _taken.labels(self._topic.value).inc()
            except DBAPIError as error:
                if not _is_refusal(error):
                    raise
                self._give_up(str(error.orig))

    def _parsed(self, delivery: Delivery) -> M | None:
        try:
            message = delivery.parse(self._model)
        except (ValidationError, HubError) as error:
            self._give_up(str(error))
            return None
        if message.version != 1:
            self._give_up(f"version {message.version}")
            return None
        return message

    def _give_up(self, reason: str) -> None:
        _refused.labels(self._topic.value).inc()
        logger.error("message.given_up", topic=self._topic.value, reason=reason[:300])


def _is_refusal(error: DBAPIError) -> bool:
    """Whether the message itself is at fault: SQLSTATE class 22 (data) or 23 (constraint); SQLite has no states."""
    return isinstance(error, IntegrityError) or str(getattr(error.orig, "sqlstate", "")).startswith(("22", "23"))
