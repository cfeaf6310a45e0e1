"""Logins of partner units, and the cameras that they may pull."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "share_access",
        sa.Column("unit_id", sa.String(length=40), nullable=False, comment="whose login"),
        sa.Column("username", sa.String(length=32), nullable=False, comment="made by us"),
        sa.Column(
            "sealed_sha256",
            sa.String(length=256),
            nullable=False,
            comment="sealed with the master key: the SHA-256 of user, realm and password (RFC 7616)",
        ),
        sa.Column(
            "sealed_md5",
            sa.String(length=256),
            nullable=False,
            comment="the same by MD5, for players that know no other",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="UTC; when this password was made"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_share_access_unit_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("unit_id", name=op.f("pk_share_access")),
        sa.UniqueConstraint("username", name=op.f("uq_share_access_username")),
    )
    op.create_table(
        "share_camera",
        sa.Column("unit_id", sa.String(length=40), nullable=False, comment="which unit"),
        sa.Column("camera_id", sa.String(length=40), nullable=False, comment="no household's"),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False, comment="UTC"),
        sa.ForeignKeyConstraint(
            ["camera_id"], ["camera.id"], name=op.f("fk_share_camera_camera_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["share_access.unit_id"], name=op.f("fk_share_camera_unit_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("unit_id", "camera_id", name=op.f("pk_share_camera")),
    )
    with op.batch_alter_table("share_camera", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_share_camera_camera_id"), ["camera_id"], unique=False)


def downgrade() -> None:
    op.drop_table("share_camera")
    op.drop_table("share_access")
