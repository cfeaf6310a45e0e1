"""The tables, a file a noun; `tables.base.Base.metadata` holds them all once this package is imported."""

from patrol_console.tables import (
    alert,
    area,
    camera,
    camera_import,
    camera_record,
    outage,
    outbox,
    picture,
    share,
    sweep,
    uplink,
    user,
    viewing,
    wall,
)

__all__ = [
    "alert",
    "area",
    "camera",
    "camera_import",
    "camera_record",
    "outage",
    "outbox",
    "picture",
    "share",
    "sweep",
    "uplink",
    "user",
    "viewing",
    "wall",
]
