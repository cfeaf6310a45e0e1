"""This machine as the API tells it. What is null is not known, and the page says so."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from hub.contracts.base import UtcTime

ProcessName = Literal["console", "gateway", "detect", "judge", "redis", "redis_frames"]


class Process(BaseModel):
    """One process of the hub. `silent`: it did not answer, and nothing else of it is known."""

    name: ProcessName
    state: Literal["running", "silent"]
    cpu_percent: float | None = None  # of one core, since the last look; null at the first look
    memory_bytes: int | None = None  # resident
    started_at: UtcTime | None = None


class Machine(BaseModel):
    """GET /api/machine. Rates are since the last look of anybody (a page looks every two seconds)."""

    at: UtcTime
    cores: int
    cpu_percent: float | None  # of all cores together
    memory_total_bytes: int | None
    memory_used_bytes: int | None
    disk_total_bytes: int | None  # the disk on which the hub's data lie
    disk_free_bytes: int | None
    cameras: int | None  # that the gateway keeps
    cameras_online: int | None
    viewers: int | None  # live pictures open
    looks_per_s: float | None
    oldest_frame_s: float | None  # how long the oldest frame waits that no detector has taken; 0: none waits
    processes: list[Process]
