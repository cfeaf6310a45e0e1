"""Why a camera comes or does not: one finding a check, each in words that tell a technician what to do.

Behind `probe camera probe URL`: needs no hub, no Redis, no uvloop; opens the camera once, watches some seconds, leaves.
Never retries: a second wrong password may lock the account.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import Final

from camera_gateway.sources.base import AccessUnit, VideoFormat
from camera_gateway.sources.rtsp.client import Handshake, RtspSource
from camera_gateway.sources.rtsp.connection import Timeouts
from camera_gateway.sources.rtsp.media_clock import TICKS_PER_S
from hub import i18n
from hub.address_url import CAMERA_SCHEMES
from hub.addresses import AddressPolicy, split_credentials
from hub.clock import Clock
from hub.contracts.camera import Transport
from hub.errors import ErrorKind, HubError

LONG_GOP_S: Final = 4.5  # a viewer who comes late and a sweep both wait for a keyframe (DESIGN 5: 4 s)
LOW_FRAME_RATE: Final = 4.0
_KEYFRAMES_ENOUGH: Final = 3
_KEYFRAMES_MAX: Final = 256


class Check(StrEnum):
    """In the order in which they are passed."""

    ADDRESS = "address"
    REACHABLE = "reachable"
    RTSP = "rtsp"
    LOGIN = "login"
    PATH = "path"
    CODEC = "codec"
    PARAMETER_SETS = "parameter_sets"
    MEDIA = "media"
    FRAME_RATE = "frame_rate"
    KEYFRAME_INTERVAL = "keyframe_interval"
    SIZE = "size"
    AUDIO = "audio"  # what it offers; none is listened to


class Status(StrEnum):
    """How a check went."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"  # a check before it failed, or the time was too short


