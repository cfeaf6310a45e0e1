"""What one row of a file asks for, read cell by cell: words become values, what cannot be read is a refusal with its
reason. Knows neither database nor areas: those are names still. Pure.

A cell that begins with = + - @ is refused, as a spreadsheet would compute it; with an apostrophe before it (as our
own export writes it) it is that text. Numbers may have a sign. A password is what it is. An empty cell leaves what is
there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hub.address_url import CAMERA_SCHEMES, parse, split_credentials
from hub.contracts.watch import Watch, WatchMode
from hub.errors import ErrorKind, HubError
from hub.plain import plain
from patrol_console.camera import national_code
from patrol_console.camera_import.columns import Column, is_every, value_of
from patrol_console.camera_import.coordinates import wgs84_of_gcj02
from patrol_console.camera_import.table import MOST_CHARACTERS, Cell, Row, Stood

FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r")
"""What a spreadsheet would compute (CWE-1236), also in full width."""

_NONE = {"-", "--", "\u2014", "\u2014\u2014", "/"}  # how people write: nothing
_TAG_ENDS = re.compile("[,;|\uff0c\uff1b\u3001\n]")
_DAY = re.compile(r"(\d{4})[-/.\u5e74](\d{1,2})[-/.\u6708](\d{1,2})\u65e5?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
Key = tuple[str, int, str]  # host, port, path: what is the same camera under another name


@dataclass(frozen=True, slots=True)
class Draft:
    """One row's wishes: API fields by name, `area` and `unit` as names. `key` and `code` say which camera is meant."""

    line: int
    name: str
    values: Mapping[str, Any] = field(repr=False)
    code: str | None
    key: Key | None


@dataclass(frozen=True, slots=True)
class Reading:
    """How the values of a file are meant."""

    zone: ZoneInfo
    gcj02: bool = False


def name_of(row: Row) -> str:
    """What the row calls its camera, fit for a list; its address's host where it has no name."""
    return plain(row.cells.get(Column.NAME, Cell("")).text)[:64]


def draft_of(row: Row, reading: Reading) -> Draft:
    """Raises HubError INVALID: the first thing that is wrong with the row."""
    values: dict[str, Any] = {}
    for column, cell in row.cells.items():
        text = _text(column, cell)
        if text is None:
            continue
        values[column.value] = _READERS.get(column, _as_it_is)(column, text, cell, reading)
    _split_address(values)
    if reading.gcj02 and "longitude" in values and "latitude" in values:
        values["longitude"], values["latitude"] = wgs84_of_gcj02(values["longitude"], values["latitude"])
    key = None
    if "url" in values:
        parts = parse(values["url"], CAMERA_SCHEMES)
        key = (parts.host, parts.port, parts.path)
    code = values.get("national_code")
    if key is None and code is None:
        raise HubError(ErrorKind.INVALID, "camera_import.no_identity")
    return Draft(row.line, name_of(row), values, code, key)


def wrong(column: Column, code: str, **params: object) -> HubError:
    """A refusal that names its column."""
    return HubError(ErrorKind.INVALID, code, column_code=column.head_code, **params)


def _text(column: Column, cell: Cell) -> str | None:
    """The cell's text; None for an empty one. Raises HubError for what is not taken as text."""
    if cell.stood is Stood.FORMULA:
        raise wrong(column, "camera_import.formula")
    if cell.stood is Stood.ERROR:
        raise wrong(column, "camera_import.error_value")
    if cell.stood is Stood.MERGED:
        raise wrong(column, "camera_import.merged")
    if len(cell.text) > MOST_CHARACTERS:
        raise wrong(column, "camera_import.too_long", most=MOST_CHARACTERS)
    text = cell.text
    if column is Column.PASSWORD:
        return text or None
    if not text or text in _NONE:
        return None
    if text.startswith("'") and text[1:].startswith(FORMULA):
        return text[1:]
    if text.startswith(FORMULA) and column not in (Column.LONGITUDE, Column.LATITUDE):
        raise wrong(column, "camera_import.formula")
    return text


