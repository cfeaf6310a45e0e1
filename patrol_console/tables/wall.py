"""Walls: the layouts that a person saved, and the screens (windows that only show) that a person has open."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from patrol_console.tables.base import Base, UtcDateTime


class WallLayoutRow(Base):
    """A saved layout; it belongs to one person and nobody else sees it."""

    __tablename__ = "wall_layout"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True, comment="layout_…")
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True, comment="whose")
    name: Mapped[str] = mapped_column(String(64), comment="what this person calls it")
    arrangement: Mapped[dict[str, Any]] = mapped_column(JSON, comment="wall.schemas.Arrangement")
    is_default: Mapped[bool] = mapped_column(Boolean, comment="the wall opens with it; one a person at most")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="UTC")
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="UTC")


class WallScreenRow(Base):
    """A window that shows what its person's desk puts there; the row outlives the window, so it finds its pictures."""

    __tablename__ = "wall_screen"

    user_id: Mapped[str] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True, comment="whose"
    )
    name: Mapped[str] = mapped_column(String(32), primary_key=True, comment="of the screen, as this person says it")
    arrangement: Mapped[dict[str, Any] | None] = mapped_column(
        JSON, comment="wall.schemas.Arrangement; null: nothing yet"
    )
    revision: Mapped[int] = mapped_column(Integer, comment="one more with each filling")
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True, comment="UTC; of the last heartbeat")
    closed: Mapped[bool] = mapped_column(Boolean, comment="the window said that it goes")
    identify_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, comment="UTC; when it was last asked to show its name"
    )
