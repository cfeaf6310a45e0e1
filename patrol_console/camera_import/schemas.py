"""Imports as the API has them. What was in the file comes back as names and reasons, never as passwords."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel

from hub.contracts.base import UtcTime


class Outcome(StrEnum):
    """新增 修改 不变 拒绝."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class ImportLine(BaseModel):
    """One row of the file. `reason`: why it was refused, or what to mind; in the reader's language."""

    line: int
    name: str
    outcome: Outcome
    camera_id: str | None
    code: str | None
    reason: str | None


class ImportCounts(BaseModel):
    """Rows by outcome."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0


class CameraImport(BaseModel):
    """An import. `stopped`: its console was ended in the middle; what it did stays, the same file does the rest."""

    id: str
    file_name: str
    dry_run: bool
    state: Literal["running", "done", "stopped"]
    total: int
    done: int
    counts: ImportCounts
    unknown_columns: list[str]
    began_at: UtcTime
    ended_at: UtcTime | None


class CameraImportDetail(CameraImport):
    """GET /api/cameras/imports/{id}: with its rows, the refused first; `cut`: there are more than were asked for."""

    lines: list[ImportLine]
    cut: bool


class CameraImportList(BaseModel):
    """GET /api/cameras/imports: one's own, the newest first."""

    items: list[CameraImport]
