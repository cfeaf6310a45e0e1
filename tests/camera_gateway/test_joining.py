"""What a gateway answers before a camera is one of its own: searches, descriptions, and devices that say Hello."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

import pytest

from camera_gateway import joining_onvif
from camera_gateway.camera import Camera
from camera_gateway.describing import Wanted
from camera_gateway.joining import DESCRIBED_AT_ONCE, HELLO_EVERY_S, STRANGERS_KEPT, Joining, Told
from camera_gateway.onvif.discovery import discover_range
from camera_gateway.simulator.onvif.pairs import paired
from camera_gateway.simulator.onvif.server import OnvifFleet
from camera_gateway.simulator.server import SimulatedCamera, SimulatedFleet
from hub.contracts.camera import CameraState
from hub.contracts.device import DeviceFace, DiscoveredDevice, FoundBy
from hub.contracts.joining import Description, DescriptionWish, DiscoveryLine, DiscoveryWish
from hub.contracts.ticket import TicketAction
from hub.errors import ErrorKind, HubError
from hub.secrets import MasterKey
from hub.settings import Settings
from tests.support.clock import FakeClock
from tests.support.gateway import RunningGateway, gateway_settings, running_gateway, spec_of, until
from tests.support.material import material_file
from tests.support.onvif_device import PASSWORD, USER, OnvifDevice, recorded, serving


def device(ip: str = "10.0.0.9", port: int = 80) -> DiscoveredDevice:
    xaddr = f"http://{ip}:{port}/onvif/device_service"
    return DiscoveredDevice(endpoint="urn:uuid:1", ip=ip, xaddr=xaddr, found_by=FoundBy.HELLO)


class Network:
    """Answers as a test says; `gate` holds it back."""

    def __init__(self) -> None:
        self.devices: list[DiscoveredDevice] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: Exception | None = None
        self.reads: list[tuple[str, str | None]] = []
        self.ended = False

    async def discover(self, network: str | None, asked: Told) -> AsyncGenerator[DiscoveredDevice]:
        try:
            asked(0, 2)
            for one in self.devices:
                yield one
            await self.gate.wait()
            if self.error is not None:
                raise self.error
        finally:
            self.ended = True

    async def read(self, address: str, username: str | None, password: str | None, wanted: Wanted) -> Description:
        self.reads.append((address, password))
        await self.gate.wait()
        return Description(url=f"rtsp://{address}/1")


@pytest.fixture
def network() -> Network:
    return Network()


def joining(network: Network, cameras: list[Any] | None = None, clock: FakeClock | None = None) -> Joining:
    return Joining(
        clock or FakeClock(),
        network.discover,
        network.read,
        lambda: cast("list[Camera]", cameras or []),
        lambda sealed, context: f"{sealed} of {context}",
    )


async def lines(search: AsyncIterator[DiscoveryLine]) -> list[DiscoveryLine]:
    return [line async for line in search if line != DiscoveryLine()]


async def test_devices_come_as_they_are_found_and_how_far_it_is(network: Network) -> None:
    network.devices = [device(), device("10.0.0.8")]
    told = await lines(joining(network).search(DiscoveryWish(network="10.0.0.8/31")))
    assert [line.device.ip for line in told if line.device] == ["10.0.0.9", "10.0.0.8"]
    assert [(line.asked, line.total) for line in told if line.asked is not None] == [(0, 2)]


async def test_one_search_at_a_time_and_whoever_leaves_ends_it(network: Network) -> None:
    network.gate.clear()
    network.devices = [device()]
    one = joining(network)
    first = one.search(DiscoveryWish())
    await anext(first)
    with pytest.raises(HubError, match="discovery_busy"):
        await anext(one.search(DiscoveryWish()))
    await first.aclose()
    assert network.ended
    network.gate.set()
    assert len(await lines(one.search(DiscoveryWish()))) == 2


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (HubError(ErrorKind.INVALID, "camera_gateway.range_malformed", range="x"), "camera_gateway.range_malformed"),
        (ZeroDivisionError(), "camera_gateway.broken"),
    ],
)
async def test_what_ends_a_search_early_is_its_last_line(network: Network, error: Exception, code: str) -> None:
    network.devices, network.error = [device()], error
    told = await lines(joining(network).search(DiscoveryWish()))
    assert told[-1].problem is not None
    assert told[-1].problem.code == code
    assert any(line.device for line in told)


async def test_only_so_many_devices_are_described_at_once(network: Network) -> None:
    network.gate.clear()
    one = joining(network)
    wish = DescriptionWish(address="10.0.0.9")
    running = [asyncio.create_task(one.describe(wish)) for _ in range(DESCRIBED_AT_ONCE)]
    await asyncio.sleep(0)
    with pytest.raises(HubError, match="describe_busy"):
        await one.describe(wish)
    network.gate.set()
    await asyncio.gather(*running)
    assert (await one.describe(wish)).url == "rtsp://10.0.0.9/1"


async def test_a_sealed_password_is_opened_for_its_camera_alone(network: Network) -> None:
    await joining(network).describe(DescriptionWish(address="a", sealed_password="s", sealed_for="cam_1"))
    assert network.reads == [("a", "s of cam_1")]


def camera(camera_id: str, url: str, onvif: str | None = None) -> Any:
    back: list[str] = []
    spec = spec_of(camera_id, url, onvif=None if onvif is None else DeviceFace(url=onvif))
    return SimpleNamespace(spec=spec, came_back=lambda: back.append(camera_id), back=back)


async def test_a_camera_that_says_hello_is_tried_at_once_and_no_stranger(network: Network) -> None:
    clock = FakeClock()
    by_face = camera("face", "rtsp://10.0.0.9/1", "http://10.0.0.9/onvif/device_service")
    by_host, other = camera("host", "rtsp://10.0.0.9/2"), camera("other", "rtsp://10.0.0.7/1")
    one = joining(network, [by_face, by_host, other], clock)
    one.heard(device())
    one.heard(device())
    assert (by_face.back, by_host.back, other.back) == (["face"], ["host"], []), "and not again at once"
    await clock.advance(HELLO_EVERY_S)
    one.heard(device())
    assert len(by_face.back) == 2
    assert not [line for line in await lines(one.search(DiscoveryWish())) if line.device]


async def test_strangers_that_say_hello_are_found_by_the_next_search_and_are_few(network: Network) -> None:
    one = joining(network)
    for number in range(STRANGERS_KEPT + 50):
        one.heard(device(f"10.0.{number // 250}.{number % 250}"))
    found = [line.device.ip for line in await lines(one.search(DiscoveryWish())) if line.device]
    assert len(found) == STRANGERS_KEPT
    assert found[-1] == "10.0.1.55", "the latest stay"


@pytest.fixture
async def running(redis_settings: Settings) -> AsyncIterator[RunningGateway]:
    async with running_gateway(gateway_settings(redis_settings)) as gateway:
        yield gateway


def ticket(running: RunningGateway, whose: str = "gateway:gateway-1") -> str:
    return running.ticket(whose, TicketAction.DISCOVER)


@pytest.mark.material
async def test_a_real_device_is_described_over_http_with_its_password_in_the_body_alone(
    running: RunningGateway, caplog: pytest.LogCaptureFixture
) -> None:
    made = OnvifDevice(login="text")
    made.answers.update(recorded(material_file("onvif/captures/onvif_simple_server")))
    made.answers["GetStreamUri"] = material_file(
        "onvif/captures/onvif_simple_server/GetStreamUri_Profile_1.xml"
    ).read_bytes()
    async with serving(made):
        body = {"address": f"127.0.0.1:{made.port}", "username": USER, "password": PASSWORD}
        async with running.http.post(running.url(f"/describe?ticket={ticket(running)}"), json=body) as answer:
            told = Description.model_validate_json(await answer.text())
        assert answer.status == 200
        assert (told.device.model, told.face is not None) == ("SimCam-1", True)
        key = MasterKey.load(running.service._settings.key_path)
        sealed = {"sealed_password": key.seal("wrong", "cam_1"), "sealed_for": "cam_1"}
        body = {"address": body["address"], "username": USER, **sealed}
        async with running.http.post(running.url(f"/describe?ticket={ticket(running)}"), json=body) as answer:
            problem = await answer.json()
    assert (answer.status, problem["code"], problem["kind"]) == (502, "camera_gateway.login_refused", "refused")
    assert PASSWORD not in caplog.text


async def test_a_search_answers_line_by_line_and_needs_its_own_ticket(
    running: RunningGateway, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    network.devices = [device()]
    monkeypatch.setattr(running.gateway, "joining", joining(network))
    async with running.http.post(running.url(f"/discover?ticket={ticket(running)}"), json={}) as answer:
        assert answer.content_type == "application/x-ndjson"
        told = [DiscoveryLine.model_validate(json.loads(line)) async for line in answer.content]
    assert [line.device for line in told if line.device] == [device()]
    for wrong in (ticket(running, "gateway:another"), running.ticket("gateway:gateway-1", TicketAction.TEST), ""):
        async with running.http.post(running.url(f"/discover?ticket={wrong}"), json={}) as answer:
            assert answer.status == 403


@pytest.mark.parametrize("body", [b"", b"[]", b'{"address":""}', b"{" * 70_000, b'{"address": 7, "password": "se/cr"}'])
async def test_a_wish_that_is_none_is_refused_and_never_repeated(running: RunningGateway, body: bytes) -> None:
    async with running.http.post(running.url(f"/describe?ticket={ticket(running)}"), data=body) as answer:
        text = await answer.text()
    assert answer.status in (400, 413)
    assert "se/cr" not in text


@pytest.mark.parametrize("range_", ["127.0.0.1", "8.8.8.0/30", "169.254.0.0/30", "10.0.0.0/8", "10.0.0.9-10.0.0.1"])
async def test_a_range_outside_the_policy_or_too_large_is_refused_as_a_whole(
    redis_settings: Settings, range_: str
) -> None:
    settings = gateway_settings(redis_settings)
    closed = settings.model_copy(update={"addresses": settings.addresses.model_copy(update={"allow": ()})})
    async with running_gateway(closed) as running:
        way = running.url(f"/discover?ticket={ticket(running)}")
        async with running.http.post(way, json={"network": range_}) as answer:
            told = [DiscoveryLine.model_validate(json.loads(line)) async for line in answer.content]
    assert told[-1].problem is not None
    assert told[-1].problem.code in (
        "hub.address_forbidden",
        "camera_gateway.range_too_large",
        "camera_gateway.range_malformed",
    )


async def test_what_is_found_on_the_network_is_described_and_pulled(
    running: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Discovery → description → the spec that a console makes of it → a picture; the second lies about its address."""
    cameras, faces = paired([SimulatedCamera(username=USER, password=PASSWORD)] * 2, [[], ["foreign-host"]])
    async with SimulatedFleet(cameras) as rtsp, OnvifFleet(rtsp, faces, discovery_port=0) as fleet:
        ask = partial(discover_range, port=fleet.discovery_port(), wait_s=0.1)
        monkeypatch.setattr(joining_onvif, "discover_range", ask)
        way = running.url(f"/discover?ticket={ticket(running)}")
        async with running.http.post(way, json={"network": "127.0.0.1"}) as answer:
            told = [DiscoveryLine.model_validate(json.loads(line)) async for line in answer.content]
        devices = [line.device for line in told if line.device is not None]
        assert fleet.url(0) in [one.xaddr for one in devices]
        assert len(devices) == 2
        for number in range(2):
            body = {"address": fleet.url(number), "username": USER, "password": PASSWORD}
            async with running.http.post(running.url(f"/describe?ticket={ticket(running)}"), json=body) as answer:
                said = Description.model_validate_json(await answer.text())
            assert [profile.role.value for profile in said.profiles] == ["main", "sub"]
            await pulled(running, f"cam_{number}", said)


async def pulled(running: RunningGateway, camera_id: str, said: Description) -> None:
    sealed = MasterKey.load(running.service._settings.key_path).seal(PASSWORD, camera_id)
    login = {"username": USER, "sealed_password": sealed, "onvif": said.face}
    await running.bus.put_spec(spec_of(camera_id, said.url, **login))
    cameras = running.gateway.manager.cameras
    await until(lambda: camera_id in cameras and cameras[camera_id].condition.state is CameraState.ONLINE)
