"""What must leave this process after a commit, written in the same transaction as its cause."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from patrol_console.tables.base import Base, UtcDateTime


class OutboxRow(Base):
    """One thing to tell; gone once it is told. Two lanes, so that a Redis that is away holds up no event."""

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("lane IN ('event', 'spec')", name="lane"),
        Index("ix_outbox_lane_seq", "lane", "seq"),
        {"sqlite_autoincrement": True},  # a number is never given twice, also after the table ran empty
    )

    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True, comment="order of telling")
    lane: Mapped[str] = mapped_column(String(8), comment="event: to browsers; spec: to gateways and analytics")
    body: Mapped[dict[str, Any]] = mapped_column(
        JSON, comment="event: event.notice.Notice; spec: a camera's id, or what is revoked"
    )
    written_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="UTC")
