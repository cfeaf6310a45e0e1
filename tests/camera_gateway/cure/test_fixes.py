"""The gateway mends its own cameras: by ticket, one at a time, while it pulls them, within the owner's consent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from camera_gateway.cure.door import device_service, is_address
from camera_gateway.simulator.clip import moving_bar
from camera_gateway.simulator.onvif.server import OnvifFleet
from camera_gateway.simulator.onvif.state import OnvifCamera
from camera_gateway.simulator.server import SimulatedCamera, SimulatedFleet
from hub.clock import SystemClock
from hub.contracts.camera import CameraKind, CameraState
from hub.contracts.cure import FixOrder, FixResult, FixWish, Outcome
from hub.contracts.device import DeviceFace
from hub.contracts.ticket import TicketAction
from hub.settings import Settings
from tests.support.gateway import RunningGateway, gateway_settings, running_gateway, spec_of, until

WISH = FixWish(codec="h265", width_px=320, height_px=180, gop_s=1)


@asynccontextmanager
async def mending(settings: Settings, **about: Any) -> AsyncIterator[tuple[RunningGateway, OnvifFleet]]:
    clips = [moving_bar(seconds=2.0, width_px=640, height_px=360), moving_bar(seconds=2.0)]
    async with (
        SimulatedFleet([SimulatedCamera(clip=clip) for clip in clips]) as fleet,
        OnvifFleet(fleet, [OnvifCamera(main=0, sub=1)]) as onvif,
        running_gateway(gateway_settings(settings)) as gateway,
    ):
        face = DeviceFace(url=onvif.url(0))
        await gateway.bus.put_spec(spec_of("cam_1", fleet.url(1), onvif=face, **about))
        await until(lambda: "cam_1" in gateway.gateway.manager.cameras)
        yield gateway, onvif


async def ordered(gateway: RunningGateway, order: FixOrder, action: TicketAction = TicketAction.FIX) -> tuple[int, Any]:
    ticket = gateway.ticket("cam_1", action)
    url = gateway.url(f"/fix/cam_1?ticket={ticket}")
    async with gateway.http.post(url, data=order.model_dump_json()) as answer:
        return answer.status, await answer.json(content_type=None)


async def test_a_camera_that_is_pulled_is_mended_and_put_back(redis_settings: Settings) -> None:
    async with mending(redis_settings) as (gateway, onvif):
        camera = gateway.gateway.manager.cameras["cam_1"]
        await until(lambda: camera.condition.state is CameraState.ONLINE)
        stream = onvif.face(0).streams[1]
        before = stream.encoding
        plan = FixResult.model_validate((await ordered(gateway, FixOrder(wish=WISH, dry_run=True)))[1])
        assert (plan.outcome, stream.encoding) == (Outcome.PLANNED, before)
        status, told = await ordered(gateway, FixOrder(wish=WISH))
        done = FixResult.model_validate(told)
        assert (status, done.outcome, done.problem) == (200, Outcome.DONE, None)
        assert (stream.encoding.codec, stream.encoding.width_px) == ("h265", 320)
        assert done.undo == plan.undo
        await until(lambda: camera.condition.facts.codec == "h265", within_s=15)
        undone = FixResult.model_validate((await ordered(gateway, FixOrder(undo=plan.undo)))[1])
        assert (undone.outcome, stream.encoding) == (Outcome.DONE, before)


async def test_who_may_not_and_what_makes_no_sense_is_refused(redis_settings: Settings) -> None:
    async with mending(redis_settings) as (gateway, onvif):
        order = FixOrder(wish=WISH)
        assert (await ordered(gateway, order, TicketAction.TEST))[0] == 403
        assert (await ordered(gateway, FixOrder()))[0] == 400
        first, second = await asyncio.gather(ordered(gateway, order), ordered(gateway, order))
        assert sorted((first[0], second[0])) == [200, 409]
        assert onvif.face(0).streams[1].encoding.codec == "h265"


async def test_a_households_camera_is_mended_within_its_consent_alone(redis_settings: Settings) -> None:
    now = SystemClock().now()
    over = {"consent_from": now - timedelta(days=2), "consent_until": now - timedelta(days=1)}
    async with mending(redis_settings, kind=CameraKind.HOUSEHOLD, **over) as (gateway, onvif):
        before = onvif.face(0).streams[1].encoding
        status, told = await ordered(gateway, FixOrder(wish=WISH))
        assert (status, told["code"]) == (409, "camera_gateway.no_consent")
        assert onvif.face(0).streams[1].encoding == before


def test_where_onvif_stands_is_told_of_any_way_to_write_a_camera() -> None:
    for text, url in (
        ("10.0.0.7", "http://10.0.0.7/onvif/device_service"),
        ("10.0.0.7:8000", "http://10.0.0.7:8000/onvif/device_service"),
        ("camera.local", "http://camera.local/onvif/device_service"),
        ("2001:db8::7", "http://[2001:db8::7]/onvif/device_service"),
        ("https://10.0.0.7/", "https://10.0.0.7/onvif/device_service"),
        ("http://admin:p%40w@10.0.0.7:81/onvif/x", "http://10.0.0.7:81/onvif/x"),
        ("rtsp://u:p@10.0.0.7:554/Streaming/102?a=b", "http://10.0.0.7/onvif/device_service"),
    ):
        assert device_service(text) == url
        assert is_address(text)
    for name in ("cam_01J", "村口东", "gate 3", "north-gate", "3号.东"):
        assert not is_address(name)
