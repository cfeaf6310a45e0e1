"""The administrative tree, and the units that people belong to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from patrol_console.tables.base import Base, UtcDateTime


class AreaRow(Base):
    """A node. Depth is data: nothing counts on two levels."""

    __tablename__ = "area"

    id: Mapped[str] = mapped_column(String(40), primary_key=True, comment="area_…")
    parent_id: Mapped[str | None] = mapped_column(
        ForeignKey("area.id", ondelete="RESTRICT"), index=True, comment="the area above; null for a root"
    )
    path: Mapped[str] = mapped_column(
        String(1024), unique=True, comment="/<id>/…/<own id>/: below means begins with; never changed by hand"
    )
    level: Mapped[int] = mapped_column(Integer, comment="0 for a root, one more with each step down")
    name: Mapped[str] = mapped_column(String(64), comment="what people call it")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="UTC")

    @property
    def area_path(self) -> str:
        """For `rights.may`."""
        return self.path


class UnitRow(Base):
    """A centre, department, police station or partner."""

    __tablename__ = "unit"

    id: Mapped[str] = mapped_column(String(40), primary_key=True, comment="unit_…")
    name: Mapped[str] = mapped_column(String(64), comment="what people call it")
    area_id: Mapped[str] = mapped_column(
        ForeignKey("area.id", ondelete="RESTRICT"), index=True, comment="where it sits"
    )
