"""How closely a camera is watched and whose it is; the history of states; outages; uplinks."""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _add("watch_mode", sa.String(16), "hub.contracts.watch.WatchMode", default="'continuous'",
         check="watch_mode IN ('continuous', 'interval', 'on_request')")  # fmt: skip
    _add("watch_every_min", sa.Integer(), "minutes between two looks; counts for interval alone", default="10",
         check="watch_every_min BETWEEN 1 AND 1440")  # fmt: skip
    _add("transport", sa.String(8), "how RTP comes", default="'tcp'", check="transport IN ('tcp', 'udp')")
    _add("audio", sa.Boolean(), "its sound may be heard by those who hold the right", default="false")
    _add("importance", sa.String(8), "severity of the place: of its offline alert", default="'yellow'",
         check="importance IN ('red', 'orange', 'yellow', 'blue')")  # fmt: skip
    _add("unit_id", sa.String(40), "the partner or unit whose camera it is", references="unit")
    _add("subnet", sa.String(64), "/24 or /64 of its address when that was last resolved; null: not known")
    _add("down_since", sa.DateTime(timezone=True), "since when it is dark although it should not be; null: it is not")
    op.create_index("ix_camera_unit_id", "camera", ["unit_id"])
    op.create_index("ix_camera_down_since", "camera", ["down_since"])
    _fill_subnets()

    op.create_table(
        "camera_state",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False, comment="order of writing"),
        sa.Column("camera_id", sa.String(40), nullable=False, comment="of which camera"),
        sa.Column("state", sa.String(16), nullable=False, comment="hub.contracts.camera.CameraState"),
        sa.Column("cause", sa.String(32), nullable=False, comment="hub.contracts.camera.Cause"),
        sa.Column("detail", sa.String(64), nullable=True, comment="a code of hub/messages, when the gateway gave one"),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False, comment="UTC"),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True, comment="UTC; null: still so"),
        sa.ForeignKeyConstraint(
            ["camera_id"], ["camera.id"], name=op.f("fk_camera_state_camera_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_camera_state")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_camera_state_camera_id_since", "camera_state", ["camera_id", "since"])
    op.create_index("ix_camera_state_until", "camera_state", ["until"])
    still_open = sa.text("until IS NULL")
    op.create_index(
        "uq_camera_state_open", "camera_state", ["camera_id"], unique=True,
        sqlite_where=still_open, postgresql_where=still_open,
    )  # fmt: skip

    op.create_table(
        "outage",
        sa.Column("id", sa.String(40), nullable=False, comment="outage_<SHA-256 of scope and begin>"),
        sa.Column("scope", sa.String(8), nullable=False, comment="what its cameras share: gateway, subnet or area"),
        sa.Column("ref", sa.String(64), nullable=False, comment="the gateway's id, the network, or the area's id"),
        sa.Column("name", sa.String(64), nullable=False, comment="what people call that, then"),
        sa.Column(
            "whole", sa.Boolean(), nullable=False, comment="all due cameras of the scope were dark when it was opened"
        ),
        sa.Column("silent", sa.Boolean(), nullable=False, comment="the gateway itself said nothing any more"),
        sa.Column("severity", sa.String(8), nullable=False, comment="the gravest importance among its cameras"),
        sa.Column("area_id", sa.String(40), nullable=False, comment="the lowest area that holds all its cameras"),
        sa.Column("alert_id", sa.String(64), nullable=True, comment="the one alert that tells of it"),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False, comment="when its first camera went"),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False, comment="when it was understood as one"),
        sa.Column(
            "recovered_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when nine tenths were back; null: it is going on",
        ),
        sa.CheckConstraint("scope IN ('gateway', 'subnet', 'area')", name=op.f("ck_outage_scope")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_outage_area_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_outage_alert_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outage")),
    )
    op.create_index("ix_outage_area_id", "outage", ["area_id"])
    op.create_index("ix_outage_alert_id", "outage", ["alert_id"])
    op.create_index("ix_outage_began_at_id", "outage", ["began_at", "id"])
    going_on = sa.text("recovered_at IS NULL")
    op.create_index("ix_outage_open", "outage", ["began_at"], sqlite_where=going_on, postgresql_where=going_on)

    op.create_table(
        "outage_camera",
        sa.Column("outage_id", sa.String(40), nullable=False, comment="of which outage"),
        sa.Column("camera_id", sa.String(40), nullable=False, comment="which camera"),
        sa.Column("down_since", sa.DateTime(timezone=True), nullable=False, comment="since when it was dark"),
        sa.Column(
            "back_at", sa.DateTime(timezone=True), nullable=True, comment="since when it is back; null: still dark"
        ),
        sa.ForeignKeyConstraint(
            ["outage_id"], ["outage.id"], name=op.f("fk_outage_camera_outage_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["camera_id"], ["camera.id"], name=op.f("fk_outage_camera_camera_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("outage_id", "camera_id", name=op.f("pk_outage_camera")),
    )
    op.create_index("ix_outage_camera_camera_id", "outage_camera", ["camera_id"])

    op.create_table(
        "uplink",
        sa.Column("id", sa.String(40), nullable=False, comment="uplink_…"),
        sa.Column("name", sa.String(64), nullable=False, comment="what people call it"),
        sa.Column("kind", sa.String(8), nullable=False, comment="what lies behind it: area, unit or gateway"),
        sa.Column("ref", sa.String(64), nullable=False, comment="the id of that area, unit or gateway"),
        sa.Column("area_id", sa.String(40), nullable=True, comment="whose line it is; null: a gateway's, the hub's"),
        sa.Column("mbit_s", sa.Float(), nullable=True, comment="10^6 bits a second; null: not limited"),
        sa.Column("connections", sa.Integer(), nullable=True, comment="connections at once; null: not limited"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="UTC"),
        sa.CheckConstraint("kind IN ('area', 'unit', 'gateway')", name=op.f("ck_uplink_kind")),
        sa.CheckConstraint("mbit_s > 0", name=op.f("ck_uplink_mbit_s")),
        sa.CheckConstraint("connections > 0", name=op.f("ck_uplink_connections")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_uplink_area_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uplink")),
        sa.UniqueConstraint("kind", "ref", name=op.f("uq_uplink_kind_ref")),
    )
    op.create_index("ix_uplink_area_id", "uplink", ["area_id"])


def _add(
    name: str,
    kind: sa.types.TypeEngine[Any],
    comment: str,
    *,
    default: str | None = None,
    check: str | None = None,
    references: str | None = None,
) -> None:
    """A column of `camera`. SQLite takes its constraints with the column alone: making the table anew would drop one
    that others point at."""
    if op.get_bind().dialect.name == "postgresql":
        given = None if default is None else sa.text(default)
        op.add_column("camera", sa.Column(name, kind, nullable=default is None, server_default=given, comment=comment))
        if check is not None:
            op.create_check_constraint(op.f(f"ck_camera_{name}"), "camera", check)
        if references is not None:
            op.create_foreign_key(op.f(f"fk_camera_{name}"), "camera", references, [name], ["id"])
        return
    words = [f"ALTER TABLE camera ADD COLUMN {name} {kind.compile(op.get_bind().dialect)}"]
    if default is not None:
        words.append(f"NOT NULL DEFAULT {default}")
    if check is not None:
        words.append(f"CONSTRAINT ck_camera_{name} CHECK ({check})")
    if references is not None:
        words.append(f"CONSTRAINT fk_camera_{name} REFERENCES {references} (id)")
    op.execute(" ".join(words))


def _fill_subnets() -> None:
    """Of addresses that were typed as numbers; the others become known when they are next saved."""
    bind = op.get_bind()
    for camera_id, url in bind.execute(sa.text("SELECT id, url FROM camera")).all():
        try:
            ip = ipaddress.ip_address(urlsplit(url).hostname or "")
        except ValueError:
            continue
        if ip.is_loopback:
            continue
        network = ipaddress.ip_network((ip, 24 if ip.version == 4 else 64), strict=False)
        bind.execute(
            sa.text("UPDATE camera SET subnet = :subnet WHERE id = :id"), {"subnet": str(network), "id": camera_id}
        )