def _as_it_is(column: Column, text: str, cell: Cell, reading: Reading) -> Any:
    return text


def _code(column: Column, text: str, cell: Cell, reading: Reading) -> Any:
    if cell.stood is Stood.NUMBER or re.fullmatch(r"[0-9.]+[eE]\+?[0-9]+", text):
        raise wrong(column, "camera_import.code_as_number")
    return national_code.check(unicodedata.normalize("NFKC", text))


def _number(column: Column, text: str, cell: Cell, reading: Reading) -> Any:
    most = 180.0 if column is Column.LONGITUDE else 90.0
    try:
        number = float(unicodedata.normalize("NFKC", text)) if len(text) <= 32 else float("nan")
    except ValueError:
        number = float("nan")
    if column is Column.LATITUDE and 90 < number <= 136:  # where China's longitudes lie
        raise wrong(column, "camera_import.swapped")
    if not -most <= number <= most:
        raise wrong(column, "camera_import.no_degrees", most=int(most))
    return number


def _word(column: Column, text: str, cell: Cell, reading: Reading) -> Any:
    value = value_of(column.value, text)
    if value is None:
        raise wrong(column, f"camera_import.no_{column.value}", value=plain(text)[:40])
    return value


def _watch(column: Column, text: str, cell: Cell, reading: Reading) -> Any:
    mode = value_of("watch", text)
    if mode is not None:
        return Watch(mode=WatchMode(mode))
    found = re.search(r"[0-9]{1,4}", folded := unicodedata.normalize("NFKC", text))
    if found is not None and 1 <= int(found[0]) <= 1440:
        rest = folded[: found.start()] + folded[found.end() :]
        if not rest.strip() or is_every(rest):
            return Watch(mode=WatchMode.INTERVAL, every_min=int(found[0]))
    raise wrong(column, "camera_import.no_watch", value=plain(text)[:40])


def _tags(column: Column, text: str, cell: Cell, reading: Reading) -> Any:
    return [tag.strip() for tag in _TAG_ENDS.split(text) if tag.strip()]


def _enabled(column: Column, text: str, cell: Cell, reading: Reading) -> Any:
    return _word(column, text, cell, reading) == "true"


def _time(column: Column, text: str, cell: Cell, reading: Reading) -> Any:
    """A day or a minute in the centre's time zone; the last day of a consent is a whole one."""
    day = _DAY.match(unicodedata.normalize("NFKC", text))
    rest = text[day.end() :].strip().removeprefix("T") if day else ""
    clock = _CLOCK.fullmatch(unicodedata.normalize("NFKC", rest)) if rest else None
    if day is None or (rest and clock is None):
        raise wrong(column, "camera_import.no_time")
    hour, minute, second = (int(part or 0) for part in clock.groups()) if clock else (0, 0, 0)
    try:
        year, month, number = map(int, day.groups())
        at = datetime(year, month, number, hour, minute, second, tzinfo=reading.zone)
        if column is Column.CONSENT_UNTIL and (clock is None or (cell.stood is Stood.DATE and not hour + minute)):
            at += timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise wrong(column, "camera_import.no_time") from error
    if not 2000 <= at.year <= 2200:
        raise wrong(column, "camera_import.no_time")
    return at


def _split_address(values: dict[str, Any]) -> None:
    """The address without the login in it, which counts where the columns of the login are empty."""
    if "url" not in values:
        return
    url = values["url"] if "://" in values["url"] else f"rtsp://{values['url']}"
    url, username, password = split_credentials(url)
    values["url"] = url
    for name, value in (("username", username), ("password", password)):
        if value and name not in values:
            values[name] = value


_READERS: dict[Column, Callable[[Column, str, Cell, Reading], Any]] = {
    Column.NATIONAL_CODE: _code,
    Column.LONGITUDE: _number,
    Column.LATITUDE: _number,
    Column.KIND: _word,
    Column.IMPORTANCE: _word,
    Column.WATCH: _watch,
    Column.TAGS: _tags,
    Column.ENABLED: _enabled,
    Column.CONSENT_FROM: _time,
    Column.CONSENT_UNTIL: _time,
}
