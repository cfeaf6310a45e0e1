"""The first tables; a timeline that nothing can rewrite: triggers refuse it on both databases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "area",
        sa.Column("id", sa.String(length=40), nullable=False, comment="area_…"),
        sa.Column("parent_id", sa.String(length=40), nullable=True, comment="the area above; null for a root"),
        sa.Column(
            "path",
            sa.String(length=1024),
            nullable=False,
            comment="/<id>/…/<own id>/: below means begins with; never changed by hand",
        ),
        sa.Column("level", sa.Integer(), nullable=False, comment="0 for a root, one more with each step down"),
        sa.Column("name", sa.String(length=64), nullable=False, comment="what people call it"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="UTC"),
        sa.ForeignKeyConstraint(["parent_id"], ["area.id"], name=op.f("fk_area_parent_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area")),
        sa.UniqueConstraint("path", name=op.f("uq_area_path")),
    )
    with op.batch_alter_table("area", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_area_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False, comment="order of telling"),
        sa.Column(
            "lane", sa.String(length=8), nullable=False, comment="event: to browsers; spec: to gateways and analytics"
        ),
        sa.Column(
            "body",
            sa.JSON(),
            nullable=False,
            comment="event: event.notice.Notice; spec: a camera's id, or what is revoked",
        ),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False, comment="UTC"),
        sa.CheckConstraint("lane IN ('event', 'spec')", name=op.f("ck_outbox_lane")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_outbox")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_lane_seq", ["lane", "seq"], unique=False)

    op.create_table(
        "picture",
        sa.Column("id", sa.String(length=64), nullable=False, comment="pic_<SHA-256 of the bytes, shortened>"),
        sa.Column(
            "sha256", sa.String(length=64), nullable=False, comment="of the bytes, in hex; checked at each reading"
        ),
        sa.Column("size_bytes", sa.Integer(), nullable=False, comment="of the file"),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False, comment="UTC"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picture")),
    )
    op.create_table(
        "camera",
        sa.Column("id", sa.String(length=40), nullable=False, comment="cam_…"),
        sa.Column("name", sa.String(length=64), nullable=False, comment="what people call it"),
        sa.Column("area_id", sa.String(length=40), nullable=False, comment="where it stands"),
        sa.Column("gateway_id", sa.String(length=64), nullable=False, comment="the gateway that pulls it"),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="public, partner or household"),
        sa.Column("enabled", sa.Boolean(), nullable=False, comment="false: not pulled"),
        sa.Column("url", sa.String(length=1024), nullable=False, comment="without credentials"),
        sa.Column("username", sa.String(length=128), nullable=True, comment="of the camera's login"),
        sa.Column(
            "sealed_password",
            sa.String(length=1024),
            nullable=True,
            comment="hub.secrets with the camera's id as context; never leaves in an answer",
        ),
        sa.Column("place", sa.String(length=256), nullable=True, comment="where it hangs, in words"),
        sa.Column("consent_from", sa.DateTime(timezone=True), nullable=True, comment="household: allowed from"),
        sa.Column(
            "consent_until", sa.DateTime(timezone=True), nullable=True, comment="household: allowed until; null: open"
        ),
        sa.Column("simulated", sa.Boolean(), nullable=False, comment="a drawn scene; the page says so"),
        sa.Column("masks", sa.JSON(), nullable=False, comment="polygons, corners 0..1; blackened before anything else"),
        sa.Column("zones", sa.JSON(), nullable=False, comment="hub.contracts.zone.Zone each"),
        sa.Column("rules", sa.JSON(), nullable=False, comment="hub.contracts.rule.IntrusionRule each"),
        sa.Column(
            "revision", sa.Integer(), nullable=False, comment="one more with each change; services keep the highest"
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="UTC"),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True, comment="since when it is gone"),
        sa.Column("status_state", sa.String(length=16), nullable=True, comment="as the gateway last said: CameraState"),
        sa.Column("status_cause", sa.String(length=32), nullable=True, comment="as the gateway last said: Cause"),
        sa.Column("status_detail", sa.String(length=64), nullable=True, comment="a code of hub/messages"),
        sa.Column("status_since", sa.DateTime(timezone=True), nullable=True, comment="since when it is so"),
        sa.Column("status_at", sa.DateTime(timezone=True), nullable=True, comment="when the gateway last spoke of it"),
        sa.Column("last_media_at", sa.DateTime(timezone=True), nullable=True, comment="the last picture seen"),
        sa.Column("facts", sa.JSON(), nullable=False, comment="hub.contracts.camera.StreamFacts"),
        sa.CheckConstraint("kind IN ('public', 'partner', 'household')", name=op.f("ck_camera_kind")),
        sa.CheckConstraint("revision > 0", name=op.f("ck_camera_revision")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_camera_area_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_camera")),
    )
    with op.batch_alter_table("camera", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_camera_area_id"), ["area_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_camera_name"), ["name"], unique=False)

    op.create_table(
        "unit",
        sa.Column("id", sa.String(length=40), nullable=False, comment="unit_…"),
        sa.Column("name", sa.String(length=64), nullable=False, comment="what people call it"),
        sa.Column("area_id", sa.String(length=40), nullable=False, comment="where it sits"),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_unit_area_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
    )
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unit_area_id"), ["area_id"], unique=False)

    op.create_table(
        "alert",
        sa.Column("id", sa.String(length=64), nullable=False, comment="made by the judge"),
        sa.Column("camera_id", sa.String(length=40), nullable=False, comment="which camera saw it"),
        sa.Column("area_id", sa.String(length=40), nullable=False, comment="where the camera stood then"),
        sa.Column("kind", sa.String(length=32), nullable=False, comment="intrusion, …"),
        sa.Column("severity", sa.String(length=8), nullable=False, comment="red orange yellow blue"),
        sa.Column(
            "state",
            sa.String(length=16),
            nullable=False,
            comment="alert.state.AlertState; changed by conditional UPDATE only",
        ),
        sa.Column("rule_id", sa.String(length=64), nullable=True, comment="the rule that held"),
        sa.Column("rule_name", sa.String(length=64), nullable=True, comment="its name then"),
        sa.Column("zone_name", sa.String(length=64), nullable=True, comment="its zone's name then"),
        sa.Column("labels", sa.JSON(), nullable=False, comment="what was seen: COCO names"),
        sa.Column("confidence", sa.Float(), nullable=False, comment="0..1, of the best detection"),
        sa.Column("simulated", sa.Boolean(), nullable=False, comment="from a drawn scene"),
        sa.Column("episode_started_at", sa.DateTime(timezone=True), nullable=False, comment="when it was first seen"),
        sa.Column(
            "captured_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="of the look that completed the condition",
        ),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False, comment="when the judge raised it"),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False, comment="when it was written here"),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True, comment="when somebody took it"),
        sa.Column("acknowledged_by", sa.String(length=64), nullable=True, comment="that person's name then"),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True, comment="closed or dismissed at"),
        sa.Column("picture_id", sa.String(length=64), nullable=True, comment="the evidence; null: missing"),
        sa.CheckConstraint("severity IN ('red', 'orange', 'yellow', 'blue')", name=op.f("ck_alert_severity")),
        sa.CheckConstraint(
            "state IN ('raised', 'acknowledged', 'dispatched', 'accepted', "
            "'on_site', 'reported', 'verified', 'closed', 'dismissed', 'suspended')",
            name=op.f("ck_alert_state"),
        ),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_alert_area_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name=op.f("fk_alert_camera_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["picture_id"], ["picture.id"], name=op.f("fk_alert_picture_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
    )
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alert_area_id"), ["area_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_alert_camera_id"), ["camera_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_alert_picture_id"), ["picture_id"], unique=False)
        batch_op.create_index("ix_alert_raised_at_id", ["raised_at", "id"], unique=False)
        batch_op.create_index("ix_alert_state_raised_at", ["state", "raised_at"], unique=False)

    op.create_table(
        "user_account",
        sa.Column("id", sa.String(length=40), nullable=False, comment="user_…"),
        sa.Column("username", sa.String(length=64), nullable=False, comment="case-folded; what is typed at sign-in"),
        sa.Column("display_name", sa.String(length=64), nullable=False, comment="what others read"),
        sa.Column("unit_id", sa.String(length=40), nullable=True, comment="the unit this person belongs to"),
        sa.Column(
            "language", sa.String(length=8), nullable=False, comment="zh or en: of sentences made for this person"
        ),
        sa.Column("password_hash", sa.String(length=255), nullable=False, comment="Argon2id, with its parameters"),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True, comment="since when sign-in is refused"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="UTC"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_user_account_unit_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("username", name=op.f("uq_user_account_username")),
    )
    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_account_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "viewing",
        sa.Column("ticket_id", sa.String(length=64), nullable=False, comment="the ticket that was used"),
        sa.Column("camera_id", sa.String(length=40), nullable=False, comment="which camera"),
        sa.Column("user_id", sa.String(length=40), nullable=False, comment="who; `local` is this machine's terminal"),
        sa.Column("user_name", sa.String(length=64), nullable=False, comment="that person's name then"),
        sa.Column("unit", sa.String(length=64), nullable=True, comment="that person's unit then"),
        sa.Column("purpose", sa.String(length=32), nullable=False, comment="wall alert detail setup patrol"),
        sa.Column("reference", sa.String(length=64), nullable=True, comment="of which round, alert or request"),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False, comment="UTC; the earliest moment told of"),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False, comment="UTC; the latest moment told of"),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True, comment="UTC; null: still open"),
        sa.Column("frames_sent", sa.Integer(), nullable=False, comment="the highest count told of"),
        sa.Column("frames_dropped", sa.Integer(), nullable=False, comment="the highest count told of"),
        sa.Column("last_media_at", sa.DateTime(timezone=True), nullable=True, comment="of the last picture sent"),
        sa.Column("closed_because", sa.String(length=32), nullable=True, comment="viewer revoked camera slow gateway"),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name=op.f("fk_viewing_camera_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_viewing")),
    )
    with op.batch_alter_table("viewing", schema=None) as batch_op:
        batch_op.create_index("ix_viewing_camera_id_opened_at", ["camera_id", "opened_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_viewing_user_id"), ["user_id"], unique=False)

    op.create_table(
        "alert_entry",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False, comment="order of writing"),
        sa.Column("alert_id", sa.String(length=64), nullable=False, comment="of which alert"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="UTC"),
        sa.Column("verb", sa.String(length=16), nullable=False, comment="alert.state.Verb"),
        sa.Column("actor_id", sa.String(length=40), nullable=True, comment="who; null: the machine"),
        sa.Column("actor_name", sa.String(length=64), nullable=True, comment="that person's name then"),
        sa.Column("from_state", sa.String(length=16), nullable=True, comment="null at the beginning"),
        sa.Column("to_state", sa.String(length=16), nullable=False, comment="the state from then on"),
        sa.Column("note", sa.String(length=500), nullable=True, comment="what the person wrote: a reason"),
        sa.Column("detail", sa.String(length=500), nullable=True, comment="what the machine adds: rule, zone"),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_alert_entry_alert_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_alert_entry")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("alert_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alert_entry_alert_id"), ["alert_id"], unique=False)

    op.create_table(
        "role_assignment",
        sa.Column("user_id", sa.String(length=40), nullable=False, comment="who holds it"),
        sa.Column("role", sa.String(length=24), nullable=False, comment="a name of rights.Role"),
        sa.Column("area_id", sa.String(length=40), nullable=False, comment="where it is held"),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_role_assignment_area_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_role_assignment_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "role", "area_id", name=op.f("pk_role_assignment")),
    )
    with op.batch_alter_table("role_assignment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_role_assignment_area_id"), ["area_id"], unique=False)

    op.create_table(
        "session",
        sa.Column("id", sa.String(length=64), nullable=False, comment="SHA-256 of the cookie, in hex"),
        sa.Column("user_id", sa.String(length=40), nullable=False, comment="whose"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="UTC"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, comment="UTC; not prolonged"),
        sa.Column("address", sa.String(length=64), nullable=False, comment="where it was opened from"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_session_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_session_user_id"), ["user_id"], unique=False)

    _keep_timelines()


def _keep_timelines() -> None:
    """Refuse UPDATE and DELETE on alert_entry: what happened to an alert is only ever added to."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION alert_entry_is_kept() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'alert_entry is append-only' USING ERRCODE = 'restrict_violation'; END $$"
        )
        op.execute(
            "CREATE TRIGGER alert_entry_is_kept BEFORE UPDATE OR DELETE ON alert_entry "
            "FOR EACH ROW EXECUTE FUNCTION alert_entry_is_kept()"
        )
        op.execute(
            "CREATE TRIGGER alert_entry_is_not_emptied BEFORE TRUNCATE ON alert_entry "
            "FOR EACH STATEMENT EXECUTE FUNCTION alert_entry_is_kept()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER alert_entry_no_{verb.lower()} BEFORE {verb} ON alert_entry "
            "BEGIN SELECT RAISE(ABORT, 'alert_entry is append-only'); END"
        )
