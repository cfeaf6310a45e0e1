"""Identifiers: a kind, then 16 letters and digits that sort by time and cannot be guessed (`cam_01k…`)."""

from __future__ import annotations

import secrets
from datetime import datetime

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u


def new_id(kind: str, now: datetime) -> str:
    """A new identifier of `kind`: 9 characters of milliseconds, then 11 random ones (55 bits)."""
    value = int(now.timestamp() * 1000)
    stamp = "".join(_ALPHABET[value >> shift & 31] for shift in range(40, -1, -5))
    return f"{kind}_{stamp}{''.join(secrets.choice(_ALPHABET) for _ in range(11))}"
