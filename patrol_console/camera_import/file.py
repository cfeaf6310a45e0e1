"""The table in an uploaded file, whichever kind it is: told by how it begins, not by its name. Blocking: call it on a
thread. What is read is bounded before it is parsed.
"""

from __future__ import annotations

from hub.errors import ErrorKind, HubError
from patrol_console.camera_import.csv_file import csv_lines
from patrol_console.camera_import.table import Table, table_of

MOST_BYTES = 8_000_000  # ten thousand rows are a third of it


def table_in(data: bytes) -> Table:
    """The table. Raises HubError INVALID of `table`, `csv_file` and `xlsx_file`, or `camera_import.empty_file`."""
    from patrol_console.camera_import.xlsx_file import is_archive, xlsx_lines  # openpyxl is slow to load

    if not data.strip():
        raise HubError(ErrorKind.INVALID, "camera_import.empty_file")
    if len(data) > MOST_BYTES:
        raise HubError(ErrorKind.INVALID, "camera_import.too_large", mb=MOST_BYTES // 1_000_000)
    return table_of(xlsx_lines(data) if is_archive(data) else csv_lines(data))
