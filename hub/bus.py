"""The bus: what the services tell each other, on two Redis servers (durable, and frames in memory only).

At least once: a message is acknowledged after the work on it is committed, and may come twice. Runs on the loop that
opened it. Publishing waits out a short absence of Redis (`DURABLE_PATIENCE_S`, `FRAMES_PATIENCE_S`), then raises
HubError UNAVAILABLE; reading raises at once, its loop uses `patiently`. No picture ever goes to the durable server.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import cast

from redis import exceptions

from hub import log
from hub.backoff import Backoff
from hub.bus_figures import ServerFigures, figures_of, oldest_waiting_s
from hub.clock import Clock
from hub.contracts.base import Message
from hub.contracts.camera import CameraSpec
from hub.contracts.spec import Revoked, SpecMessage
from hub.errors import ErrorKind, HubError
from hub.group_reader import CLAIM_IDLE_MS, GroupReader
from hub.redis_link import Command, Link, patiently
from hub.settings import Settings
from hub.spec_board import SpecBoard
from hub.topic import Delivery, Topic

__all__ = ["Bus", "Delivery", "Topic", "Transaction", "patiently"]

DURABLE_PATIENCE_S = 3.0
FRAMES_PATIENCE_S = 0.5
_logger = log.get("hub.bus")


class Bus:
    """One process's end of it; see `Bus.open`."""

    def __init__(self, durable: Link, frames: Link, prefix: str, clock: Clock, claim_idle_ms: int) -> None:
        self._durable = durable
        self._frames = frames
        self._prefix = prefix
        self._clock = clock
        self._groups = GroupReader(clock, claim_idle_ms)
        self._board = SpecBoard(durable, prefix, clock)

    @classmethod
    async def open(
        cls, settings: Settings, clock: Clock, *, check: bool = True, claim_idle_ms: int = CLAIM_IDLE_MS
    ) -> Bus:
        """Connect to both servers.

        Raises HubError `hub.bus_no_address`, `hub.bus_unreachable`, `hub.bus_login_refused`. With `check=False`
        nothing is asked yet and the bus comes to life when Redis does.
        """
        if settings.redis_url is None or settings.frames_redis_url is None:
            raise HubError(ErrorKind.INVALID, "hub.bus_no_address")
        durable = Link(settings.redis_url.get_secret_value(), "durable", clock, DURABLE_PATIENCE_S)
        frames = Link(settings.frames_redis_url.get_secret_value(), "frames", clock, FRAMES_PATIENCE_S)
        bus = cls(durable, frames, settings.redis_prefix, clock, claim_idle_ms)
        async with contextlib.AsyncExitStack() as undo:
            undo.push_async_callback(bus.close)
            if check:
                await bus.ping()
            undo.pop_all()
        return bus

    async def close(self) -> None:
        """Drop all connections; the bus is of no use any more."""
        await self._durable.close()
        await self._frames.close()

    async def ping(self) -> None:
        """Return if both servers answer; for `/readyz`."""
        await self._durable.once("PING")
        await self._frames.once("PING")

    async def servers(self) -> dict[str, ServerFigures]:
        """What `redis` and `redis_frames` say of themselves; one that does not answer is missing."""
        said: dict[str, ServerFigures] = {}
        for name, link in (("redis", self._durable), ("redis_frames", self._frames)):
            with contextlib.suppress(HubError):
                said[name] = await figures_of(link, self._clock)
        return said

    async def oldest_waiting_s(self, topic: Topic, group: str) -> float | None:
        """How long the oldest entry waits that `group` has not taken; 0 where none does, None where nobody knows."""
        link = self._durable if topic.durable else self._frames
        return await oldest_waiting_s(link, self._key(topic), group, self._clock)

    async def publish(self, topic: Topic, message: Message, data: bytes | None = None) -> str:
        """Put `message` on `topic`; its id. `data` (a picture) is for `frames` alone: ValueError elsewhere."""
        command = self._adding(topic, message, data)
        if topic.durable:
            return cast(bytes, await self._durable.run(*command)).decode()
        try:
            return cast(bytes, await self._frames.run(*command)).decode()
        except HubError as error:
            if error.code != "hub.bus_full":
                raise
        await self._make_room(topic)
        return cast(bytes, await self._frames.once(*command)).decode()

    async def publish_many(self, topic: Topic, items: Sequence[tuple[Message, bytes | None]]) -> None:
        """All of them in one round trip."""
        commands = [self._adding(topic, message, data) for message, data in items]
        if not commands:
            return
        if topic.durable:
            await self._durable.many(commands, transaction=False)
            return
        try:
            await self._frames.many(commands, transaction=False)
        except HubError as error:
            if error.code != "hub.bus_full":
                raise
            await self._make_room(topic)
            await self._frames.many_once(commands, transaction=False)

    async def read(
        self, topic: Topic, group: str, consumer: str, *, count: int = 32, block_ms: int = 1000
    ) -> list[Delivery]:
        """At most `count` entries for this consumer of `group`; an empty list when none came within `block_ms` (≤ 3 s).

        A durable topic gives first what this consumer has not acknowledged (also of a former life under the same
        name), then what the dead left, then new ones: read on only after the last batch was acknowledged, or get it
        again. `frames` needs no `ack`.
        """
        link = self._durable if topic.durable else self._frames
        return await self._groups.read(link, self._key(topic), topic, group, consumer, count, block_ms)

    async def ack(self, topic: Topic, group: str, ids: Sequence[str]) -> None:
        """The work on these is committed."""
        if ids and topic.durable:
            await self._durable.run("XACK", self._key(topic), group, *ids)
            self._groups.acknowledged(topic, group, list(ids))

    def transaction(self) -> Transaction:
        """Several changes on the durable server, all or none."""
        return Transaction(self._durable, self._prefix, self._groups)

    async def load(self, key: str) -> bytes | None:
        """What a transaction set under `key`, or None."""
        return cast(bytes | None, await self._durable.run("GET", self._prefix + key))

    async def put_spec(self, spec: CameraSpec) -> None:
        """The camera is now like this: kept, and told to all who follow."""
        await self._board.put(spec)

    async def remove_spec(self, camera_id: str) -> None:
        """The camera is gone."""
        await self._board.remove(camera_id)

    async def revoke(self, revoked: Revoked) -> None:
        """Tell all gateways to end what is open under the names given."""
        await self._board.revoke(revoked)

    async def specs(self) -> tuple[dict[str, CameraSpec], str]:
        """All cameras by id, and the place in the topic to give to `follow_specs`."""
        return await self._board.all()

    async def specs_whole(self) -> bool:
        """False where Redis was emptied since `replace_specs`: the console then calls that again."""
        return await self._board.whole()

    async def replace_specs(self, specs: Sequence[CameraSpec]) -> None:
        """From now on there are exactly these cameras; only what differs is told."""
        await self._board.replace(specs)

    def follow_specs(self, since: str, known: Iterable[str] = ()) -> AsyncIterator[SpecMessage]:
        """Every change after `since`, for ever, over absences of Redis.

        After a gap (its place in the topic is gone) all cameras come again as `SpecChanged`, and those of `known` and
        of what came before that are no more as `SpecRemoved`.
        """
        return self._board.follow(since, known)

    async def recent_revocations(self, since: datetime) -> list[Revoked]:
        """Revocations at or after `since`: what a gateway that was away must still obey."""
        return await self._board.revocations(since)

    async def put_picture(self, key: str, jpeg: bytes, ttl_s: float) -> None:
        """Keep a picture in memory for `ttl_s`; it may go earlier when memory is short."""
        await self._frames.run("SET", f"{self._prefix}picture:{key}", jpeg, "PX", max(1, int(ttl_s * 1000)))

    async def picture(self, key: str) -> bytes | None:
        """The picture, or None when its time is over."""
        return cast(bytes | None, await self._frames.run("GET", f"{self._prefix}picture:{key}"))

    async def use_once(self, key: str, ttl_s: float) -> bool:
        """True the first time `key` is used within `ttl_s`, on whichever process; False after."""
        milliseconds = max(1, int(ttl_s * 1000))
        return await self._durable.once("SET", f"{self._prefix}once:{key}", "1", "NX", "PX", milliseconds) is not None

    async def take_lease(self, name: str, body: str, ttl_s: float) -> bytes | None:
        """Hold `name` for `ttl_s` if nobody does: None. Else what the holder wrote."""
        key, ttl_ms = f"{self._prefix}lease:{name}", int(ttl_s * 1000)
        if await self._durable.run("SET", key, body, "NX", "PX", ttl_ms) is not None:
            return None
        return cast(bytes | None, await self._durable.run("GET", key)) or b""

    async def renew_lease(self, name: str, body: str, ttl_s: float) -> bool:
        """Hold it for another `ttl_s`; False where it is not held by `body`."""
        key, ttl_ms = f"{self._prefix}lease:{name}", int(ttl_s * 1000)
        return await self._durable.many_where(key, body.encode(), [("SET", key, body, "PX", ttl_ms)])

    async def replace_lease(self, name: str, held: bytes, body: str, ttl_s: float) -> bool:
        """Hold it instead of `held`; False where that does not hold it any more."""
        key, ttl_ms = f"{self._prefix}lease:{name}", int(ttl_s * 1000)
        return await self._durable.many_where(key, held, [("SET", key, body, "PX", ttl_ms)])

    async def end_lease(self, name: str, body: str) -> None:
        """Free it, if `body` holds it."""
        key = f"{self._prefix}lease:{name}"
        await self._durable.many_where(key, body.encode(), [("DEL", key)])

    async def lease(self, name: str) -> bytes | None:
        """What the holder wrote; None where nobody holds it."""
        return cast(bytes | None, await self._durable.run("GET", f"{self._prefix}lease:{name}"))

    async def notify(self, channel: str, body: bytes) -> None:
        """Tell whoever listens now; nothing is kept."""
        await self._frames.run("PUBLISH", f"{self._prefix}channel:{channel}", body)

    async def listen(self, channel: str) -> AsyncIterator[bytes]:
        """What others `notify`, for ever. What is said while the connection is down is not heard."""
        backoff = Backoff(0.1, 2.0)
        errors = log.RepeatedErrors(_logger, self._clock, every_s=10.0)
        while True:
            subscription = self._frames.pubsub()
            try:
                await subscription.subscribe(f"{self._prefix}channel:{channel}")
                while True:
                    message = await subscription.get_message(ignore_subscribe_messages=True, timeout=1.0)
                    backoff.reset()
                    if message is not None and message["type"] == "message":
                        yield bytes(message["data"])
            except (exceptions.RedisError, OSError) as error:
                errors.error("bus.listen_waiting", channel=channel, reason=str(error))
            finally:
                await subscription.aclose()  # type: ignore[no-untyped-call]
            await self._clock.sleep(backoff.next())

    def _key(self, topic: Topic) -> str:
        return f"{self._prefix}topic:{topic.value}"

    def _adding(self, topic: Topic, message: Message, data: bytes | None) -> Command:
        if data is not None and topic.durable:
            raise ValueError(f"no picture on the durable topic {topic}")
        command: Command = ("XADD", self._key(topic), "MAXLEN", "~", topic.most_entries, "*", "m")
        body = message.model_dump_json()
        return (*command, body) if data is None else (*command, body, "d", data)

    async def _make_room(self, topic: Topic) -> None:
        """The memory is full of large pictures: the older half of the topic goes."""
        held = cast(int, await self._frames.once("XLEN", self._key(topic)))
        _logger.warning("bus.frames_full", topic=topic.value, entries=held)
        await self._frames.once("XTRIM", self._key(topic), "MAXLEN", held // 2)


class Transaction:
    """Changes that happen together on the durable server, or not at all; in the order given."""

    def __init__(self, link: Link, prefix: str, groups: GroupReader) -> None:
        self._link = link
        self._prefix = prefix
        self._groups = groups
        self._commands: list[Command] = []
        self._acks: list[tuple[Topic, str, list[str]]] = []
        self._required: tuple[str, bytes] | None = None

    def require(self, key: str, value: bytes) -> None:
        """Do all of it only while `key` holds `value`, at the very moment: who took over writes, who was paused not."""
        self._required = (self._prefix + key, value)

    def set(self, key: str, value: bytes) -> None:
        """Keep `value` under `key`, for `Bus.load`."""
        self._commands.append(("SET", self._prefix + key, value))

    def publish(self, topic: Topic, message: Message) -> None:
        """Put `message` on a durable `topic`."""
        if not topic.durable:
            raise ValueError(f"{topic} is not on the durable server")
        key = f"{self._prefix}topic:{topic.value}"
        self._commands.append(("XADD", key, "MAXLEN", "~", topic.most_entries, "*", "m", message.model_dump_json()))

    def ack(self, topic: Topic, group: str, ids: Sequence[str]) -> None:
        """Acknowledge with the rest."""
        if ids:
            self._commands.append(("XACK", f"{self._prefix}topic:{topic.value}", group, *ids))
            self._acks.append((topic, group, list(ids)))

    async def commit(self) -> None:
        """Do it. Raises HubError UNAVAILABLE when Redis stays away; it may then have happened all the same.

        Raises HubError CONFLICT `hub.bus_overtaken` where what was required does not hold; nothing was done then.
        """
        if not self._commands:
            return
        if self._required is None:
            await self._link.many(self._commands, transaction=True)
        elif not await self._link.many_where(*self._required, self._commands):
            raise HubError(ErrorKind.CONFLICT, "hub.bus_overtaken")
        for topic, group, ids in self._acks:
            self._groups.acknowledged(topic, group, ids)
        self._commands, self._acks = [], []
