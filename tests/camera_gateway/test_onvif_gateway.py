"""A whole gateway and a camera that speaks ONVIF: a ticket turns its head, and what it reports is published."""

from __future__ import annotations

from typing import Any

from camera_gateway.simulator.onvif.server import OnvifFleet
from camera_gateway.simulator.onvif.state import OnvifCamera
from camera_gateway.simulator.server import SimulatedCamera, SimulatedFleet
from hub.bus import Topic
from hub.contracts.camera_event import CameraEvent, CameraEventKind
from hub.contracts.ticket import TicketAction
from hub.contracts.viewing import Viewing
from hub.settings import Settings
from tests.support.gateway import RunningGateway, gateway_settings, running_gateway, spec_of, until


async def say(running: RunningGateway, who: str, **wish: Any) -> tuple[int, dict[str, Any]]:
    ticket = running.ticket("cam_1", TicketAction.PTZ, user_id=who, holder=who, purpose="ptz")
    async with running.http.post(running.url(f"/ptz/cam_1?ticket={ticket}"), json=wish) as answer:
        return answer.status, await answer.json()


async def test_a_ticket_turns_the_head_and_events_are_published(redis_settings: Settings) -> None:
    async with (
        SimulatedFleet([SimulatedCamera()]) as fleet,
        OnvifFleet(fleet, [OnvifCamera(username="admin", password="secret", faults=("zero-host",))]) as onvif,
        running_gateway(gateway_settings(redis_settings)) as running,
    ):
        face = {"url": onvif.url(0), "ptz": True}
        sealed = running.key.seal("secret", "cam_1")
        spec = spec_of("cam_1", fleet.url(0), username="admin", sealed_password=sealed, onvif=face)
        await running.bus.put_spec(spec)
        await until(lambda: onvif.face(0).operations.count("PullMessages") >= 2, within_s=20)
        onvif.fire(0, "motion-alarm")
        (event,) = await running.published(Topic.EVENTS, CameraEvent, 1, within_s=20)
        assert (event.kind, event.active, event.camera_id) == (CameraEventKind.MOTION, True, "cam_1")

        status, state = await say(running, "li", verb="move", pan=1)
        assert (status, state["holder"]["name"]) == (200, "li")
        assert onvif.head(0).moving
        status, problem = await say(running, "wang", verb="move", pan=-1)
        assert (status, problem["code"], problem["params"]["holder"]) == (409, "camera_gateway.ptz_held", "li")
        await until(lambda: onvif.head(0).stops, within_s=20)  # nobody renewed it
        assert not onvif.head(0).moving
        opened = await running.published(Topic.VIEWINGS, Viewing, 1)
        assert [(one.purpose, one.user_id) for one in opened] == [("ptz", "li")]
        used = running.ticket("cam_1", TicketAction.PTZ)
        async with running.http.post(running.url(f"/mse/cam_1?ticket={used}")) as wrong:
            assert wrong.status >= 400
        async with running.http.post(running.url(f"/ptz/cam_1?ticket={running.ticket('cam_1')}")) as wrong:
            assert wrong.status == 403
