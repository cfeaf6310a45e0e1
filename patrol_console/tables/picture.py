"""Pictures that are kept: what lies in the picture store, never the bytes themselves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from patrol_console.tables.base import Base, UtcDateTime


class PictureRow(Base):
    """One JPEG under data_dir/pictures; its path follows from its id."""

    __tablename__ = "picture"

    id: Mapped[str] = mapped_column(String(64), primary_key=True, comment="pic_<SHA-256 of the bytes, shortened>")
    sha256: Mapped[str] = mapped_column(String(64), comment="of the bytes, in hex; checked at each reading")
    size_bytes: Mapped[int] = mapped_column(Integer, comment="of the file")
    stored_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="UTC")
