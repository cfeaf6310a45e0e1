"""Spreadsheets in and out: what would be computed, unpacked or fetched is refused or is text; out and in is one."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import Any

import httpx
import openpyxl
import pytest

from hub.errors import HubError
from patrol_console.camera_import import sheets
from patrol_console.camera_import.columns import Column
from patrol_console.camera_import.draft import FORMULA
from patrol_console.camera_import.file import table_in
from patrol_console.camera_import.table import Stood
from tests.patrol_console.people import Person, Town
from tests.patrol_console.test_camera_import import code, imported, outcomes, over, table, upload

HEADS = ["名称", "地址", "区域", "国标编码", "经度", "纬度", "授权止", "类别"]


def book(*rows: list[Any], heads: list[str] | None = None) -> openpyxl.Workbook:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.append(HEADS if heads is None else heads)
    for row in rows:
        sheet.append(row)
    return made


def saved(made: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def with_part(data: bytes, name: str, change: Any) -> bytes:
    """The same archive with one part changed, or with one more."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            content = old.read(part)
            new.writestr(part, change(content) if part == name else content)
        if name not in old.namelist():
            new.writestr(name, change(b""))
    return out.getvalue()


ROW = ["村口", "rtsp://10.0.0.1/x", "East", code(1), 113.5, -23.25, date(2026, 12, 31), "住户"]


def refusal(data: bytes) -> str:
    with pytest.raises(HubError) as caught:
        table_in(data)
    return caught.value.code


@pytest.fixture
async def technician(asgi: httpx.ASGITransport, town: Town) -> Person:
    return await Person.sign_in(asgi, "technician")


async def test_a_spreadsheet_is_read_with_its_numbers_and_its_days(technician: Person) -> None:
    answer = await imported(technician, saved(book(ROW)))
    assert outcomes(answer) == ["created"], answer["lines"]
    camera = (await technician.ask("GET", f"/api/cameras/{answer['lines'][0]['camera_id']}")).json()
    assert (camera["longitude"], camera["latitude"]) == (113.5, -23.25)
    assert camera["consent_until"] == "2026-12-31T16:00:00Z", "the last day is a whole one, in the centre's time"
    assert camera["national_code"] == code(1)


async def test_formulas_errors_numbers_for_codes_and_merged_cells_are_refused_row_by_row(technician: Person) -> None:
    made = book(
        ['=HYPERLINK("http://x")', *ROW[1:3]],
        ["a", '=CONCATENATE("rtsp://10.0.0.2","/x")', "East"],
        ["b", "rtsp://10.0.0.3/x", "East", 44010200001320000007],
        ["c", "rtsp://10.0.0.4/x", "East"],
        ["d", "rtsp://10.0.0.5/x", None],
        ["e", "rtsp://10.0.0.6/x", "East"],
        ["f", "#N/A", "East"],
    )
    sheet = made.active
    assert sheet is not None
    sheet.merge_cells("C5:C6")
    data = saved(made)
    # A kept value of a formula is what its writer says it is.
    data = with_part(
        data,
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b"<v></v>", b"<v>rtsp://10.0.0.9/x</v>").replace(b"<v />", b"<v>rtsp://10.0.0.9/x</v>"),
    )
    answer = await imported(technician, data)
    assert [(line["line"], line["code"]) for line in answer["lines"]] == [
        (2, "camera_import.formula"),
        (3, "camera_import.formula"),
        (4, "camera_import.code_as_number"),
        (5, "camera_import.merged"),
        (6, "camera_import.merged"),
        (7, None),
        (8, "camera_import.error_value"),
    ]
    assert "10.0.0.9" not in str(answer)


def test_a_title_and_other_sheets_do_not_hide_the_cameras() -> None:
    made = openpyxl.Workbook()
    cover = made.active
    assert cover is not None
    cover.append(["石桥镇摄像机台账"])
    sheet = made.create_sheet("台账")
    sheet.append(["2026 年"])
    sheet.merge_cells("A1:D1")
    sheet.append([])
    sheet.append(HEADS)
    sheet.append(ROW)
    (row,) = table_in(saved(made)).rows
    assert (row.line, row.cells[Column.NAME].text) == (4, "村口")
    assert row.cells[Column.CONSENT_UNTIL].stood is Stood.DATE


