"""What a technician asks before a camera is one of ours: what is on this network, and what is this address?

Runs on the gateway's loop; each question is one call of its asker, bounded in number, size and time. Also takes the
word of devices that announce themselves (WS-Discovery Hello): a camera of ours that was dark is tried at once, another
one is kept for the next search. Stores nothing; addresses pass the policy where they are asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from typing import Protocol

from camera_gateway.camera import Camera
from camera_gateway.describing import Wanted
from hub import log
from hub.address_url import DEFAULT_PORTS, parse
from hub.clock import Clock
from hub.contracts.device import DiscoveredDevice, Reason
from hub.contracts.joining import Description, DescriptionWish, DiscoveryLine, DiscoveryWish
from hub.errors import ErrorKind, HubError

logger = log.get("camera_gateway.joining")

DESCRIBED_AT_ONCE = 4
DESCRIBE_S = 25.0
SEARCH_S = 300.0  # 4,096 addresses at the rate of the discovery are well within it
MOST_FOUND = 4096
HEARTBEAT_S = 1.0
# A device says Hello when it starts and when its address changes. Anybody on the network can send one: a camera is not
# tried more often by them than by its own back-off, and the list of strangers is short.
HELLO_EVERY_S = 10.0
STRANGERS_KEPT = 256
STRANGER_S = 3600.0

Told = Callable[[int, int], None]


class Discover(Protocol):
    """WS-Discovery: devices as they answer; `asked` is told how many addresses of how many were asked."""

    def __call__(self, network: str | None, asked: Told) -> AsyncIterator[DiscoveredDevice]: ...


class Read(Protocol):
    """Asks one device what it is. Raises HubError."""

    async def __call__(
        self, address: str, username: str | None, password: str | None, wanted: Wanted
    ) -> Description: ...


class Joining:
    """`cameras` are the gateway's own; `open_password` opens what a console sealed for a camera's id."""

    def __init__(
        self,
        clock: Clock,
        discover: Discover,
        read: Read,
        cameras: Callable[[], Iterable[Camera]],
        open_password: Callable[[str, str], str],
    ) -> None:
        self._clock = clock
        self._discover = discover
        self._read = read
        self._cameras = cameras
        self._open_password = open_password
        self._searching = False
        self._describing = 0
        self._strangers: dict[str, tuple[float, DiscoveredDevice]] = {}  # by address of the service; when it spoke
        self._greeted: dict[str, float] = {}  # camera id -> when a Hello of it was last taken

    async def describe(self, wish: DescriptionWish) -> Description:
        """What stands at an address. Raises HubError LIMITED `camera_gateway.describe_busy`, TIMEOUT, and as `Read`."""
        if self._describing >= DESCRIBED_AT_ONCE:
            raise HubError(ErrorKind.LIMITED, "camera_gateway.describe_busy")
        password = wish.password
        if password is None and wish.sealed_password is not None and wish.sealed_for is not None:
            password = self._open_password(wish.sealed_password, wish.sealed_for)
        self._describing += 1
        try:
            async with asyncio.timeout(DESCRIBE_S):
                wanted = Wanted(wish.profile_token, wish.source)
                return await self._read(wish.address, wish.username, password, wanted)
        except TimeoutError as error:
            raise HubError(ErrorKind.TIMEOUT, "camera_gateway.describe_slow", seconds=round(DESCRIBE_S)) from error
        finally:
            self._describing -= 1

    async def search(self, wish: DiscoveryWish) -> AsyncGenerator[DiscoveryLine]:
        """The devices as they are found; those that announced themselves first. One search at a time.

        Raises HubError LIMITED `camera_gateway.discovery_busy`; what ends it early is its last line.
        """
        if self._searching:
            raise HubError(ErrorKind.LIMITED, "camera_gateway.discovery_busy")
        self._searching = True
        lines: asyncio.Queue[DiscoveryLine | None] = asyncio.Queue(MOST_FOUND)
        finding = asyncio.create_task(self._find(wish, lines), name="discovery")
        try:
            for stranger in self._known_strangers() if wish.network is None else ():
                yield DiscoveryLine(device=stranger)
            while True:
                try:
                    async with asyncio.timeout(HEARTBEAT_S):
                        line = await lines.get()
                except TimeoutError:
                    line = DiscoveryLine()  # so that whoever reads knows that we live, and we that it reads
                if line is None:
                    return
                yield line
        finally:
            finding.cancel()
            await asyncio.wait({finding})
            self._searching = False

    def heard(self, device: DiscoveredDevice) -> None:
        """A device announced itself."""
        now_s = self._clock.monotonic()
        mine = [camera for camera in self._cameras() if _is_at(camera, device)]
        for camera in mine:
            camera_id = camera.spec.camera_id
            if now_s - self._greeted.get(camera_id, float("-inf")) >= HELLO_EVERY_S:
                self._greeted[camera_id] = now_s
                logger.info("camera.announced_itself", camera_id=camera_id)
                camera.came_back()
        if mine:
            self._strangers.pop(device.xaddr, None)
            return
        self._strangers.pop(device.xaddr, None)
        while len(self._strangers) >= STRANGERS_KEPT:
            del self._strangers[next(iter(self._strangers))]
        self._strangers[device.xaddr] = (now_s, device)

    def _known_strangers(self) -> list[DiscoveredDevice]:
        oldest_s = self._clock.monotonic() - STRANGER_S
        self._strangers = {key: told for key, told in self._strangers.items() if told[0] >= oldest_s}
        return [device for _, device in self._strangers.values()]

    async def _find(self, wish: DiscoveryWish, lines: asyncio.Queue[DiscoveryLine | None]) -> None:
        def asked(count: int, total: int) -> None:
            if not lines.full():  # how far it is may be left out; a device may not
                lines.put_nowait(DiscoveryLine(asked=count, total=total))

        found = 0
        problem: Reason | None = None
        try:
            async with asyncio.timeout(SEARCH_S):
                async for device in self._discover(wish.network, asked):
                    await lines.put(DiscoveryLine(device=device))
                    found += 1
                    if found >= MOST_FOUND:
                        break
        except HubError as error:
            problem = Reason.of(error)
        except TimeoutError:
            problem = Reason(code="camera_gateway.discovery_slow")
        except Exception as error:  # noqa: BLE001 - the top of the search's task: whoever waits must hear of its end
            logger.error("discovery.broken", error=repr(error))
            problem = Reason(code="camera_gateway.broken")
        if problem is not None:
            await lines.put(DiscoveryLine(problem=problem))
        await lines.put(None)


def _is_at(camera: Camera, device: DiscoveredDevice) -> bool:
    """Whether the camera stands where the device speaks from: the same service, or, without one, the same host."""
    spec = camera.spec
    try:
        there = parse(device.xaddr, ("http", "https"))
        if spec.onvif is not None:
            here = parse(spec.onvif.url, ("http", "https"))
            return (here.host, here.port) == (there.host, there.port)
        return parse(spec.url, tuple(DEFAULT_PORTS)).host == device.ip
    except HubError:
        return False
