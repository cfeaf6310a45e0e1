"""What the two Redis servers say of themselves, and how long a group's oldest entry has waited. Asks, never changes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

from pydantic import BaseModel, ConfigDict

from hub.clock import Clock
from hub.errors import HubError
from hub.redis_link import Link, NoGroup


class ServerFigures(BaseModel):
    """Of one Redis server, by its own INFO."""

    model_config = ConfigDict(frozen=True)
    cpu_s: float  # user and system, since its start
    memory_bytes: int  # resident
    started_at: datetime


async def figures_of(link: Link, clock: Clock) -> ServerFigures:
    """Raises HubError where the server does not answer, or answers nothing of use."""
    said = cast(bytes, await link.once("INFO")).decode("utf-8", "replace")
    known = dict(line.split(":", 1) for line in said.splitlines() if ":" in line)
    return ServerFigures(
        cpu_s=float(known.get("used_cpu_user", 0)) + float(known.get("used_cpu_sys", 0)),
        memory_bytes=int(known.get("used_memory_rss", 0)),
        started_at=clock.now() - timedelta(seconds=int(known.get("uptime_in_seconds", 0))),
    )


async def oldest_waiting_s(link: Link, key: str, group: str, clock: Clock) -> float | None:
    """Seconds since the oldest entry was written that nobody of `group` has taken; 0 where none waits.

    None where there is no such group or its server is away. An entry's id begins with its milliseconds.
    """
    try:
        groups = cast(list[list[bytes]], await link.once("XINFO", "GROUPS", key))
        taken = next((fields for fields in map(_pairs, groups) if fields.get(b"name") == group.encode()), None)
        if taken is None:
            return None
        after = b"(" + taken[b"last-delivered-id"]
        entries = cast(list[list[bytes]], await link.once("XRANGE", key, after, "+", "COUNT", 1))
    except (HubError, NoGroup):
        return None
    if not entries:
        return 0.0
    written_ms = int(entries[0][0].split(b"-")[0])
    return max(0.0, clock.now().timestamp() - written_ms / 1000)


def _pairs(flat: list[bytes]) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=False))
