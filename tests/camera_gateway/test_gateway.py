"""The whole path: a simulated camera in, pictures to a browser out, tickets, viewings and revocations between."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import av
import pytest

from camera_gateway.simulator.server import SimulatedCamera, SimulatedFleet
from hub import picture
from hub.bus import Topic
from hub.clock import SystemClock
from hub.contracts.camera import CameraKind, CameraState, CameraStatus, Cause
from hub.contracts.device import DeviceFace
from hub.contracts.frame import Frame
from hub.contracts.spec import Revoked
from hub.contracts.ticket import TicketAction
from hub.contracts.viewing import Viewing, ViewingMoment
from hub.secrets import MasterKey
from hub.settings import Settings
from tests.camera_gateway.onvif.test_client import FACTS, services
from tests.support.gateway import RunningGateway, gateway_settings, running_gateway, spec_of, until
from tests.support.onvif_device import PASSWORD, USER, OnvifDevice, serving


@pytest.fixture
async def fleet() -> AsyncIterator[SimulatedFleet]:
    async with SimulatedFleet([SimulatedCamera(), SimulatedCamera()]) as running:
        yield running


@pytest.fixture
async def running(redis_settings: Settings, fleet: SimulatedFleet) -> AsyncIterator[RunningGateway]:
    async with running_gateway(gateway_settings(redis_settings)) as gateway:
        await gateway.bus.put_spec(spec_of("cam_1", fleet.url(0)))
        await until(lambda: state(gateway, "cam_1") is CameraState.ONLINE)
        yield gateway


def state(running: RunningGateway, camera_id: str) -> CameraState | None:
    camera = running.gateway.manager.cameras.get(camera_id)
    return camera.condition.state if camera else None


async def test_a_browser_with_a_ticket_sees_the_kept_gop_and_the_live_edge(running: RunningGateway) -> None:
    watched = await running.watch("cam_1")
    await watched.until(lambda one: len(one.binaries) >= 15)
    assert watched.texts[0]["type"] == "init"
    with av.open(io.BytesIO(b"".join(watched.binaries)), "r") as played:
        frames = list(played.decode(video=0))
    assert len(frames) == len(watched.binaries) - 1
    assert frames[0].width == watched.texts[0]["width"]


async def test_a_viewing_is_opened_before_the_first_picture_and_closed_with_its_count(running: RunningGateway) -> None:
    watched = await running.watch("cam_1")
    await watched.until(lambda one: len(one.binaries) >= 3)
    (opened,) = await running.published(Topic.VIEWINGS, Viewing, 1)
    assert (opened.moment, opened.camera_id, opened.user_id) == (ViewingMoment.OPENED, "cam_1", "usr_1")
    await watched.socket.close()
    (closed,) = await running.published(Topic.VIEWINGS, Viewing, 1)
    assert (closed.moment, closed.closed_because) == (ViewingMoment.CLOSED, "viewer")
    assert closed.ticket_id == opened.ticket_id
    assert closed.frames_sent >= 2
    assert closed.last_media_at is not None


async def test_a_ticket_opens_once_and_only_its_own_camera(running: RunningGateway) -> None:
    used = running.ticket("cam_1")
    first = await running.watch("cam_1", used)
    await first.until(lambda one: one.binaries)
    forged = used[:-2] + ("AA" if used[-2:] != "AA" else "BB")
    expired = running.ticket("cam_1", expires_at=SystemClock().now() - timedelta(seconds=1))
    for ticket in (used, running.ticket("cam_2"), forged, expired, "", running.ticket("cam_1", TicketAction.SNAPSHOT)):
        refused = await running.watch("cam_1", ticket)
        await refused.until(lambda one: one.end == "ticket" and one.socket.closed)
        assert refused.socket.close_code == 4002
        assert refused.binaries == []


@pytest.mark.parametrize("name", ["camera_id", "user_id"])
async def test_a_revocation_ends_what_is_open_within_two_seconds_and_older_tickets(
    running: RunningGateway, name: str
) -> None:
    older = running.ticket("cam_1")
    watched = await running.watch("cam_1")
    await watched.until(lambda one: one.binaries)
    value = {"camera_id": "cam_1", "user_id": "usr_1"}[name]
    await running.bus.revoke(Revoked.model_validate({name: value, "at": SystemClock().now()}))
    await watched.until(lambda one: one.end == "revoked" and one.socket.closed, within_s=2)
    refused = await running.watch("cam_1", older)
    await refused.until(lambda one: one.end == "ticket")
    viewings = await running.published(Topic.VIEWINGS, Viewing, 2)
    assert viewings[-1].closed_because == "revoked"


async def test_a_household_whose_consent_ends_by_the_clock_is_let_alone_within_two_seconds(
    running: RunningGateway, fleet: SimulatedFleet
) -> None:
    now = SystemClock().now()
    consent = {"consent_from": now - timedelta(days=1), "consent_until": now + timedelta(seconds=2)}
    await running.bus.put_spec(spec_of("cam_2", fleet.url(1), kind=CameraKind.HOUSEHOLD, **consent))
    await until(lambda: state(running, "cam_2") is CameraState.ONLINE)
    watched = await running.watch("cam_2")
    await watched.until(lambda one: one.binaries)
    await watched.until(lambda one: one.end == "no_consent", within_s=4)
    assert SystemClock().now() < consent["consent_until"] + timedelta(seconds=2)
    camera = running.gateway.manager.cameras["cam_2"]
    assert (camera.condition.state, camera.condition.cause) == (CameraState.PAUSED, Cause.NO_CONSENT)
    assert camera.stream.keyframe is None
    refused = await running.watch("cam_2")
    await refused.until(lambda one: one.end == "no_consent")
    ticket = running.ticket("cam_2", TicketAction.SNAPSHOT)
    async with running.http.get(running.url(f"/snapshot/cam_2.jpg?ticket={ticket}")) as answer:
        assert answer.status == 409
        assert (await answer.json())["code"] == "camera_gateway.no_consent"


async def test_keyframes_go_to_the_detectors_with_their_parameter_sets(running: RunningGateway) -> None:
    deliveries = await running.bus.read(Topic.FRAMES, "detect", "one", block_ms=3000)
    frame = deliveries[0].parse(Frame)
    assert frame.camera_id == "cam_1"
    assert deliveries[0].data is not None
    assert deliveries[0].data[:4] == b"\0\0\0\1"
    assert picture.decode_keyframe(deliveries[0].data).shape == (180, 320, 3)


async def test_a_change_of_one_camera_disturbs_no_other(running: RunningGateway, fleet: SimulatedFleet) -> None:
    await running.bus.put_spec(spec_of("cam_2", fleet.url(1)))
    await until(lambda: state(running, "cam_2") is CameraState.ONLINE)
    watched = await running.watch("cam_1")
    await watched.until(lambda one: one.binaries)
    connections = running.gateway.manager.cameras["cam_1"].stream.connection
    await running.bus.put_spec(spec_of("cam_2", fleet.url(0), revision=2))
    await running.bus.remove_spec("cam_2")
    await until(lambda: state(running, "cam_2") is None)
    # A new name is no reason to connect anew either.
    await running.bus.put_spec(spec_of("cam_1", fleet.url(0), revision=2, name="another"))
    await until(lambda: running.gateway.manager.cameras["cam_1"].spec.revision == 2)
    count = len(watched.binaries)
    await watched.until(lambda one: len(one.binaries) > count + 5)
    assert running.gateway.manager.cameras["cam_1"].stream.connection == connections


async def test_the_console_hears_how_a_camera_does(running: RunningGateway) -> None:
    statuses = await running.published(Topic.STATUS, CameraStatus, 1)
    assert (statuses[-1].state, statuses[-1].cause) in (
        (CameraState.DEGRADED, Cause.STARTING),  # never offline while a gateway that has just started looks
        (CameraState.ONLINE, Cause.NONE),
    )
    await until(lambda: running.gateway.manager.cameras["cam_1"].condition.facts.width_px == 320)


async def test_a_test_of_a_camera_that_is_online_opens_no_second_session(
    running: RunningGateway, fleet: SimulatedFleet
) -> None:
    ticket = running.ticket("cam_1", TicketAction.TEST)
    async with running.http.post(running.url(f"/test/cam_1?ticket={ticket}")) as answer:
        rows = (await answer.json())["verdicts"]
    assert {row["check"] for row in rows if row["status"] != "ok"} == {"onvif"}
    assert running.gateway.ramp.opens == 1


async def test_a_test_asks_by_onvif_as_well_and_says_it_in_codes_too(
    running: RunningGateway, fleet: SimulatedFleet, redis_settings: Settings
) -> None:
    device = OnvifDevice(login="digest", world=SystemClock().now())
    device.answers |= {"GetDeviceInformation": FACTS, "GetServices": services("ver10/media", "http://10.0.0.9/media")}
    async with serving(device):
        key = MasterKey.load(redis_settings.key_path)
        login = {"username": USER, "sealed_password": key.seal(PASSWORD, "cam_2")}
        face = DeviceFace(url=device.url)
        await running.bus.put_spec(spec_of("cam_2", fleet.url(1), onvif=face, **login))
        await until(lambda: state(running, "cam_2") is CameraState.ONLINE)
        ticket = running.ticket("cam_2", TicketAction.TEST)
        async with running.http.post(running.url(f"/test/cam_2?ticket={ticket}")) as answer:
            text = await answer.text()
    rows = {row["check"]: row for row in json.loads(text)["verdicts"]}
    assert rows["media"]["status"] == "ok"
    assert rows["onvif_login"]["detail_code"] == "camera_gateway.found_login"
    assert rows["onvif_login"]["params"] == {"kind": "PasswordDigest"}
    assert rows["device"]["detail"] == "X1"
    assert rows["profiles"]["status"] == "fail"  # its media service is on a port that is closed
    assert PASSWORD not in text
    assert device.wrong_passwords == 0


async def test_a_password_that_onvif_refused_is_not_offered_again_by_the_next_test(
    running: RunningGateway, fleet: SimulatedFleet, redis_settings: Settings
) -> None:
    device = OnvifDevice({"GetServices": services("ver10/media", "http://10.0.0.9/media")}, login="digest")
    device.world = SystemClock().now()
    async with serving(device):
        key = MasterKey.load(redis_settings.key_path)
        login = {"username": USER, "sealed_password": key.seal("another", "cam_2")}
        await running.bus.put_spec(spec_of("cam_2", fleet.url(1), onvif=DeviceFace(url=device.url), **login))
        await until(lambda: state(running, "cam_2") is CameraState.ONLINE)
        refused = 0
        for _ in range(3):
            ticket = running.ticket("cam_2", TicketAction.TEST)
            async with running.http.post(running.url(f"/test/cam_2?ticket={ticket}")) as answer:
                rows = {row["check"]: row for row in (await answer.json())["verdicts"]}
            assert rows["onvif_login"]["detail_code"] == "camera_gateway.login_refused"
            refused = refused or device.wrong_passwords
            assert device.wrong_passwords == refused <= 3


async def test_figures_are_given_here_and_name_no_camera(running: RunningGateway) -> None:
    async with running.http.get(running.url("/metrics")) as answer:
        text = await answer.text()
    assert 'probe_gateway_cameras{state="online"} 1.0' in text
    assert "probe_gateway_units_received_total" in text
    assert "cam_1" not in text
    for path in ("/healthz", "/readyz"):
        async with running.http.get(running.url(path)) as answer:
            assert answer.status == 200


async def test_stopping_tells_the_viewers_and_closes_their_viewings(
    redis_settings: Settings, fleet: SimulatedFleet
) -> None:
    settings = gateway_settings(redis_settings)
    async with running_gateway(settings) as running:
        await running.bus.put_spec(spec_of("cam_1", fleet.url(0)))
        await until(lambda: state(running, "cam_1") is CameraState.ONLINE)
        watched = await running.watch("cam_1")
        await watched.until(lambda one: one.binaries)
        began = SystemClock().monotonic()
        await running.gateway.close()
        assert SystemClock().monotonic() - began < 3
        await watched.until(lambda one: one.end == "gateway_stopping" and one.socket.closed, within_s=2)
        viewings = await running.published(Topic.VIEWINGS, Viewing, 2)
        assert viewings[-1].closed_because == "gateway"
