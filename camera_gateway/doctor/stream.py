"""One look at a stream: opens it once, watches some seconds, leaves; a verdict for each check of the stream.

Needs no hub, no Redis, no uvloop. Never retries: a second wrong password may lock the account. On its caller's loop.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from camera_gateway.doctor import picture
from camera_gateway.doctor.checks import OF_STREAM, Check, ok, unknown, warn
from camera_gateway.doctor.watched import Watched
from camera_gateway.sources.enough import run_until
from camera_gateway.sources.rtsp.client import Handshake, RtspSource
from camera_gateway.sources.rtsp.connection import Timeouts
from hub.address_url import CAMERA_SCHEMES
from hub.addresses import AddressPolicy, split_credentials
from hub.clock import Clock
from hub.contracts.camera import Transport
from hub.contracts.device import StreamProfile
from hub.contracts.verdict import Verdict
from hub.errors import ErrorKind, HubError

_CHECK_OF: Final[Mapping[str, Check]] = {
    "unreachable": Check.REACHABLE,
    "connect_timeout": Check.REACHABLE,
    "login_needed": Check.LOGIN,
    "login_refused": Check.LOGIN,
    "login_unsupported": Check.LOGIN,
    "login_characters": Check.LOGIN,
    "not_permitted": Check.LOGIN,
    "path_not_found": Check.PATH,
    "no_known_path": Check.PATH,
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
class Look:
    """All that one look brought; `verdicts` says it, against a profile where one is known by then."""

    handshake: Handshake
    watched: Watched
    error: HubError | None = None
    odd_times: int = 0
    clock_steps: int = 0

    def verdicts(self, declared: StreamProfile | None = None) -> list[Verdict]:
        """The checks of the stream, in their order."""
        return _verdicts(self, declared)

    @property
    def failed(self) -> Check | None:
        """The check that it did not pass."""
        return None if self.error is None else _failed_check(self.error, self.handshake)


async def look(
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
) -> Look:
    """Open the stream at `url` and watch it. Raises nothing that a camera can cause.

    Credentials inside the address are taken where none are given apart. Takes at most the timeouts plus `watch_s`.
    """
    watched = Watched(watch_s)
    try:
        bare, inner_username, inner_password = split_credentials(url)
        if username is None:
            username, password = inner_username, inner_password
        address = await policy.resolve(bare, typed_by_person=typed_by_person)
        if address.scheme not in CAMERA_SCHEMES:
            raise HubError(ErrorKind.UNSUPPORTED, "camera_gateway.only_rtsp", scheme=address.scheme)
        source = RtspSource(address, username, password, clock, timeouts, transport=transport, security=security)
    except HubError as caught:
        return Look(Handshake(), watched, caught)
    error: HubError | None = None
    try:
        await run_until(source, watched, watched.done)
    except HubError as caught:
        error = caught
    return Look(source.handshake, watched, error, source.counters.odd_times, source.clock_facts.steps)


def _verdicts(seen: Look, declared: StreamProfile | None) -> list[Verdict]:
    error, failed = seen.error, seen.failed
    verdicts: list[Verdict] = []
    for number, check in enumerate(OF_STREAM):
        if failed is None or error is None or number < OF_STREAM.index(failed):
            verdicts.append(_passed(check, seen, declared))
        elif check is failed:
            verdicts.append(Verdict.of_error(check, error))
        elif check is Check.SIZE and seen.watched.format is not None:
            verdicts.append(picture.size(seen.watched.format, declared))
        elif check is Check.AUDIO and seen.handshake.described:
            verdicts.append(_audio(seen.handshake))
        else:
            verdicts.append(unknown(check))
    return verdicts


def _failed_check(error: HubError, handshake: Handshake) -> Check:
    package, _, name = error.code.partition(".")
    if package != "camera_gateway" or name == "only_rtsp":
        return Check.ADDRESS
    if name in _CHECK_OF:
        return _CHECK_OF[name]
    return Check.MEDIA if handshake.playing else Check.RTSP


def _passed(check: Check, seen: Look, declared: StreamProfile | None) -> Verdict:
    watched = seen.watched
    match check:
        case Check.RTSP if seen.handshake.server:
            return ok(check, "found_server", server=seen.handshake.server)
        case Check.LOGIN:
            return _login(seen.handshake)
        case Check.CODEC:
            return picture.codec(watched.format, watched, declared)
        case Check.PARAMETER_SETS:
            return _parameter_sets(seen)
        case Check.MEDIA:
            return picture.media(watched)
        case Check.FRAME_RATE:
            return picture.frame_rate(watched, declared)
        case Check.KEYFRAME_INTERVAL:
            return picture.keyframe_interval(watched)
        case Check.SMART_CODEC:
            return picture.smart_codec(watched, declared)
        case Check.BIT_RATE:
            return picture.bit_rate(watched, declared)
        case Check.TIMESTAMPS:
            return picture.timestamps(watched, seen.odd_times, seen.clock_steps)
        case Check.SIZE:
            return picture.size(watched.format, declared)
        case Check.AUDIO:
            return _audio(seen.handshake)
    return ok(check)


def _login(handshake: Handshake) -> Verdict:
    if handshake.login is None:
        return warn(Check.LOGIN, "found_no_login", "remedy_no_login")
    if handshake.login == "Basic":
        return warn(Check.LOGIN, "found_login", "remedy_basic_login", kind=handshake.login)
    return ok(Check.LOGIN, "found_login", kind=handshake.login)


def _parameter_sets(seen: Look) -> Verdict:
    if seen.handshake.described_sets:
        return ok(Check.PARAMETER_SETS, "found_sets_described")
    if seen.watched.format is not None:
        return ok(Check.PARAMETER_SETS, "found_sets_streamed")
    return unknown(Check.PARAMETER_SETS)


def _audio(handshake: Handshake) -> Verdict:
    """A camera without sound is none the worse."""
    if handshake.audio is None:
        return ok(Check.AUDIO, "found_no_audio")
    return ok(Check.AUDIO, "found_audio", codec=handshake.audio)
