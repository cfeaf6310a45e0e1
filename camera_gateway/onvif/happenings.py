"""What one camera told, sifted: what changed goes on, what repeats or only tells how things stand does not. Pure.

Bounded in what it remembers, and in how much one camera may say: a sensor that chatters costs nobody else.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from datetime import datetime
from typing import Final, TypeVar

from camera_gateway.onvif.topics import Told
from hub.contracts.camera_event import CameraEvent

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
_MOST_STATES: Final = 256  # properties of one camera
_MOST_MOMENTS: Final = 64  # the last ones, by content
# So many at once, then one in so many seconds: some 8,600 a day of one camera that never rests.
BURST: Final = 20.0
EVERY_S: Final = 10.0


class Happenings:
    """Of one camera. It outlives subscriptions: after a new one `Initialized` is held against what was known."""

    def __init__(self, camera_id: str, gateway_id: str) -> None:
        self._camera_id, self._gateway_id = camera_id, gateway_id
        self._states: OrderedDict[tuple[str, str, str], bool] = OrderedDict()
        self._moments: OrderedDict[str, None] = OrderedDict()
        self._left = BURST
        self._at_s: float | None = None
        self.dropped = 0  # beyond the rate

    def take(self, told: Told, at: datetime, monotonic: float) -> CameraEvent | None:
        """The event that it makes, if it is one."""
        state_key = (told.topic, told.source or "", told.kind.value)
        active = False if told.gone else told.active
        if active is None:
            content = f"{told.topic} {told.content} {told.said_at or at}"
            if told.settles or content in self._moments:
                return None
            if not self._may(monotonic):
                return None
            _keep(self._moments, content, None, _MOST_MOMENTS)
        else:
            before = self._states.get(state_key)
            if before == active or (before is None and (told.settles or told.gone)):
                _keep(self._states, state_key, active, _MOST_STATES)
                return None
            if not self._may(monotonic):
                return None  # and not remembered: when it is said again, it counts
            _keep(self._states, state_key, active, _MOST_STATES)
        return CameraEvent(
            event_id=self._id(told, active, at),
            camera_id=self._camera_id,
            gateway_id=self._gateway_id,
            kind=told.kind,
            active=active,
            topic=told.topic,
            source=told.source,
            at=at,
            said_at=told.said_at,
        )

    def _may(self, monotonic: float) -> bool:
        if self._at_s is not None:
            self._left = min(BURST, self._left + (monotonic - self._at_s) / EVERY_S)
        self._at_s = monotonic
        if self._left < 1:
            self.dropped += 1
            return False
        self._left -= 1
        return True

    def _id(self, told: Told, active: bool | None, at: datetime) -> str:
        """The same for the same event, however often it is told."""
        said = (told.said_at or at).isoformat()
        text = "\n".join((self._camera_id, told.topic, told.source or "", told.kind, str(active), told.content, said))
        return f"evt_{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def _keep(kept: OrderedDict[_Key, _Value], key: _Key, value: _Value, most: int) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > most:
        kept.popitem(last=False)