def test_archives_that_unpack_to_more_than_a_table_are_refused() -> None:
    data = saved(book(ROW))
    assert (
        refusal(with_part(data, "xl/worksheets/sheet1.xml", lambda _: bytes(20_000_000))) == "camera_import.xlsx_bomb"
    )
    assert refusal(with_part(data, "xl/media/a.png", lambda _: bytes(40_000_000))) == "camera_import.xlsx_bomb"
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(300):
            archive.writestr(f"xl/{number}.xml", b"<a/>")
    assert refusal(many.getvalue()) == "camera_import.xlsx_bomb"


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml", "_rels/.rels"])
def test_declarations_of_entities_are_refused_wherever_they_hide(part: str) -> None:
    data = saved(book(ROW))
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    outside = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    for hostile in (laughs, outside, b'<?xml version="1.0" encoding="utf-7"?>'):
        assert refusal(with_part(data, part, lambda xml, first=hostile: first + xml)) == "camera_import.xlsx_entities"
    wide = with_part(data, part, lambda xml: (laughs.decode() + xml.decode()).encode("utf-16"))
    assert refusal(wide) == "camera_import.xlsx_entities"


def test_a_part_under_another_name_is_not_read_at_all() -> None:
    """A sheet may be called anything; what was not looked through is not there for the parser."""
    data = saved(book(ROW))
    moved = with_part(
        data, "xl/_rels/workbook.xml.rels", lambda xml: xml.replace(b"worksheets/sheet1.xml", b"media/a.png")
    )
    hostile = with_part(
        moved, "xl/media/a.png", lambda _: b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x/>'
    )
    assert refusal(hostile) == "camera_import.xlsx_unreadable"


def test_a_cell_far_below_costs_nothing_and_is_told() -> None:
    far = with_part(
        saved(book(ROW)),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(
            b"</sheetData>", b'<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
        ),
    )
    assert len(table_in(far).rows) == 1
    big = table_in(saved(book(*[[f"村口{n}", f"rtsp://10.0.0.1/{n}", "East"] for n in range(1200)])))
    assert len(big.rows) == 1200


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_what_goes_out_comes_in_unchanged(kind: str, lang: str, technician: Person) -> None:
    technician.client.headers["Accept-Language"] = lang
    odd = "'=村口,rtsp://10.9.0.1/x,,,East,-1.5,2.25,,住户,按需,b、a,红\n'-村口,rtsp://10.9.0.2/x,,,East,,,,,,,\n"
    made = await imported(technician, table(6) + odd)
    assert made["counts"]["created"] == 8
    out = await technician.ask("GET", f"/api/cameras/export?kind={kind}")
    assert out.headers["content-disposition"].endswith(f'cameras.{kind}"')
    again = await imported(technician, out.content)
    assert set(outcomes(again)) == {"unchanged"}, [line for line in again["lines"] if line["outcome"] != "unchanged"]
    assert again["total"] == 9, "with the camera that the town had"


async def test_no_cell_that_goes_out_is_computed(technician: Person) -> None:
    names = [f"{mark}村口" for mark in FORMULA if mark not in "\t\r"]
    rows = "".join(f"'{name},rtsp://10.9.0.{n + 1}/x,,,East,,,,,,,\n" for n, name in enumerate(names))
    assert (await imported(technician, table(0) + rows))["counts"]["created"] == len(names)
    out = (await technician.ask("GET", "/api/cameras/export")).content
    with zipfile.ZipFile(io.BytesIO(out)) as archive:
        assert not [name for name in archive.namelist() if b"<f>" in archive.read(name) and "sheet1" in name]
    sheet = openpyxl.load_workbook(io.BytesIO(out)).worksheets[0]
    texts = [cell.value for row in sheet.iter_rows(min_row=2) for cell in row if isinstance(cell.value, str)]
    assert not [text for text in texts if text.startswith(FORMULA)]
    assert {f"'{name}" for name in names} <= set(texts)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_template_has_lists_explanations_and_headings_that_are_known(lang: str) -> None:
    made = openpyxl.load_workbook(io.BytesIO(sheets.template("xlsx", lang, ["镇/村"], ["派出所"])))
    assert len(made.worksheets) == 3
    assert len(made.worksheets[0].data_validations.dataValidation) == 6
    for kind in ("csv", "xlsx"):
        assert refusal(sheets.template(kind, lang)) == "camera_import.no_rows"
    filled = book(ROW[:3], heads=[str(cell.value) for cell in made.worksheets[0][1]][:3])
    assert table_in(saved(filled)).unknown == ()


async def test_a_template_offers_the_areas_that_one_may_configure(technician: Person) -> None:
    got = await technician.ask("GET", "/api/cameras/import-template")
    lists = openpyxl.load_workbook(io.BytesIO(got.content)).worksheets[2]
    words = {cell.value for row in lists.iter_rows() for cell in row}
    assert "East" in words
    assert not [word for word in words if word and "West" in str(word)]


async def test_a_name_of_a_file_is_text(technician: Person) -> None:
    for name, kept in (("../../etc/passwd", "passwd"), ("C:\\台账\\a.csv", "a.csv"), ("x" * 400 + ".csv", "x" * 128)):
        begun = await upload(technician, table(1), name=name)
        assert begun.json()["file_name"] == kept
        await over(technician, begun.json()["id"])
