"""自动预检: the sweeps that were ordered, and what became of each camera in them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from patrol_console.tables.base import Base, UtcDateTime


class SweepRow(Base):
    """One sweep."""

    __tablename__ = "sweep"
    __table_args__ = (
        CheckConstraint("state IN ('running', 'done', 'stopped')", name="state"),
        Index("ix_sweep_began_at", "began_at"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True, comment="sweep_…; its frames carry it")
    area_id: Mapped[str] = mapped_column(
        ForeignKey("area.id", ondelete="RESTRICT"), index=True, comment="the lowest area that holds all its cameras"
    )
    purpose: Mapped[str] = mapped_column(String(16), comment="setup, patrol")
    reference: Mapped[str | None] = mapped_column(String(64), comment="of which round; null: a person asked")
    user_id: Mapped[str | None] = mapped_column(String(40), comment="who asked; null: the hub itself")
    total: Mapped[int] = mapped_column(Integer, comment="cameras in it")
    state: Mapped[str] = mapped_column(String(8), comment="running, done or stopped")
    detail: Mapped[str | None] = mapped_column(
        String(64), comment="a code of hub/messages: why it was stopped; null: it was not, or somebody did"
    )
    began_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="UTC")
    alive_at: Mapped[datetime] = mapped_column(
        UtcDateTime, comment="UTC; its console was at work on it; long ago while running: that console is gone"
    )
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="UTC; null: it is going on")


class SweepCameraRow(Base):
    """One camera of one sweep, once it is done."""

    __tablename__ = "sweep_camera"
    __table_args__ = (CheckConstraint("outcome IN ('swept', 'failed', 'skipped')", name="outcome"),)

    sweep_id: Mapped[str] = mapped_column(
        ForeignKey("sweep.id", ondelete="CASCADE"), primary_key=True, comment="of which sweep"
    )
    camera_id: Mapped[str] = mapped_column(
        ForeignKey("camera.id", ondelete="RESTRICT"), primary_key=True, index=True, comment="which camera"
    )
    outcome: Mapped[str] = mapped_column(String(8), comment="hub.contracts.sweep.SweepOutcome")
    cause: Mapped[str | None] = mapped_column(String(32), comment="hub.contracts.camera.Cause of a failure")
    detail: Mapped[str | None] = mapped_column(String(64), comment="a code of hub/messages")
    first_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="UTC; captured_at of the first picture")
    second_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="UTC; captured_at of the second")
