"""One change to many cameras: each for itself, with its outcome; and the words that a technician finds them by."""

from __future__ import annotations

from typing import Any

import httpx

from patrol_console.console import Console
from patrol_console.tables.camera import CameraRow
from tests.patrol_console.people import Person, Town, camera_row

CODE = "44010200001320000001"


async def bulk(person: Person, ids: list[str], **change: Any) -> httpx.Response:
    return await person.ask("POST", "/api/cameras/bulk", {"ids": ids, "change": change})


async def test_each_camera_of_a_bulk_change_has_its_own_outcome(
    console: Console, asgi: httpx.ASGITransport, town: Town
) -> None:
    async with console.database.writing() as writing:
        for number in range(30):
            row = camera_row(f"cam_{number}", town.east, console.clock.now())
            row.tags = ["old"] if number % 2 else []
            writing.add(row)
    technician = await Person.sign_in(asgi, "technician")
    ids = [f"cam_{number}" for number in range(30)]
    wish = [*ids, town.cameras["west"], "cam_none", ids[0]]
    answer = (await bulk(technician, wish, importance="red", add_tags=["重点", "河道"], remove_tags=["old"])).json()
    assert answer["changed"] == 30
    assert [item["outcome"] for item in answer["items"]] == ["changed"] * 30 + ["refused"] * 2
    elsewhere, nowhere = answer["items"][-2:]
    assert elsewhere["reason"] == nowhere["reason"]
    assert elsewhere["name"] is None
    again = (await bulk(technician, ids, importance="red", add_tags=["重点"])).json()
    assert [item["outcome"] for item in again["items"]] == ["unchanged"] * 30
    async with console.database.reading() as session:
        row = await session.get_one(CameraRow, "cam_1")
    assert (row.tags, row.importance, row.revision) == (["河道", "重点"], "red", 2)


async def test_a_bulk_change_goes_only_where_one_may_put_a_camera(asgi: httpx.ASGITransport, town: Town) -> None:
    technician = await Person.sign_in(asgi, "technician")
    own = [town.cameras["east"]]
    assert (await bulk(technician, own, area_id=town.west)).status_code == 404
    assert (await bulk(technician, own, unit_id=town.units["west"])).status_code == 404
    assert (await bulk(await Person.sign_in(asgi, "operator"), own, importance="red")).status_code == 403
    moved = await bulk(await Person.sign_in(asgi, "admin"), own, area_id=town.west, unit_id=None, enabled=False)
    assert moved.json()["changed"] == 1
    wrongs: list[dict[str, Any]] = [
        {"ids": [], "change": {}},
        {"ids": ["c"] * 1001, "change": {}},
        {"ids": own, "change": {"url": "x"}},
    ]
    for wrong in wrongs:
        assert (await technician.ask("POST", "/api/cameras/bulk", wrong)).status_code == 422


async def test_too_many_tags_are_refused_for_that_camera_alone(asgi: httpx.ASGITransport, town: Town) -> None:
    admin = await Person.sign_in(asgi, "admin")
    assert (await bulk(admin, [town.cameras["east"]], add_tags=[f"t{n}" for n in range(10)])).json()["changed"] == 1
    both = (await bulk(admin, list(town.cameras.values()), add_tags=[f"u{n}" for n in range(10)])).json()
    assert sorted(item["outcome"] for item in both["items"]) == ["changed", "refused"]


async def test_cameras_are_found_by_tag_and_by_code(asgi: httpx.ASGITransport, town: Town) -> None:
    technician = await Person.sign_in(asgi, "technician")
    way = f"/api/cameras/{town.cameras['east']}"
    body = {
        "tags": ["重点", "b", "b"], "national_code": CODE, "longitude": 113.2, "latitude": 23.1, "recordings": "NVR"
    }  # fmt: skip
    changed = await technician.ask("PATCH", way, body)
    assert changed.status_code == 200, changed.text
    assert changed.json()["tags"] == ["b", "重点"]
    assert (changed.json()["national_code"], changed.json()["recordings"]) == (CODE, "NVR")
    for query, found in (
        ("tag=重点", 1),
        ("tag=重", 0),
        ("tag=b", 1),
        ("tag=%25", 0),
        (f"q={CODE[4:]}", 1),
        ("q=999", 0),
    ):
        items = (await technician.ask("GET", f"/api/cameras?{query}")).json()["items"]
        assert len(items) == found, query
    emptied = await technician.ask("PATCH", way, {"national_code": None, "longitude": None, "latitude": None})
    assert (emptied.json()["national_code"], emptied.json()["longitude"]) == (None, None)


async def test_a_code_is_one_cameras_and_is_free_again_when_it_is_gone(asgi: httpx.ASGITransport, town: Town) -> None:
    admin = await Person.sign_in(asgi, "admin")
    body = {"name": "n", "area_id": town.east, "url": "rtsp://127.0.0.1/x", "national_code": CODE}
    first = await admin.ask("POST", "/api/cameras", body)
    assert first.status_code == 201, first.text
    second = await admin.ask("POST", "/api/cameras", body)
    assert (second.status_code, second.json()["code"]) == (409, "patrol_console.national_code_taken")
    await admin.ask("DELETE", f"/api/cameras/{first.json()['id']}")
    assert (await admin.ask("POST", "/api/cameras", body)).status_code == 201
    for wrong in ("1", "4401020000132000001a", "99010200001320000001"):
        answer = await admin.ask("POST", "/api/cameras", {**body, "national_code": wrong})
        assert answer.status_code == 422
    half = await admin.ask("POST", "/api/cameras", {**body, "national_code": None, "longitude": 1.5})
    assert half.json()["code"] == "patrol_console.half_position"
