"""The gateway as a service: its HTTP face first, Redis when it is there, then the gateway itself.

Where another process stands by under the same id (`gateway.takeover`), the gateway lives only while this one holds the
lease, and is closed before the lease ends. Runs on one event loop until it is cancelled; `close` takes it down in
order, within five seconds.
"""

from __future__ import annotations

import asyncio
import socket

from aiohttp import web

from camera_gateway.gateway import Gateway
from camera_gateway.http import Door, application
from camera_gateway.sources.rtsp import tls
from camera_gateway.sources.rtsp.client import RtspSource
from camera_gateway.sources.rtsp.connection import Timeouts
from camera_gateway.sources.rtsp.habits import Habits
from camera_gateway.sources.rtsp.pacer import Pacer
from camera_gateway.surroundings import SourceMaker
from hub import log
from hub.addresses import PinnedAddress
from hub.backoff import Backoff
from hub.bus import Bus
from hub.clock import Clock
from hub.contracts.camera import CameraSpec
from hub.contracts.holder import GatewayHolder, lease_name
from hub.errors import ErrorKind, HubError
from hub.lease import Lease
from hub.secrets import MasterKey
from hub.settings import GatewaySettings, Settings

logger = log.get("camera_gateway.service")

_REDIS_FIRST_S, _REDIS_CAP_S = 0.2, 2.0
_HTTP_GOODBYE_S = 1.0
# Closing takes about three seconds (`Gateway.close`); on a machine that is slow today somewhat more.
_LET_GO_S = 5.0


class GatewayService:
    """One process's gateway."""

    def __init__(self, settings: Settings, clock: Clock, make_source: SourceMaker | None = None) -> None:
        self._settings = settings
        self._clock = clock
        self._make_source = make_source or rtsp_sources(settings.gateway, clock)
        self._bus: Bus | None = None
        self._door = Door()
        self._runner: web.AppRunner | None = None
        self._lease: Lease | None = None
        self.port = 0

    @property
    def gateway(self) -> Gateway | None:
        """The gateway, once Redis answered and while this process is it."""
        return self._door.gateway

    async def run(self) -> None:
        """Serve until cancelled. Raises HubError when it cannot start: no key, a port that is taken."""
        key = MasterKey.load(self._settings.key_path)
        await self._listen()
        self._bus = await self._patiently_open_bus()
        if not self._settings.gateway.takeover:
            await self._begin(self._bus, key)
            await asyncio.Event().wait()
        self._lease = lease = self._lease_on(self._bus)
        while True:
            await lease.take()
            await self._begin(self._bus, key)
            why = await lease.lost()
            logger.error("gateway.lets_go", gateway_id=self._settings.gateway.id, why=why)
            await self._end()

    async def close(self) -> None:
        """Stop: viewers and cameras first, then the lease, the port, and Redis."""
        await self._end()
        if self._lease is not None:
            await self._lease.give_up()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._bus is not None:
            await self._bus.close()
        logger.info("gateway.ended")

    async def _begin(self, bus: Bus, key: MasterKey) -> None:
        gateway = Gateway(self._settings, bus, key, self._clock, self._make_source)
        await gateway.republisher.listen()
        gateway.begin()
        self._door.gateway = gateway
        logger.info("gateway.began", gateway_id=self._settings.gateway.id, port=self.port)

    async def _end(self) -> None:
        gateway, self._door.gateway = self._door.gateway, None
        if gateway is not None:
            await gateway.close()

    def _lease_on(self, bus: Bus) -> Lease:
        mine = self._settings.gateway
        holder = GatewayHolder(
            gateway_id=mine.id,
            instance=f"{socket.gethostname()}:{self.port}",
            url=(mine.internal_url or f"http://{mine.host}:{self.port}").rstrip("/"),
            public_url=mine.public_url,
        )
        body = holder.model_dump_json()
        return Lease(bus, self._clock, lease_name(mine.id), body, ttl_s=mine.lease_s, let_go_s=_LET_GO_S)

    async def _listen(self) -> None:
        mine = self._settings.gateway
        self._runner = web.AppRunner(application(self._door), access_log=None, shutdown_timeout=_HTTP_GOODBYE_S)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, mine.host, mine.port).start()
        except OSError as error:
            raise HubError(ErrorKind.CONFLICT, "camera_gateway.port_taken", host=mine.host, port=mine.port) from error
        self.port = self._runner.addresses[0][1]

    async def _patiently_open_bus(self) -> Bus:
        backoff = Backoff(_REDIS_FIRST_S, _REDIS_CAP_S)
        errors = log.RepeatedErrors(logger, self._clock, every_s=10)
        while True:
            try:
                return await Bus.open(self._settings, self._clock)
            except HubError as error:
                if error.kind is not ErrorKind.UNAVAILABLE:
                    raise
                errors.error("gateway.waits_for_redis", error.code, code=error.code)
                await self._clock.sleep(backoff.next())


def rtsp_sources(settings: GatewaySettings, clock: Clock) -> SourceMaker:
    """Makes a source for an address: RTSP is all that there is for now."""
    timeouts = Timeouts(connect_s=settings.connect_timeout_s, media_s=settings.media_timeout_s)
    pacer, habits = Pacer(), Habits(clock)
    security = tls.context(verify=settings.rtsps_verify)

    def make(address: PinnedAddress, spec: CameraSpec, password: str | None) -> RtspSource:
        return RtspSource(
            address,
            spec.username,
            password,
            clock,
            timeouts,
            pacer,
            transport=spec.transport,
            habits=habits,
            security=security,
        )

    return make
