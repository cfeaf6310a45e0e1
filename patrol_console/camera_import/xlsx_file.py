"""A spreadsheet's rows (Office Open XML), read by openpyxl, which is used for reading here alone.

The archive is looked through before anything of it is parsed: its size unpacked and how tightly it is packed, DTDs and
entities, other encodings than UTF-8. openpyxl gets a copy that holds the parts looked through and no others, so macros
and pictures are not there for it. Formulas are not computed and their kept values not trusted; links to other files
are not followed. Pure; runs on a thread of its own.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

import openpyxl
from openpyxl.utils import range_boundaries

from hub.errors import ErrorKind, HubError
from patrol_console.camera_import.columns import column_of
from patrol_console.camera_import.table import MOST_CHARACTERS, MOST_COLUMNS, MOST_ROWS, Cell, Stood

_MOST_PARTS = 200
_MOST_UNPACKED_BYTES = 32_000_000  # ten thousand rows of all columns are a third of it
_TIGHTEST = 150  # times; a table of like rows reaches 60
_TIGHT_FROM_BYTES = 1_000_000  # what is small may be packed as tightly as it likes
_LAST_ROW = MOST_ROWS + 40  # with headings and explanations
_MOST_SHEETS = 6
_MOST_MERGES = 20_000
_NOT_XML = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCODING = re.compile(rb"\A\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_MERGED = re.compile(
    rb"<(?:\w+:)?mergeCell\s[^>]{0,80}?ref\s*=\s*[\"']([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})[\"']"
)


def is_archive(data: bytes) -> bool:
    """Whether this begins as a ZIP archive does, or as the older or the encrypted form of a spreadsheet."""
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0"))


def xlsx_lines(data: bytes) -> Iterator[tuple[int, list[Cell]]]:
    """(line, cells) of the first sheet that has headings of ours, else of the first.

    Raises HubError INVALID `camera_import.xlsx_old`, `xlsx_bomb`, `xlsx_entities`, `xlsx_unreadable`, `too_many_rows`.
    """
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise HubError(ErrorKind.INVALID, "camera_import.xlsx_old")
    seen, merged = _looked_through(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of parts that openpyxl leaves out
            book = openpyxl.load_workbook(seen, read_only=True, keep_links=False, keep_vba=False)
            try:
                sheet = _sheet(book)
                return iter(list(_lines(sheet, merged.get(_part_of(sheet), []))))
            finally:
                book.close()
    except HubError:
        raise
    except Exception as error:  # openpyxl raises whatever a wrong file leads it to
        raise HubError(ErrorKind.INVALID, "camera_import.xlsx_unreadable") from error


def _looked_through(data: bytes) -> tuple[io.BytesIO, dict[str, list[str]]]:
    """A copy of the XML parts alone, each checked; and the merged ranges by part. Unpacks no more than is stated."""
    merged: dict[str, list[str]] = {}
    copy = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(copy, "w") as checked:
            parts = archive.infolist()
            if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED_BYTES:
                raise HubError(ErrorKind.INVALID, "camera_import.xlsx_bomb")
            for name in dict.fromkeys(part.filename for part in parts):
                part = archive.getinfo(name)
                if part.flag_bits & 1:
                    raise HubError(ErrorKind.INVALID, "camera_import.xlsx_old")
                if part.file_size > _TIGHT_FROM_BYTES and part.file_size > _TIGHTEST * max(1, part.compress_size):
                    raise HubError(ErrorKind.INVALID, "camera_import.xlsx_bomb")
                if not name.lower().endswith((".xml", ".rels")):
                    continue
                xml = archive.read(part)
                _check_xml(xml)
                checked.writestr(name, xml)
                merged[name.lstrip("/")] = [found.decode() for found in _MERGED.findall(xml)[:_MOST_MERGES]]
    except HubError:
        raise
    except Exception as error:  # zipfile and zlib raise a dozen kinds for a broken archive
        raise HubError(ErrorKind.INVALID, "camera_import.xlsx_unreadable") from error
    copy.seek(0)
    return copy, merged


def _check_xml(xml: bytes) -> None:
    """UTF-8 without a DTD: what is looked for cannot hide in another encoding."""
    declared = _ENCODING.match(xml.removeprefix(b"\xef\xbb\xbf"))
    if declared and declared[1].lower() not in (b"utf-8", b"utf8", b"us-ascii", b"ascii"):
        raise HubError(ErrorKind.INVALID, "camera_import.xlsx_entities")
    if b"\0" in xml or xml[:2] in (b"\xff\xfe", b"\xfe\xff") or _NOT_XML.search(xml):
        raise HubError(ErrorKind.INVALID, "camera_import.xlsx_entities")


def _sheet(book: Any) -> Any:
    sheets = book.worksheets[:_MOST_SHEETS]
    for sheet in sheets:
        for row in sheet.iter_rows(max_row=12, max_col=MOST_COLUMNS, values_only=True):
            if sum(column_of(str(value)[:64]) is not None for value in row if value is not None) > 1:
                return sheet
    return sheets[0]


def _part_of(sheet: Any) -> str:
    return str(sheet._worksheet_path).lstrip("/")  # noqa: SLF001 - nowhere else does it say which part it reads


def _lines(sheet: Any, merged: list[str]) -> Iterator[tuple[int, list[Cell]]]:
    touched = _touched(merged)
    sheet.reset_dimensions()  # what a file says of its own size is not believed
    for row in sheet.iter_rows(max_row=_LAST_ROW + 1, max_col=MOST_COLUMNS):
        held = [cell for cell in row if getattr(cell, "value", None) is not None]
        if not held:
            continue
        line = int(held[0].row)
        if line > _LAST_ROW:
            raise HubError(ErrorKind.INVALID, "camera_import.too_many_rows", most=MOST_ROWS)
        cells = [_cell(cell) for cell in row]
        for place in touched.get(line, ()):
            if place < len(cells):
                cells[place] = Cell(cells[place].text, Stood.MERGED)
        yield line, cells


def _touched(merged: list[str]) -> dict[int, set[int]]:
    """The columns (from 0) of each row that lie in a merged cell."""
    touched: dict[int, set[int]] = {}
    budget = _LAST_ROW * 4
    for reference in merged:
        left, top, right, bottom = range_boundaries(reference)
        for line in range(top, min(bottom, _LAST_ROW) + 1):
            budget -= 1
            if budget < 0:
                raise HubError(ErrorKind.INVALID, "camera_import.xlsx_bomb")
            touched.setdefault(line, set()).update(range(left - 1, min(right, MOST_COLUMNS)))
    return touched


def _cell(cell: Any) -> Cell:
    value = getattr(cell, "value", None)
    if value is None:
        return Cell("")
    if cell.data_type == "f":
        return Cell("", Stood.FORMULA)
    if cell.data_type == "e":
        return Cell("", Stood.ERROR)
    if isinstance(value, bool):
        return Cell("true" if value else "false")
    if isinstance(value, datetime | date):
        return Cell(value.isoformat(), Stood.DATE)
    if isinstance(value, int | float):
        whole = isinstance(value, int) or value.is_integer()
        return Cell(str(int(value)) if whole and abs(value) < 1e15 else repr(value), Stood.NUMBER)
    if isinstance(value, str):
        return Cell(value[: MOST_CHARACTERS + 1].strip())
    return Cell(value.isoformat() if isinstance(value, time) else str(value)[:MOST_CHARACTERS])
