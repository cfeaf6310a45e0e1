"""How a camera is shown: the gateway's word, overruled by silence, consent and the switch; and what may be seen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from patrol_console.camera.status import turned
from patrol_console.console import Console
from patrol_console.tables.camera import CameraRow
from tests.patrol_console.people import Person, Town
from tests.support.clock import FakeClock

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("columns", "shown", "live"),
    [
        # what differs from a camera that is online -> (state, cause), (live, why not)
        ({}, ("online", "none"), ("on", None)),
        ({"enabled": False}, ("off", "disabled"), ("off", "disabled")),
        ({"kind": "household"}, ("paused", "no_consent"), ("off", "no_consent")),  # never given
        ({"kind": "household", "consent_from": -HOUR}, ("online", "none"), ("on", None)),  # open-ended
        ({"kind": "household", "consent_from": HOUR}, ("paused", "no_consent"), ("off", "no_consent")),  # not yet
        ({"kind": "household", "consent_from": -2 * HOUR, "consent_until": -HOUR}, ("paused", "no_consent"),
         ("off", "no_consent")),  # over
        ({"consent_until": -HOUR}, ("online", "none"), ("on", None)),  # no household: no consent needed
        ({"status_at": -timedelta(seconds=91)}, ("offline", "gateway_silent"), ("on", None)),
        ({"status_at": -timedelta(seconds=89)}, ("online", "none"), ("on", None)),
        ({"status_at": None}, ("offline", "starting"), ("on", None)),
        ({"masks": [[[0, 0], [1, 0], [1, 1]]]}, ("online", "none"), ("masked", None)),
    ],
)  # fmt: skip
async def test_a_camera_is_shown_as_it_is(
    columns: dict[str, Any],
    shown: tuple[str, str],
    live: tuple[str, str | None],
    asgi: httpx.ASGITransport,
    town: Town,
    console: Console,
) -> None:
    now = console.clock.now()
    async with console.database.writing() as session:
        row = await session.get_one(CameraRow, town.cameras["east"])
        for name, value in columns.items():
            setattr(row, name, now + value if isinstance(value, timedelta) else value)
    operator = await Person.sign_in(asgi, "operator")
    camera = (await operator.ask("GET", f"/api/cameras/{town.cameras['east']}")).json()
    assert (camera["state"], camera["cause"]) == shown
    assert (camera["live"], camera["live_reason"]) == live
    listed = (await operator.ask("GET", f"/api/cameras?state={shown[0]}")).json()["items"]
    assert [each["id"] for each in listed] == [town.cameras["east"]]
    area = (await operator.ask("GET", "/api/areas")).json()["items"][0]
    assert (area["cameras"], area["online"]) == (1, 1 if shown[0] == "online" else 0)
    ticket = await operator.ask("POST", f"/api/cameras/{town.cameras['east']}/tickets", {"purpose": "wall"})
    if live[0] in ("on", "masked"):
        assert ticket.status_code == 201
    else:
        assert ticket.json()["code"] == f"patrol_console.live_{live[1]}"


async def test_browsers_hear_of_a_gateway_that_fell_silent(console: Console, town: Town, clock: FakeClock) -> None:
    begun = clock.now()
    async with console.database.reading() as session:
        assert await turned(session, begun, begun + timedelta(seconds=89)) == []
        heard = await turned(session, begun + timedelta(seconds=85), begun + timedelta(seconds=90))
        assert heard == []
        gone = await turned(session, begun - timedelta(seconds=1), begun + timedelta(seconds=91))
    assert {camera_id for camera_id, _ in gone} == set(town.cameras.values())


async def test_a_rule_needs_its_zone_and_a_zone_in_use_stays(asgi: httpx.ASGITransport, town: Town) -> None:
    technician = await Person.sign_in(asgi, "technician")
    way = f"/api/cameras/{town.cameras['east']}"
    rule = {"rule_id": "r1", "name": "edge", "zone_id": "none", "labels": ["person"]}
    refused = await technician.ask("PUT", f"{way}/rules", {"rules": [rule]})
    assert refused.json()["code"] == "patrol_console.rule_without_zone"
    taken = await technician.ask("PUT", f"{way}/rules", {"rules": [rule | {"zone_id": "z1"}]})
    assert taken.json()["revision"] == 2
    assert taken.json()["rules"][0]["zone_id"] == "z1"
    kept = await technician.ask("PUT", f"{way}/zones", {"zones": []})
    assert kept.json()["code"] == "patrol_console.zone_in_use"
    assert kept.status_code == 409
