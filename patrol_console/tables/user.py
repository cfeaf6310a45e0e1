"""People, the roles they hold, the sessions they have open."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from patrol_console.tables.base import Base, UtcDateTime


class UserRow(Base):
    """A person who can sign in."""

    __tablename__ = "user_account"  # "user" is a reserved word of PostgreSQL

    id: Mapped[str] = mapped_column(String(40), primary_key=True, comment="user_…")
    username: Mapped[str] = mapped_column(String(64), unique=True, comment="case-folded; what is typed at sign-in")
    display_name: Mapped[str] = mapped_column(String(64), comment="what others read")
    unit_id: Mapped[str | None] = mapped_column(
        ForeignKey("unit.id", ondelete="RESTRICT"), index=True, comment="the unit this person belongs to"
    )
    language: Mapped[str] = mapped_column(String(8), comment="zh or en: of sentences made for this person")
    password_hash: Mapped[str] = mapped_column(String(255), comment="Argon2id, with its parameters")
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime, comment="since when sign-in is refused")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="UTC")


class RoleRow(Base):
    """A role held on an area and inherited by all below it."""

    __tablename__ = "role_assignment"

    user_id: Mapped[str] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True, comment="who holds it"
    )
    role: Mapped[str] = mapped_column(String(24), primary_key=True, comment="a name of rights.Role")
    area_id: Mapped[str] = mapped_column(
        ForeignKey("area.id", ondelete="CASCADE"), primary_key=True, index=True, comment="where it is held"
    )


class SessionRow(Base):
    """A browser that is signed in. Only the hash of its cookie is kept: this table read aloud opens nothing."""

    __tablename__ = "session"

    id: Mapped[str] = mapped_column(String(64), primary_key=True, comment="SHA-256 of the cookie, in hex")
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True, comment="whose")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, comment="UTC")
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True, comment="UTC; not prolonged")
    address: Mapped[str] = mapped_column(String(64), comment="where it was opened from")
