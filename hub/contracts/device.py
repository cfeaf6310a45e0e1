"""A camera's ONVIF face: where its services are, what it encodes, what was found on the network."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from hub.contracts.base import Contract
from hub.errors import HubError


class StreamRole(StrEnum):
    """主码流 子码流."""

    MAIN = "main"
    SUB = "sub"
    OTHER = "other"


CHOSEN_BY_PERSON = "hub.chosen_by_person"  # a stream that somebody chose: it is pulled whatever suits better


class Reason(Contract):
    """Why something is as it is: a code of hub/messages and what fills its braces."""

    code: str
    params: dict[str, str | int | float] = Field(default_factory=dict)

    @classmethod
    def of(cls, error: HubError) -> Reason:
        """An error's, fit to be sent and kept."""
        params = {name: value if isinstance(value, int | float) else str(value) for name, value in error.params.items()}
        return cls(code=error.code, params=params)


class StreamProfile(Contract):
    """码流: one encoded feed of a camera, as the camera declares it; None where it does not say."""

    token: str
    name: str = ""
    role: StreamRole = StreamRole.OTHER
    codec: str | None = None  # "h264", "h265", "mjpeg", "mpeg4"
    width_px: int | None = None
    height_px: int | None = None
    frame_rate: float | None = None
    bit_rate_kbps: float | None = None
    gop_frames: int | None = None
    audio_codec: str | None = None
    ptz: bool = False
    source: str | None = None  # the video source (an NVR's channel) that it shows
    encoder_token: str | None = None  # of its video encoder configuration: what a cure changes
    constant_bit_rate: bool | None = None
    url: str | None = None  # rtsp, on the host that was typed, without credentials
    said_url: str | None = None  # as the device wrote it, where that was another
    snapshot_url: str | None = None
    why: tuple[Reason, ...] = ()  # of the one that is pulled: why it was chosen


class DeviceFace(Contract):
    """How a gateway speaks ONVIF with one camera; by the camera's own login."""

    url: str  # of the device service, on the host that was typed, without credentials
    profile_token: str | None = None  # of the profile that is pulled: the one that PTZ moves
    ptz: bool = False
    home_preset: str | None = None  # a preset's token; None: the device's own home position
    home_after_s: Annotated[int, Field(ge=10, le=86_400)] | None = None  # unmoved for so long: it goes home
    events: bool = True  # its PullPoint is followed


class DeviceFacts(Contract):
    """What a device says it is."""

    manufacturer: str | None = None
    model: str | None = None
    firmware: str | None = None
    serial: str | None = None
    mac: str | None = None


class FoundBy(StrEnum):
    """How a device was met."""

    MULTICAST = "multicast"
    UNICAST = "unicast"
    HELLO = "hello"  # it announced itself


class DiscoveredDevice(Contract):
    """One answer to WS-Discovery. `xaddr` is on the address that the datagram came from."""

    endpoint: str  # urn:uuid:…, the device's own; "" where it gave none
    ip: str
    xaddr: str
    said_xaddrs: tuple[str, ...] = ()  # as the device wrote them
    name: str | None = None
    hardware: str | None = None
    location: str | None = None
    found_by: FoundBy = FoundBy.MULTICAST
