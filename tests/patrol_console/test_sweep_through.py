"""A sweep from a person's request to the pictures on topic `frames`: console, gateway and cameras are real."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from camera_gateway.simulator.server import SimulatedCamera, SimulatedFleet
from hub.bus import Topic
from hub.contracts.frame import Frame
from hub.settings import Settings
from patrol_console import outbox
from patrol_console.app import create_app
from patrol_console.gateway import Gateway
from patrol_console.page_files import PageFiles
from tests.patrol_console.people import Person, camera_row, settle
from tests.patrol_console.test_sweep import shown
from tests.patrol_console.test_with_redis import running
from tests.support.gateway import gateway_settings, running_gateway, until


@pytest.mark.slow
async def test_a_person_orders_a_sweep_and_the_pictures_of_both_villages_reach_the_detectors(
    redis_settings: Settings, database_url: str, tmp_path: Path
) -> None:
    settings = gateway_settings(redis_settings, opens_per_address_s=100.0, restart_grace_s=0.0, knock_s=0.2)
    settings = settings.model_copy(update={"database_url": SecretStr(database_url)})
    async with (
        SimulatedFleet([SimulatedCamera(), SimulatedCamera(), SimulatedCamera(own_port=True)]) as fleet,
        running_gateway(settings) as gateway,
        running(settings) as console,
    ):
        port = gateway.service.port
        console.gateway = Gateway(
            settings.model_copy(update={"gateway": settings.gateway.model_copy(update={"port": port})})
        )
        console.sweeps._gateway = console.gateway
        await fleet.set_faults(2, "refuse")
        town = await settle(console)
        now = console.clock.now()
        async with console.database.writing() as session:
            for number, area in enumerate((town.east, town.west, town.west)):
                row = camera_row(f"cam_{number}", area, now)
                row.url, row.username, row.sealed_password = fleet.url(number), None, None
                row.watch_mode, row.tags = "on_request", ["round"]
                session.add(row)
                outbox.tell_spec(session, now, row.id)
        console.outbox.wake()
        cameras = gateway.gateway.manager.cameras
        await until(lambda: {"cam_0", "cam_1", "cam_2"} <= set(cameras), 8)
        await until(lambda: cameras["cam_2"].condition.dark, 8)
        asgi = httpx.ASGITransport(create_app(console, PageFiles(tmp_path / "none")))
        person = await Person.sign_in(asgi, "admin")
        answer = await person.ask("POST", "/api/sweeps", {"tag": "round"})
        assert answer.status_code == 202, answer.text
        sweep_id = answer.json()["id"]
        last = await shown(person, sweep_id, within_s=30, state="done")
        assert (last["swept"], last["failed"]) == (2, 1)
        assert (last["cameras"][0]["camera_id"], last["cameras"][0]["cause"]) == ("cam_2", "unreachable")
        frames = await gateway.published(Topic.FRAMES, Frame, 4)
        assert sorted(frame.camera_id for frame in frames if frame.sweep_id == sweep_id) == [
            "cam_0", "cam_0", "cam_1", "cam_1",
        ]  # fmt: skip
        assert fleet.counts().sessions == 0
