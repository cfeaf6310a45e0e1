"""A zone: a named polygon on a camera's picture."""

from __future__ import annotations

from hub.contracts.base import Contract, Polygon


class Zone(Contract):
    """Corners are 0..1 of the picture; `name` is what people call it (水边)."""

    zone_id: str
    name: str
    polygon: Polygon
