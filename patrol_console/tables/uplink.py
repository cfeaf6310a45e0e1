"""Lines that many cameras share, and what may go over each."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Float, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from patrol_console.tables.base import Base, UtcDateTime


class UplinkRow(Base):
    """One line: an area's with all below it, a unit's, or a gateway's."""

    __tablename__ = "uplink"
    __table_args__ = (
        CheckConstraint("kind IN ('area', 'unit', 'gateway')", name="kind"),
        CheckConstraint("mbit_s > 0", name="mbit_s"),
        CheckConstraint("connections > 0", name="connections"),
        UniqueConstraint("kind", "ref"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True, comment="uplink_…")
    name: Mapped[str] = mapped_column(String(64), comment="what people call it")
    kind: Mapped[str] = mapped_column(String(8), comment="what lies behind it: area, unit or gateway")
    ref: Mapped[str] = mapped_column(String(64), comment="the id of that area, unit or gateway")
    area_id: Mapped[str | None] = mapped_column(
        ForeignKey("area.id", ondelete="RESTRICT"), index=True, comment="whose line it is; null: a gateway's, the hub's"
    )
    mbit_s: Mapped[float | None] = mapped_column(Float, comment="10^6 bits a second; null: not limited")
    connections: Mapped[int | None] = mapped_column(Integer, comment="connections at once; null: not limited")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="UTC")
