"""One look at a stream that was changed: its codec, its size, how long from one keyframe to the next.

Opens it once, watches for some seconds, leaves; tries nothing twice. On its caller's loop; keeps no picture.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from camera_gateway.sources.base import AccessUnit, VideoFormat
from camera_gateway.sources.enough import run_until
from camera_gateway.sources.rtsp.client import RtspSource
from camera_gateway.sources.rtsp.connection import Timeouts
from camera_gateway.sources.rtsp.media_clock import TICKS_PER_S
from hub.addresses import AddressPolicy
from hub.clock import Clock
from hub.contracts.camera import Transport
from hub.errors import ErrorKind, HubError

_KEYFRAMES_ENOUGH: Final = 3
_KEYFRAMES_MAX: Final = 256


@dataclass(frozen=True, slots=True)
class Seen:
    """What came. `gop_s` is the longest of those seen, at least so long where a second keyframe never came."""

    codec: str
    size: tuple[int, int]
    gop_s: float


Look = Callable[[str, float], Awaitable[Seen]]
"""At the stream of this address, for so many seconds. Raises HubError where nothing comes."""


@dataclass(slots=True)
class _Watched:
    """A Sink."""

    enough_s: float
    done: asyncio.Event = field(default_factory=asyncio.Event)
    format: VideoFormat | None = None
    times: list[int] = field(default_factory=list)  # media times of keyframes, and of the last unit
    last: int = 0
    first_us: int | None = None

    def on_format(self, fmt: VideoFormat) -> None:
        self.format = fmt

    def on_unit(self, unit: AccessUnit) -> None:
        self.first_us = self.first_us or unit.captured_at_us
        self.last = unit.media_time
        if unit.keyframe and len(self.times) < _KEYFRAMES_MAX:
            self.times.append(unit.media_time)
        long_enough = (unit.captured_at_us - self.first_us) / 1e6 >= self.enough_s
        if long_enough or len(self.times) >= _KEYFRAMES_ENOUGH:
            self.done.set()


async def look_at(
    url: str,
    username: str | None,
    password: str | None,
    watch_s: float,
    *,
    policy: AddressPolicy,
    clock: Clock,
    typed_by_person: bool = False,
    timeouts: Timeouts | None = None,
    transport: Transport = Transport.TCP,
    security: ssl.SSLContext | None = None,
) -> Seen:
    """Raises HubError as a source does, and TIMEOUT `camera_gateway.no_media`."""
    address = await policy.resolve(url, typed_by_person=typed_by_person)
    watched = _Watched(watch_s)
    source = RtspSource(address, username, password, clock, timeouts, transport=transport, security=security)
    await run_until(source, watched, watched.done)
    fmt = watched.format
    if fmt is None or not watched.times:
        raise HubError(ErrorKind.TIMEOUT, "camera_gateway.no_media")
    pairs = list(pairwise(watched.times)) or [(watched.times[0], watched.last)]
    longest = max(later - earlier for earlier, later in pairs)
    return Seen(fmt.codec, (fmt.width_px, fmt.height_px), longest / TICKS_PER_S)
