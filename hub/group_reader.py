"""Reading a topic as one of a group: each entry goes to one consumer, and is never forgotten before it is acknowledged.

For a durable topic: first what this consumer still owes, then what the dead left (idle for `CLAIM_IDLE_MS`), then new
entries. Entries that were trimmed while pending are acknowledged and counted (Redis 6.2 hands them out for ever).
Runs on the bus's loop; holds which entries are owed, nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from hub import metrics
from hub.clock import Clock
from hub.errors import HubError
from hub.redis_link import LONGEST_BLOCK_MS, Link, NoGroup, Reply
from hub.topic import Delivery, Topic

CLAIM_IDLE_MS = 10_000
_CLAIM_EVERY_S = 2.0
_gone = metrics.counter(
    "probe_bus_gone_total", "Entries trimmed before anybody had acknowledged them", ("topic", "group")
)


@dataclass(slots=True)
class _Debt:
    """What one consumer has been given and not acknowledged."""

    unsure: bool = True  # a former life, or a broken read, may have left some
    ids: set[str] = field(default_factory=set)
    claim_at: float = 0.0
    claim_from: str = "0-0"


class GroupReader:
    """All groups of one bus."""

    def __init__(self, clock: Clock, claim_idle_ms: int = CLAIM_IDLE_MS) -> None:
        self._clock = clock
        self._claim_idle_ms = claim_idle_ms
        self._debts: dict[tuple[Topic, str, str], _Debt] = {}

    async def read(
        self, link: Link, key: str, topic: Topic, group: str, consumer: str, count: int, block_ms: int
    ) -> list[Delivery]:
        """At most `count` entries; empty when none came within `block_ms`. See `Bus.read`."""
        for fresh in (False, True):
            if fresh:
                await make_group(link, key, group)
                self._debts.pop((topic, group, consumer), None)
            debt = self._debts.setdefault((topic, group, consumer), _Debt())
            try:
                if not topic.durable:
                    return await self._new(link, key, group, consumer, count, block_ms, noack=True)
                return await self._durable(link, key, topic, group, consumer, count, block_ms, debt)
            except NoGroup:
                continue
        return []

    def acknowledged(self, topic: Topic, group: str, ids: list[str]) -> None:
        """These are no longer owed."""
        for (owed_topic, owed_group, _), debt in self._debts.items():
            if owed_topic is topic and owed_group == group:
                debt.ids.difference_update(ids)

    async def _durable(
        self, link: Link, key: str, topic: Topic, group: str, consumer: str, count: int, block_ms: int, debt: _Debt
    ) -> list[Delivery]:
        if debt.unsure or debt.ids:
            owed = await self._owed(link, key, topic, group, consumer, count, debt)
            if owed:
                return owed
        if self._clock.monotonic() >= debt.claim_at and await self._claim(
            link, key, topic, group, consumer, count, debt
        ):
            owed = await self._owed(link, key, topic, group, consumer, count, debt)
            if owed:
                return owed
        debt.unsure = True  # until the reply is here: it may be lost although the server gave the entries to us
        new = await self._new(link, key, group, consumer, count, block_ms, noack=False)
        debt.unsure = False
        debt.ids.update(delivery.id for delivery in new)
        return new

    async def _owed(
        self, link: Link, key: str, topic: Topic, group: str, consumer: str, count: int, debt: _Debt
    ) -> list[Delivery]:
        """This consumer's own pending entries, oldest first; what is gone is acknowledged and counted."""
        while True:
            reply = await link.once("XREADGROUP", "GROUP", group, consumer, "COUNT", count, "STREAMS", key, "0")
            here, gone = entries(reply)
            if gone:
                await link.once("XACK", key, group, *gone)
                _gone.labels(topic.value, group).inc(len(gone))
                debt.ids.difference_update(gone)
            if here or not gone:
                break
        if here:
            debt.ids.update(delivery.id for delivery in here)
        else:
            debt.ids.clear()
            debt.unsure = False
        return here

    async def _claim(
        self, link: Link, key: str, topic: Topic, group: str, consumer: str, count: int, debt: _Debt
    ) -> bool:
        """Take over what others left; True if there was any. JUSTID: only so does 6.2 tell the ids of gone entries."""
        debt.unsure = True
        reply = await link.once(
            "XAUTOCLAIM", key, group, consumer, self._claim_idle_ms, debt.claim_from, "COUNT", count, "JUSTID"
        )
        parts = cast(list[object], reply)
        debt.claim_from = cast(bytes, parts[0]).decode()
        if debt.claim_from == "0-0":
            debt.claim_at = self._clock.monotonic() + _CLAIM_EVERY_S
        if len(parts) > 2:  # Redis 7 drops gone entries itself and names them
            _gone.labels(topic.value, group).inc(len(cast(list[bytes], parts[2])))
        debt.unsure = bool(parts[1])
        return debt.unsure

    async def _new(
        self, link: Link, key: str, group: str, consumer: str, count: int, block_ms: int, *, noack: bool
    ) -> list[Delivery]:
        block = ("BLOCK", min(block_ms, LONGEST_BLOCK_MS)) if block_ms > 0 else ()
        flag = ("NOACK",) if noack else ()
        here, _ = entries(
            await link.once("XREADGROUP", "GROUP", group, consumer, "COUNT", count, *block, *flag, "STREAMS", key, ">")
        )
        return here


async def make_group(link: Link, key: str, group: str) -> None:
    """The group from the first entry kept, if it is not there yet."""
    try:
        await link.once("XGROUP", "CREATE", key, group, "0", "MKSTREAM")
    except HubError as error:
        if "BUSYGROUP" not in str(error.params.get("reason")):
            raise


def entries(reply: Reply) -> tuple[list[Delivery], list[str]]:
    """The entries of one XREAD or XREADGROUP reply of one stream, and the ids of those that are gone."""
    if not reply:
        return [], []
    (_, rows) = cast(list[tuple[bytes, list[tuple[bytes, list[bytes] | None]]]], reply)[0]
    return rows_to_deliveries(rows)


def rows_to_deliveries(rows: list[tuple[bytes, list[bytes] | None]]) -> tuple[list[Delivery], list[str]]:
    """The same of a plain list of entries (XRANGE)."""
    here: list[Delivery] = []
    gone: list[str] = []
    for raw_id, flat in rows:
        if not flat:
            gone.append(raw_id.decode())
            continue
        fields = dict(zip(flat[::2], flat[1::2], strict=True))
        here.append(Delivery(raw_id.decode(), fields.get(b"m", b""), fields.get(b"d")))
    return here, gone
