"""Which of a camera's streams is the main one, which the substream, which is to be pulled, and why. Pure.

The wall wants H.264 of about 640×360: sixteen panes of it are 8 Mbit/s and every browser plays it; what is larger costs
the village's line more than the eye gains.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from hub import i18n
from hub.contracts.device import StreamProfile, StreamRole

WANTED_PX: Final = 640 * 360
FEW_FRAMES: Final = 8.0  # a second; below that a person walks through between two
TOO_LARGE: Final = 4.0  # times WANTED_PX: said, and taken where there is nothing smaller
# In the measure of one doubling of the picture's area.
_CODEC_COST: Final[Mapping[str | None, float]] = {"h264": 0.0, "h265": 2.5, None: 3.0, "mjpeg": 20.0, "mpeg4": 20.0}
_FEW_FRAMES_COST: Final = 1.5
_UNKNOWN_SIZE_COST: Final = 4.0


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence of the explanation, as data."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)

    def text(self, lang: str = "zh") -> str:
        """For a person."""
        return i18n.text(self.code, lang, **self.params)


@dataclass(frozen=True, slots=True)
class StreamChoice:
    """The profiles with their roles; `pull` is the token of the one to pull, None where there is none to be had."""

    profiles: tuple[StreamProfile, ...]
    pull: str | None
    reasons: tuple[Reason, ...]

    @property
    def pulled(self) -> StreamProfile | None:
        """The profile that is to be pulled."""
        return next((one for one in self.profiles if one.token == self.pull), None)


def choose(profiles: Sequence[StreamProfile], source: str | None = None) -> StreamChoice:
    """Roles and reasons. With several video sources (an NVR) those of `source`, or of the first, are looked at."""
    wanted = source if source is not None else next((one.source for one in profiles), None)
    mine = [one for one in profiles if one.source == wanted]
    if not mine:
        return StreamChoice(tuple(profiles), None, (Reason("camera_gateway.choice_none"),))
    main = max(mine, key=lambda one: (_area(one) or 0, one.frame_rate or 0.0, -mine.index(one)))
    pull = min(mine, key=lambda one: (_cost(one), mine.index(one)))
    others = [one for one in mine if one is not main]
    sub = pull if pull is not main else min(others, key=lambda one: _area(one) or math.inf, default=None)
    roles = {main.token: StreamRole.MAIN} | ({sub.token: StreamRole.SUB} if sub is not None else {})
    given = [
        one.model_copy(update={"role": roles.get(one.token, StreamRole.OTHER) if one in mine else StreamRole.OTHER})
        for one in profiles
    ]
    return StreamChoice(tuple(given), pull.token, tuple(_reasons(pull, main, mine)))


def _area(one: StreamProfile) -> int | None:
    return one.width_px * one.height_px if one.width_px and one.height_px else None


def _cost(one: StreamProfile) -> float:
    area = _area(one)
    size = abs(math.log2(area / WANTED_PX)) if area else _UNKNOWN_SIZE_COST
    few = one.frame_rate is not None and one.frame_rate < FEW_FRAMES
    return size + _CODEC_COST.get(one.codec, 20.0) + (_FEW_FRAMES_COST if few else 0.0)


def _reasons(pull: StreamProfile, main: StreamProfile, mine: Sequence[StreamProfile]) -> list[Reason]:
    told = {"name": pull.name, "codec": codec_name(pull.codec), "size": size_name(pull)}
    if len(mine) == 1:
        reasons = [Reason("camera_gateway.choice_only", told)]
    elif pull is main:
        reasons = [Reason("camera_gateway.choice_main", told)]
    else:
        reasons = [Reason("camera_gateway.choice_sub", told)]
    smaller = [one for one in mine if (_area(one) or math.inf) < (_area(pull) or 0)]
    if pull.codec == "h264" and any(one.codec != "h264" for one in smaller):
        reasons.append(Reason("camera_gateway.choice_h264_first", told))
    if pull.codec == "h265":
        reasons.append(Reason("camera_gateway.choice_no_h264", told))
    if pull.codec in ("mjpeg", "mpeg4"):
        reasons.append(Reason("camera_gateway.choice_cannot", told))
    if (_area(pull) or 0) > TOO_LARGE * WANTED_PX:
        reasons.append(Reason("camera_gateway.choice_too_large", told))
    if pull.frame_rate is not None and pull.frame_rate < FEW_FRAMES:
        reasons.append(Reason("camera_gateway.choice_few_frames", {**told, "rate": f"{pull.frame_rate:g}"}))
    return reasons


def codec_name(codec: str | None) -> str:
    """As people write it."""
    return {"h264": "H.264", "h265": "H.265", "mjpeg": "MJPEG", "mpeg4": "MPEG-4"}.get(codec or "", codec or "?")


def size_name(one: StreamProfile) -> str:
    """`640×360`; `?` where it is not told."""
    return f"{one.width_px}×{one.height_px}" if one.width_px and one.height_px else "?"
