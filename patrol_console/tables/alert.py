"""Alerts and their timelines. A timeline is only ever added to: triggers on both databases refuse the rest."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, CheckConstraint, Float, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from patrol_console.tables.base import Base, UtcDateTime


class AlertRow(Base):
    """One alert; its id was made when its episode opened, so that it is written once."""

    __tablename__ = "alert"
    __table_args__ = (
        CheckConstraint("severity IN ('red', 'orange', 'yellow', 'blue')", name="severity"),
        CheckConstraint(
            "state IN ('raised', 'acknowledged', 'dispatched', 'accepted', 'on_site', 'reported', 'verified',"
            " 'closed', 'dismissed', 'suspended')",
            name="state",
        ),
        Index("ix_alert_state_raised_at", "state", "raised_at"),
        Index("ix_alert_raised_at_id", "raised_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True, comment="made by the judge")
    camera_id: Mapped[str] = mapped_column(
        ForeignKey("camera.id", ondelete="RESTRICT"), index=True, comment="which camera saw it"
    )
    area_id: Mapped[str] = mapped_column(
        ForeignKey("area.id", ondelete="RESTRICT"), index=True, comment="where the camera stood then"
    )
    kind: Mapped[str] = mapped_column(String(32), comment="intrusion, …")
    severity: Mapped[str] = mapped_column(String(8), comment="red orange yellow blue")
    state: Mapped[str] = mapped_column(String(16), comment="alert.state.AlertState; changed by conditional UPDATE only")
    rule_id: Mapped[str | None] = mapped_column(String(64), comment="the rule that held")
    rule_name: Mapped[str | None] = mapped_column(String(64), comment="its name then")
    zone_name: Mapped[str | None] = mapped_column(String(64), comment="its zone's name then")
    labels: Mapped[list[Any]] = mapped_column(JSON, comment="what was seen: COCO names")
    confidence: Mapped[float] = mapped_column(Float, comment="0..1, of the best detection")
    simulated: Mapped[bool] = mapped_column(Boolean, comment="from a drawn scene")
    episode_started_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="when it was first seen")
    captured_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="of the look that completed the condition")
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="when the judge raised it")
    written_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="when it was written here")
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="when somebody took it")
    acknowledged_by: Mapped[str | None] = mapped_column(String(64), comment="that person's name then")
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="closed or dismissed at")
    picture_id: Mapped[str | None] = mapped_column(
        ForeignKey("picture.id", ondelete="SET NULL"), index=True, comment="the evidence; null: missing"
    )

    timeline: Mapped[list[AlertEntryRow]] = relationship(lazy="raise", order_by="AlertEntryRow.seq", viewonly=True)


class AlertEntryRow(Base):
    """One thing that happened to an alert."""

    __tablename__ = "alert_entry"
    __table_args__ = ({"sqlite_autoincrement": True},)

    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True, comment="order of writing")
    alert_id: Mapped[str] = mapped_column(
        ForeignKey("alert.id", ondelete="RESTRICT"), index=True, comment="of which alert"
    )
    at: Mapped[datetime] = mapped_column(UtcDateTime, comment="UTC")
    verb: Mapped[str] = mapped_column(String(16), comment="alert.state.Verb")
    actor_id: Mapped[str | None] = mapped_column(String(40), comment="who; null: the machine")
    actor_name: Mapped[str | None] = mapped_column(String(64), comment="that person's name then")
    from_state: Mapped[str | None] = mapped_column(String(16), comment="null at the beginning")
    to_state: Mapped[str] = mapped_column(String(16), comment="the state from then on")
    note: Mapped[str | None] = mapped_column(String(500), comment="what the person wrote: a reason")
    detail: Mapped[str | None] = mapped_column(String(500), comment="what the machine adds: rule, zone")
