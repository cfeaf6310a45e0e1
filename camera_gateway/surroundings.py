"""What all cameras of one gateway share. Read only; made once by `gateway.py`."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from camera_gateway.frames import FramePublisher
from camera_gateway.knock import Knocker
from camera_gateway.opening import Ramp
from camera_gateway.sources.base import Source
from camera_gateway.status import StatusReporter
from camera_gateway.uplink import Uplinks
from hub.addresses import AddressPolicy, PinnedAddress
from hub.clock import Clock
from hub.contracts.camera import CameraSpec
from hub.settings import GatewaySettings

SourceMaker = Callable[[PinnedAddress, CameraSpec, str | None], Source]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Settings, clock, and the gateway's one of each."""

    settings: GatewaySettings
    clock: Clock
    policy: AddressPolicy
    ramp: Ramp
    uplinks: Uplinks
    knocker: Knocker
    make_source: SourceMaker
    open_password: Callable[[CameraSpec], str | None]
    statuses: StatusReporter
    frames: FramePublisher
    rng: random.Random
    grace_until_s: float = float("-inf")  # monotonic; see `Condition`
