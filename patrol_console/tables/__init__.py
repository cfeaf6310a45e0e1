"""The tables, a file a noun; `tables.base.Base.metadata` holds them all once this package is imported."""

from patrol_console.tables import alert, area, camera, outage, outbox, picture, share, uplink, user, viewing, wall

__all__ = ["alert", "area", "camera", "outage", "outbox", "picture", "share", "uplink", "user", "viewing", "wall"]
