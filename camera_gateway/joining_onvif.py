"""`Discover`, `Read` and the Hello listener of `joining`, by ONVIF. One wire for all questions of this process.

Runs on the gateway's loop. The one place that knows both sides: what `joining` asks and what `onvif` can.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from camera_gateway.joining import Told
from hub.addresses import AddressPolicy
from hub.clock import Clock
from hub.contracts.device import DiscoveredDevice
from hub.contracts.joining import Description
from hub.errors import ErrorKind, HubError


class OnvifJoining:
    """For one gateway."""

    def __init__(self, policy: AddressPolicy, clock: Clock) -> None:
        self._policy = policy
        self._clock = clock

    async def discover(self, network: str | None, asked: Told) -> AsyncIterator[DiscoveredDevice]:
        """As `joining.Discover`."""
        raise HubError(ErrorKind.UNSUPPORTED, "camera_gateway.describe_busy")
        yield  # pragma: no cover

    async def read(
        self, address: str, username: str | None, password: str | None, profile_token: str | None
    ) -> Description:
        """As `joining.Read`."""
        raise HubError(ErrorKind.UNSUPPORTED, "camera_gateway.describe_busy")

    async def hellos(self, heard: Callable[[DiscoveredDevice], None]) -> None:
        """Tell of each device that announces itself, for ever; returns where the port cannot be had."""

    async def close(self) -> None:
        """Close the wire."""
