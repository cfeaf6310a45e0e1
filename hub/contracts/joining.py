"""What a console asks a gateway when a device is to be joined: what is on your network, what is this address?

Asked over HTTP with a ticket for `gateway:<id>`; a password stands in the body alone, and in no answer.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hub.contracts.base import Message
from hub.contracts.device import DeviceFace, DeviceFacts, DiscoveredDevice, Reason, StreamProfile


class DiscoveryWish(Message):
    """POST /discover. Without a network whoever hears the multicast answers."""

    network: Annotated[str, Field(max_length=64)] | None = None  # "192.168.1.0/24", "192.168.1.10-192.168.1.60"


class DiscoveryLine(Message):
    """One line of the answer: a device, how far it is, or why it ended early; a heartbeat where it has nothing."""

    device: DiscoveredDevice | None = None
    asked: int | None = None  # addresses
    total: int | None = None
    problem: Reason | None = None


class DescriptionWish(Message):
    """POST /describe. `address` is a host, host:port, an ONVIF or an RTSP URL, without credentials."""

    address: Annotated[str, Field(min_length=1, max_length=1024)]
    username: Annotated[str, Field(max_length=128)] | None = None
    password: str | None = Field(default=None, max_length=256, repr=False)
    sealed_password: str | None = Field(default=None, max_length=1024, repr=False)  # instead: as a camera's is kept
    sealed_for: Annotated[str, Field(max_length=64)] | None = None  # that camera's id
    profile_token: Annotated[str, Field(max_length=128)] | None = None  # this profile and no other is pulled
    source: Annotated[str, Field(max_length=128)] | None = None  # of a recorder: this channel and no other


class Description(Message):
    """What a device is and which of its streams is pulled."""

    face: DeviceFace | None = None  # None: it speaks no ONVIF
    device: DeviceFacts = DeviceFacts()
    profiles: Annotated[tuple[StreamProfile, ...], Field(max_length=512)] = ()  # a recorder of 64 channels has 192
    profile_token: str | None = None  # of the chosen one; None: it has none
    url: Annotated[str, Field(max_length=1024)]  # rtsp, of the chosen one, on the host that was asked for
