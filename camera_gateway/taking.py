"""One keyframe being taken from one camera for a sweep: asked for, come, published, its connection closed again.

Runs on the gateway's loop and is asked by its sweep alone, some twenty times a second; plain calls, no task of its own.
It opens a camera by wanting its picture, like anybody else: consent, budgets and the ramp are the camera's own. A
camera that it had to open gets one try.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from camera_gateway.camera import Camera
from camera_gateway.demand import LOOK_S, Hold, Want
from camera_gateway.frames import captured_at
from camera_gateway.sources.base import AccessUnit
from camera_gateway.surroundings import Surroundings
from hub.contracts.camera import Cause
from hub.contracts.sweep import SweepOutcome

# A place on a line that people use may not come at all.
PLACE_S = 30.0
# The camera's own time-outs come first, and say more.
PATIENCE_S = LOOK_S + 2.0
# The frames' Redis starts again within this.
PUBLISH_S = 15.0


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no picture."""

    outcome: SweepOutcome
    cause: Cause
    detail: str


class Taking:
    """A `camera_gateway.frames.Ordered`: `begin`, then `failure` until there is a picture or a failure, then `end`."""

    def __init__(self, camera: Camera, sweep_id: str, around: Surroundings, not_before: datetime | None = None) -> None:
        self.camera = camera
        self.sweep_id = sweep_id
        self.captured_at: datetime | None = None
        self.is_published = False
        self.wanted = True
        self.was_open = False
        self._clock = around.clock
        self._frames = around.frames
        self._not_before = not_before
        self._hold: Hold | None = None
        self._began_s = self._taken_s = 0.0
        self._failures = 0

    def begin(self) -> None:
        """Want the picture."""
        puller = self.camera.puller
        self._began_s = self._clock.monotonic()
        self._failures, self.was_open = puller.failures, puller.placed_since_s is not None
        self.camera.sweep_next(self)
        self._hold = self.camera.want(Want.SWEEP)

    def close(self) -> None:
        """The picture is here: a camera that nobody else wants is closed while the picture goes its way."""
        if self._hold is not None:
            self.camera.sweep_next(None)
            self._hold.release()
            self._hold = None

    def end(self) -> None:
        """Want it no more."""
        self.wanted = False
        self.close()
        if not self.is_published:
            self._frames.recall(self)

    # what the publisher tells

    def taken(self, unit: AccessUnit) -> bool:
        """The next keyframe is there."""
        at = captured_at(unit)
        if self._not_before is not None and at < self._not_before:
            return False
        self.captured_at, self._taken_s = at, self._clock.monotonic()
        return True

    def published(self) -> None:
        """It is with the detectors."""
        self.is_published = True

    # what its sweep asks

    @property
    def waits_for_place(self) -> bool:
        """Whether its line is full."""
        return self.camera.puller.waiting_since_s is not None

    @property
    def unplaced(self) -> bool:
        """Whether it is not known yet whether there is a place for it."""
        return self._hold is not None and self.captured_at is None and self.camera.puller.placed_since_s is None

    @property
    def occupies(self) -> bool:
        """Whether a connection is open, or is being opened or closed, on its account."""
        if self.was_open or self.waits_for_place:
            return False
        return self.camera.puller.leaving if self._hold is None else True

    def failure(self, now_s: float, place_s: float) -> Failure | None:
        """Why it will not come; None: it is there, or may come yet."""
        camera, puller = self.camera, self.camera.puller
        if (failure := hindered(camera)) is not None:
            return failure
        if self.captured_at is not None:
            late = now_s - self._taken_s > PUBLISH_S
            return _failed(Cause.NONE, "camera_gateway.frames_away") if late else None
        if camera.condition.dark if self.was_open else puller.failures > self._failures:
            return _failed(camera.condition.cause, camera.condition.detail or "camera_gateway.no_picture")
        if (since_s := puller.waiting_since_s) is not None:
            full = now_s - max(since_s, self._began_s) > place_s
            return _failed(Cause.WAITING, "camera_gateway.uplink_full") if full else None
        placed_s = puller.placed_since_s
        if now_s - max(self._began_s, placed_s if placed_s is not None else 0.0) > PATIENCE_S:
            return _failed(Cause.NO_MEDIA, "camera_gateway.no_media")
        return None


def hindered(camera: Camera) -> Failure | None:
    """It is switched off, or its owner does not allow it now."""
    cause = camera.hindrance
    return None if cause is None else Failure(SweepOutcome.SKIPPED, cause, f"camera_gateway.{cause.value}")


def known_dead(camera: Camera, around: Surroundings) -> Failure | None:
    """What makes a try needless: it is tried all the time and is dark, or rests and two knocks just found nobody."""
    condition, puller = camera.condition, camera.puller
    if around.clock.monotonic() < puller.no_login_before_s:  # one more wrong password, and it locks the account
        return _failed(Cause.LOGIN_REFUSED, "camera_gateway.cause_login_refused")
    knocked = condition.cause is Cause.UNREACHABLE and around.knocker.watches(camera.spec.camera_id)
    if not condition.dark or not (puller.running or knocked):
        return None
    return _failed(condition.cause, condition.detail or "camera_gateway.no_picture")


def _failed(cause: Cause, detail: str) -> Failure:
    return Failure(SweepOutcome.FAILED, cause, detail)
