"""Letting go of what every group has read and acknowledged, so that a durable topic holds what is owed and little more.

Without it Redis would keep up to `Topic.most_entries` for nothing: half a gigabyte of alerts long dealt with. Runs on
the reader's loop, once a minute; removes nothing that a group that exists still needs, nor anything of `KEEP_S`.
"""

from __future__ import annotations

from typing import cast

from hub.redis_link import Command, Link

EVERY_S = 60.0
KEEP_S = 600.0


async def trim_read(link: Link, key: str, now_ms: int) -> int:
    """How many entries of the topic at `key` were let go; `now_ms` since 1970."""
    groups = [_fields(row) for row in cast(list[list[object]], await link.once("XINFO", "GROUPS", key))]
    if not groups:
        return 0
    asks: list[Command] = [("XPENDING", key, cast(bytes, group[b"name"])) for group in groups]
    pending = cast(list[list[object]], await link.many_once(asks, transaction=False))
    needed = [
        _place(cast(bytes, summary[1] or group[b"last-delivered-id"]))
        for group, summary in zip(groups, pending, strict=True)
    ]
    milliseconds, sequence = min(*needed, (now_ms - int(KEEP_S * 1000), 0))
    if milliseconds <= 0:
        return 0
    return cast(int, await link.once("XTRIM", key, "MINID", "~", f"{milliseconds}-{sequence}"))


def _fields(row: list[object]) -> dict[bytes, object]:
    return dict(zip(cast(list[bytes], row[::2]), row[1::2], strict=True))


def _place(entry_id: bytes) -> tuple[int, int]:
    milliseconds, _, sequence = entry_id.partition(b"-")
    return int(milliseconds), int(sequence)
