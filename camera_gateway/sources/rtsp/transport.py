"""The Transport header of SETUP: what is asked for and what a camera makes of it (RFC 2326, 12.39). Pure.

Of what a camera writes only channel and port numbers are taken, never an address: media comes from the pinned one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from hub.errors import ErrorKind, HubError

_INTERLEAVED: Final = re.compile(r"interleaved\s*=\s*(\d{1,3})(?:\s*-\s*(\d{1,3}))?", re.IGNORECASE)
_SERVER_PORT: Final = re.compile(r"server_port\s*=\s*(\d{1,5})(?:\s*-\s*(\d{1,5}))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Interleaved:
    """In the RTSP connection, on these channels."""

    channel: int
    control_channel: int


@dataclass(frozen=True, slots=True)
class Datagrams:
    """By UDP; from where on the camera, 0 where it does not say."""

    port: int
    control_port: int


def interleaved(channel: int) -> str:
    """Asks for TCP on `channel` and the next."""
    return f"RTP/AVP/TCP;unicast;interleaved={channel}-{channel + 1}"


def datagrams(port: int) -> str:
    """Asks for UDP to `port` and the next."""
    return f"RTP/AVP;unicast;client_port={port}-{port + 1}"


def granted(asked: str, answer: str | None) -> Interleaved | Datagrams:
    """What SETUP made. Some cameras say nothing (gortsplib#456), or no channel (#142), or others than asked (#72).

    Raises HubError UNSUPPORTED `camera_gateway.transport_unsupported` where TCP was asked for and UDP is what comes.
    """
    text = answer or asked
    pair = _INTERLEAVED.search(text)
    asked_tcp = "TCP" in asked.upper()
    if pair is None and "TCP" in text.upper():
        pair = _INTERLEAVED.search(asked)
    if pair is not None:
        channel = min(int(pair[1]), 255)
        return Interleaved(channel, min(int(pair[2]), 255) if pair[2] else channel ^ 1)
    if asked_tcp:
        raise HubError(ErrorKind.UNSUPPORTED, "camera_gateway.transport_unsupported")
    if "TCP" in text.upper():
        return Interleaved(0, 1)
    ports = _SERVER_PORT.search(text)
    port = _port(ports[1]) if ports else 0
    return Datagrams(port, _port(ports[2]) if ports and ports[2] else (port + 1 if 0 < port < 65_535 else 0))


def _port(text: str) -> int:
    number = int(text)
    return number if 0 < number < 65_536 else 0
