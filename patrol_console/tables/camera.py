"""Cameras: what a person set, and what the gateway last said."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, CheckConstraint, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from patrol_console.tables.base import Base, UtcDateTime


class CameraRow(Base):
    """One camera. A removed one stays, so that its alerts and its register keep their name."""

    __tablename__ = "camera"
    __table_args__ = (
        CheckConstraint("kind IN ('public', 'partner', 'household')", name="kind"),
        CheckConstraint("revision > 0", name="revision"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True, comment="cam_…")
    name: Mapped[str] = mapped_column(String(64), index=True, comment="what people call it")
    area_id: Mapped[str] = mapped_column(
        ForeignKey("area.id", ondelete="RESTRICT"), index=True, comment="where it stands"
    )
    gateway_id: Mapped[str] = mapped_column(String(64), comment="the gateway that pulls it")
    kind: Mapped[str] = mapped_column(String(16), comment="public, partner or household")
    enabled: Mapped[bool] = mapped_column(Boolean, comment="false: not pulled")
    url: Mapped[str] = mapped_column(String(1024), comment="without credentials")
    username: Mapped[str | None] = mapped_column(String(128), comment="of the camera's login")
    sealed_password: Mapped[str | None] = mapped_column(
        String(1024), comment="hub.secrets with the camera's id as context; never leaves in an answer"
    )
    place: Mapped[str | None] = mapped_column(String(256), comment="where it hangs, in words")
    consent_from: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="household: allowed from")
    consent_until: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="household: allowed until; null: open")
    simulated: Mapped[bool] = mapped_column(Boolean, comment="a drawn scene; the page says so")
    masks: Mapped[list[Any]] = mapped_column(JSON, comment="polygons, corners 0..1; blackened before anything else")
    zones: Mapped[list[Any]] = mapped_column(JSON, comment="hub.contracts.zone.Zone each")
    rules: Mapped[list[Any]] = mapped_column(JSON, comment="hub.contracts.rule.IntrusionRule each")
    revision: Mapped[int] = mapped_column(Integer, comment="one more with each change; services keep the highest")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="UTC")
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="since when it is gone")

    status_state: Mapped[str | None] = mapped_column(String(16), comment="as the gateway last said: CameraState")
    status_cause: Mapped[str | None] = mapped_column(String(32), comment="as the gateway last said: Cause")
    status_detail: Mapped[str | None] = mapped_column(String(64), comment="a code of hub/messages")
    status_since: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="since when it is so")
    status_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="when the gateway last spoke of it")
    last_media_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="the last picture seen")
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, comment="hub.contracts.camera.StreamFacts")
