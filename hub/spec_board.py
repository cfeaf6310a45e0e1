"""What the cameras are, as the console last said: a hash of all of them beside the topic of changes.

The database is the owner; this is its copy for the services. A follower whose place in the topic is gone (trimmed, or
Redis emptied or rolled back) gets everything again. Runs on the caller's loop.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import cast

from pydantic import ValidationError

from hub import log
from hub.backoff import Backoff
from hub.clock import Clock
from hub.contracts.camera import CameraSpec
from hub.contracts.spec import Revoked, SpecChanged, SpecMessage, SpecRemoved, spec_message
from hub.errors import ErrorKind, HubError
from hub.group_reader import entries, rows_to_deliveries
from hub.redis_link import LONGEST_BLOCK_MS, Command, Link, NoGroup, Reply
from hub.topic import Delivery, Topic

_NOTHING_YET = "0-0"
_SKEW_MS = 60_000  # between the clock of Redis and of whoever revoked
_logger = log.get("hub.specs")


class SpecBoard:
    """The hash, the topic, and the mark that says that the hash is whole."""

    def __init__(self, link: Link, prefix: str, clock: Clock) -> None:
        self._link = link
        self._clock = clock
        self._hash = f"{prefix}specs"
        self._whole = f"{prefix}specs:whole"
        self._topic = f"{prefix}topic:{Topic.SPECS.value}"

    async def put(self, spec: CameraSpec) -> None:
        """Hash and topic in one MULTI."""
        await self._link.many(self._putting(spec), transaction=True)

    async def remove(self, camera_id: str) -> None:
        """The camera is gone."""
        await self._link.many(self._removing(camera_id), transaction=True)

    async def revoke(self, revoked: Revoked) -> None:
        """Only the topic."""
        await self._link.run(*self._telling(revoked))

    async def replace(self, specs: Sequence[CameraSpec]) -> None:
        """From now on exactly these; the topic hears of the differences alone."""
        wanted = {spec.camera_id: spec for spec in specs}

        def differences(reply: Reply) -> list[Command]:
            held = _by_field(reply)
            commands: list[Command] = []
            for camera_id in held.keys() - wanted.keys():
                commands += self._removing(camera_id)
            for camera_id, spec in wanted.items():
                if held.get(camera_id) != _json(spec):
                    commands += self._putting(spec)
            return [*commands, ("SET", self._whole, "1")]

        await self._link.change_if_same(self._hash, differences)

    async def whole(self) -> bool:
        """Whether the console has put its cameras here since Redis was last empty."""
        return await self._link.run("EXISTS", self._whole) == 1

    async def all(self) -> tuple[dict[str, CameraSpec], str]:
        """Every camera, and the place in the topic from which to follow on."""
        held, last = await self._link.many(self._all_commands(), transaction=True)
        return _parsed(held), _place(last)

    async def revocations(self, since: datetime) -> list[Revoked]:
        """What was revoked at `since` or later and is still in the topic."""
        start = max(0, int(since.timestamp() * 1000) - _SKEW_MS)
        rows = cast(
            list[tuple[bytes, list[bytes] | None]], await self._link.run("XRANGE", self._topic, str(start), "+")
        )
        messages = (message_of(delivery) for delivery in rows_to_deliveries(rows)[0])
        return [message for message in messages if isinstance(message, Revoked) and message.at >= since]

    async def follow(self, since: str, known: Iterable[str]) -> AsyncIterator[SpecMessage]:
        """Every change after `since`, for ever. `known` are the cameras that the follower holds already."""
        place: str | None = since
        held = set(known)
        backoff = Backoff(0.1, 2.0)
        errors = log.RepeatedErrors(_logger, self._clock, every_s=10.0)
        while True:
            try:
                if place is None or not await self._still_there(place):
                    again = await self._everything(held)
                    if again is None:  # emptied, and the console has not spoken yet: keep what is held
                        place = None
                        await self._clock.sleep(0.5)
                        continue
                    place, messages = again
                else:
                    place, messages = await self._next(place)
                backoff.reset()
            except (HubError, NoGroup) as error:
                if isinstance(error, HubError) and error.kind is not ErrorKind.UNAVAILABLE:
                    raise
                errors.error("specs.waiting", reason=str(error))
                await self._clock.sleep(backoff.next())
                continue
            for message in messages:
                if isinstance(message, SpecChanged):
                    held.add(message.spec.camera_id)
                elif isinstance(message, SpecRemoved):
                    held.discard(message.camera_id)
                yield message

    async def _still_there(self, place: str) -> bool:
        return place == _NOTHING_YET or bool(await self._link.once("XRANGE", self._topic, place, place, "COUNT", 1))

    async def _next(self, place: str) -> tuple[str, list[SpecMessage]]:
        reply = await self._link.once(
            "XREAD", "COUNT", 100, "BLOCK", min(1_000, LONGEST_BLOCK_MS), "STREAMS", self._topic, place
        )
        deliveries, _ = entries(reply)
        messages = [message for message in map(message_of, deliveries) if message is not None]
        return (deliveries[-1].id if deliveries else place), messages

    async def _everything(self, held: set[str]) -> tuple[str, list[SpecMessage]] | None:
        whole, reply, last = await self._link.many_once(
            (("EXISTS", self._whole), *self._all_commands()), transaction=True
        )
        if whole != 1:
            return None
        specs = _parsed(reply)
        _logger.warning("specs.again", cameras=len(specs))
        gone: list[SpecMessage] = [SpecRemoved(camera_id=camera_id) for camera_id in sorted(held - specs.keys())]
        return _place(last), [*gone, *(SpecChanged(spec=spec) for spec in specs.values())]

    def _all_commands(self) -> tuple[Command, Command]:
        return ("HGETALL", self._hash), ("XREVRANGE", self._topic, "+", "-", "COUNT", 1)

    def _putting(self, spec: CameraSpec) -> list[Command]:
        return [("HSET", self._hash, spec.camera_id, _json(spec)), self._telling(SpecChanged(spec=spec))]

    def _removing(self, camera_id: str) -> list[Command]:
        return [("HDEL", self._hash, camera_id), self._telling(SpecRemoved(camera_id=camera_id))]

    def _telling(self, message: SpecMessage) -> Command:
        return ("XADD", self._topic, "MAXLEN", "~", Topic.SPECS.most_entries, "*", "m", message.model_dump_json())


def message_of(delivery: Delivery) -> SpecMessage | None:
    """The message of one entry of topic `specs`; None (and a line in the log) where this version knows it not."""
    try:
        return spec_message.validate_json(delivery.body)
    except ValidationError as error:
        _logger.error("specs.unknown_message", id=delivery.id, errors=error.error_count())
        return None


def _json(spec: CameraSpec) -> bytes:
    return spec.model_dump_json().encode()


def _by_field(reply: Reply) -> dict[str, bytes]:
    flat = cast(list[bytes], reply)
    return {name.decode(): value for name, value in zip(flat[::2], flat[1::2], strict=True)}


def _parsed(reply: Reply) -> dict[str, CameraSpec]:
    specs: dict[str, CameraSpec] = {}
    for camera_id, body in _by_field(reply).items():
        try:
            specs[camera_id] = CameraSpec.model_validate_json(body)
        except ValidationError as error:
            _logger.error("specs.unreadable", camera_id=camera_id, errors=error.error_count())
    return specs


def _place(reply: Reply) -> str:
    rows = cast(list[tuple[bytes, object]], reply)
    return rows[0][0].decode() if rows else _NOTHING_YET
