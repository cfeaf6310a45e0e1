"""Cameras: what a person set, what the gateway last said, and every state since."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, CheckConstraint, Float, ForeignKey, Index, Integer, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from patrol_console.tables.base import Base, UtcDateTime


class CameraRow(Base):
    """One camera. A removed one stays, so that its alerts and its register keep their name."""

    __tablename__ = "camera"
    __table_args__ = (
        CheckConstraint("kind IN ('public', 'partner', 'household')", name="kind"),
        CheckConstraint("revision > 0", name="revision"),
        CheckConstraint("watch_mode IN ('continuous', 'interval', 'on_request')", name="watch_mode"),
        CheckConstraint("watch_every_min BETWEEN 1 AND 1440", name="watch_every_min"),
        CheckConstraint("transport IN ('tcp', 'udp')", name="transport"),
        CheckConstraint("importance IN ('red', 'orange', 'yellow', 'blue')", name="importance"),
        # A removed camera gives its code free. Partial on PostgreSQL too, see below.
        Index("uq_camera_national_code", "national_code", unique=True, sqlite_where=text("removed_at IS NULL")),
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

    watch_mode: Mapped[str] = mapped_column(
        String(16), default="continuous", server_default="continuous", comment="hub.contracts.watch.WatchMode"
    )
    watch_every_min: Mapped[int] = mapped_column(
        Integer, default=10, server_default="10", comment="minutes between two looks; counts for interval alone"
    )
    transport: Mapped[str] = mapped_column(String(8), default="tcp", server_default="tcp", comment="how RTP comes")
    audio: Mapped[bool] = mapped_column(
        Boolean, default=False, server_default=false(), comment="its sound may be heard by those who hold the right"
    )
    importance: Mapped[str] = mapped_column(
        String(8), default="yellow", server_default="yellow", comment="severity of the place: of its offline alert"
    )
    unit_id: Mapped[str | None] = mapped_column(
        ForeignKey("unit.id"), index=True, comment="the partner or unit whose camera it is"
    )
    subnet: Mapped[str | None] = mapped_column(
        String(64), comment="/24 or /64 of its address when that was last resolved; null: not known"
    )
    down_since: Mapped[datetime | None] = mapped_column(
        UtcDateTime, index=True, comment="since when it is dark although it should not be; null: it is not"
    )

    national_code: Mapped[str | None] = mapped_column(String(20), comment="GB/T 28181: 20 digits; null: none given")
    longitude: Mapped[float | None] = mapped_column(Float, comment="degrees east, WGS 84")
    latitude: Mapped[float | None] = mapped_column(Float, comment="degrees north, WGS 84")
    recordings: Mapped[str | None] = mapped_column(String(128), comment="where its recordings lie, in words")
    tags: Mapped[list[Any]] = mapped_column(
        JSON, default=list, server_default="[]", comment="words that people gave it, sorted"
    )
    onvif: Mapped[dict[str, Any] | None] = mapped_column(
        JSON(none_as_null=True), comment="hub.contracts.device.DeviceFace; null: none"
    )
    device: Mapped[dict[str, Any]] = mapped_column(
        JSON, default=dict, server_default="{}", comment="hub.contracts.device.DeviceFacts"
    )
    profiles: Mapped[list[Any]] = mapped_column(
        JSON, default=list, server_default="[]", comment="hub.contracts.device.StreamProfile each, as last read"
    )

    reading_problem: Mapped[dict[str, Any] | None] = mapped_column(
        JSON(none_as_null=True),
        comment="why ONVIF could not read it: at, code, params; null: it did, or nobody tried",
    )

    status_state: Mapped[str | None] = mapped_column(String(16), comment="as the gateway last said: CameraState")
    status_cause: Mapped[str | None] = mapped_column(String(32), comment="as the gateway last said: Cause")
    status_detail: Mapped[str | None] = mapped_column(String(64), comment="a code of hub/messages")
    status_since: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="since when it is so")
    status_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="when the gateway last spoke of it")
    last_media_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="the last picture seen")
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, comment="hub.contracts.camera.StreamFacts")


class CameraStateRow(Base):
    """One stretch of time in which a camera was shown in one state for one cause; the open one has no end."""

    __tablename__ = "camera_state"
    __table_args__ = (
        Index("ix_camera_state_camera_id_since", "camera_id", "since"),
        Index("ix_camera_state_until", "until"),
        # Partial on PostgreSQL too: the migration says so there, as `postgresql_where` here would load its dialect.
        Index("uq_camera_state_open", "camera_id", unique=True, sqlite_where=text("until IS NULL")),
        {"sqlite_autoincrement": True},
    )

    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True, comment="order of writing")
    camera_id: Mapped[str] = mapped_column(ForeignKey("camera.id", ondelete="RESTRICT"), comment="of which camera")
    state: Mapped[str] = mapped_column(String(16), comment="hub.contracts.camera.CameraState")
    cause: Mapped[str] = mapped_column(String(32), comment="hub.contracts.camera.Cause")
    detail: Mapped[str | None] = mapped_column(String(64), comment="a code of hub/messages, when the gateway gave one")
    since: Mapped[datetime] = mapped_column(UtcDateTime, comment="UTC")
    until: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="UTC; null: still so")
