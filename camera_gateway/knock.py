"""Whether dark and resting cameras accept connections: a bare TCP connect now and then, closed again.

Of one that accepts and says nothing a connect tells nothing: it is asked OPTIONS, the one request that needs no login
and begins nothing. One task on the gateway's loop for all cameras, and at most `AT_ONCE` connects at a time; cameras
behind one address are knocked at once. Addresses are checked and pinned by the policy, each time. Opens no camera: it
tells its owner.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from camera_gateway.sources.rtsp import addressing
from camera_gateway.sources.rtsp.message import request
from hub import log
from hub.address_url import parse
from hub.addresses import AddressPolicy, PinnedAddress
from hub.clock import Clock
from hub.errors import HubError

logger = log.get("camera_gateway.knock")

# A black hole holds its socket for so long: room for a lost SYN (repeated after 1 s, RFC 6298) on a slow line.
TIMEOUT_S = 1.5
# Six hundred black holes are then all knocked at within seven seconds, for 128 sockets and nothing else.
AT_ONCE = 128
# Knocks are spaced from beginning to beginning, but one that was not answered is over for so long before the next.
_BREATH_S = 0.5
_PAUSE_S = 0.25

Told = Callable[[bool], None]
Connect = Callable[[PinnedAddress], Awaitable[bool]]
_Key = tuple[str, int, str]  # host, port, and the path of one that is asked


@dataclass(slots=True)
class _Watcher:
    url: str
    every_s: float
    told: Told


@dataclass(slots=True)
class _Door:
    """One host and port, and the cameras behind it; or one camera that is asked, for a recorder's others may answer."""

    due_s: float
    asks: bool = False
    watchers: dict[str, _Watcher] = field(default_factory=dict)
    knocking: bool = False


class Knocker:
    """Knocks for all cameras of a gateway; `watch` and `forget` are plain calls of their owners."""

    def __init__(
        self, clock: Clock, policy: AddressPolicy, connect: Connect | None = None, ask: Connect | None = None
    ) -> None:
        self._clock = clock
        self._policy = policy
        self._connect = connect or _accepts
        self._ask = ask or _answers
        self._doors: dict[_Key, _Door] = {}
        self._door_of: dict[str, _Key] = {}
        self._running: set[asyncio.Task[None]] = set()
        self.knocks = 0

    @property
    def watched(self) -> int:
        """Cameras that are knocked for."""
        return len(self._door_of)

    def watch(
        self,
        camera_id: str,
        url: str,
        every_s: float,
        told: Told,
        first_s: float | None = None,
        *,
        asks: bool = False,
    ) -> None:
        """Tell `told` whether its address accepts, after `first_s` and then every `every_s`, until `forget`.

        `asks`: whether it answers, too; over TLS nobody is asked. An address that cannot be parsed is never told of:
        its tries say what is wrong with it.
        """
        self.forget(camera_id)
        try:
            parts = parse(url, ("rtsp", "rtsps"))
        except HubError:
            return
        asks = asks and parts.scheme == "rtsp"
        key = (parts.host, parts.port, parts.path if asks else "")
        due_s = self._clock.monotonic() + (every_s if first_s is None else first_s)
        door = self._doors.setdefault(key, _Door(due_s, asks))
        door.due_s = min(door.due_s, due_s)
        door.watchers[camera_id] = _Watcher(url, every_s, told)
        self._door_of[camera_id] = key

    def watches(self, camera_id: str) -> bool:
        """Whether it is knocked for."""
        return camera_id in self._door_of

    def forget(self, camera_id: str) -> None:
        """Knock no more for this camera; harmless when nobody did."""
        key = self._door_of.pop(camera_id, None)
        if key is not None and (door := self._doors.get(key)) is not None:
            door.watchers.pop(camera_id, None)
            if not door.watchers and not door.knocking:
                del self._doors[key]

    async def run(self) -> None:
        """Knock for ever."""
        errors = log.RepeatedErrors(logger, self._clock)
        try:
            while True:
                try:
                    self.begin_due()
                except Exception as error:  # noqa: BLE001 - the one task that all dark cameras come back by
                    errors.error("knock.broken", repr(error), error=repr(error))
                await self._clock.sleep(_PAUSE_S)
        finally:
            for task in self._running:
                task.cancel()

    def begin_due(self) -> None:
        """Start the knocks that are due, the longest due first, as far as there is room."""
        room = AT_ONCE - len(self._running)
        now_s = self._clock.monotonic()
        due = [(door.due_s, key) for key, door in self._doors.items() if not door.knocking and door.due_s <= now_s]
        for _, key in sorted(due)[: max(0, room)]:
            door = self._doors[key]
            door.knocking = True
            task = asyncio.create_task(self._knock(key, door), name="knock")
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _knock(self, key: _Key, door: _Door) -> None:
        accepts = False
        began_s = self._clock.monotonic()
        watcher = next(iter(door.watchers.values()), None)  # None: all were forgotten before it began
        try:
            accepts = watcher is not None and await self._try(watcher.url, self._ask if door.asks else self._connect)
        except HubError:
            pass  # an unknown or a forbidden address: not reachable, and the camera's own try says why
        finally:
            door.knocking = False
            if not door.watchers:
                self._doors.pop(key, None)
        self.knocks += 1
        if not door.watchers:
            return
        every_s = min(one.every_s for one in door.watchers.values())
        door.due_s = max(began_s + every_s, self._clock.monotonic() + min(_BREATH_S, every_s))
        for watcher in tuple(door.watchers.values()):
            watcher.told(accepts)

    async def _try(self, url: str, way: Connect) -> bool:
        address = await self._policy.resolve(url)
        connecting = asyncio.ensure_future(way(address))
        timer = asyncio.ensure_future(self._clock.sleep(TIMEOUT_S))
        try:
            await asyncio.wait({connecting, timer}, return_when=asyncio.FIRST_COMPLETED)
            return connecting.done() and connecting.result()
        finally:
            timer.cancel()
            connecting.cancel()


async def _accepts(address: PinnedAddress) -> bool:
    """Whether a TCP connection comes about; it is closed at once."""
    return await _over(address, b"")


async def _answers(address: PinnedAddress) -> bool:
    """Whether OPTIONS is answered, with whatever."""
    url = addressing.request_url(address.host, address.port, address.path, address.scheme)
    try:
        words = request("OPTIONS", url, 1)
    except ValueError:  # an address with characters that no request can carry
        return False
    return await _over(address, words)


async def _over(address: PinnedAddress, words: bytes) -> bool:
    """Connect, say `words`, and hear RTSP where there were any."""
    loop = asyncio.get_running_loop()
    family = socket.AF_INET6 if ":" in address.ip else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as one:
        one.setblocking(False)
        try:
            await loop.sock_connect(one, (address.ip, address.port))
            if not words:
                return True
            await loop.sock_sendall(one, words)
            return (await loop.sock_recv(one, 64)).startswith(b"RTSP/")
        except OSError:
            return False
