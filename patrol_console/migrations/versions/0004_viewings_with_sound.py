"""The access register says whether the camera was heard."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_COMMENT = "whether the ticket let that person hear the camera"


def upgrade() -> None:
    op.add_column(
        "viewing", sa.Column("audio", sa.Boolean(), nullable=False, server_default=sa.false(), comment=_COMMENT)
    )


def downgrade() -> None:
    op.drop_column("viewing", "audio")
