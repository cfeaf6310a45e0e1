"""A person's wish for a camera's head: who may, for which camera, and what the other one is told."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from hub.contracts.ptz import PtzHolder, PtzState
from hub.contracts.ticket import Ticket, TicketAction
from hub.settings import Settings
from patrol_console.camera.spec import spec_of
from patrol_console.console import Console
from patrol_console.gateway import Gateway
from patrol_console.tables.camera import CameraRow
from tests.patrol_console.people import Person, Town

FACE = {"url": "http://10.0.0.7/onvif/device_service", "ptz": True}
MOVE = {"verb": "move", "pan": 0.5}


class Asked:
    """A gateway that notes what it was asked; `held`: somebody else has the camera in hand."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.tickets: list[Ticket] = []
        self.wishes: list[dict[str, Any]] = []
        self.held = False
        console.gateway = Gateway(Settings(), httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        camera_id = request.url.path.rpartition("/")[2]
        text = request.url.params["ticket"]
        self.tickets.append(self.console.signer.verify(text, camera_id=camera_id, action=TicketAction.PTZ))
        self.wishes.append(json.loads(request.content))
        if self.held:
            problem = {"code": "camera_gateway.ptz_held", "kind": "conflict", "params": {"holder": "Li", "seconds": 9}}
            return httpx.Response(409, json=problem)
        state = PtzState(holder=PtzHolder(user_id=self.tickets[-1].user_id, name="Operator", seconds=15.0))
        return httpx.Response(200, json=state.model_dump(mode="json"))


@pytest.fixture
def asked(console: Console) -> Asked:
    return Asked(console)


async def set_camera(console: Console, town: Town, **columns: object) -> None:
    async with console.database.writing() as session:
        row = await session.get_one(CameraRow, town.cameras["east"])
        for name, value in {"onvif": FACE, **columns}.items():
            setattr(row, name, value)


async def test_the_gateway_is_asked_with_a_ticket_that_names_the_person(
    asgi: httpx.ASGITransport, console: Console, town: Town, asked: Asked
) -> None:
    await set_camera(console, town)
    operator = await Person.sign_in(asgi, "operator")
    answer = await operator.ask("POST", f"/api/cameras/{town.cameras['east']}/ptz", MOVE)
    assert answer.status_code == 200, answer.text
    assert answer.json()["holder"]["name"] == "Operator"
    assert (asked.tickets[0].holder, asked.tickets[0].purpose) == ("Operator", "ptz")
    assert asked.wishes[0]["pan"] == 0.5
    assert (await operator.ask("GET", f"/api/cameras/{town.cameras['east']}/ptz")).status_code == 200
    assert asked.wishes[1]["verb"] == "look"


async def test_the_second_person_reads_who_has_it_in_hand(
    asgi: httpx.ASGITransport, console: Console, town: Town, asked: Asked
) -> None:
    await set_camera(console, town)
    asked.held = True
    operator = await Person.sign_in(asgi, "operator")
    answer = await operator.ask("POST", f"/api/cameras/{town.cameras['east']}/ptz", MOVE)
    assert answer.status_code == 409
    assert "Li" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"onvif": None}, "no_ptz"),
        ({"onvif": {**FACE, "ptz": False}}, "no_ptz"),
        ({"masks": [[[0, 0], [1, 0], [1, 1]]]}, "ptz_masked"),
        ({"enabled": False}, "live_disabled"),
        ({"kind": "household"}, "live_no_consent"),
    ],
)
async def test_a_camera_that_may_not_be_turned_is_never_asked(
    asgi: httpx.ASGITransport, console: Console, town: Town, asked: Asked, columns: dict[str, object], code: str
) -> None:
    await set_camera(console, town, **columns)
    admin = await Person.sign_in(asgi, "admin")
    answer = await admin.ask("POST", f"/api/cameras/{town.cameras['east']}/ptz", MOVE)
    assert (answer.status_code, answer.json()["code"]) == (409, f"patrol_console.{code}")
    assert asked.wishes == []


@pytest.mark.parametrize("wish", [{"verb": "dance"}, {"verb": "move", "pan": 2}, {"verb": "move", "tilt": "NaN"}, {}])
async def test_what_is_no_command_is_refused_at_the_edge(
    asgi: httpx.ASGITransport, console: Console, town: Town, asked: Asked, wish: dict[str, object]
) -> None:
    await set_camera(console, town)
    admin = await Person.sign_in(asgi, "admin")
    assert (await admin.ask("POST", f"/api/cameras/{town.cameras['east']}/ptz", wish)).status_code == 422
    assert asked.wishes == []


async def test_when_it_goes_home_is_set_by_those_who_configure_and_told_to_the_gateway(
    asgi: httpx.ASGITransport, console: Console, town: Town
) -> None:
    await set_camera(console, town)
    way = f"/api/cameras/{town.cameras['east']}/ptz/home"
    operator, technician = await Person.sign_in(asgi, "operator"), await Person.sign_in(asgi, "technician")
    assert (await operator.ask("PUT", way, {"after_s": 300})).status_code == 403
    assert (await technician.ask("PUT", way, {"after_s": 3})).status_code == 422
    answer = await technician.ask("PUT", way, {"after_s": 300, "preset": "2"})
    assert answer.json()["onvif"]["home_after_s"] == 300
    async with console.database.reading() as reading:
        row = await reading.get_one(CameraRow, town.cameras["east"])
        told = spec_of(row, "/")
    assert told.onvif is not None
    assert (told.onvif.home_after_s, told.onvif.home_preset, told.onvif.ptz) == (300, "2", True)
    assert told.revision == 2
