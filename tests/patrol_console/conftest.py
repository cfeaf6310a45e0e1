"""A console on a database of its own in a temporary folder, with people; the gateway answers from here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher
from pydantic import SecretStr

from hub.addresses import AddressPolicy
from hub.contracts.device import DeviceFace, DeviceFacts, DiscoveredDevice, Reason, StreamProfile, StreamRole
from hub.contracts.joining import Description, DiscoveryLine
from hub.secrets import MasterKey
from hub.settings import AddressSettings, ConsoleSettings, Settings
from patrol_console.app import create_app
from patrol_console.console import Console
from patrol_console.gateway import Gateway
from patrol_console.page_files import PageFiles
from patrol_console.session.passwords import Passwords
from tests.patrol_console.people import Town, settle
from tests.support.clock import FakeClock
from tests.support.database import database_url, migrated
from tests.support.redis import redis_settings, redis_urls

__all__ = ["database_url", "migrated", "redis_settings", "redis_urls"]

DEVICE = "127.0.0.1:8000"
DESCRIBED = Description(
    face=DeviceFace(url=f"http://{DEVICE}/onvif/device_service", profile_token="sub", ptz=True),
    device=DeviceFacts(manufacturer="Simulated", model="One", serial="S1", mac="aa:bb:cc:00:11:22"),
    profiles=(
        StreamProfile(token="main", role=StreamRole.MAIN, width_px=1920, height_px=1080, url="rtsp://127.0.0.1:8554/m"),
        StreamProfile(
            token="sub",
            role=StreamRole.SUB,
            ptz=True,
            url="rtsp://127.0.0.1:8554/s",
            why=(Reason(code="camera_gateway.choice_sub", params={"name": "sub"}),),
        ),
    ),
    profile_token="sub",
    url="rtsp://127.0.0.1:8554/s",
)
FOUND = (
    DiscoveryLine(asked=1, total=2),
    DiscoveryLine(
        device=DiscoveredDevice(endpoint="urn:uuid:1", ip="127.0.0.1", xaddr=f"http://{DEVICE}/onvif/device_service")
    ),
    DiscoveryLine(device=DiscoveredDevice(endpoint="", ip="10.0.0.7", xaddr="http://10.0.0.7/onvif/device_service")),
    DiscoveryLine(asked=2, total=2),
)
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def settings_for(folder: Path, database_url: str) -> Settings:
    """Loopback cameras allowed."""
    return Settings(
        data_dir=folder,
        database_url=SecretStr(database_url),
        addresses=AddressSettings(allow=("127.0.0.1",)),
        console=ConsoleSettings(login_tries=5, login_wait_s=60),
    )


def gateway_says(request: httpx.Request) -> httpx.Response:
    """A gateway that has a picture of every camera."""
    if request.url.path.startswith("/snapshot/"):
        return httpx.Response(200, content=b"\xff\xd8\xff snapshot", headers={"X-Captured-At": "2026-03-02T01:00:00Z"})
    if request.url.path.startswith("/fix/"):
        return httpx.Response(200, json={"outcome": "unchanged"})
    if request.url.path == "/describe":
        return httpx.Response(200, text=DESCRIBED.model_dump_json())
    if request.url.path == "/discover":
        return httpx.Response(200, text="".join(f"{line.model_dump_json()}\n" for line in FOUND))
    return httpx.Response(200, json={"verdicts": [{"check": "login", "status": "ok", "detail": None, "remedy": None}]})


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def console(tmp_path: Path, clock: FakeClock, database_url: str) -> AsyncIterator[Console]:
    """Without Redis: what has to be told waits in the outbox."""
    settings = settings_for(tmp_path, database_url)
    key = MasterKey.load(settings.key_path, create=True)
    gateway = Gateway(settings, httpx.MockTransport(gateway_says))
    made = Console(settings, clock, key, gateway=gateway, passwords=Passwords(CHEAP))
    made.addresses = AddressPolicy(settings.addresses.allow)
    yield made
    await made.stop()


@pytest.fixture
async def town(console: Console) -> Town:
    """Two villages, people, two cameras, two alerts."""
    return await settle(console)


@pytest.fixture
def asgi(console: Console, tmp_path: Path) -> httpx.ASGITransport:
    """The application without its server and without its tasks."""
    return httpx.ASGITransport(create_app(console, PageFiles(tmp_path / "no-dist")), raise_app_exceptions=False)
