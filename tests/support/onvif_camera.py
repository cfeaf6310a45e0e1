"""One simulated camera with ONVIF and what a gateway needs to talk to it: its spec, a client, the policy of a test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from camera_gateway.onvif.devices import Devices
from camera_gateway.onvif.wire import OnvifWire
from camera_gateway.simulator.clip import moving_bar
from camera_gateway.simulator.onvif.server import OnvifFleet
from camera_gateway.simulator.onvif.state import OnvifCamera
from camera_gateway.simulator.server import SimulatedCamera, SimulatedFleet
from hub.addresses import AddressPolicy
from hub.clock import Clock, SystemClock
from hub.contracts.camera import CameraSpec
from hub.contracts.device import DeviceFace
from tests.support.gateway import spec_of

SMALL = moving_bar(seconds=1.0)


@dataclass
class Met:
    """A camera, and the gateway's side of it."""

    onvif: OnvifFleet
    fleet: SimulatedFleet
    devices: Devices
    spec: CameraSpec
    policy: AddressPolicy
    wire: OnvifWire = field(repr=False)


@asynccontextmanager
async def met(
    *faults: str, login: bool = True, clock: Clock | None = None, face: Mapping[str, Any] | None = None, **spec: Any
) -> AsyncIterator[Met]:
    """A camera `cam_1`, with a login unless told; `face` changes its DeviceFace, `spec` its CameraSpec."""
    camera = OnvifCamera(username="admin" if login else None, password="secret", faults=faults)
    policy = AddressPolicy(("127.0.0.1",))
    async with (
        SimulatedFleet([SimulatedCamera(clip=SMALL)]) as fleet,
        OnvifFleet(fleet, [camera], clock=clock) as onvif,
        OnvifWire() as wire,
    ):
        about = DeviceFace.model_validate({"url": onvif.url(0), "ptz": True, **(face or {})})
        made = spec_of("cam_1", fleet.url(0), username="admin", sealed_password="sealed", onvif=about, **spec)
        devices = Devices(wire, policy, clock or SystemClock(), lambda _: "secret")
        yield Met(onvif, fleet, devices, made, policy, wire)
