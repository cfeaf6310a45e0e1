"""Saved layouts and screens of the wall."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wall_layout",
        sa.Column("id", sa.String(length=40), nullable=False, comment="layout_…"),
        sa.Column("user_id", sa.String(length=40), nullable=False, comment="whose"),
        sa.Column("name", sa.String(length=64), nullable=False, comment="what this person calls it"),
        sa.Column("arrangement", sa.JSON(), nullable=False, comment="wall.schemas.Arrangement"),
        sa.Column("is_default", sa.Boolean(), nullable=False, comment="the wall opens with it; one a person at most"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="UTC"),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False, comment="UTC"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_wall_layout_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wall_layout")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_wall_layout_user_id_name")),
    )
    with op.batch_alter_table("wall_layout", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_wall_layout_user_id"), ["user_id"], unique=False)

    op.create_table(
        "wall_screen",
        sa.Column("user_id", sa.String(length=40), nullable=False, comment="whose"),
        sa.Column("name", sa.String(length=32), nullable=False, comment="of the screen, as this person says it"),
        sa.Column("arrangement", sa.JSON(), nullable=True, comment="wall.schemas.Arrangement; null: nothing yet"),
        sa.Column("revision", sa.Integer(), nullable=False, comment="one more with each filling"),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False, comment="UTC; of the last heartbeat"),
        sa.Column("closed", sa.Boolean(), nullable=False, comment="the window said that it goes"),
        sa.Column(
            "identify_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="UTC; when it was last asked to show its name",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_wall_screen_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "name", name=op.f("pk_wall_screen")),
    )
    with op.batch_alter_table("wall_screen", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_wall_screen_seen_at"), ["seen_at"], unique=False)


def downgrade() -> None:
    op.drop_table("wall_screen")
    op.drop_table("wall_layout")
