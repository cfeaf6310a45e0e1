"""Outages: many cameras of one line dark at once, and which ones."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from patrol_console.tables.base import Base, UtcDateTime


class OutageRow(Base):
    """One outage; its id follows from where and when, so that it is written once."""

    __tablename__ = "outage"
    __table_args__ = (
        CheckConstraint("scope IN ('gateway', 'subnet', 'area')", name="scope"),
        Index("ix_outage_began_at_id", "began_at", "id"),
        # Partial on PostgreSQL too: the migration says so there, as `postgresql_where` here would load its dialect.
        Index("ix_outage_open", "began_at", sqlite_where=text("recovered_at IS NULL")),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True, comment="outage_<SHA-256 of scope and begin>")
    scope: Mapped[str] = mapped_column(String(8), comment="what its cameras share: gateway, subnet or area")
    ref: Mapped[str] = mapped_column(String(64), comment="the gateway's id, the network, or the area's id")
    name: Mapped[str] = mapped_column(String(64), comment="what people call that, then")
    whole: Mapped[bool] = mapped_column(Boolean, comment="all due cameras of the scope were dark when it was opened")
    silent: Mapped[bool] = mapped_column(Boolean, comment="the gateway itself said nothing any more")
    severity: Mapped[str] = mapped_column(String(8), comment="the gravest importance among its cameras")
    area_id: Mapped[str] = mapped_column(
        ForeignKey("area.id", ondelete="RESTRICT"), index=True, comment="the lowest area that holds all its cameras"
    )
    alert_id: Mapped[str | None] = mapped_column(
        ForeignKey("alert.id", ondelete="RESTRICT"), index=True, comment="the one alert that tells of it"
    )
    began_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="when its first camera went")
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="when it was understood as one")
    recovered_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, comment="when nine tenths were back; null: it is going on"
    )


class OutageCameraRow(Base):
    """One camera of an outage."""

    __tablename__ = "outage_camera"

    outage_id: Mapped[str] = mapped_column(
        ForeignKey("outage.id", ondelete="CASCADE"), primary_key=True, comment="of which outage"
    )
    camera_id: Mapped[str] = mapped_column(
        ForeignKey("camera.id", ondelete="RESTRICT"), primary_key=True, index=True, comment="which camera"
    )
    down_since: Mapped[datetime] = mapped_column(UtcDateTime, comment="since when it was dark")
    back_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="since when it is back; null: still dark")
