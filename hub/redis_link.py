"""One Redis server as the bus uses it: raw replies, every failure a HubError, tries for a bounded time.

RESP2 without redis-py's reply parsers, so that 6.2 and 7 answer alike. Runs on the caller's loop; a call that is
cancelled drops its connection. Never retries a blocking read: its owner loops.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar, cast

from redis import exceptions
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from hub import log
from hub.backoff import Backoff
from hub.clock import Clock
from hub.errors import ErrorKind, HubError

Reply = object
Command = tuple[str | bytes | int | float, ...]
T = TypeVar("T")

_SOCKET_TIMEOUT_S = 5.0
LONGEST_BLOCK_MS = 3_000  # well below the socket's timeout
_POOL = 64


class NoGroup(Exception):  # noqa: N818 - a state of the server, met and cured inside the bus
    """The consumer group, or its stream, is not there (anew after Redis was emptied)."""


def hub_error(error: Exception, where: str) -> HubError:
    """What went wrong with Redis at `where`, as a sentence."""
    text = str(error)
    if isinstance(error, exceptions.AuthenticationError) or text.startswith(("NOAUTH", "WRONGPASS")):
        return HubError(ErrorKind.UNAVAILABLE, "hub.bus_login_refused")
    if isinstance(error, exceptions.OutOfMemoryError) or "OOM " in text:
        return HubError(ErrorKind.UNAVAILABLE, "hub.bus_full")
    if "MISCONF" in text:
        return HubError(ErrorKind.UNAVAILABLE, "hub.bus_disk", reason=text[:200])
    if isinstance(error, exceptions.ResponseError) and not isinstance(error, exceptions.ReadOnlyError):
        return HubError(ErrorKind.BROKEN, "hub.bus_answer", reason=text[:200])
    return HubError(ErrorKind.UNAVAILABLE, "hub.bus_unreachable", where=where)


class Link:
    """A pool of connections to one server. `name` (durable, frames) is what errors and metrics call it."""

    def __init__(self, url: str, name: str, clock: Clock, patience_s: float) -> None:
        self.name = name
        self._clock = clock
        self._patience_s = patience_s
        try:
            pool = BlockingConnectionPool.from_url(
                url,
                max_connections=_POOL,
                timeout=_SOCKET_TIMEOUT_S,
                protocol=2,
                socket_timeout=_SOCKET_TIMEOUT_S,
                socket_connect_timeout=2.0,
                retry=Retry(NoBackoff(), 0),
            )
        except ValueError as error:
            raise HubError(ErrorKind.INVALID, "hub.bus_address", where=name) from error
        self._redis = Redis(connection_pool=pool)
        self._redis.response_callbacks.clear()

    async def close(self) -> None:
        """Drop all connections."""
        await self._redis.aclose()
        await self._redis.connection_pool.disconnect()

    async def once(self, *command: str | bytes | int | float) -> Reply:
        """One command, one try. Raises HubError, or NoGroup."""
        try:
            return cast(Reply, await _heard(self._redis.execute_command(*command)))  # type: ignore[no-untyped-call]
        except (exceptions.RedisError, OSError, asyncio.IncompleteReadError) as error:
            raise self._told(error) from error

    async def many_once(self, commands: Sequence[Command], *, transaction: bool) -> list[Reply]:
        """Several commands in one go, as MULTI/EXEC where `transaction`; one try."""
        try:
            async with self._redis.pipeline(transaction=transaction) as pipe:
                for command in commands:
                    pipe.execute_command(*command)
                return cast(list[Reply], await _heard(pipe.execute()))
        except (exceptions.RedisError, OSError, asyncio.IncompleteReadError) as error:
            raise self._told(error) from error

    async def run(self, *command: str | bytes | int | float) -> Reply:
        """One command, tried for `patience_s` while the server is away."""
        return await self._patiently(lambda: self.once(*command))

    async def many(self, commands: Sequence[Command], *, transaction: bool) -> list[Reply]:
        """`many_once`, tried for `patience_s`: it may have happened although no answer came, so it may happen twice."""
        return await self._patiently(lambda: self.many_once(commands, transaction=transaction))

    async def many_where(self, key: str, value: bytes, commands: Sequence[Command]) -> bool:
        """`many` as MULTI/EXEC, done only while `key` holds `value`: False, and nothing done, where it does not."""
        return await self._patiently(lambda: self._many_where_once(key, value, commands))

    async def _many_where_once(self, key: str, value: bytes, commands: Sequence[Command]) -> bool:
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                await pipe.watch(key)
                if await _heard(pipe.execute_command("GET", key)) != value:
                    return False
                pipe.multi()  # type: ignore[no-untyped-call]
                for command in commands:
                    pipe.execute_command(*command)
                await _heard(pipe.execute())
                return True
        except exceptions.WatchError:
            return False
        except (exceptions.RedisError, OSError, asyncio.IncompleteReadError) as error:
            raise self._told(error) from error

    async def change_if_same(self, key: str, make: Callable[[Reply], list[Command]]) -> None:
        """HGETALL `key`, then the commands that `make` makes of it, all or nothing if nobody changed it meanwhile."""
        for _ in range(10):
            try:
                async with self._redis.pipeline(transaction=True) as pipe:
                    await pipe.watch(key)
                    held = cast(Reply, await pipe.execute_command("HGETALL", key))
                    commands = make(held)
                    if not commands:
                        return
                    pipe.multi()  # type: ignore[no-untyped-call]
                    for command in commands:
                        pipe.execute_command(*command)
                    await pipe.execute()
                    return
            except exceptions.WatchError:
                continue
            except (exceptions.RedisError, OSError, asyncio.IncompleteReadError) as error:
                raise self._told(error) from error
        raise HubError(ErrorKind.UNAVAILABLE, "hub.bus_unreachable", where=self.name)

    def pubsub(self) -> PubSub:
        """A subscription of its own connection; its owner closes it."""
        return self._redis.pubsub()

    async def _patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        deadline = self._clock.monotonic() + self._patience_s
        backoff = Backoff(0.05, 0.5)
        while True:
            try:
                return await call()
            except HubError as error:
                waiting_helps = error.kind is ErrorKind.UNAVAILABLE and error.code != "hub.bus_full"
                if not waiting_helps or self._clock.monotonic() >= deadline:
                    raise
            await self._clock.sleep(backoff.next())

    def _told(self, error: Exception) -> Exception:
        text = str(error)
        if "NOGROUP" in text or "UNBLOCKED" in text:
            return NoGroup(text)
        return hub_error(error, self.name)


async def _heard(call: Awaitable[T]) -> T:
    """`call`, and no cancellation lost in it.

    redis-py writes through `asyncio.wait_for`, which on Python 3.11 forgets a cancellation that comes in the moment in
    which the write ends (python/cpython#86296): a service would then not end at SIGTERM.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task is not None else 0
    try:
        return await call
    finally:
        if task is not None and task.cancelling() > before:
            raise asyncio.CancelledError


async def patiently(
    clock: Clock, make: Callable[[], Awaitable[T]], *, what: str = "bus", first_s: float = 0.1, cap_s: float = 2.0
) -> T:
    """Call `make` until it answers, for loops that have nothing else to do while Redis (or a database) is away.

    Waits out HubError UNAVAILABLE with a growing back-off and says so in the log once, then a line a second at most;
    every other failure goes to the caller.
    """
    backoff = Backoff(first_s, cap_s)
    errors = log.RepeatedErrors(log.get("hub.bus"), clock, every_s=10.0)
    while True:
        try:
            return await make()
        except HubError as error:
            if error.kind is not ErrorKind.UNAVAILABLE:
                raise
            errors.error("waiting", what=what, code=error.code)
        await clock.sleep(backoff.next())
