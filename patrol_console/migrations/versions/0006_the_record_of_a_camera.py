"""The record of a camera: where it is, what it is, what was found, done and reported; imports; sweeps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "camera_import",
        sa.Column("id", sa.String(length=40), nullable=False, comment="import_…"),
        sa.Column("user_id", sa.String(length=40), nullable=False, comment="who; `local` is this machine's terminal"),
        sa.Column("file_name", sa.String(length=128), nullable=False, comment="as it was given, without its folder"),
        sa.Column("sha256", sa.String(length=64), nullable=False, comment="of the file"),
        sa.Column("dry_run", sa.Boolean(), nullable=False, comment="only told what would be done"),
        sa.Column("total", sa.Integer(), nullable=False, comment="rows in it"),
        sa.Column("state", sa.String(length=8), nullable=False, comment="running, done or stopped"),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False, comment="UTC"),
        sa.Column(
            "beat_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="UTC; when it last wrote: a silent one was killed",
        ),
        sa.Column("unknown_columns", sa.JSON(), nullable=False, comment="headings that are none of ours, left out"),
        sa.Column(
            "ended_at", sa.DateTime(timezone=True), nullable=True, comment="UTC; null: it is going on, or was killed"
        ),
        sa.CheckConstraint("state IN ('running', 'done', 'stopped')", name=op.f("ck_camera_import_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_camera_import")),
    )
    op.create_index("ix_camera_import_began_at", "camera_import", ["began_at"], unique=False)
    op.create_index(op.f("ix_camera_import_user_id"), "camera_import", ["user_id"], unique=False)
    op.create_table(
        "sweep",
        sa.Column("id", sa.String(length=40), nullable=False, comment="sweep_…; its frames carry it"),
        sa.Column(
            "area_id", sa.String(length=40), nullable=False, comment="the lowest area that holds all its cameras"
        ),
        sa.Column("purpose", sa.String(length=16), nullable=False, comment="setup, patrol"),
        sa.Column("reference", sa.String(length=64), nullable=True, comment="of which round; null: a person asked"),
        sa.Column("user_id", sa.String(length=40), nullable=True, comment="who asked; null: the hub itself"),
        sa.Column("total", sa.Integer(), nullable=False, comment="cameras in it"),
        sa.Column("state", sa.String(length=8), nullable=False, comment="running, done or stopped"),
        sa.Column(
            "detail",
            sa.String(length=64),
            nullable=True,
            comment="a code of hub/messages: why it was stopped; null: it was not, or somebody did",
        ),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False, comment="UTC"),
        sa.Column(
            "alive_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="UTC; its console was at work on it; long ago while running: that console is gone",
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True, comment="UTC; null: it is going on"),
        sa.CheckConstraint("state IN ('running', 'done', 'stopped')", name=op.f("ck_sweep_state")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_sweep_area_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sweep")),
    )
    op.create_index(op.f("ix_sweep_area_id"), "sweep", ["area_id"], unique=False)
    op.create_index("ix_sweep_began_at", "sweep", ["began_at"], unique=False)
    op.create_table(
        "camera_event",
        sa.Column("id", sa.String(length=64), nullable=False, comment="made by the gateway; the same event once"),
        sa.Column("camera_id", sa.String(length=40), nullable=False, comment="which camera"),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="hub.contracts.camera_event.CameraEventKind"),
        sa.Column("active", sa.Boolean(), nullable=True, comment="began or ended; null: a moment"),
        sa.Column("topic", sa.String(length=256), nullable=False, comment="as the camera wrote it"),
        sa.Column("source", sa.String(length=128), nullable=True, comment="which sensor, rule or input"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="UTC; when it reached the gateway"),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=True, comment="UTC; by the camera's own clock"),
        sa.ForeignKeyConstraint(
            ["camera_id"], ["camera.id"], name=op.f("fk_camera_event_camera_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_camera_event")),
    )
    op.create_index("ix_camera_event_at", "camera_event", ["at"], unique=False)
    op.create_index("ix_camera_event_camera_id_at", "camera_event", ["camera_id", "at"], unique=False)
    op.create_table(
        "camera_import_line",
        sa.Column("import_id", sa.String(length=40), nullable=False, comment="of which import"),
        sa.Column("line", sa.Integer(), nullable=False, comment="as the file counts; the heading is 1"),
        sa.Column("outcome", sa.String(length=16), nullable=False, comment="created, changed, unchanged or refused"),
        sa.Column("camera_id", sa.String(length=40), nullable=True, comment="which camera; null: there is none"),
        sa.Column("name", sa.String(length=64), nullable=False, comment="as the row has it"),
        sa.Column(
            "code",
            sa.String(length=64),
            nullable=True,
            comment="why it was refused, or what to mind: a code of hub/messages",
        ),
        sa.Column("params", sa.JSON(), nullable=False, comment="what fills the braces of that sentence"),
        sa.CheckConstraint(
            "outcome IN ('created', 'changed', 'unchanged', 'refused')", name=op.f("ck_camera_import_line_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["camera_id"], ["camera.id"], name=op.f("fk_camera_import_line_camera_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["camera_import.id"], name=op.f("fk_camera_import_line_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "line", name=op.f("pk_camera_import_line")),
    )
    op.create_table(
        "camera_repair",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False, comment="order of writing"),
        sa.Column("camera_id", sa.String(length=40), nullable=False, comment="which camera"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="UTC"),
        sa.Column("user_id", sa.String(length=40), nullable=True, comment="who; `local` is this machine's terminal"),
        sa.Column("user_name", sa.String(length=64), nullable=False, comment="that person's name then"),
        sa.Column("kind", sa.String(length=8), nullable=False, comment="fix, undo or note"),
        sa.Column("note", sa.String(length=500), nullable=True, comment="in words"),
        sa.Column("changes", sa.JSON(), nullable=False, comment="setting, before, after of each change"),
        sa.Column(
            "outcome",
            sa.String(length=16),
            nullable=True,
            comment="hub.contracts.cure.Outcome; null: a note, or a cure that broke off",
        ),
        sa.Column(
            "problem",
            sa.JSON(none_as_null=True),
            nullable=True,
            comment="hub.contracts.device.Reason why it failed; null: it did not",
        ),
        sa.Column(
            "undo",
            sa.JSON(),
            server_default="[]",
            nullable=False,
            comment="hub.contracts.cure.UndoStep each; empty: nothing to put back",
        ),
        sa.CheckConstraint("kind IN ('fix', 'undo', 'note')", name=op.f("ck_camera_repair_kind")),
        sa.ForeignKeyConstraint(
            ["camera_id"], ["camera.id"], name=op.f("fk_camera_repair_camera_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_camera_repair")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_camera_repair_camera_id_at", "camera_repair", ["camera_id", "at"], unique=False)
    op.create_table(
        "camera_verdict",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False, comment="order of writing"),
        sa.Column("camera_id", sa.String(length=40), nullable=False, comment="which camera"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="UTC"),
        sa.Column("user_id", sa.String(length=40), nullable=True, comment="who asked; null: the hub itself"),
        sa.Column(
            "worst", sa.String(length=8), nullable=False, comment="ok, warn, fail or unknown: the worst of its checks"
        ),
        sa.Column("verdicts", sa.JSON(), nullable=False, comment="check, status, codes of detail and remedy, params"),
        sa.ForeignKeyConstraint(
            ["camera_id"], ["camera.id"], name=op.f("fk_camera_verdict_camera_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_camera_verdict")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_camera_verdict_camera_id_at", "camera_verdict", ["camera_id", "at"], unique=False)
    op.create_table(
        "sweep_camera",
        sa.Column("sweep_id", sa.String(length=40), nullable=False, comment="of which sweep"),
        sa.Column("camera_id", sa.String(length=40), nullable=False, comment="which camera"),
        sa.Column("outcome", sa.String(length=8), nullable=False, comment="hub.contracts.sweep.SweepOutcome"),
        sa.Column("cause", sa.String(length=32), nullable=True, comment="hub.contracts.camera.Cause of a failure"),
        sa.Column("detail", sa.String(length=64), nullable=True, comment="a code of hub/messages"),
        sa.Column(
            "first_at", sa.DateTime(timezone=True), nullable=True, comment="UTC; captured_at of the first picture"
        ),
        sa.Column("second_at", sa.DateTime(timezone=True), nullable=True, comment="UTC; captured_at of the second"),
        sa.CheckConstraint("outcome IN ('swept', 'failed', 'skipped')", name=op.f("ck_sweep_camera_outcome")),
        sa.ForeignKeyConstraint(
            ["camera_id"], ["camera.id"], name=op.f("fk_sweep_camera_camera_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["sweep_id"], ["sweep.id"], name=op.f("fk_sweep_camera_sweep_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sweep_id", "camera_id", name=op.f("pk_sweep_camera")),
    )
    op.create_index(op.f("ix_sweep_camera_camera_id"), "sweep_camera", ["camera_id"], unique=False)
    op.add_column(
        "camera",
        sa.Column(
            "national_code", sa.String(length=20), nullable=True, comment="GB/T 28181: 20 digits; null: none given"
        ),
    )
    op.add_column("camera", sa.Column("longitude", sa.Float(), nullable=True, comment="degrees east, WGS 84"))
    op.add_column("camera", sa.Column("latitude", sa.Float(), nullable=True, comment="degrees north, WGS 84"))
    op.add_column(
        "camera",
        sa.Column("recordings", sa.String(length=128), nullable=True, comment="where its recordings lie, in words"),
    )
    op.add_column(
        "camera",
        sa.Column("tags", sa.JSON(), server_default="[]", nullable=False, comment="words that people gave it, sorted"),
    )
    op.add_column(
        "camera", sa.Column("onvif", sa.JSON(), nullable=True, comment="hub.contracts.device.DeviceFace; null: none")
    )
    op.add_column(
        "camera",
        sa.Column("device", sa.JSON(), server_default="{}", nullable=False, comment="hub.contracts.device.DeviceFacts"),
    )
    op.add_column(
        "camera",
        sa.Column(
            "profiles",
            sa.JSON(),
            server_default="[]",
            nullable=False,
            comment="hub.contracts.device.StreamProfile each, as last read",
        ),
    )
    op.add_column(
        "camera",
        sa.Column(
            "reading_problem",
            sa.JSON(),
            nullable=True,
            comment="why ONVIF could not read it: at, code, params; null: it did, or nobody tried",
        ),
    )
    kept = sa.text("removed_at IS NULL")
    op.create_index(
        "uq_camera_national_code", "camera", ["national_code"], unique=True, sqlite_where=kept, postgresql_where=kept
    )
