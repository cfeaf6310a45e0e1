"""Tells from NAL units that make no sense in one codec that the camera sends the other one (go2rtc#1598). Pure.

The header of an H.264 unit is no header of the base layer of H.265, and the other way round; but a stray byte is no
proof. Sure is who has seen a sequence parameter set that can be read and a unit of another kind beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from camera_gateway.sources.rtsp.parameter_sets import H264, H265, Coding
from hub.errors import ErrorKind, HubError

_KEPT_MAX: Final = 8
_KEPT_MAX_BYTES: Final = 4096
_STAP_A, _AP = 24, 48
_NAMES: Final = {"h264": "H.264", "h265": "H.265"}


@dataclass(slots=True)
class Suspicion:
    """Of one depacketiser that was told `told`."""

    told: Coding
    _sets: list[bytes] = field(default_factory=list)

    def sets_of_other(self, payload: bytes) -> list[bytes] | None:
        """The other codec's parameter sets seen so far once it is sure; None until then.

        Raises HubError UNSUPPORTED `camera_gateway.codec_differs` where it is surely the other, and yet its sequence
        parameter set cannot be read.
        """
        other = H265 if self.told is H264 else H264
        for nal in _units(payload, other):
            if len(self._sets) < _KEPT_MAX and len(nal) <= _KEPT_MAX_BYTES and nal not in self._sets:
                self._sets.append(nal)
        kinds = {other.kind_of(nal) for nal in self._sets}
        if len(kinds) < 2 or other.sequence not in kinds:
            return None
        if any(_readable(nal, other) for nal in self._sets):
            return self._sets
        raise HubError(
            ErrorKind.UNSUPPORTED, "camera_gateway.codec_differs", told=_NAMES[self.told.name], found=_NAMES[other.name]
        )


def _units(payload: bytes, other: Coding) -> Iterator[bytes]:
    """The parameter sets of the other codec in a payload: itself, or what it aggregates."""
    if _is_set(payload, other):
        yield payload
        return
    if other is H265 and payload[:2] == b"\x60\x01":
        at = 2
    elif other is H264 and payload[0] & 0x9F == _STAP_A:
        at = 1
    else:
        return
    while len(payload) - at > 2:
        size = payload[at] << 8 | payload[at + 1]
        nal = payload[at + 2 : at + 2 + size]
        if nal and _is_set(nal, other):
            yield nal
        at += 2 + size


def _is_set(nal: bytes, other: Coding) -> bool:
    if len(nal) < 3 or nal[0] & 0x80 or other.kind_of(nal) not in other.kinds:
        return False
    return nal[1] == 1 and not nal[0] & 1 if other is H265 else bool(nal[0] & 0x60)


def _readable(nal: bytes, other: Coding) -> bool:
    if other.kind_of(nal) != other.sequence:
        return False
    try:
        other.parse(nal)
    except ValueError:
        return False
    return True
