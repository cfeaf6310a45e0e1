"""How much a sweep may begin now: cameras at once, openings a second, a few for each line and each address.

Pure bookkeeping on the gateway's loop, counted anew for each look of its sweep. The budgets themselves are kept by
`uplink.py` and the pace by `opening.py`; here it is seen to that a sweep stands in their rows with few cameras only, so
that neither a person nor another village waits behind it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from camera_gateway.camera import Camera
from camera_gateway.taking import PLACE_S, Taking
from camera_gateway.uplink import UNKNOWN_KBPS
from hub.address_url import parse
from hub.contracts.camera import CameraSpec
from hub.contracts.uplink import Uplink
from hub.errors import HubError
from hub.settings import GatewaySettings

# Once a camera waited in vain, the others of its line are given so long.
FULL_S = 1.0
# Seconds' worth of openings that may stand in the ramp's row, over all and for one address.
_ROW_S = 0.25
_ADDRESS_ROW_S = 2.0
# Openings that may wait for one line's places, however wide it is.
_LINE_ROW = 8
_OWN = ""


class Room:
    """Asked by one sweep: `count`, then `take` for each camera while there is room `left`."""

    def __init__(self, settings: GatewaySettings, at_once: int) -> None:
        self._settings = settings
        self._at_once = at_once
        self._at_address = max(2, round(settings.opens_per_address_s * _ADDRESS_ROW_S))
        self._full: set[str] = set()
        self._hosts: dict[str, str] = {}  # by URL
        self._known: dict[str, tuple[CameraSpec, dict[str, int]]] = {}  # the lines of each camera
        self._occupied = 0
        self._on_line: Counter[str] = Counter()
        self._at_host: Counter[str] = Counter()
        self._credit = 1.0
        self._counted_s: float | None = None

    def count(self, takings: Iterable[Taking], now_s: float) -> None:
        """What is on its way now."""
        rate = self._settings.opens_per_s
        since_s = 0.0 if self._counted_s is None else now_s - self._counted_s
        self._credit = min(max(1.0, rate * _ROW_S), self._credit + since_s * rate)
        self._counted_s = now_s
        self._occupied = 0
        self._on_line.clear()
        self._at_host.clear()
        for taking in takings:
            if taking.occupies:
                self._occupied += 1
                self._at_host[self._host(taking.camera)] += 1
            lines = self._lines(taking.camera)
            if taking.unplaced:
                self._on_line.update(lines.keys())
            elif taking.captured_at is not None:
                self._full.difference_update(lines)

    @property
    def left(self) -> bool:
        """Whether anything may be begun."""
        return self._occupied < self._at_once and self._credit >= 1.0

    def fits(self, camera: Camera) -> bool:
        """Whether its lines and its address have room for it."""
        if any(self._on_line[key] >= most for key, most in self._lines(camera).items()):
            return False
        return self._at_host[self._host(camera)] < self._at_address

    def take(self, camera: Camera) -> None:
        """This one is begun."""
        self._credit -= 1.0
        if camera.puller.placed_since_s is None:
            self._on_line.update(self._lines(camera).keys())
            self._occupied += 1
            self._at_host[self._host(camera)] += 1

    def is_full(self, camera: Camera) -> None:
        """It waited in vain: those behind it on its lines need not wait as long."""
        self._full.update(self._lines(camera))

    def place_s(self, camera: Camera) -> float:
        """How long it may wait for a place."""
        return FULL_S if self._full and not self._full.isdisjoint(self._lines(camera)) else PLACE_S

    def _lines(self, camera: Camera) -> dict[str, int]:
        """Its lines that have a budget, and how many of ours may wait for each."""
        known = self._known.get(camera.spec.camera_id)
        if known is not None and known[0] is camera.spec:
            return known[1]
        lines = {one.uplink_id: _row(one) for one in camera.spec.uplinks if one.mbit_s or one.connections}
        mine = self._settings
        if mine.uplink_mbit_s is not None or mine.uplink_connections is not None:
            own = Uplink(uplink_id=_OWN, name=_OWN, mbit_s=mine.uplink_mbit_s, connections=mine.uplink_connections)
            lines[_OWN] = _row(own)
        self._known[camera.spec.camera_id] = (camera.spec, lines)
        return lines

    def _host(self, camera: Camera) -> str:
        url = camera.spec.url
        host = self._hosts.get(url)
        if host is None:
            try:
                host = parse(url, ("rtsp", "rtsps")).host
            except HubError:
                host = url  # its try says what is wrong with it
            self._hosts[url] = host
        return host


def _row(uplink: Uplink) -> int:
    places = float("inf") if uplink.mbit_s is None else uplink.mbit_s * 1000 / UNKNOWN_KBPS
    if uplink.connections is not None:
        places = min(places, uplink.connections)
    return max(1, min(_LINE_ROW, int(places / 2)))
