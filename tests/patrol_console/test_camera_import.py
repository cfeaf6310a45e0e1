"""Cameras from a file: each row whole or not at all, its reason in words, the same file twice is the same hub."""

from __future__ import annotations

import asyncio
import csv
import io
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from patrol_console.console import Console
from patrol_console.tables.camera import CameraRow
from patrol_console.tables.camera_import import CameraImportLineRow, CameraImportRow
from patrol_console.tables.outbox import OutboxRow
from tests.patrol_console.people import Person, Town
from tests.support.clock import FakeClock

HEAD = "名称,地址,用户名,密码,区域,经度,纬度,国标编码,类别,取流方式,标签,位置级别\n"
ROW = "村口{n},rtsp://10.1.{hi}.{lo}/s2,admin,pa55-{n},East,113.{n:03d},23.1,{code},公共,每 10 分钟,河道、重点,橙\n"


def code(number: int) -> str:
    return f"44010200001320{number:06d}"


def table(count: int, first: int = 0) -> str:
    rows = (
        ROW.format(n=n, hi=n // 250, lo=n % 250 + 1, code=code(n) if n % 2 else "") for n in range(first, first + count)
    )
    return HEAD + "".join(rows)


async def upload(person: Person, data: bytes | str, name: str = "cameras.csv", **form: str) -> httpx.Response:
    raw = data.encode() if isinstance(data, str) else data
    return await person.client.post("/api/cameras/import", files={"file": (name, raw)}, data=form)


async def imported(person: Person, data: bytes | str, **form: str) -> dict[str, Any]:
    """The import when it is over, with its lines in the order of the file."""
    begun = await upload(person, data, **form)
    assert begun.status_code == 202, begun.text
    return await over(person, begun.json()["id"])


async def over(person: Person, import_id: str) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while True:
            answer = (await person.ask("GET", f"/api/cameras/imports/{import_id}?lines=10000")).json()
            if answer["state"] != "running":
                answer["lines"].sort(key=lambda line: line["line"])
                found: dict[str, Any] = answer
                return found
            await asyncio.sleep(0.01)


def outcomes(answer: dict[str, Any]) -> list[str]:
    return [line["outcome"] for line in answer["lines"]]


async def all_cameras(console: Console) -> list[CameraRow]:
    async with console.database.reading() as session:
        return list(
            await session.scalars(
                select(CameraRow).where(CameraRow.removed_at.is_(None), CameraRow.name.startswith("村口"))
            )
        )


@pytest.fixture
async def technician(asgi: httpx.ASGITransport, town: Town) -> Person:
    return await Person.sign_in(asgi, "technician")


async def test_a_file_makes_cameras_as_a_form_would_and_twice_makes_none_more(
    console: Console, technician: Person, town: Town
) -> None:
    first = await imported(technician, table(30))
    assert first["counts"] == {"created": 30, "changed": 0, "unchanged": 0, "refused": 0}, first["lines"][:2]
    assert (first["state"], first["done"], first["total"]) == ("done", 30, 30)
    camera = (await technician.ask("GET", f"/api/cameras/{first['lines'][1]['camera_id']}")).json()
    assert (camera["name"], camera["url"], camera["area_id"]) == ("村口1", "rtsp://10.1.0.2/s2", town.east)
    assert (camera["username"], camera["has_password"], camera["national_code"]) == ("admin", True, code(1))
    assert (camera["longitude"], camera["latitude"]) == (113.001, 23.1)
    assert camera["watch"] == {"mode": "interval", "every_min": 10}
    assert (camera["tags"], camera["importance"]) == (["河道", "重点"], "orange")
    assert camera["cause"] == "starting"
    again = await imported(technician, table(30))
    assert again["counts"]["unchanged"] == 30, again["lines"][:2]
    assert [line["camera_id"] for line in again["lines"]] == [line["camera_id"] for line in first["lines"]]
    assert len(await all_cameras(console)) == 30


async def test_services_and_browsers_hear_of_each_camera_once(console: Console, technician: Person) -> None:
    await imported(technician, table(3))
    async with console.database.reading() as session:
        rows = list(await session.scalars(select(OutboxRow)))
    assert len([row for row in rows if row.lane == "spec" and "camera_id" in row.body]) == 3
    assert [row.body["change"] for row in rows if row.lane == "event" and row.body["noun"] == "camera"] == [
        "created"
    ] * 3


async def test_a_renamed_or_moved_camera_is_changed_and_not_doubled(console: Console, technician: Person) -> None:
    await imported(technician, HEAD + "村口东,rtsp://10.0.0.9/a,,,East,,,,,,,\n")
    renamed = await imported(technician, f"名称,地址,区域,国标编码\n村口东门,10.0.0.9:554/a,East,{code(7)}\n")
    assert outcomes(renamed) == ["changed"]
    assert [camera.subnet for camera in await all_cameras(console)] == ["10.0.0.0/24"]
    moved = await imported(technician, f"名称,地址,国标编码\n村口东门,rtsp://10.0.0.10/a,{code(7)}\n")
    assert outcomes(moved) == ["changed"]
    (camera,) = await all_cameras(console)
    assert (camera.name, camera.url, camera.national_code) == ("村口东门", "rtsp://10.0.0.10/a", code(7))


async def test_a_password_does_not_go_along_to_another_host_and_the_line_says_so(
    console: Console, technician: Person
) -> None:
    await imported(technician, HEAD + f"村口东,rtsp://10.0.0.9/a,u,secret,East,,,{code(7)},,,,\n")
    moved = await imported(technician, f"地址,国标编码\nrtsp://10.66.66.66/a,{code(7)}\n")
    assert [(line["outcome"], line["code"]) for line in moved["lines"]] == [("changed", "camera_import.password_gone")]
    (camera,) = await all_cameras(console)
    assert camera.sealed_password is None


async def test_a_dry_run_tells_the_same_and_changes_nothing(console: Console, technician: Person) -> None:
    await imported(technician, table(5))
    more = table(8).replace("村口2", "村口2号") + "坏,rtsp://8.8.8.8/x,,,East,,,,,,,\n"
    dry = await imported(technician, more, dry_run="true")
    assert dry["dry_run"]
    assert len(await all_cameras(console)) == 5
    wet = await imported(technician, more)
    assert [(line["line"], line["outcome"], line["code"]) for line in dry["lines"]] == [
        (line["line"], line["outcome"], line["code"]) for line in wet["lines"]
    ]
    assert wet["counts"] == {"created": 3, "changed": 1, "unchanged": 4, "refused": 1}


REFUSED = [
    ("村口,rtsp://10.2.0.1/x,,,,,,,,,,", "camera_import.missing"),  # a new one without an area
    (",rtsp://10.2.0.1/x,,,East,,,,,,,", "camera_import.missing"),
    ("村口,,,,East,,,,,,,", "camera_import.no_identity"),
    ("村口,rtsp://10.2.0.1/x,,,Nowhere,,,,,,,", "camera_import.no_area"),
    ("村口,rtsp://10.2.0.1/x,,,West,,,,,,,", "camera_import.no_area"),  # what one may not know of is not there
    ("村口,rtsp://8.8.8.8/x,,,East,,,,,,,", "hub.address_forbidden"),
    ("村口,http://10.2.0.1/x,,,East,,,,,,,", "hub.address_scheme"),
    ("村口,rtsp://0x7f000001/x,,,East,,,,,,,", "hub.address_host"),
    ("村口,rtsp://10.2.0.1/x,,,East,200,23,,,,,", "camera_import.no_degrees"),
    ("村口,rtsp://10.2.0.1/x,,,East,113,,,,,,", "patrol_console.half_position"),
    ("村口,rtsp://10.2.0.1/x,,,East,23,113,,,,,", "camera_import.swapped"),
    ("村口,rtsp://10.2.0.1/x,,,East,nan,23,,,,,", "camera_import.no_degrees"),
    ("村口,rtsp://10.2.0.1/x,,,East,,,4401020000132000001,,,,", "patrol_console.national_code_digits"),
    ("村口,rtsp://10.2.0.1/x,,,East,,,99010200001320000001,,,,", "patrol_console.national_code_centre"),
    ("村口,rtsp://10.2.0.1/x,,,East,,,4.4010E+19,,,,", "camera_import.code_as_number"),
    ("村口,rtsp://10.2.0.1/x,,,East,,,,飞机,,,", "camera_import.no_kind"),
    ("村口,rtsp://10.2.0.1/x,,,East,,,,,每 0 分钟,,", "camera_import.no_watch"),
    ("村口,rtsp://10.2.0.1/x,,,East,,,,,,,紫", "camera_import.no_importance"),
    ("=cmd|' /C calc'!A0,rtsp://10.2.0.1/x,,,East,,,,,,,", "camera_import.formula"),
    ("@SUM(A1),rtsp://10.2.0.1/x,,,East,,,,,,,", "camera_import.formula"),
    ("村口,rtsp://10.2.0.1/x,+admin,,East,,,,,,,", "camera_import.formula"),
    ("＝1,rtsp://10.2.0.1/x,,,East,,,,,,,", "camera_import.formula"),  # full width
    ('"a\nb",rtsp://10.2.0.1/x,,,East,,,,,,,', "camera_import.value"),
    ("a\u202eb,rtsp://10.2.0.1/x,,,East,,,,,,,", "camera_import.value"),
    (f"{'名' * 65},rtsp://10.2.0.1/x,,,East,,,,,,,", "camera_import.value"),
    (f"{'名' * 3000},rtsp://10.2.0.1/x,,,East,,,,,,,", "camera_import.too_long"),
    ('村口,rtsp://10.2.0.1/x,,,East,,,,,,"a""b",', "camera_import.value"),
]


async def test_each_wrong_row_has_its_reason_and_stops_no_right_one(console: Console, technician: Person) -> None:
    right = [f"村口{n},rtsp://10.3.0.{n + 1}/x,,,East,-{n}.5,23,,,,," for n in range(len(REFUSED))]
    text = HEAD + "".join(f"{wrong}\r\n{good}\r\n" for (wrong, _), good in zip(REFUSED, right, strict=True))
    answer = await imported(technician, text)
    refused = [(line["outcome"], line["code"]) for line in answer["lines"][::2]]
    assert refused == [("refused", reason) for _, reason in REFUSED]
    assert set(outcomes(answer)[1::2]) == {"created"}, "a negative longitude is a number"
    for line in answer["lines"][::2]:
        assert line["reason"]
        assert "{" not in line["reason"], line["reason"]
    listed = (await technician.ask("GET", f"/api/cameras/imports/{answer['id']}?lines=3")).json()
    assert [line["outcome"] for line in listed["lines"]] == ["refused"] * 3
    assert listed["cut"]


async def test_the_same_camera_twice_in_a_file_is_taken_once(technician: Person) -> None:
    text = (
        HEAD
        + f"村口1,rtsp://10.2.0.1/x,,,East,,,{code(1)},,,,\n村口2,rtsp://10.2.0.1:554/x,,,East,,,,,,,\n"
        + f"村口3,rtsp://10.2.0.3/x,,,East,,,{code(1)},,,,\n"
    )
    answer = await imported(technician, text)
    assert [(line["outcome"], line["code"]) for line in answer["lines"]] == [
        ("created", None),
        ("refused", "camera_import.twice"),
        ("refused", "camera_import.twice"),
    ]
    assert "2" in answer["lines"][1]["reason"]


async def test_a_row_whose_code_and_address_are_two_cameras_is_refused(technician: Person) -> None:
    both = HEAD + (
        f"村口1,rtsp://10.2.0.1/x,,,East,,,{code(1)},,,,\n村口2,rtsp://10.2.0.2/x,,,East,,,{code(2)},,,,\n"
        "村口3,rtsp://10.2.0.3/x,,,East,,,,,,,\n"
    )
    await imported(technician, both)
    for row, reason in (
        (f"村口,rtsp://10.2.0.2/x,,,East,,,{code(1)},,,,\n", "camera_import.other_address"),
        (f"村口,rtsp://10.2.0.2/x,,,East,,,{code(9)},,,,\n", "camera_import.other_code"),
    ):
        answer = await imported(technician, HEAD + row)
        assert [line["code"] for line in answer["lines"]] == [reason]


async def test_a_code_of_elsewhere_is_taken_and_an_address_of_elsewhere_is_not_there(
    asgi: httpx.ASGITransport, technician: Person, town: Town
) -> None:
    admin = await Person.sign_in(asgi, "admin")
    await imported(admin, f"名称,地址,区域,国标编码\n西,rtsp://10.2.0.1/x,Town/West,{code(1)}\n")
    answer = await imported(
        technician, f"名称,地址,区域,国标编码\n甲,rtsp://10.2.0.1/x,East,\n乙,rtsp://10.2.0.2/x,East,{code(1)}\n"
    )
    assert [(line["outcome"], line["code"]) for line in answer["lines"]] == [
        ("created", None),
        ("refused", "patrol_console.national_code_taken"),
    ]
    assert "西" not in str(answer)


async def test_what_is_no_table_of_cameras_is_one_sentence(technician: Person) -> None:
    for data, reason in (
        (b"", "empty_file"),
        (b"a,b\n1,2\n", "no_headings"),
        (HEAD.encode(), "no_rows"),
        ("名称,区域\n村口,East\n".encode(), "no_identity_heading"),
        ("名称,名称,地址\nx,y,z\n".encode(), "heading_twice"),
        ((HEAD + '"村口,rtsp').encode(), "csv_quotes"),
        (b"\x00\x01\x02\xff\xfe\x80\x81", "csv_encoding"),
        (b"PK\x03\x04garbage", "xlsx_unreadable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "xlsx_old"),
        ((HEAD + "村口,rtsp://10.0.0.1/x\n" * 10_001).encode(), "too_many_rows"),
    ):
        answer = await upload(technician, data)
        assert (answer.status_code, answer.json().get("code")) == (422, f"camera_import.{reason}"), answer.text
        assert answer.json()["detail"]
    assert (await upload(technician, b"x" * 8_200_000)).status_code == 413
    for content, kind in ((b"{}", "application/json"), (b"--x--", "multipart/form-data; boundary=x"), (b"", "")):
        wrong = await technician.client.post("/api/cameras/import", content=content, headers={"Content-Type": kind})
        assert (wrong.status_code, wrong.json()["code"]) == (422, "camera_import.no_upload")
    assert (await upload(technician, table(1), coordinates="mars")).status_code == 422
    assert (await imported(technician, table(1)))["state"] == "done", "a wrong file takes nobody's place"


async def test_headings_are_known_in_both_languages_in_any_order_and_unknown_ones_are_told(technician: Person) -> None:
    text = "Remarks;Area *;NATIONAL CODE;RTSP URL（必填）;设备名称\nx;Town/East;;rtsp://10.0.0.9/a;村口\n"
    answer = await imported(technician, text.replace("Town/", "").encode("gb18030"))
    assert answer["unknown_columns"] == ["Remarks"]
    assert outcomes(answer) == ["created"]


async def test_positions_of_chinese_maps_are_turned_into_wgs84(console: Console, technician: Person) -> None:
    text = HEAD + "村口,rtsp://10.0.0.9/a,,,East,116.404,39.915,,,,,\n"
    for expected in ("created", "unchanged"):
        assert outcomes(await imported(technician, text, coordinates="gcj02")) == [expected]
    (camera,) = await all_cameras(console)
    assert camera.longitude == pytest.approx(116.39775, abs=2e-4)
    assert camera.latitude == pytest.approx(39.91359, abs=2e-4)


async def test_an_import_is_its_persons_own(asgi: httpx.ASGITransport, technician: Person, town: Town) -> None:
    done = await imported(technician, table(2))
    admin = await Person.sign_in(asgi, "admin")
    for way in ("", "/result.csv"):
        assert (await admin.ask("GET", f"/api/cameras/imports/{done['id']}{way}")).status_code == 404
    assert (await admin.ask("GET", "/api/cameras/imports")).json()["items"] == []
    (mine,) = (await technician.ask("GET", "/api/cameras/imports")).json()["items"]
    assert (mine["id"], mine["done"]) == (done["id"], 2)
    for name in ("operator", "duty_officer"):
        other = await Person.sign_in(asgi, name)
        assert (await upload(other, table(1))).status_code == 403
        for way in ("imports", "export", "import-template"):
            assert (await other.ask("GET", f"/api/cameras/{way}")).status_code == 403


async def test_one_person_has_one_import_at_a_time(technician: Person) -> None:
    begun = await upload(technician, table(200))
    second = await upload(technician, table(1))
    assert (second.status_code, second.json()["code"]) == (409, "camera_import.running")
    await over(technician, begun.json()["id"])
    assert (await upload(technician, table(1))).status_code == 202


async def test_an_import_that_was_cut_off_shows_as_stopped_and_the_same_file_ends_it(
    console: Console, technician: Person, clock: FakeClock
) -> None:
    begun = (await upload(technician, table(100))).json()
    way = f"/api/cameras/imports/{begun['id']}"
    while (await technician.ask("GET", way)).json()["done"] < 20:  # noqa: ASYNC110 - the task has no event for this
        await asyncio.sleep(0)
    await console.imports.stop()
    await clock.advance(30)  # with PostgreSQL another console may run it: its silence decides
    cut = (await technician.ask("GET", f"{way}?lines=10000")).json()
    assert cut["state"] == "stopped"
    assert 20 <= cut["done"] < 100
    assert len(await all_cameras(console)) == cut["done"], "a camera and its line are one"
    again = await imported(technician, table(100))
    assert again["counts"] == {"created": 100 - cut["done"], "changed": 0, "unchanged": cut["done"], "refused": 0}


async def test_passwords_go_in_and_are_nowhere_after(console: Console, technician: Person, tmp_path: Any) -> None:
    await imported(technician, table(2))
    bad = HEAD + "村口,rtsp://u:pa55-x@8.8.8.8/x,,,East,,,,,,,\n村口,rtsp://10.0.0.1/x,u,pa55-y,Nowhere,,,,,,,\n"
    answer = await imported(technician, bad)
    texts = [str(answer)]
    for way in (f"imports/{answer['id']}/result.csv", "export?kind=csv", "export", "imports"):
        got = await technician.ask("GET", f"/api/cameras/{way}")
        assert got.status_code == 200
        texts.append(got.content.decode("latin-1"))
    assert not [text for text in texts if "pa55" in text]
    held = [file.name for file in tmp_path.rglob("*") if file.is_file() and b"pa55" in file.read_bytes()]
    assert held == []


async def test_only_the_newest_imports_are_kept(console: Console, technician: Person) -> None:
    for _ in range(22):
        await imported(technician, table(1))
    async with console.database.reading() as session:
        assert len(list(await session.scalars(select(CameraImportRow)))) == 20
        assert len(list(await session.scalars(select(CameraImportLineRow)))) == 20


async def test_the_result_names_each_row_once_and_computes_nothing(technician: Person) -> None:
    answer = await imported(
        technician, HEAD + "'=村口,rtsp://10.0.0.1/x,,,East,,,,,,,\n-x,rtsp://10.0.0.2/x,,,East,,,,,,,\n"
    )
    got = (await technician.ask("GET", f"/api/cameras/imports/{answer['id']}/result.csv")).content
    assert got.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(got.decode("utf-8-sig"))))
    assert [(row[0], row[1], row[2]) for row in rows[1:]] == [("2", "created", "'=村口"), ("3", "refused", "'-x")]
    assert "formula" in rows[2][3]


async def test_an_area_is_found_by_its_name_or_its_path_and_two_of_one_name_are_told_apart(
    console: Console, asgi: httpx.ASGITransport, town: Town
) -> None:
    admin = await Person.sign_in(asgi, "admin")
    for parent in (town.east, town.west):
        assert (await admin.ask("POST", "/api/areas", {"name": "上坝村", "parent_id": parent})).status_code == 201
    text = "名称,地址,区域\n" + "".join(
        f"村口{n},rtsp://10.0.0.{n + 1}/x,{area}\n"
        for n, area in enumerate(("上坝村", "East/上坝村", " west > 上坝村 ", "Town／West", "Town", "Town/上坝村"))
    )
    answer = await imported(admin, text)
    assert [line["code"] for line in answer["lines"]] == [
        *("camera_import.several_areas", None, None, None, None, "camera_import.no_area"),
    ]
    assert "Town/" in answer["lines"][0]["reason"], "an example shows how a path is written"
