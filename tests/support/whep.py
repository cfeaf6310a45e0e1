"""Browsers that watch by WebRTC, for tests: real handshakes on loopback, everything they get kept."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from camera_gateway.live.webrtc.beneath import Identity
from camera_gateway.live.webrtc.players import Viewing
from hub.settings import Settings
from probe.bench.whep_client import WhepClient
from tests.support.gateway import RunningGateway, gateway_settings, until


@cache
def identity() -> Identity:
    """One certificate for all test browsers."""
    return Identity()


def free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as tried:
        tried.bind(("127.0.0.1", 0))
        port: int = tried.getsockname()[1]
        return port


def webrtc_settings(base: Settings, **changes: object) -> Settings:
    """A gateway with WebRTC on a free port."""
    return gateway_settings(base, webrtc_port=free_udp_port(), **changes)


def whep_url(running: RunningGateway, camera_id: str = "cam_1", **ticket: Any) -> str:
    return running.url(f"/whep/{camera_id}?ticket={running.ticket(camera_id, **ticket)}")


@asynccontextmanager
async def browser(running: RunningGateway) -> AsyncIterator[WhepClient]:
    """One that has not asked yet."""
    client = WhepClient(running.http, identity(), keeps=True)
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def watching(running: RunningGateway, **ticket: Any) -> AsyncIterator[tuple[WhepClient, Viewing]]:
    """One that watches cam_1, with the gateway's side of it."""
    async with browser(running) as client:
        await client.open(whep_url(running, **ticket))
        viewing = next(one for one in running.gateway.whep.viewings if client.location.endswith(one.id))
        await until(lambda: client.got.first_picture_s is not None)
        yield client, viewing


def sequences(client: WhepClient, payload_type: int = 102) -> list[int]:
    """Sequence numbers of the packets that came, in their order."""
    return [int.from_bytes(one[2:4], "big") for one in client.got.rtp if one[1] & 0x7F == payload_type]


async def comes(true: Callable[[], object], within_s: float = 5.0) -> None:
    """`until`, under a name that reads after `async with`."""
    await until(true, within_s)
