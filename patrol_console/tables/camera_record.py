"""一机一档: what was found of a camera, what was done to it, what it reported itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from patrol_console.tables.base import Base, UtcDateTime


class CameraVerdictRow(Base):
    """One examination of a camera by the doctor."""

    __tablename__ = "camera_verdict"
    __table_args__ = (Index("ix_camera_verdict_camera_id_at", "camera_id", "at"), {"sqlite_autoincrement": True})

    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True, comment="order of writing")
    camera_id: Mapped[str] = mapped_column(ForeignKey("camera.id", ondelete="RESTRICT"), comment="which camera")
    at: Mapped[datetime] = mapped_column(UtcDateTime, comment="UTC")
    user_id: Mapped[str | None] = mapped_column(String(40), comment="who asked; null: the hub itself")
    worst: Mapped[str] = mapped_column(String(8), comment="ok, warn, fail or unknown: the worst of its checks")
    verdicts: Mapped[list[Any]] = mapped_column(JSON, comment="check, status, codes of detail and remedy, params")


class CameraRepairRow(Base):
    """Something that was done to a camera: a cure by ONVIF with before and after, or what a person wrote."""

    __tablename__ = "camera_repair"
    __table_args__ = (
        Index("ix_camera_repair_camera_id_at", "camera_id", "at"),
        CheckConstraint("kind IN ('fix', 'undo', 'note')", name="kind"),
        {"sqlite_autoincrement": True},
    )

    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True, comment="order of writing")
    camera_id: Mapped[str] = mapped_column(ForeignKey("camera.id", ondelete="RESTRICT"), comment="which camera")
    at: Mapped[datetime] = mapped_column(UtcDateTime, comment="UTC")
    user_id: Mapped[str | None] = mapped_column(String(40), comment="who; `local` is this machine's terminal")
    user_name: Mapped[str] = mapped_column(String(64), comment="that person's name then")
    kind: Mapped[str] = mapped_column(String(8), comment="fix, undo or note")
    note: Mapped[str | None] = mapped_column(String(500), comment="in words")
    changes: Mapped[list[Any]] = mapped_column(JSON, comment="setting, before, after of each change")
    outcome: Mapped[str | None] = mapped_column(
        String(16), comment="hub.contracts.cure.Outcome; null: a note, or a cure that broke off"
    )
    problem: Mapped[dict[str, Any] | None] = mapped_column(
        JSON(none_as_null=True), comment="hub.contracts.device.Reason why it failed; null: it did not"
    )
    undo: Mapped[list[Any]] = mapped_column(
        JSON, default=list, server_default="[]", comment="hub.contracts.cure.UndoStep each; empty: nothing to put back"
    )


class CameraEventRow(Base):
    """设备事件: a change that the camera told of."""

    __tablename__ = "camera_event"
    __table_args__ = (Index("ix_camera_event_camera_id_at", "camera_id", "at"), Index("ix_camera_event_at", "at"))

    id: Mapped[str] = mapped_column(String(64), primary_key=True, comment="made by the gateway; the same event once")
    camera_id: Mapped[str] = mapped_column(ForeignKey("camera.id", ondelete="RESTRICT"), comment="which camera")
    kind: Mapped[str] = mapped_column(String(16), comment="hub.contracts.camera_event.CameraEventKind")
    active: Mapped[bool | None] = mapped_column(Boolean, comment="began or ended; null: a moment")
    topic: Mapped[str] = mapped_column(String(256), comment="as the camera wrote it")
    source: Mapped[str | None] = mapped_column(String(128), comment="which sensor, rule or input")
    at: Mapped[datetime] = mapped_column(UtcDateTime, comment="UTC; when it reached the gateway")
    said_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="UTC; by the camera's own clock")
