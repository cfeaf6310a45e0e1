"""Cursors: where a list goes on. Opaque to the caller, checked here; they carry no right."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence

from hub.errors import ErrorKind, HubError


def cursor_of(*keys: str) -> str:
    """The cursor after a row with these sort keys."""
    return base64.urlsafe_b64encode(json.dumps(keys, ensure_ascii=False).encode()).decode().rstrip("=")


def keys_of(cursor: str, count: int) -> Sequence[str]:
    """The sort keys in a cursor. Raises HubError INVALID `patrol_console.cursor` for anything made up."""
    try:
        keys = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as error:
        raise HubError(ErrorKind.INVALID, "patrol_console.cursor") from error
    if not isinstance(keys, list) or len(keys) != count or not all(isinstance(key, str) for key in keys):
        raise HubError(ErrorKind.INVALID, "patrol_console.cursor")
    return keys
