"""A whole gateway in the test's own process: real Redis, real HTTP port, cameras of the simulator or anybody's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiohttp

from camera_gateway.camera import SourceMaker
from camera_gateway.gateway import Gateway
from camera_gateway.service import GatewayService
from hub.bus import Bus, Topic
from hub.clock import Clock, SystemClock
from hub.contracts.base import Message
from hub.contracts.camera import CameraSpec
from hub.contracts.ticket import Ticket, TicketAction
from hub.ids import new_id
from hub.secrets import MasterKey
from hub.settings import Settings
from hub.tickets import TicketSigner


def gateway_settings(base: Settings, **changes: object) -> Settings:
    """`base` for a gateway on any free port that takes cameras on loopback; `changes` to its section."""
    gateway = base.gateway.model_copy(update={"port": 0, "webrtc_port": 0, "reconnect_first_s": 0.1, **changes})
    addresses = base.addresses.model_copy(update={"allow": ("127.0.0.1",)})
    return base.model_copy(update={"gateway": gateway, "addresses": addresses})


def spec_of(camera_id: str, url: str, **more: Any) -> CameraSpec:
    """A camera of gateway-1."""
    fields: dict[str, Any] = {"revision": 1, "name": camera_id, "area_id": "area_1", "gateway_id": "gateway-1"}
    return CameraSpec.model_validate({"camera_id": camera_id, "url": url, **fields, **more})


async def until(true: Callable[[], object], within_s: float = 5.0) -> None:
    """Wait until `true()` is; fails after `within_s`."""
    deadline = asyncio.get_running_loop().time() + within_s
    while not true():
        assert asyncio.get_running_loop().time() < deadline, "it did not come true in time"
        await asyncio.sleep(0.02)


@dataclass
class Watched:
    """What a browser got over one MSE WebSocket."""

    socket: aiohttp.ClientWebSocketResponse
    texts: list[dict[str, Any]] = field(default_factory=list)
    binaries: list[bytes] = field(default_factory=list)

    async def until(self, true: Callable[[Watched], object], within_s: float = 5.0) -> None:
        """Read until `true(self)`."""
        async with asyncio.timeout(within_s):
            while not true(self):
                message = await self.socket.receive()
                if message.type is aiohttp.WSMsgType.TEXT:
                    self.texts.append(json.loads(message.data))
                elif message.type is aiohttp.WSMsgType.BINARY:
                    self.binaries.append(message.data)
                elif self.socket.closed:
                    assert true(self), f"closed with {self.socket.close_code} after {self.texts}"

    @property
    def end(self) -> str | None:
        """The code of the `end` text, once there was one."""
        return next((str(one["code"]) for one in self.texts if one["type"] == "end"), None)


class RunningGateway:
    """The gateway, and what a console and a browser do to it."""

    def __init__(self, service: GatewayService, bus: Bus, key: MasterKey, http: aiohttp.ClientSession) -> None:
        self.service = service
        self.bus = bus
        self.key = key
        self.http = http
        self._signer = TicketSigner(key.derive(b"tickets"), SystemClock())

    @property
    def gateway(self) -> Gateway:
        assert self.service.gateway is not None
        return self.service.gateway

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.service.port}{path}"

    def ticket(self, camera_id: str, action: TicketAction = TicketAction.LIVE, **more: Any) -> str:
        now = SystemClock().now()
        fields: dict[str, Any] = {"ticket_id": new_id("tkt", now), "user_id": "usr_1", "purpose": "wall"}
        fields |= {"expires_at": now + timedelta(seconds=60), **more}
        return self._signer.sign(Ticket.model_validate({"camera_id": camera_id, "action": action, **fields}))

    async def watch(self, camera_id: str, ticket: str | None = None, codecs: str = "") -> Watched:
        """Open it; `codecs` is what the browser says it plays (`h264,h265`), nothing by default."""
        text = self.ticket(camera_id) if ticket is None else ticket
        address = self.url(f"/mse/{camera_id}?ticket={text}" + (f"&codecs={codecs}" if codecs else ""))
        return Watched(await self.http.ws_connect(address, max_msg_size=0))

    async def published(self, topic: Topic, model: type[Message], count: int, within_s: float = 5.0) -> list[Any]:
        """All that was published on `topic` since the test last asked, at least `count`."""
        found: list[Any] = []
        async with asyncio.timeout(within_s):
            while len(found) < count:
                deliveries = await self.bus.read(topic, "test", "test", block_ms=100)
                found += [one.parse(model) for one in deliveries]
                await self.bus.ack(topic, "test", [one.id for one in deliveries])
        return found


@asynccontextmanager
async def running_gateway(
    settings: Settings, clock: Clock | None = None, make_source: SourceMaker | None = None
) -> AsyncIterator[RunningGateway]:
    """A gateway from its start to its clean end."""
    key = MasterKey.load(settings.key_path, create=True)
    service = GatewayService(settings, clock or SystemClock(), make_source)
    serving = asyncio.create_task(service.run())
    bus = await Bus.open(settings, SystemClock())
    try:
        await until(lambda: serving.done() or (service.gateway is not None and service.gateway.manager.following))
        async with aiohttp.ClientSession() as http:
            yield RunningGateway(service, bus, key, http)
    finally:
        serving.cancel()
        await asyncio.wait({serving})
        await service.close()
        await bus.close()
