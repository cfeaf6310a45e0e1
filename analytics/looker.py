"""From frames to looks: decode, mask, pixel gate, detector. The blocking heart of detect.

One `Looker` is owned by one thread (`analytics-look`), which alone touches the cameras' backgrounds, the decoder and
the detector. It talks to no network and knows no Redis; bench and replay use it as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from analytics.background import Background, Change, Grey, to_grey
from analytics.decode import Decoder, Encoded
from analytics.detections import MOTION, Detections
from analytics.detectors.base import Detector
from analytics.detectors.motion import moving
from analytics.rules.intrusion import concerned
from hub.clock import Clock
from hub.contracts.base import Polygon
from hub.contracts.camera import CameraSpec
from hub.contracts.frame import Frame, FrameReason
from hub.contracts.look import Look
from hub.errors import HubError
from hub.picture import Picture, encode_jpeg
from hub.settings import AnalyticsSettings

MOST_CAMERAS = 10_000
"""Backgrounds kept at once, 58 kB each; beyond that the one made first is forgotten (its next look is open)."""


@dataclass(frozen=True, slots=True)
class FrameToLook:
    """A frame, its bytes and its camera as it is now."""

    frame: Frame
    data: bytes
    spec: CameraSpec


@dataclass(frozen=True, slots=True)
class Looked:
    """A look, and the masked JPEG where a rule may want it as evidence."""

    look: Look
    jpeg: bytes | None


@dataclass(slots=True, eq=False)
class _InHand:
    """One picture on its way through a batch."""

    work: FrameToLook
    picture: Picture
    grey: Grey
    change: Change
    found: Detections

    @property
    def is_asked(self) -> bool:
        """Whether a detector is. A sweep's picture always: a round is ordered by what stands there, not by what moved,
        and twice a day some 15 ms a camera are no cost."""
        return self.change.is_open or self.work.frame.reason is FrameReason.SWEEP


class Looker:
    """`detector` None: moving patches are all that is wanted. `name` is what looks say found their boxes."""

    def __init__(
        self,
        settings: AnalyticsSettings,
        clock: Clock,
        detector: Detector | None,
        *,
        name: str,
        with_motion: bool,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._detector = detector
        self._name = name
        self._with_motion = with_motion
        self._decoder = Decoder(settings.threads)
        self._backgrounds: dict[str, tuple[tuple[Polygon, ...], Background]] = {}

    def look(self, batch: Sequence[FrameToLook]) -> list[Looked | HubError]:
        """One answer a frame, in order: a look, or why its picture could not be decoded."""
        pictures = self._decoder.decode([Encoded(w.data, w.frame.codec, w.spec.masks) for w in batch])
        answers: list[Looked | HubError | None] = [p if isinstance(p, HubError) else None for p in pictures]
        waiting = [place for place, answer in enumerate(answers) if answer is None]
        while waiting:
            turn, waiting = _first_of_each_camera(waiting, batch)
            in_hand = []
            for place in turn:
                picture = pictures[place]
                if not isinstance(picture, HubError):
                    in_hand.append((place, self._gated(batch[place], picture)))
            self._examine([item for _, item in in_hand])
            now = self._clock.now()
            for place, item in in_hand:
                answers[place] = _looked(item, self._name, now)
        return [answer for answer in answers if answer is not None]

    def forget(self, camera_id: str) -> None:
        """The camera is gone."""
        self._backgrounds.pop(camera_id, None)

    def close(self) -> None:
        """End the decoder's threads."""
        self._decoder.close()

    def _gated(self, work: FrameToLook, picture: Picture) -> _InHand:
        grey = to_grey(picture)
        change = self._background(work.spec).compare(grey, work.frame.captured_at.timestamp())
        return _InHand(work, picture, grey, change, Detections.none((picture.shape[1], picture.shape[0])))

    def _examine(self, batch: Sequence[_InHand]) -> None:
        """Find what is there, then take the looks into the backgrounds."""
        self._find(batch)
        for item in batch:
            background = self._background(item.work.spec)
            background.learn(item.grey, item.work.frame.captured_at.timestamp(), item.change, item.found)

    def _find(self, batch: Sequence[_InHand]) -> None:
        """Ask the detector, of all wanted pictures at once; add moving patches where they are wanted."""
        wanted = [item for item in batch if item.is_asked]
        if self._detector is not None and wanted:
            for item, found in zip(wanted, self._detector.detect([item.picture for item in wanted]), strict=True):
                item.found = found
        for item in wanted:
            if not item.change.is_open:
                continue  # what differs is noise: it is no movement
            if self._with_motion or _asks_for_motion(item.work.spec):
                size = (item.picture.shape[1], item.picture.shape[0])
                item.found = item.found.joined(moving(item.change, size, self._settings.gate_pixel_difference))

    def _background(self, spec: CameraSpec) -> Background:
        kept = self._backgrounds.get(spec.camera_id)
        if kept is not None and kept[0] == spec.masks:
            return kept[1]
        new = Background(self._settings.gate_pixel_difference, self._settings.gate_least_share)
        self._backgrounds[spec.camera_id] = (spec.masks, new)  # other masks make another picture: start anew
        if len(self._backgrounds) > MOST_CAMERAS:
            self._backgrounds.pop(next(iter(self._backgrounds)))
        return new


def _first_of_each_camera(places: Sequence[int], batch: Sequence[FrameToLook]) -> tuple[list[int], list[int]]:
    """The places to examine now, and those that wait: what the gate says of a look depends on the one before it."""
    first = {batch[place].spec.camera_id: place for place in reversed(places)}
    now = sorted(first.values())
    return now, [place for place in places if place not in now]


def _looked(item: _InHand, name: str, now: datetime) -> Looked:
    frame, spec = item.work.frame, item.work.spec
    height, width = item.picture.shape[:2]
    look = Look(
        camera_id=frame.camera_id,
        captured_at=frame.captured_at,
        looked_at=now,
        reason=frame.reason,
        sweep_id=frame.sweep_id,
        spec_revision=spec.revision,
        width_px=width,
        height_px=height,
        changed=round(item.change.share, 4),
        gate_open=item.is_asked,
        detector=name,
        boxes=item.found.to_boxes(),
    )
    if not _may_be_evidence(look, spec):
        return Looked(look, None)
    key = f"look:{frame.camera_id}:{int(frame.captured_at.timestamp() * 1000)}"
    return Looked(look.model_copy(update={"picture_key": key}), encode_jpeg(item.picture))


def _may_be_evidence(look: Look, spec: CameraSpec) -> bool:
    """Whether some rule of the camera counts one of the boxes: only then is the picture kept, for a minute."""
    zones = {zone.zone_id: zone for zone in spec.zones}
    return any(
        rule.enabled and rule.zone_id in zones and bool(concerned(look, rule, zones[rule.zone_id]))
        for rule in spec.rules
    )


def _asks_for_motion(spec: CameraSpec) -> bool:
    return any(rule.enabled and MOTION in rule.labels for rule in spec.rules)
