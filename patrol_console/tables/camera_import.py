"""Imports of cameras from a file: how far one is, and what became of each row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from patrol_console.tables.base import Base, UtcDateTime


class CameraImportRow(Base):
    """One import. What it did stands in its rows; a stopped one is run again with the same file."""

    __tablename__ = "camera_import"
    __table_args__ = (
        CheckConstraint("state IN ('running', 'done', 'stopped')", name="state"),
        Index("ix_camera_import_began_at", "began_at"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True, comment="import_…")
    user_id: Mapped[str] = mapped_column(String(40), index=True, comment="who; `local` is this machine's terminal")
    file_name: Mapped[str] = mapped_column(String(128), comment="as it was given, without its folder")
    sha256: Mapped[str] = mapped_column(String(64), comment="of the file")
    dry_run: Mapped[bool] = mapped_column(Boolean, comment="only told what would be done")
    total: Mapped[int] = mapped_column(Integer, comment="rows in it")
    state: Mapped[str] = mapped_column(String(8), comment="running, done or stopped")
    began_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="UTC")
    beat_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="UTC; when it last wrote: a silent one was killed")
    unknown_columns: Mapped[list[Any]] = mapped_column(JSON, comment="headings that are none of ours, left out")
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="UTC; null: it is going on, or was killed")


class CameraImportLineRow(Base):
    """One row of the file; written in the transaction that made or changed its camera."""

    __tablename__ = "camera_import_line"
    __table_args__ = (CheckConstraint("outcome IN ('created', 'changed', 'unchanged', 'refused')", name="outcome"),)

    import_id: Mapped[str] = mapped_column(
        ForeignKey("camera_import.id", ondelete="CASCADE"), primary_key=True, comment="of which import"
    )
    line: Mapped[int] = mapped_column(Integer, primary_key=True, comment="as the file counts; the heading is 1")
    outcome: Mapped[str] = mapped_column(String(16), comment="created, changed, unchanged or refused")
    camera_id: Mapped[str | None] = mapped_column(
        ForeignKey("camera.id", ondelete="RESTRICT"), comment="which camera; null: there is none"
    )
    name: Mapped[str] = mapped_column(String(64), comment="as the row has it")
    code: Mapped[str | None] = mapped_column(
        String(64), comment="why it was refused, or what to mind: a code of hub/messages"
    )
    params: Mapped[dict[str, Any]] = mapped_column(JSON, comment="what fills the braces of that sentence")
