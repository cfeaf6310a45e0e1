"""Partner access: a login that is told once, cameras that their configurer hands on, and no household's ever."""

from __future__ import annotations

import hashlib

import httpx
import pytest
from sqlalchemy import select

from hub.contracts.camera import CameraSpec
from hub.contracts.share import REALM, DigestAlgorithm, seal_context
from hub.contracts.viewing import Viewing, ViewingMoment
from hub.ids import new_id
from patrol_console.camera.spec import all_specs
from patrol_console.console import Console
from patrol_console.register import service as register
from patrol_console.tables.outbox import OutboxRow
from patrol_console.tables.share import ShareAccessRow
from patrol_console.tables.viewing import ViewingRow
from tests.patrol_console.people import Person, Town


@pytest.fixture
async def admin(asgi: httpx.ASGITransport, town: Town) -> Person:
    return await Person.sign_in(asgi, "admin")


async def specs(console: Console) -> dict[str, CameraSpec]:
    async with console.database.reading() as session:
        return {spec.camera_id: spec for spec in await all_specs(session)}


async def told(console: Console) -> list[str]:
    """The cameras that the services are told of, since the beginning."""
    async with console.database.reading() as session:
        rows = await session.scalars(select(OutboxRow).where(OutboxRow.lane == "spec").order_by(OutboxRow.seq))
        return [str(row.body["camera_id"]) for row in rows if "camera_id" in row.body]


async def test_the_password_is_told_once_and_what_is_kept_opens_by_it(
    console: Console, admin: Person, town: Town
) -> None:
    way = f"/api/units/{town.units['east']}"
    login = (await admin.ask("POST", f"{way}/access")).json()
    chosen = (await admin.ask("PUT", f"{way}/cameras", {"camera_ids": [town.cameras["east"]]})).json()
    read = await admin.ask("GET", f"{way}/access")
    assert login["password"] not in read.text
    assert read.json() == chosen
    assert chosen["username"] == login["username"]
    assert [camera["path"] for camera in chosen["cameras"]] == [f"/{town.cameras['east']}"]
    (share,) = (await specs(console))[town.cameras["east"]].shares
    assert (share.unit_id, share.unit_name) == (town.units["east"], "police of east")
    for algorithm, make in ((DigestAlgorithm.SHA_256, hashlib.sha256), (DigestAlgorithm.MD5, hashlib.md5)):
        right = make(f"{login['username']}:{REALM}:{login['password']}".encode()).hexdigest()
        assert console.key.open(share.sealed(algorithm), seal_context(share.unit_id, algorithm)) == right
    assert (await specs(console))[town.cameras["west"]].shares == ()
    async with console.database.reading() as session:
        row = await session.get_one(ShareAccessRow, town.units["east"])
    assert login["password"] not in f"{row.sealed_md5} {row.sealed_sha256}"


async def test_each_change_reaches_the_gateway_as_a_new_revision(console: Console, admin: Person, town: Town) -> None:
    way, east, west = f"/api/units/{town.units['east']}", town.cameras["east"], town.cameras["west"]
    await admin.ask("POST", f"{way}/access")
    assert await told(console) == []
    await admin.ask("PUT", f"{way}/cameras", {"camera_ids": [east, west]})
    await admin.ask("PUT", f"{way}/cameras", {"camera_ids": [east]})
    assert await told(console) == [east, west, west]
    assert (await specs(console))[west].revision == 3
    first = (await specs(console))[east].shares
    await admin.ask("POST", f"{way}/access")
    assert (await specs(console))[east].shares != first
    await admin.ask("DELETE", f"{way}/access")
    assert (await specs(console))[east].shares == ()
    assert await told(console) == [east, west, west, east, east]
    await admin.ask("POST", f"{way}/access")
    assert (await specs(console))[east].shares == (), "a new login opens nothing of before"


async def test_a_households_camera_is_refused_and_one_that_becomes_one_is_taken_back(
    console: Console, admin: Person, town: Town
) -> None:
    way, east = f"/api/units/{town.units['east']}", town.cameras["east"]
    await admin.ask("POST", f"{way}/access")
    await admin.ask("PUT", f"{way}/cameras", {"camera_ids": [east]})
    await admin.ask("PATCH", f"/api/cameras/{east}", {"kind": "household"})
    assert (await specs(console))[east].shares == ()
    refused = await admin.ask("PUT", f"{way}/cameras", {"camera_ids": [east]})
    assert (refused.status_code, refused.json()["code"]) == (409, "patrol_console.share_household")
    await admin.ask("PATCH", f"/api/cameras/{east}", {"kind": "public"})
    assert (await specs(console))[east].shares == (), "nobody hands it on by changing its kind"


async def test_cameras_need_a_login_first_and_a_camera_that_is_there(admin: Person, town: Town) -> None:
    way = f"/api/units/{town.units['east']}/cameras"
    none = await admin.ask("PUT", way, {"camera_ids": []})
    assert (none.status_code, none.json()["code"]) == (409, "patrol_console.share_no_access")
    await admin.ask("POST", f"/api/units/{town.units['east']}/access")
    assert (await admin.ask("PUT", way, {"camera_ids": ["cam_none"]})).status_code == 404
    assert (await admin.ask("PUT", way, {"camera_ids": ["../x"]})).status_code == 422


async def test_who_configures_a_part_hands_on_no_other_and_gets_no_password_that_opens_one(
    asgi: httpx.ASGITransport, admin: Person, town: Town
) -> None:
    way, east, west = f"/api/units/{town.units['east']}", town.cameras["east"], town.cameras["west"]
    technician = await Person.sign_in(asgi, "technician")
    assert (await technician.ask("POST", f"{way}/access")).status_code == 201
    assert (await technician.ask("PUT", f"{way}/cameras", {"camera_ids": [west]})).status_code == 404
    await admin.ask("PUT", f"{way}/cameras", {"camera_ids": [west]})
    mine = (await technician.ask("PUT", f"{way}/cameras", {"camera_ids": [east]})).json()
    assert ([camera["id"] for camera in mine["cameras"]], mine["hidden"]) == ([east], 1)
    assert (await technician.ask("POST", f"{way}/access")).status_code == 403
    whole = (await admin.ask("GET", f"{way}/access")).json()
    assert ({camera["id"] for camera in whole["cameras"]}, whole["hidden"]) == ({east, west}, 0)
    assert (await technician.ask("DELETE", f"{way}/access")).status_code == 204, "taking away is always safe"


async def test_a_partners_viewing_stands_in_the_register_by_its_units_name(console: Console, town: Town) -> None:
    now = console.clock.now()
    unit_id = town.units["east"]
    viewing = Viewing(
        ticket_id=new_id("tkt", now),
        camera_id=town.cameras["east"],
        user_id=f"unit:{unit_id}",
        unit_id=unit_id,
        purpose="partner",
        reference="10.0.0.9",
        moment=ViewingMoment.OPENED,
        at=now,
    )
    async with console.database.writing() as session:
        await register.write(session, viewing)
        row = await session.get_one(ViewingRow, viewing.ticket_id)
        assert (row.user_name, row.unit, row.purpose) == ("police of east", "police of east", "partner")
