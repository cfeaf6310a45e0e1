"""Boxes of ISO/IEC 14496-12 (4.2): a size, a name, a body. Pure."""

from __future__ import annotations

from struct import pack


def box(name: bytes, *parts: bytes) -> bytes:
    """One box."""
    body = b"".join(parts)
    return pack(">I4s", len(body) + 8, name) + body


def full_box(name: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    """One with a version and flags."""
    return box(name, pack(">I", version << 24 | flags), *parts)
