"""Files of cameras, and the forms that carry them, with mistakes in them: text, archives, and the XML inside archives.

An archive that is merely damaged is soon refused by its checksums, so the parts are damaged first and packed after.
"""

from __future__ import annotations

import contextlib
import io
import re
import zipfile
from collections.abc import Sequence
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

from hub.errors import HubError
from patrol_console.camera_import import sheets
from patrol_console.camera_import.csv_file import csv_lines
from patrol_console.camera_import.draft import Reading, draft_of
from patrol_console.camera_import.multipart import boundary_of, form_in
from patrol_console.camera_import.table import MOST_CHARACTERS, MOST_ROWS, Table, table_of
from patrol_console.camera_import.xlsx_file import xlsx_lines
from tests.fuzz.kept import kept_bytes

_PLACED = ("上坝村", "村口", 113.1, 23.2, "44010200001320000001", "公共", "每 10 分钟", "录像机", "河道、重点", "橙")
_ROWS: tuple[tuple[str | float | None, ...], ...] = (
    ("村口东", "rtsp://10.0.0.1:554/s2", "admin", *_PLACED, "派出所", "2026-01-01", "2026-12-31", "是"),
    ("=1+1", "rtsp://u:p@10.0.0.2/a", None, "a/b", "'-x", -1.5, 2.5, None, "住户", "连续", None, None, "红"),
)
_PARTS = ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml", "[Content_Types].xml")
_BOUNDARY = b"----probe7MA4YWxk"
_KEPT_MOST = 40_000_000
_VALUES = re.compile(rb'(?<=")[^"<>]{0,80}(?=")|(?<=>)[^<>]{1,80}(?=<)')
_ODD = (
    b" -1 0 1048577 99999999999999999999 1e309 A1 XFD1048576 ZZZZ9 A0 n e f b d s str inlineStr "
    b"2026-13-45T25:61:00 =1+1 #N/A A1:XFD1048576"
).split(b" ")


def run_csv(data: bytes, rng: Random) -> None:
    """Text, as an upload."""
    _read(table_of(csv_lines(data)))


def run_xlsx(data: bytes, rng: Random) -> None:
    """One part of a spreadsheet is this; the others are right."""
    if rng.random() < 0.5:  # XML that is right as such, with values that are not
        data = rng.choice(parts())
        for found in sorted(rng.sample(list(_VALUES.finditer(data)), 2), key=lambda one: -one.start()):
            data = data[: found.start()] + rng.choice(_ODD) + data[found.end() :]
    part = _part_of(data, rng)
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_book())) as right, zipfile.ZipFile(packed, "w") as wrong:
        for name in right.namelist():
            wrong.writestr(name, data if name == part else right.read(name))
    _read(table_of(xlsx_lines(packed.getvalue())))


def run_archive(data: bytes, rng: Random) -> None:
    """The archive itself."""
    _read(table_of(xlsx_lines(data)))


def run_form(data: bytes, rng: Random) -> None:
    """The form that a browser sends."""
    form = form_in(data, _BOUNDARY)
    assert len(form.fields) <= 16
    assert form.file is None or len(form.file) <= len(data)
    with contextlib.suppress(HubError):
        boundary_of(data[:400].decode("latin-1"))


def _read(table: Table) -> None:
    assert len(table.rows) <= MOST_ROWS
    assert kept_bytes(table) < _KEPT_MOST
    for row in table.rows[:200]:
        assert all(len(cell.text) <= MOST_CHARACTERS + 1 for cell in row.cells.values())
        with contextlib.suppress(HubError):
            draft = draft_of(row, Reading(ZoneInfo("Asia/Shanghai"), gcj02=row.line % 2 == 0))
            assert draft.code is not None or draft.key is not None


def _part_of(data: bytes, rng: Random) -> str:
    """The part that this was once, as far as its beginning tells."""
    for word, name in ((b"<worksheet", 0), (b"<sst", 1), (b"<styleSheet", 2), (b"<workbook", 3), (b"<Types", 4)):
        if word in data[:300]:
            return _PARTS[name]
    return rng.choice(_PARTS)


@cache
def texts() -> Sequence[bytes]:
    """CSV in the encodings and with the separators that are met."""
    text = sheets.export("csv", "zh", _ROWS).decode("utf-8-sig")
    english = sheets.export("csv", "en", _ROWS)
    return [english, text.encode("gb18030"), text.replace(",", ";").encode(), text.replace(",", "\t").encode("utf-16")]


@cache
def parts() -> Sequence[bytes]:
    """The parts of a spreadsheet that are read."""
    with zipfile.ZipFile(io.BytesIO(_book())) as archive:
        return [archive.read(name) for name in _PARTS]


@cache
def archives() -> Sequence[bytes]:
    """Whole spreadsheets."""
    return [_book(), sheets.template("xlsx", "en")]


@cache
def forms() -> Sequence[bytes]:
    """What browsers send."""
    field = b'Content-Disposition: form-data; name="dry_run"\r\n\r\ntrue'
    file = (
        b'Content-Disposition: form-data; name="file"; filename="c.csv"\r\nContent-Type: text/csv\r\n\r\n' + texts()[0]
    )
    mark = b"--" + _BOUNDARY
    return [b"\r\n".join((mark, field, mark, file, mark + b"--", b"")), b"\r\n".join((mark, file, mark + b"--"))]


@cache
def _book() -> bytes:
    return sheets.export("xlsx", "zh", _ROWS)
