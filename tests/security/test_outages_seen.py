"""Who sees what of an outage that lies across two villages: each their own cameras, and counts of these alone."""

from __future__ import annotations

import httpx
import pytest

from patrol_console.console import Console
from patrol_console.tables.alert import AlertEntryRow
from patrol_console.tables.outage import OutageCameraRow
from tests.patrol_console.people import Person, Town, alert_row, camera_row, outage_row


@pytest.fixture
async def wide(console: Console, town: Town) -> Town:
    """An outage of the whole town that is going on: one camera more in the east, two in the west."""
    now = console.clock.now()
    async with console.database.writing() as session:
        cameras = [
            camera_row("cam_e2", town.east, now),
            camera_row("cam_w2", town.west, now),
            camera_row("cam_w3", town.west, now),
        ]
        session.add_all(cameras)
        await session.flush()
        alert = alert_row("alert_wide", cameras[0], now)
        alert.area_id, alert.kind = town.root, "outage"
        session.add(alert)
        await session.flush()
        session.add(AlertEntryRow(alert_id=alert.id, at=now, verb="raise", to_state="raised"))
        row = outage_row("outage_wide", town.root, alert.id, now)
        row.recovered_at = None
        session.add(row)
        await session.flush()
        session.add_all(OutageCameraRow(outage_id=row.id, camera_id=each.id, down_since=now) for each in cameras)
    return town


async def test_each_village_sees_its_own_part(wide: Town, asgi: httpx.ASGITransport) -> None:
    expected = {
        "duty_officer": (1, ["cam_e2"], None),
        "west_operator": (2, ["cam_w2", "cam_w3"], None),
        "admin": (3, ["cam_e2", "cam_w2", "cam_w3"], "alert_wide"),
    }
    for name, (count, ids, alert_id) in expected.items():
        person = await Person.sign_in(asgi, name)
        (listed,) = (await person.ask("GET", "/api/outages?going_on=true")).json()["items"]
        assert (listed["id"], listed["cameras"], listed["alert_id"]) == ("outage_wide", count, alert_id), name
        detail = (await person.ask("GET", "/api/outages/outage_wide")).json()
        assert sorted(camera["camera_id"] for camera in detail["items"]) == ids
        camera = (await person.ask("GET", f"/api/cameras/{ids[0]}")).json()
        assert camera["outage_id"] == "outage_wide"


async def test_the_alert_of_a_whole_town_is_for_those_of_the_whole_town(wide: Town, asgi: httpx.ASGITransport) -> None:
    officer, admin = await Person.sign_in(asgi, "duty_officer"), await Person.sign_in(asgi, "admin")
    assert (await officer.ask("GET", "/api/alerts/alert_wide")).status_code == 404
    alert = (await admin.ask("GET", "/api/alerts/alert_wide")).json()
    assert (alert["outage"]["id"], alert["outage"]["cameras"]) == ("outage_wide", 3)


async def test_the_list_goes_on_where_it_stopped(wide: Town, asgi: httpx.ASGITransport) -> None:
    admin = await Person.sign_in(asgi, "admin")
    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        page = (await admin.ask("GET", f"/api/outages?limit=1{cursor}")).json()
        seen += [outage["id"] for outage in page["items"]]
        cursor = f"&cursor={page['next']}"
    assert sorted(seen) == ["outage_east", "outage_west", "outage_wide"]
    assert page["next"] is None
