"""A file of cameras as rows of cells, whatever it was: what is known of each cell is its text and what it stood as.

Pure; a thread of its own may call it. Raises HubError INVALID for what is no table of cameras as a whole; a wrong row
stops no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from hub.errors import ErrorKind, HubError
from hub.plain import plain
from patrol_console.camera_import.columns import Column, column_of

MOST_ROWS = 10_000
MOST_COLUMNS = 64
MOST_CHARACTERS = 2048  # of a cell: twice the longest address
_LOOKED_FOR_HEADINGS = 12  # rows: a title and a few lines of explanation may stand above
_ENOUGH = 2  # known headings make a row of headings


class Stood(StrEnum):
    """As what a cell stood in the file."""

    TEXT = "text"
    NUMBER = "number"  # a spreadsheet keeps 15 digits of it
    DATE = "date"  # `text` is ISO 8601
    FORMULA = "formula"
    ERROR = "error"  # #N/A and its like
    MERGED = "merged"  # part of a merged cell


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; its text is without spaces at both ends. Never in a repr: it may be a password."""

    text: str
    stood: Stood = Stood.TEXT

    def __repr__(self) -> str:
        return f"Cell({self.stood.value})"


EMPTY = Cell("")


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `line` as the file counts, empty cells are left out."""

    line: int
    cells: Mapping[Column, Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """A file's rows, and the headings that are none of ours."""

    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    unknown: tuple[str, ...]


def table_of(lines: Iterable[tuple[int, list[Cell]]]) -> Table:
    """The table in these lines. Raises HubError INVALID `camera_import.no_headings`, `no_identity_heading`,
    `heading_twice`, `no_rows`, `too_many_rows`.
    """
    places: dict[int, Column] | None = None
    unknown: tuple[str, ...] = ()
    rows: list[Row] = []
    for number, (line, cells) in enumerate(lines):
        if places is None:
            if number >= _LOOKED_FOR_HEADINGS:
                break
            places, unknown = _headings(cells)
            continue
        kept = {column: cells[place] for place, column in places.items() if place < len(cells) and _holds(cells[place])}
        if not kept:
            continue
        if len(rows) == MOST_ROWS:
            raise HubError(ErrorKind.INVALID, "camera_import.too_many_rows", most=MOST_ROWS)
        rows.append(Row(line, kept))
    if places is None:
        raise HubError(ErrorKind.INVALID, "camera_import.no_headings")
    columns = tuple(places.values())
    if not {Column.URL, Column.NATIONAL_CODE} & set(columns):
        raise HubError(ErrorKind.INVALID, "camera_import.no_identity_heading")
    if not rows:
        raise HubError(ErrorKind.INVALID, "camera_import.no_rows")
    return Table(tuple(rows), columns, unknown)


def _headings(cells: list[Cell]) -> tuple[dict[int, Column] | None, tuple[str, ...]]:
    places: dict[int, Column] = {}
    unknown: list[str] = []
    twice: str | None = None
    for place, cell in enumerate(cells[:MOST_COLUMNS]):
        if not cell.text:
            continue
        column = column_of(cell.text[:64])
        if column is None:
            unknown.append(plain(cell.text)[:40])
        elif column in places.values():
            twice = plain(cell.text)[:40]
        else:
            places[place] = column
    if len(places) < _ENOUGH:
        return None, ()
    if twice is not None:
        raise HubError(ErrorKind.INVALID, "camera_import.heading_twice", heading=twice)
    return places, tuple(unknown)


def _holds(cell: Cell) -> bool:
    return bool(cell.text) or cell.stood is not Stood.TEXT
