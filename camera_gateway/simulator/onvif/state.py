"""One simulated camera as ONVIF shows it: who it is, its streams, head, events, clock and faults while it runs."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from camera_gateway.simulator.clip import Clip
from camera_gateway.simulator.onvif.encoder import Encoding, recoded
from camera_gateway.simulator.onvif.faults import OnvifFault, OnvifFaultName, OnvifFaults
from camera_gateway.simulator.onvif.head import Head
from camera_gateway.simulator.onvif.login import WINDOW_S, OnvifDoor, OnvifLogin
from camera_gateway.simulator.onvif.soap import Element, Node, SoapFault
from hub.clock import Clock

if TYPE_CHECKING:
    from camera_gateway.simulator.onvif.subscription import Subscription
    from camera_gateway.simulator.server import SimulatedFleet

Handler = Callable[["CameraFace", Node], Element | Awaitable[Element]]


@dataclass(frozen=True, slots=True)
class OnvifCamera:
    """What one camera is. `main` and `sub` are cameras of the RTSP fleet: the two paths of one camera."""

    main: int = 0
    sub: int | None = None
    name: str = "camera"
    manufacturer: str = "Probe Patrol"
    model: str = "Simulated Camera"
    firmware: str = "1.0.0"
    serial: str = "SIM000001"
    mac: str = "02:00:5e:00:00:01"
    username: str | None = None  # None: no login
    password: str = ""
    login: OnvifLogin = OnvifLogin.ANY
    ptz: bool = True
    host: str | None = None  # of its own (127.77.0.5), so that discovery finds it alone; None: the fleet's
    port: int = 0
    faults: tuple[OnvifFault | str, ...] = ()


@dataclass(slots=True, eq=False)
class VideoStream:
    """One profile: a path of the RTSP fleet and how it is encoded."""

    token: str  # of the profile
    encoder: str  # token of the encoder's configuration
    name: str
    index: int  # in the RTSP fleet
    original: Clip  # what is coded anew from
    encoding: Encoding


@dataclass(slots=True, eq=False)
class CameraFace:
    """One camera while it runs. All on the fleet's event loop."""

    camera: OnvifCamera
    fleet: SimulatedFleet
    clock: Clock
    streams: list[VideoStream]
    head: Head
    door: OnvifDoor | None
    faults: OnvifFaults
    number: int
    host: str = ""
    port: int = 0
    side_port: int = 0  # where `subscription-port` puts the subscription
    ntp: str | None = None
    ntp_followed: bool = False
    booted: int = 0
    passwords_refused: int = 0
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    subscribed: int = 0  # subscriptions made since the start
    operations: deque[str] = field(default_factory=lambda: deque(maxlen=1000))

    # its clock

    def now(self) -> datetime:
        """By the camera's own clock, which may be wrong."""
        hours = self.faults.number(OnvifFaultName.CLOCK_OFF)
        return self.clock.now() + timedelta(hours=0 if hours is None or self.ntp_followed else hours)

    def told_now(self) -> datetime:
        """As it tells it."""
        hours = self.faults.number(OnvifFaultName.LOCAL_AS_UTC)
        return self.now() + timedelta(hours=hours or 0)

    # its addresses

    @property
    def told_host(self) -> str:
        """The host that it writes into its addresses."""
        if OnvifFaultName.ZERO_HOST in self.faults:
            return "0.0.0.0"  # noqa: S104 - what such cameras say
        if OnvifFaultName.LOOPBACK_HOST in self.faults:
            return "127.0.1.1"
        return self.faults.word(OnvifFaultName.FOREIGN_HOST) or self.host

    def service_url(self, path: str) -> str:
        """The address of a service, or two."""
        url = f"http://{self.told_host}:{self.port}/onvif/{path}"
        if OnvifFaultName.TWO_XADDRS in self.faults:
            return f"http://169.254.119.177:{self.port}/onvif/{path} {url}"
        return url

    def uri(self, url: str) -> str:
        """An address of media, as this camera writes it."""
        return f"\n   {url}\n" if OnvifFaultName.BLANK_BEFORE_URI in self.faults else url

    # its login

    def admits(self, header: Node, authorization: str | None, method: str) -> bool:
        """Whether who asks may; counts those who gave a wrong password."""
        if self.door is None:
            return True
        window_s = self.faults.number(OnvifFaultName.STRICT_CLOCK)
        loop_s = asyncio.get_running_loop().time()
        given = bool(authorization) or bool(header.at("Security/UsernameToken"))
        right = OnvifFaultName.LOGIN not in self.faults and self.door.lets_in(
            header, authorization, method, self.now(), WINDOW_S if window_s is None else window_s, loop_s
        )
        if given and not right:
            self.passwords_refused += 1
        return right

    # its streams

    def stream(self, token: str | None) -> VideoStream:
        """The profile of this token. Raises SoapFault."""
        for stream in self.streams:
            if stream.token == token:
                return stream
        raise SoapFault("InvalidArgVal", f"no profile {token}", deeper="NoProfile")

    def encoder(self, token: str | None) -> VideoStream:
        """The stream whose encoder's configuration has this token. Raises SoapFault."""
        for stream in self.streams:
            if stream.encoder == token:
                return stream
        raise SoapFault("InvalidArgVal", f"no configuration {token}", deeper="NoConfig")

    async def encode(self, stream: VideoStream, to: Encoding) -> None:
        """Play it so from the next session on; those that run are dropped, as an encoder that starts anew does."""
        if OnvifFaultName.ENCODER_REFUSED in self.faults:
            raise SoapFault("InvalidArgVal", "the configuration cannot be set", deeper="ConfigModify")
        if OnvifFaultName.ENCODER_IGNORED in self.faults or to == stream.encoding:
            return
        clip = await asyncio.to_thread(recoded, stream.original, to)
        stream.encoding = to
        self.fleet.set_clip(stream.index, clip)
        self.fleet.drop_connections(stream.index)
