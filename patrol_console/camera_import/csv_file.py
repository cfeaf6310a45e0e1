"""Text with separators, as spreadsheets and people write it: UTF-8 with and without its mark, UTF-16, GB 18030; comma,
semicolon or tab; quotes; any line end. Pure; a thread of its own may call it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from hub.errors import ErrorKind, HubError
from patrol_console.camera_import.table import MOST_CHARACTERS, MOST_COLUMNS, Cell

_SEPARATORS = (",", ";", "\t")
_DECLARED = re.compile(r"\A\s*\"?sep=([,;|\t])\"?\r?\n", re.IGNORECASE)  # the first line of some programs' files


def csv_lines(data: bytes) -> Iterator[tuple[int, list[Cell]]]:
    """(line, cells) of each row; a quoted cell may go over several lines, then its first counts.

    Raises HubError INVALID `camera_import.csv_encoding`, `csv_quotes` (with the line).
    """
    text = _text(data)
    first, skipped = text, 0
    if declared := _DECLARED.match(text):
        separator, first, skipped = declared[1], text[declared.end() :], 1
    else:
        separator = _separator(text)
    reader = csv.reader(io.StringIO(first, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for fields in reader:
            yield line + skipped, [Cell(field[: MOST_CHARACTERS + 1].strip()) for field in fields[:MOST_COLUMNS]]
            line = reader.line_num + 1
    except csv.Error as error:
        raise HubError(ErrorKind.INVALID, "camera_import.csv_quotes", line=line + skipped) from error


def _text(data: bytes) -> str:
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise HubError(ErrorKind.INVALID, "camera_import.csv_encoding")


def _separator(text: str) -> str:
    """The one that stands most often in the first lines, outside quotes."""
    head = re.sub(r'"[^"]{0,2048}"', "", text[:8192])
    counts = [head.count(each) for each in _SEPARATORS]
    most = max(counts)
    return _SEPARATORS[counts.index(most)] if most else ","
