"""Reading a topic as one of a group: each entry goes to one consumer, and is never forgotten before it is acknowledged.

For a durable topic: first what this consumer still owes, then what the dead left (idle for `CLAIM_IDLE_MS`), then new
entries. Entries that were trimmed while pending are acknowledged and counted (Redis 6.2 hands them out for ever).
What every group has acknowledged is let go (`hub.topic_trim`). Runs on the bus's loop; holds which entries are owed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from hub import metrics
from hub.clock import Clock
from hub.errors import HubError
from hub.redis_link import LONGEST_BLOCK_MS, Link, NoGroup, Reply
from hub.topic import Delivery, Topic
from hub.topic_trim import EVERY_S, trim_read

CLAIM_IDLE_MS = 10_000
_CLAIM_EVERY_S = 2.0
_gone = metrics.counter(
    "probe_bus_gone_total", "Entries trimmed before anybody had acknowledged them", ("topic", "group")
)


@dataclass(slots=True)
class _Seat:
    """One consumer's place in a group, and what it has been given and not acknowledged."""

    link: Link
    key: str
    topic: Topic
    group: str
    consumer: str
    unsure: bool = True  # a former life, or a broken read, may have left some
    owed: set[str] = field(default_factory=set)
    claim_at: float = 0.0
    claim_from: str = "0-0"
    trim_at: float = 0.0


class GroupReader:
    """All groups of one bus."""

    def __init__(self, clock: Clock, claim_idle_ms: int = CLAIM_IDLE_MS) -> None:
        self._clock = clock
        self._claim_idle_ms = claim_idle_ms
        self._seats: dict[tuple[Topic, str, str], _Seat] = {}

    async def read(
        self, link: Link, key: str, topic: Topic, group: str, consumer: str, count: int, block_ms: int
    ) -> list[Delivery]:
        """At most `count` entries; empty when none came within `block_ms`. See `Bus.read`."""
        for fresh in (False, True):
            if fresh:
                await make_group(link, key, group)
                self._seats.pop((topic, group, consumer), None)
            seat = self._seats.setdefault((topic, group, consumer), _Seat(link, key, topic, group, consumer))
            try:
                if not topic.durable:
                    return await self._new(seat, count, block_ms, noack=True)
                return await self._durable(seat, count, block_ms)
            except NoGroup:
                continue
        return []

    def acknowledged(self, topic: Topic, group: str, ids: list[str]) -> None:
        """These are no longer owed."""
        for seat in self._seats.values():
            if seat.topic is topic and seat.group == group:
                seat.owed.difference_update(ids)

    async def _durable(self, seat: _Seat, count: int, block_ms: int) -> list[Delivery]:
        if (seat.unsure or seat.owed) and (owed := await self._owed(seat, count)):
            return owed
        now = self._clock.monotonic()
        if now >= seat.claim_at and await self._claim(seat, count) and (owed := await self._owed(seat, count)):
            return owed
        if now >= seat.trim_at and seat.topic is not Topic.SPECS:
            seat.trim_at = now + EVERY_S
            await trim_read(seat.link, seat.key, int(self._clock.now().timestamp() * 1000))
        seat.unsure = True  # until the reply is here: it may be lost although the server gave the entries to us
        new = await self._new(seat, count, block_ms, noack=False)
        seat.unsure = False
        seat.owed.update(delivery.id for delivery in new)
        return new

    async def _owed(self, seat: _Seat, count: int) -> list[Delivery]:
        """This consumer's own pending entries, oldest first; what is gone is acknowledged and counted."""
        while True:
            here, gone = entries(
                await seat.link.once(
                    "XREADGROUP", "GROUP", seat.group, seat.consumer, "COUNT", count, "STREAMS", seat.key, "0"
                )
            )
            if gone:
                await seat.link.once("XACK", seat.key, seat.group, *gone)
                _gone.labels(seat.topic.value, seat.group).inc(len(gone))
                seat.owed.difference_update(gone)
            if here or not gone:
                break
        if here:
            seat.owed.update(delivery.id for delivery in here)
        else:
            seat.owed.clear()
            seat.unsure = False
        return here

    async def _claim(self, seat: _Seat, count: int) -> bool:
        """Take over what others left; True if there was any. JUSTID: only so does 6.2 tell the ids of gone entries."""
        seat.unsure = True
        reply = await seat.link.once(
            "XAUTOCLAIM", seat.key, seat.group, seat.consumer, self._claim_idle_ms, seat.claim_from,
            "COUNT", count, "JUSTID",
        )  # fmt: skip
        parts = cast(list[object], reply)
        seat.claim_from = cast(bytes, parts[0]).decode()
        if seat.claim_from == "0-0":
            seat.claim_at = self._clock.monotonic() + _CLAIM_EVERY_S
        if len(parts) > 2:  # Redis 7 drops gone entries itself and names them
            _gone.labels(seat.topic.value, seat.group).inc(len(cast(list[bytes], parts[2])))
        seat.unsure = bool(parts[1])
        return seat.unsure

    async def _new(self, seat: _Seat, count: int, block_ms: int, *, noack: bool) -> list[Delivery]:
        block = ("BLOCK", min(block_ms, LONGEST_BLOCK_MS)) if block_ms > 0 else ()
        flag = ("NOACK",) if noack else ()
        here, _ = entries(
            await seat.link.once(
                "XREADGROUP",
                "GROUP",
                seat.group,
                seat.consumer,
                "COUNT",
                count,
                *block,
                *flag,
                "STREAMS",
                seat.key,
                ">",
            )
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
