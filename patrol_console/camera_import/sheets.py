"""The files that go out: the template, the export, the result; as spreadsheet (xlsxwriter, used here alone) or CSV.

Every cell is written as text or number, never as a formula; one that a spreadsheet would compute gets an apostrophe
before it, which an import takes away again. Blocking: call it on a thread.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter

from hub import i18n
from patrol_console.camera_import.columns import Column
from patrol_console.camera_import.draft import FORMULA
from patrol_console.camera_import.schemas import ImportLine
from patrol_console.camera_import.table import MOST_ROWS

_WIDTHS = {Column.URL: 44, Column.NAME: 20, Column.NATIONAL_CODE: 24, Column.AREA: 22, Column.PLACE: 28}
_CHOICES = {
    Column.KIND: ("public", "partner", "household"),
    Column.IMPORTANCE: ("red", "orange", "yellow", "blue"),
    Column.ENABLED: ("true", "false"),
}
_LISTED_MOST = 5000
Value = str | float | None


def template(kind: str, lang: str, areas: Sequence[str] = (), units: Sequence[str] = ()) -> bytes:
    """An empty table with its headings; as a spreadsheet also with explanations and lists to choose from."""
    return _csv(_headings(lang), ()) if kind == "csv" else _xlsx(lang, (), list(Column), areas, units)


def export(kind: str, lang: str, rows: Iterable[Sequence[Value]]) -> bytes:
    """Cameras as an import takes them; without a column for passwords."""
    columns = [column for column in Column if column is not Column.PASSWORD]
    if kind == "csv":
        return _csv([_say(column.head_code, lang) for column in columns], rows)
    return _xlsx(lang, rows, columns, (), ())


def result_csv(lines: Iterable[ImportLine], lang: str) -> bytes:
    """What became of each row: its number, the outcome, the name, one reason."""
    heads = [_say(f"camera_import.head_{name}", lang) for name in ("line", "outcome", "name", "reason", "camera_id")]
    return _csv(
        heads,
        (
            (
                str(line.line),
                _say(f"camera_import.outcome_{line.outcome.value}", lang),
                line.name,
                line.reason,
                line.camera_id,
            )
            for line in lines
        ),
    )


def harmless(text: str) -> str:
    """Text that no spreadsheet computes (CWE-1236)."""
    return f"'{text}" if text.startswith(FORMULA) else text


def choice(kind: str, value: str, lang: str, **params: object) -> str:
    """The word for a value, as the template's lists have it."""
    return _say(f"camera_import.value_{value}", lang, **params)


def _say(code: str, lang: str, **params: object) -> str:
    return i18n.text(code, lang, **params)


def _headings(lang: str) -> list[str]:
    return [_say(column.head_code, lang) for column in Column]


def _csv(heads: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(heads)
    for row in rows:
        writer.writerow(
            ["" if cell is None else harmless(cell) if isinstance(cell, str) else repr(cell) for cell in row]
        )
    return ("\ufeff" + sheet.getvalue()).encode()  # the mark by which spreadsheets know UTF-8


def _xlsx(
    lang: str, rows: Iterable[Sequence[Value]], columns: Sequence[Column], areas: Sequence[str], units: Sequence[str]
) -> bytes:
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    head = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1, "num_format": "@"})
    text = book.add_format({"num_format": "@"})
    sheet = book.add_worksheet(_say("camera_import.sheet_cameras", lang))
    sheet.freeze_panes(1, 1)
    for place, column in enumerate(columns):
        number = column in (Column.LONGITUDE, Column.LATITUDE)
        sheet.set_column(place, place, _WIDTHS.get(column, 14), None if number else text)
        sheet.write_string(0, place, _say(column.head_code, lang), head)
        sheet.write_comment(0, place, _say(f"camera_import.about_{column.value}", lang), {"x_scale": 2})
    for line, row in enumerate(rows, 1):
        for place, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(line, place, harmless(cell), text)
            elif cell is not None:
                sheet.write_number(line, place, cell)
    _explain(book, lang)
    _lists(book, sheet, lang, columns, areas, units)
    book.close()
    return out.getvalue()


def _explain(book: Any, lang: str) -> None:
    sheet = book.add_worksheet(_say("camera_import.sheet_about", lang))
    bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 96)
    sheet.write_string(0, 0, _say("camera_import.about_title", lang), bold)
    line = 2
    for column in Column:
        sheet.write_string(line, 0, _say(column.head_code, lang))
        sheet.write_string(line, 1, _say(f"camera_import.about_{column.value}", lang), wrap)
        line += 1
    for name in ("same", "empty", "formula"):
        line += 1
        sheet.write_string(line, 1, _say(f"camera_import.about_{name}", lang), wrap)


def _lists(
    book: Any, sheet: Any, lang: str, columns: Sequence[Column], areas: Sequence[str], units: Sequence[str]
) -> None:
    """What can be chosen, as lists that stand on a sheet of their own (in a cell itself they are 255 characters)."""
    listed: dict[Column, list[str]] = {
        column: [choice(column.value, value, lang) for value in values] for column, values in _CHOICES.items()
    }
    every = [choice("watch", "every", lang, minutes=minutes) for minutes in (5, 10, 30, 60)]
    listed[Column.WATCH] = [choice("watch", "continuous", lang), *every, choice("watch", "on_request", lang)]
    listed |= {Column.AREA: list(areas[:_LISTED_MOST]), Column.UNIT: list(units[:_LISTED_MOST])}
    name = _say("camera_import.sheet_lists", lang)
    choices = book.add_worksheet(name)
    for place, (column, words) in enumerate(listed.items()):
        choices.set_column(place, place, 24)
        choices.write_string(0, place, _say(column.head_code, lang))
        for line, word in enumerate(words, 1):
            choices.write_string(line, place, harmless(word))
        if not words or column not in columns:
            continue
        letter, at = chr(ord("A") + place), columns.index(column)
        strict = column in _CHOICES
        sheet.data_validation(
            1,
            at,
            MOST_ROWS,
            at,
            {
                "validate": "list",
                "source": f"='{name}'!${letter}$2:${letter}${len(words) + 1}",
                "error_type": "stop" if strict else "warning",
            },
        )
