"""Two processes of one gateway: one pulls, the other stands by, and no camera is ever pulled by both."""

from __future__ import annotations

import asyncio

import pytest

from camera_gateway.service import GatewayService
from camera_gateway.simulator.server import SimulatedCamera, SimulatedFleet
from hub.bus import Bus
from hub.clock import SystemClock
from hub.contracts.camera import CameraState
from hub.contracts.holder import GatewayHolder, lease_name
from hub.errors import ErrorKind, HubError
from hub.secrets import MasterKey
from hub.settings import Settings
from patrol_console.holder import Holder
from tests.support.gateway import gateway_settings, spec_of, until


def online(service: GatewayService) -> bool:
    gateway = service.gateway
    camera = None if gateway is None else gateway.manager.cameras.get("cam_1")
    return camera is not None and camera.condition.state is CameraState.ONLINE


async def test_the_one_that_stands_by_goes_on_when_the_first_is_cut_off_and_the_first_has_let_go_before(
    redis_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = gateway_settings(redis_settings, takeover=True, lease_s=8.0)
    MasterKey.load(settings.key_path, create=True)
    first, second = GatewayService(settings, SystemClock()), GatewayService(settings, SystemClock())
    bus = await Bus.open(settings, SystemClock())
    holder = Holder("gateway-1", SystemClock())
    async with SimulatedFleet([SimulatedCamera()]) as fleet:
        await bus.put_spec(spec_of("cam_1", fleet.url(0)))
        running = [asyncio.create_task(first.run())]
        await until(lambda: online(first))
        running.append(asyncio.create_task(second.run()))
        await until(lambda: second.port)
        await holder.ask(bus)
        assert holder.current is not None
        assert holder.current.url.endswith(f":{first.port}")
        assert second.gateway is None

        async def unreachable(*_: object) -> bool:
            raise HubError(ErrorKind.UNAVAILABLE, "hub.bus_unreachable", where="durable")

        assert first._bus is not None
        for call in ("renew_lease", "take_lease", "replace_lease"):
            monkeypatch.setattr(first._bus, call, unreachable)
        let_go = asyncio.create_task(until(lambda: first.gateway is None, within_s=10))
        deadline = asyncio.get_running_loop().time() + 20
        while not online(second):
            assert asyncio.get_running_loop().time() < deadline
            assert not (first.gateway is not None and second.gateway is not None), "both are the gateway"
            camera = fleet.find("/cam1")
            assert camera is not None
            assert len(camera.playing) <= 1
            await asyncio.sleep(0.01)
        assert let_go.done()
        await let_go
        await holder.ask(bus)
        assert holder.current.url.endswith(f":{second.port}")
        body = await bus.lease(lease_name("gateway-1"))
        assert body is not None
        assert GatewayHolder.model_validate_json(body).gateway_id == "gateway-1"
        for task in running:
            task.cancel()
        await asyncio.wait(running)
        await second.close()
        assert await bus.lease(lease_name("gateway-1")) is None  # one that ends frees it at once
        await first.close()
    await bus.close()
