"""Lines with budgets: which cameras lie behind them, who may set them, and that the services hear of it."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import delete, select

from hub.contracts.watch import WatchMode
from patrol_console.camera.spec import all_specs, kept_camera, spec_of
from patrol_console.console import Console
from patrol_console.tables.area import UnitRow
from patrol_console.tables.camera import CameraRow
from patrol_console.tables.outbox import OutboxRow
from patrol_console.tables.uplink import UplinkRow
from tests.patrol_console.people import Person, Town, camera_row


@pytest.fixture
async def bare(console: Console, town: Town) -> Town:
    """The town without lines, with a unit in the east and a second camera there that is the unit's."""
    async with console.database.writing() as session:
        await session.execute(delete(UplinkRow))
        session.add(UnitRow(id="unit_shop", name="Shop", area_id=town.east))
        await session.flush()
        shop = camera_row("cam_shop", town.east, console.clock.now())
        shop.unit_id = "unit_shop"
        shop.status_state, shop.status_cause = "offline", "waiting"
        session.add(shop)
    return town


async def behind(console: Console) -> dict[str, list[str]]:
    """The names of each camera's lines, as the services get them."""
    async with console.database.reading() as session:
        return {spec.camera_id: [line.name for line in spec.uplinks] for spec in await all_specs(session)}


async def told(console: Console) -> list[str]:
    """Which cameras' specs wait in the outbox; emptied."""
    async with console.database.writing() as session:
        rows = await session.scalars(select(OutboxRow).where(OutboxRow.lane == "spec").order_by(OutboxRow.seq))
        ids = [str(row.body["camera_id"]) for row in rows if "camera_id" in row.body]
        await session.execute(delete(OutboxRow))
    return sorted(ids)


async def test_a_camera_lies_behind_its_areas_its_units_and_its_gateways_lines(
    console: Console, bare: Town, asgi: httpx.ASGITransport
) -> None:
    admin = await Person.sign_in(asgi, "admin")
    for name, kind, ref in (
        ("town", "area", bare.root),
        ("east", "area", bare.east),
        ("shop", "unit", "unit_shop"),
        ("box", "gateway", "gateway-1"),
        ("other box", "gateway", "gateway-2"),
    ):
        body = {"name": name, "kind": kind, "ref": ref, "mbit_s": 20}
        assert (await admin.ask("POST", "/api/uplinks", body)).status_code == 201
    lines = {camera_id: sorted(names) for camera_id, names in (await behind(console)).items()}
    assert lines == {
        bare.cameras["east"]: ["box", "east", "town"],
        bare.cameras["west"]: ["box", "town"],
        "cam_shop": ["box", "east", "shop", "town"],
    }
    listed = {line["name"]: line for line in (await admin.ask("GET", "/api/uplinks")).json()["items"]}
    assert {name: (line["cameras"], line["pulled"], line["waiting"]) for name, line in listed.items()} == {
        "town": (3, 2, 1),
        "east": (2, 1, 1),
        "shop": (1, 0, 1),
        "box": (3, 2, 1),
        "other box": (0, 0, 0),
    }
    assert listed["east"]["waits"] == [{"id": "cam_shop", "name": "gate cam_shop"}]
    waiting = (await admin.ask("GET", "/api/cameras?cause=waiting")).json()["items"]
    assert [camera["id"] for camera in waiting] == ["cam_shop"]
    assert sorted(line["name"] for line in waiting[0]["uplinks"]) == ["box", "east", "shop", "town"]


async def test_a_change_raises_the_revision_of_those_behind_and_tells_them(
    console: Console, bare: Town, asgi: httpx.ASGITransport
) -> None:
    technician = await Person.sign_in(asgi, "technician")
    await told(console)
    body = {"name": "line", "kind": "area", "ref": bare.east, "mbit_s": 20, "connections": 4}
    line = (await technician.ask("POST", "/api/uplinks", body)).json()
    assert await told(console) == [bare.cameras["east"], "cam_shop"]
    changed = await technician.ask("PATCH", f"/api/uplinks/{line['id']}", {"mbit_s": 8, "connections": None})
    assert (changed.json()["mbit_s"], changed.json()["connections"]) == (8, None)
    assert await told(console) == [bare.cameras["east"], "cam_shop"]
    async with console.database.reading() as session:
        found = await kept_camera(session, "cam_shop")
        assert found is not None
        spec = spec_of(*found)
        assert spec.revision == 3
        assert [(each.mbit_s, each.connections) for each in spec.uplinks] == [(8, None)]
        west = await session.get_one(CameraRow, bare.cameras["west"])
        assert west.revision == 1
    empty = await technician.ask("PATCH", f"/api/uplinks/{line['id']}", {"mbit_s": None})
    assert empty.json()["code"] == "patrol_console.uplink_no_budget"
    again = await technician.ask("POST", "/api/uplinks", body)
    assert (again.status_code, again.json()["code"]) == (409, "patrol_console.uplink_taken")
    assert (await technician.ask("DELETE", f"/api/uplinks/{line['id']}")).status_code == 204
    assert await told(console) == [bare.cameras["east"], "cam_shop"]
    assert (await behind(console))["cam_shop"] == []


