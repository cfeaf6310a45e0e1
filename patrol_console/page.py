"""Cursors: where a list goes on. Opaque to the caller, checked here; they carry no right."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import UTC, datetime

from hub.errors import ErrorKind, HubError


def cursor_of(*keys: str) -> str:
    """The cursor after a row with these sort keys."""
    return base64.urlsafe_b64encode(json.dumps(keys, ensure_ascii=False).encode()).decode().rstrip("=")


def keys_of(cursor: str, count: int) -> Sequence[str]:
    """The sort keys in a cursor. Raises HubError INVALID `patrol_console.cursor` for anything made up."""
    try:
        keys = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise HubError(ErrorKind.INVALID, "patrol_console.cursor") from error
    if not isinstance(keys, list) or len(keys) != count or not all(isinstance(key, str) for key in keys):
        raise HubError(ErrorKind.INVALID, "patrol_console.cursor")
    if any("\0" in key or any("\ud800" <= each <= "\udfff" for each in key) for key in keys):
        raise HubError(ErrorKind.INVALID, "patrol_console.cursor")  # no row of ours, and no database takes it
    return keys


def time_and_id(cursor: str) -> tuple[datetime, str]:
    """The keys of a list that goes by time: an aware time in UTC, then an id. Raises as `keys_of`."""
    at, id_ = keys_of(cursor, 2)
    try:
        parsed = datetime.fromisoformat(at)
        if parsed.tzinfo is None:
            raise ValueError("a time without a zone")
        return parsed.astimezone(UTC), id_
    except (ValueError, OverflowError) as error:  # the year 1 in Samoa is before all time
        raise HubError(ErrorKind.INVALID, "patrol_console.cursor") from error
