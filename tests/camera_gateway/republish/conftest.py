"""A gateway that hands two cameras to two units."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from camera_gateway.simulator.clip import moving_bar
from camera_gateway.simulator.server import SimulatedCamera, SimulatedFleet
from hub.contracts.camera import CameraState
from hub.contracts.share import PartnerShare
from hub.secrets import MasterKey
from hub.settings import Settings
from tests.support.gateway import RunningGateway, gateway_settings, running_gateway, spec_of, until
from tests.support.partner import free_port, share_of


@dataclass
class Shared:
    """`cam_1` is shared with the police and the school, `cam_2` with the school alone."""

    running: RunningGateway
    fleet: SimulatedFleet
    key: MasterKey
    police: PartnerShare
    school: PartnerShare

    def url(self, camera_id: str = "cam_1") -> str:
        return f"rtsp://127.0.0.1:{self.running.gateway.republisher.port}/{camera_id}"

    async def put(self, camera_id: str, revision: int, *, online: bool = True, **more: Any) -> None:
        """What the console says of the camera now."""
        spec = spec_of(camera_id, self.fleet.url(int(camera_id[-1]) - 1), revision=revision, **more)
        await self.running.bus.put_spec(spec)
        cameras = self.running.gateway.manager.cameras
        await until(lambda: camera_id in cameras and cameras[camera_id].spec.revision == revision)
        if online:
            await until(lambda: cameras[camera_id].condition.state is CameraState.ONLINE)


@asynccontextmanager
async def sharing(settings: Settings, cameras: list[SimulatedCamera]) -> AsyncIterator[Shared]:
    """A gateway of these settings, and the two cameras shared."""
    async with SimulatedFleet(cameras) as fleet, running_gateway(settings) as gateway:
        key = MasterKey.load(settings.key_path)
        made = Shared(gateway, fleet, key, share_of(key), share_of(key, "unit_school", "school"))
        await made.put("cam_1", 1, shares=(made.police, made.school))
        await made.put("cam_2", 1, shares=(made.school,), audio=True)
        yield made


def sharing_settings(base: Settings) -> Settings:
    """With a port for partners."""
    return gateway_settings(base, republish_port=free_port(), linger_s=0.0)


@pytest.fixture
async def shared(redis_settings: Settings) -> AsyncIterator[Shared]:
    cameras = [SimulatedCamera(clip=moving_bar(seconds=2.0, fps=25.0)), SimulatedCamera(sound=True)]
    async with sharing(sharing_settings(redis_settings), cameras) as made:
        yield made