async def test_a_gateways_line_is_the_whole_hubs(bare: Town, asgi: httpx.ASGITransport) -> None:
    technician = await Person.sign_in(asgi, "technician")
    body = {"name": "box", "kind": "gateway", "ref": "gateway-1", "connections": 100}
    refused = await technician.ask("POST", "/api/uplinks", body)
    assert (refused.status_code, refused.json()["code"]) == (403, "patrol_console.hub_line")
    admin = await Person.sign_in(asgi, "admin")
    made = (await admin.ask("POST", "/api/uplinks", body)).json()
    assert (await technician.ask("PATCH", f"/api/uplinks/{made['id']}", {"connections": 1})).status_code == 404
    seen = (await technician.ask("GET", "/api/uplinks")).json()
    assert (seen["items"], seen["gateways"]) == ([], [])
    assert (await admin.ask("GET", "/api/uplinks")).json()["gateways"] == ["gateway-1"]


@pytest.mark.parametrize(
    "body",
    [
        {"mbit_s": 0},
        {"mbit_s": -1},
        {"mbit_s": 1e9},
        {"connections": 0},
        {"connections": 1.5},
        {"mbit_s": "nan"},
        {"kind": "street"},
        {"ref": "a b"},
        {"name": ""},
        {"name": "a\nb"},
    ],
)
async def test_a_line_that_is_none_is_refused(body: dict[str, object], bare: Town, asgi: httpx.ASGITransport) -> None:
    technician = await Person.sign_in(asgi, "technician")
    whole = {"name": "line", "kind": "area", "ref": bare.east, "mbit_s": 1} | body
    assert (await technician.ask("POST", "/api/uplinks", whole)).status_code == 422


async def test_how_a_camera_is_watched_reaches_the_services(
    console: Console, bare: Town, asgi: httpx.ASGITransport
) -> None:
    technician = await Person.sign_in(asgi, "technician")
    way = f"/api/cameras/{bare.cameras['east']}"
    wish = {
        "watch": {"mode": "interval", "every_min": 30},
        "transport": "udp",
        "audio": True,
        "importance": "red",
        "unit_id": "unit_shop",
    }
    camera = (await technician.ask("PATCH", way, wish)).json()
    assert {name: camera[name] for name in wish} == wish
    assert (camera["unit_name"], camera["revision"]) == ("Shop", 2)
    async with console.database.reading() as session:
        (spec,) = [each for each in await all_specs(session) if each.camera_id == bare.cameras["east"]]
    assert (spec.watch.mode, spec.watch.every_min, spec.transport, spec.audio) == (
        WatchMode.INTERVAL, 30, "udp", True,
    )  # fmt: skip
    emptied = (await technician.ask("PATCH", way, {"unit_id": None})).json()
    assert (emptied["unit_id"], emptied["audio"]) == (None, True)
    for wrong in ({"watch": {"mode": "interval", "every_min": 0}}, {"watch": {"mode": "never"}}, {"importance": "x"}):
        assert (await technician.ask("PATCH", way, wrong)).status_code == 422
    nowhere = await technician.ask("PATCH", way, {"unit_id": "unit_none"})
    assert nowhere.json()["code"] == "patrol_console.no_unit"


async def test_sound_switched_off_ends_what_is_heard(console: Console, bare: Town, asgi: httpx.ASGITransport) -> None:
    technician = await Person.sign_in(asgi, "technician")
    way = f"/api/cameras/{bare.cameras['east']}"

    async def revoked() -> bool:
        async with console.database.reading() as session:
            rows = await session.scalars(select(OutboxRow).where(OutboxRow.lane == "spec"))
            return any("revoked" in row.body for row in rows)

    await technician.ask("PATCH", way, {"audio": True})
    assert not await revoked()
    await technician.ask("PATCH", way, {"audio": False})
    assert await revoked()