_CHECK_OF: Final[Mapping[str, Check]] = {
    "unreachable": Check.REACHABLE,
    "connect_timeout": Check.REACHABLE,
    "login_needed": Check.LOGIN,
    "login_refused": Check.LOGIN,
    "login_unsupported": Check.LOGIN,
    "login_characters": Check.LOGIN,
    "not_permitted": Check.LOGIN,
    "path_not_found": Check.PATH,
    "no_video": Check.CODEC,
    "codec_unsupported": Check.CODEC,
    "codec_differs": Check.CODEC,
    "no_media": Check.MEDIA,
    "no_keyframe": Check.MEDIA,
    "stream_ended": Check.MEDIA,
    "session_gone": Check.MEDIA,
    "udp_silent": Check.MEDIA,
    "camera_busy": Check.MEDIA,
    "session_refused": Check.MEDIA,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the verdict. `detail` and `remedy` are codes of sentences, `params` fills the braces of both.

    A failed check has no remedy apart: the sentence of its error says what to do.
    """

    check: Check
    status: Status
    detail: str | None = None
    remedy: str | None = None
    params: Mapping[str, object] = field(default_factory=dict)

    def name_text(self, lang: str = "zh") -> str:
        """What was checked."""
        return i18n.text(f"camera_gateway.check_{self.check.value}", lang)

    def detail_text(self, lang: str = "zh") -> str:
        """What was found; empty for nothing."""
        return i18n.text(self.detail, lang, **self.params) if self.detail else ""

    def remedy_text(self, lang: str = "zh") -> str:
        """What to do; empty for nothing."""
        return i18n.text(self.remedy, lang, **self.params) if self.remedy else ""


@dataclass(slots=True)
class _Watched:
    """A Sink that remembers what the verdict needs."""

    enough_s: float
    done: asyncio.Event = field(default_factory=asyncio.Event)
    format: VideoFormat | None = None
    units: int = 0
    bytes: int = 0
    first: AccessUnit | None = None
    last: AccessUnit | None = None
    keyframes: list[int] = field(default_factory=list)  # media times

    def on_format(self, fmt: VideoFormat) -> None:
        self.format = fmt

    def on_unit(self, unit: AccessUnit) -> None:
        self.units += 1
        self.bytes += len(unit.data)
        self.first = self.first or unit
        self.last = unit
        if unit.keyframe and len(self.keyframes) < _KEYFRAMES_MAX:
            self.keyframes.append(unit.media_time)
        if self.seconds >= self.enough_s or (self.seconds >= 2.0 and len(self.keyframes) >= _KEYFRAMES_ENOUGH):
            self.done.set()

    @property
    def seconds(self) -> float:
        """Between the first and the last unit, on our clock."""
        if self.first is None or self.last is None:
            return 0.0
        return (self.last.captured_at_us - self.first.captured_at_us) / 1e6


async def examine(
    url: str,
    username: str | None = None,
    password: str | None = None,
    *,
    policy: AddressPolicy,
    clock: Clock,
    typed_by_person: bool = True,
    watch_s: float = 6.0,
    timeouts: Timeouts | None = None,
    transport: Transport = Transport.TCP,
    security: ssl.SSLContext | None = None,
) -> list[Finding]:
    """All checks of the camera at `url`, in their order. Raises nothing that a camera can cause.

    Credentials inside the address are taken where none are given apart. Takes at most the timeouts plus `watch_s`.
    """
    handshake, watched = Handshake(), _Watched(watch_s)
    error: HubError | None = None
    try:
        bare, inner_username, inner_password = split_credentials(url)
        if username is None:
            username, password = inner_username, inner_password
        address = await policy.resolve(bare, typed_by_person=typed_by_person)
        if address.scheme not in CAMERA_SCHEMES:
            raise HubError(ErrorKind.UNSUPPORTED, "camera_gateway.only_rtsp", scheme=address.scheme)
        source = RtspSource(address, username, password, clock, timeouts, transport=transport, security=security)
        running = asyncio.ensure_future(source.run(watched))
        waiting = asyncio.ensure_future(watched.done.wait())
        try:
            await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                running.result()
        finally:
            waiting.cancel()
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError, HubError):
                await running
            handshake = source.handshake
    except HubError as caught:
        error = caught
    return _findings(error, handshake, watched)


def _findings(error: HubError | None, handshake: Handshake, watched: _Watched) -> list[Finding]:
    failed = None if error is None else _failed_check(error, handshake)
    findings: list[Finding] = []
    for check in Check:
        if failed is None or error is None or list(Check).index(check) < list(Check).index(failed):
            findings.append(_passed(check, handshake, watched))
        elif check is failed:
            findings.append(Finding(check, Status.FAIL, error.code, params=error.params))
        elif check is Check.SIZE and watched.format is not None:
            findings.append(_size(watched.format))
        elif check is Check.AUDIO and handshake.described:
            findings.append(_audio(handshake))
        else:
            findings.append(Finding(check, Status.UNKNOWN))
    return findings


def _failed_check(error: HubError, handshake: Handshake) -> Check:
    package, _, name = error.code.partition(".")
    if package != "camera_gateway" or name == "only_rtsp":
        return Check.ADDRESS
    if name in _CHECK_OF:
        return _CHECK_OF[name]
    return Check.MEDIA if handshake.playing else Check.RTSP


def _passed(check: Check, handshake: Handshake, watched: _Watched) -> Finding:
    match check:
        case Check.RTSP if handshake.server:
            return _ok(check, "found_server", server=handshake.server)
        case Check.LOGIN:
            return _login(handshake)
        case Check.CODEC if watched.format is not None and watched.format.codec == "h265":
            return _ok(check, "found_h265", codec_string=watched.format.codec_string)
        case Check.CODEC if watched.format is not None:
            return _ok(check, "found_codec", codec="H.264", codec_string=watched.format.codec_string)
        case Check.PARAMETER_SETS if handshake.described_sets:
            return _ok(check, "found_sets_described")
        case Check.PARAMETER_SETS if watched.format is not None:
            return _ok(check, "found_sets_streamed")
        case Check.PARAMETER_SETS:
            return Finding(check, Status.UNKNOWN)
        case Check.MEDIA:
            kbps = watched.bytes * 8 / 1000 / watched.seconds if watched.seconds else 0.0
            return _ok(check, "found_media", units=watched.units, kbps=round(kbps))
        case Check.FRAME_RATE:
            return _frame_rate(watched)
        case Check.KEYFRAME_INTERVAL:
            return _keyframe_interval(watched)
        case Check.SIZE if watched.format is not None:
            return _size(watched.format)
        case Check.AUDIO:
            return _audio(handshake)
    return Finding(check, Status.OK)


def _ok(check: Check, found: str, **params: object) -> Finding:
    return Finding(check, Status.OK, f"camera_gateway.{found}", params=params)


def _warn(check: Check, found: str, remedy: str, **params: object) -> Finding:
    return Finding(check, Status.WARN, f"camera_gateway.{found}", f"camera_gateway.{remedy}", params)


def _login(handshake: Handshake) -> Finding:
    if handshake.login is None:
        return _warn(Check.LOGIN, "found_no_login", "remedy_no_login")
    if handshake.login == "Basic":
        return _warn(Check.LOGIN, "found_login", "remedy_basic_login", kind=handshake.login)
    return _ok(Check.LOGIN, "found_login", kind=handshake.login)


def _frame_rate(watched: _Watched) -> Finding:
    if watched.units < 5 or watched.seconds < 1.0:
        return Finding(Check.FRAME_RATE, Status.UNKNOWN)
    rate = (watched.units - 1) / watched.seconds
    if rate < LOW_FRAME_RATE:
        return _warn(Check.FRAME_RATE, "found_frame_rate", "remedy_frame_rate", rate=f"{rate:.1f}")
    return _ok(Check.FRAME_RATE, "found_frame_rate", rate=f"{rate:.1f}")


def _keyframe_interval(watched: _Watched) -> Finding:
    check, remedy = Check.KEYFRAME_INTERVAL, "remedy_keyframe_interval"
    if len(watched.keyframes) < 2:
        if watched.seconds < LONG_GOP_S:
            return Finding(check, Status.UNKNOWN)
        return _warn(check, "found_one_keyframe", remedy, seconds=f"{watched.seconds:.1f}")
    longest_s = max(later - earlier for earlier, later in pairwise(watched.keyframes)) / TICKS_PER_S
    if longest_s > LONG_GOP_S:
        return _warn(check, "found_keyframe_interval", remedy, seconds=f"{longest_s:.1f}")
    return _ok(check, "found_keyframe_interval", seconds=f"{longest_s:.1f}")


def _size(fmt: VideoFormat) -> Finding:
    return _ok(Check.SIZE, "found_size", width=fmt.width_px, height=fmt.height_px)


def _audio(handshake: Handshake) -> Finding:
    """A camera without sound is none the worse."""
    if handshake.audio is None:
        return _ok(Check.AUDIO, "found_no_audio")
    return _ok(Check.AUDIO, "found_audio", codec=handshake.audio)
