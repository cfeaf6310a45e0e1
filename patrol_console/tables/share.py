"""What is handed to partner units by RTSP: each unit's login, and the cameras that it may pull."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from patrol_console.tables.base import Base, UtcDateTime


class ShareAccessRow(Base):
    """A unit's login. Without one it pulls nothing."""

    __tablename__ = "share_access"

    unit_id: Mapped[str] = mapped_column(
        ForeignKey("unit.id", ondelete="RESTRICT"), primary_key=True, comment="whose login"
    )
    username: Mapped[str] = mapped_column(String(32), unique=True, comment="made by us")
    sealed_sha256: Mapped[str] = mapped_column(
        String(256), comment="sealed with the master key: the SHA-256 of user, realm and password (RFC 7616)"
    )
    sealed_md5: Mapped[str] = mapped_column(String(256), comment="the same by MD5, for players that know no other")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="UTC; when this password was made")


class ShareCameraRow(Base):
    """A camera that a unit may pull."""

    __tablename__ = "share_camera"

    unit_id: Mapped[str] = mapped_column(
        ForeignKey("share_access.unit_id", ondelete="CASCADE"), primary_key=True, comment="which unit"
    )
    camera_id: Mapped[str] = mapped_column(
        ForeignKey("camera.id", ondelete="RESTRICT"), primary_key=True, index=True, comment="no household's"
    )
    since: Mapped[datetime] = mapped_column(UtcDateTime, comment="UTC")
