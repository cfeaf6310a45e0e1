"""The checks of the doctor, in the order in which they are told, and short ways to a verdict. Pure."""

from __future__ import annotations

from enum import StrEnum

from hub.contracts.verdict import Param, Verdict, VerdictStatus


class Check(StrEnum):
    """First what the device says by ONVIF, then what its stream shows."""

    ADDRESS = "address"
    REACHABLE = "reachable"
    ONVIF = "onvif"
    ONVIF_LOGIN = "onvif_login"
    DEFAULT_PASSWORD = "default_password"  # noqa: S105 - the check's name
    CLOCK = "clock"
    DEVICE = "device"
    FIRMWARE = "firmware"
    PROFILES = "profiles"
    RIGHT_ADDRESS = "right_address"
    SNAPSHOT = "snapshot"
    PTZ = "ptz"
    EVENTS = "events"
    RTSP = "rtsp"
    LOGIN = "login"
    PATH = "path"
    CODEC = "codec"
    PARAMETER_SETS = "parameter_sets"
    MEDIA = "media"
    FRAME_RATE = "frame_rate"
    KEYFRAME_INTERVAL = "keyframe_interval"
    SMART_CODEC = "smart_codec"  # H.264+, H.265+: a GOP that varies or never ends
    BIT_RATE = "bit_rate"
    TIMESTAMPS = "timestamps"
    SIZE = "size"
    AUDIO = "audio"  # what it offers; none is listened to


OF_STREAM = (Check.ADDRESS, Check.REACHABLE, *list(Check)[list(Check).index(Check.RTSP) :])
OF_DEVICE = tuple(one for one in Check if one not in OF_STREAM)


def ok(check: Check, found: str | None = None, **params: Param) -> Verdict:
    """All is well; `found` is the sentence's name."""
    detail = f"camera_gateway.{found}" if found else None
    return Verdict(check=check, status=VerdictStatus.OK, detail=detail, params=params)


def warn(check: Check, found: str, remedy: str, **params: Param) -> Verdict:
    """It works, and should be mended."""
    return _judged(VerdictStatus.WARN, check, found, remedy, params)


def fail(check: Check, found: str, remedy: str, **params: Param) -> Verdict:
    """It does not work."""
    return _judged(VerdictStatus.FAIL, check, found, remedy, params)


def unknown(check: Check, found: str | None = None, **params: Param) -> Verdict:
    """Not found out."""
    detail = f"camera_gateway.{found}" if found else None
    return Verdict(check=check, status=VerdictStatus.UNKNOWN, detail=detail, params=params)


def _judged(status: VerdictStatus, check: Check, found: str, remedy: str, params: dict[str, Param]) -> Verdict:
    return Verdict(
        check=check, status=status, detail=f"camera_gateway.{found}", remedy=f"camera_gateway.{remedy}", params=params
    )
