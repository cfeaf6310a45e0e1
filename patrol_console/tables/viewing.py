"""The access register: one row for each ticket that was used."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, false
from sqlalchemy.orm import Mapped, mapped_column

from patrol_console.tables.base import Base, UtcDateTime


class ViewingRow(Base):
    """Who looked at what, when, for how long and why (Order 799, art. 16)."""

    __tablename__ = "viewing"
    __table_args__ = (Index("ix_viewing_camera_id_opened_at", "camera_id", "opened_at"),)

    ticket_id: Mapped[str] = mapped_column(String(64), primary_key=True, comment="the ticket that was used")
    camera_id: Mapped[str] = mapped_column(ForeignKey("camera.id", ondelete="RESTRICT"), comment="which camera")
    user_id: Mapped[str] = mapped_column(String(40), index=True, comment="who; `local` is this machine's terminal")
    user_name: Mapped[str] = mapped_column(String(64), comment="that person's name then")
    unit: Mapped[str | None] = mapped_column(String(64), comment="that person's unit then")
    purpose: Mapped[str] = mapped_column(String(32), comment="wall alert detail setup patrol")
    reference: Mapped[str | None] = mapped_column(String(64), comment="of which round, alert or request")
    audio: Mapped[bool] = mapped_column(
        Boolean, default=False, server_default=false(), comment="whether the ticket let that person hear the camera"
    )
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="UTC; the earliest moment told of")
    last_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="UTC; the latest moment told of")
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="UTC; null: still open")
    frames_sent: Mapped[int] = mapped_column(Integer, comment="the highest count told of")
    frames_dropped: Mapped[int] = mapped_column(Integer, comment="the highest count told of")
    last_media_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="of the last picture sent")
    closed_because: Mapped[str | None] = mapped_column(String(32), comment="viewer revoked camera slow gateway")
