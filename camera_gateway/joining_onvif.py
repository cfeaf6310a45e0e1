"""What `joining` asks, by ONVIF: the search, the reading of one device, the devices that announce themselves.

Runs on the gateway's loop, over its one wire. The one place that knows both sides.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable

from camera_gateway.describing import Describer, Login, Wanted
from camera_gateway.joining import MOST_FOUND, Told
from camera_gateway.onvif.discovery import addresses_of, discover, discover_range
from camera_gateway.onvif.hello import HelloListener
from camera_gateway.onvif.location import WEB
from camera_gateway.onvif.wire import OnvifWire
from hub import log
from hub.addresses import AddressPolicy
from hub.clock import Clock
from hub.contracts.device import DiscoveredDevice
from hub.contracts.joining import Description
from hub.errors import HubError

logger = log.get("camera_gateway.joining")


class OnvifJoining:
    """For one gateway."""

    def __init__(self, wire: OnvifWire, policy: AddressPolicy, clock: Clock) -> None:
        self._policy = policy
        self._clock = clock
        self._describer = Describer(wire, policy, clock)

    async def discover(self, network: str | None, asked: Told) -> AsyncGenerator[DiscoveredDevice]:
        """As `joining.Discover`. A range is refused as a whole where the policy forbids one of its addresses."""
        addresses = [] if network is None else addresses_of(network)
        for address in addresses:
            await self._policy.resolve(f"http://{address}/", schemes=WEB)
        found: asyncio.Queue[DiscoveredDevice | None] = asyncio.Queue(2 * MOST_FOUND)

        def take(device: DiscoveredDevice) -> None:
            if not found.full():
                found.put_nowait(device)

        async def search() -> None:
            try:
                if network is None:
                    await discover(self._clock, policy=self._policy, found=take)
                else:
                    asked(0, len(addresses))
                    await discover_range(self._clock, addresses, policy=self._policy, found=take, asked=asked)
                    asked(len(addresses), len(addresses))
            finally:
                await found.put(None)

        searching = asyncio.create_task(search(), name="ws-discovery")
        try:
            while (device := await found.get()) is not None:
                if await self._allows(device):
                    yield device
            await searching  # what ended it early is raised here
        finally:
            searching.cancel()
            await asyncio.wait({searching})

    async def read(self, address: str, username: str | None, password: str | None, wanted: Wanted) -> Description:
        """As `joining.Read`."""
        return await self._describer.describe(address, Login(username, password), wanted)

    async def hellos(self, heard: Callable[[DiscoveredDevice], None]) -> None:
        """Tell of each device that announces itself, for ever; nobody does where the port cannot be had."""
        listener = HelloListener(self._clock, heard)
        try:
            await listener.open()
        except HubError as error:
            logger.warning("hello.not_heard", code=error.code)
            return
        try:
            await asyncio.Event().wait()
        finally:
            listener.close()

    async def _allows(self, device: DiscoveredDevice) -> bool:
        try:
            await self._policy.resolve(device.xaddr, schemes=WEB)
        except HubError:
            return False
        return True
