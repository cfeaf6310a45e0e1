"""What a source gives and what it is: formats and access units to a Sink, a HubError when it ends.

A source runs on its camera's event loop until it fails and never retries; its owner does. Nothing here knows a
protocol. `cause_of` turns the error a source ended with into the camera's `Cause`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

from hub.contracts.camera import Cause
from hub.errors import ErrorKind, HubError


@dataclass(frozen=True, slots=True)
class VideoFormat:
    """What the access units that follow are."""

    codec: str  # "h264" | "h265"
    parameter_sets: tuple[bytes, ...]  # raw NAL units without start code or length: (VPS..,) SPS.., then PPS..
    width_px: int  # as shown: cropping applied
    height_px: int
    codec_string: str  # RFC 6381, "avc1.4d401f", "hvc1.1.6.L93.B0"
    frame_rate: float | None  # what the camera says of itself; None: it says nothing


@dataclass(slots=True)
class AccessUnit:
    """One coded picture. Made 15,000 times a second with 600 cameras: plain and mutable on purpose; treat as frozen."""

    captured_at_us: int  # UTC, microseconds since 1970; set once, at receipt
    media_time: int  # 90 kHz, unwrapped, strictly growing within one source
    keyframe: bool
    data: bytes  # NAL units, each after its length in 4 bytes (big endian); a keyframe begins with its parameter sets
    presentation_offset: int = 0  # 90 kHz, shown so much after media_time; above 0 where B-frames are sent or announced
    refers_back: bool = False  # H.265 RASL (7.4.2.2): decoded by pictures from before the keyframe that it follows


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """What the audio units that follow are."""

    codec: str  # "pcma" | "pcmu" | "aac", as FFmpeg names them without "_"
    sample_rate_hz: int
    channels: int
    config: bytes = b""  # AAC: the AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1)


@dataclass(slots=True)
class AudioUnit:
    """One packet of G.711 or one AAC frame; treat as frozen."""

    captured_at_us: int  # UTC, microseconds since 1970; set once, at receipt
    media_time: int  # in samples of `sample_rate_hz`, unwrapped, growing within one source
    data: bytes


class Sink(Protocol):
    """Who takes what a source gives. Called on the source's loop; must be quick and must not raise."""

    def on_format(self, fmt: VideoFormat) -> None:
        """Before the first unit, and again before the first unit after the parameters changed."""
        ...

    def on_unit(self, unit: AccessUnit) -> None:
        """The first unit after `on_format` is a keyframe; after a loss units come again from the next keyframe."""
        ...


@runtime_checkable
class AudioSink(Protocol):
    """A sink that also takes sound; a source asks its camera for none where its sink is no such."""

    @property
    def wants_audio(self) -> bool:
        """Asked once, when the session is set up."""
        ...

    def on_audio_format(self, fmt: AudioFormat) -> None:
        """Before the first audio unit."""
        ...

    def on_audio(self, unit: AudioUnit) -> None:
        """In the order in which they were sent; gaps are left as gaps."""
        ...


class Source(Protocol):
    """One try at one camera."""

    async def run(self, sink: Sink) -> None:
        """Give units to `sink` until it fails with a HubError, or is cancelled (then says goodbye, at most 1 s)."""
        ...


class SessionLimitError(HubError):
    """The camera serves no more sessions now; it may be ours of before a crash that it holds until its time-out.

    `retry_after_s`: no try before is worth it.
    """

    def __init__(self, code: str, /, *, retry_after_s: float, **params: object) -> None:
        super().__init__(ErrorKind.LIMITED, code, **params)
        self.retry_after_s = retry_after_s


_CAUSES: Final[dict[str, Cause]] = {
    "camera_gateway.unreachable": Cause.UNREACHABLE,
    "camera_gateway.connect_timeout": Cause.UNREACHABLE,
    "camera_gateway.connection_lost": Cause.UNREACHABLE,
    "camera_gateway.session_gone": Cause.UNREACHABLE,
    "camera_gateway.no_answer": Cause.UNREACHABLE,
    "camera_gateway.login_needed": Cause.LOGIN_REFUSED,
    "camera_gateway.login_refused": Cause.LOGIN_REFUSED,
    "camera_gateway.login_unsupported": Cause.LOGIN_REFUSED,
    "camera_gateway.login_characters": Cause.LOGIN_REFUSED,
    "camera_gateway.not_permitted": Cause.LOGIN_REFUSED,
    "camera_gateway.path_not_found": Cause.NOT_FOUND,
    "camera_gateway.redirected": Cause.REDIRECTED,
    "camera_gateway.no_media": Cause.NO_MEDIA,
    "camera_gateway.no_keyframe": Cause.NO_MEDIA,
    "camera_gateway.stream_ended": Cause.NO_MEDIA,
    "camera_gateway.udp_silent": Cause.NO_MEDIA,
    "camera_gateway.camera_busy": Cause.SESSION_LIMIT,
    "camera_gateway.session_refused": Cause.SESSION_LIMIT,
    "camera_gateway.codec_unsupported": Cause.CODEC,
    "camera_gateway.codec_differs": Cause.CODEC,
    "camera_gateway.no_video": Cause.CODEC,
    "camera_gateway.transport_unsupported": Cause.PROTOCOL,
    "camera_gateway.tls_failed": Cause.PROTOCOL,
    "camera_gateway.certificate_refused": Cause.PROTOCOL,
    "hub.address_unknown_host": Cause.UNREACHABLE,
}
_CAUSES_BY_KIND: Final[dict[ErrorKind, Cause]] = {
    ErrorKind.UNREACHABLE: Cause.UNREACHABLE,
    ErrorKind.TIMEOUT: Cause.UNREACHABLE,
    ErrorKind.REFUSED: Cause.LOGIN_REFUSED,
    ErrorKind.UNAUTHENTICATED: Cause.LOGIN_REFUSED,
    ErrorKind.FORBIDDEN: Cause.FORBIDDEN_ADDRESS,
    ErrorKind.INVALID: Cause.FORBIDDEN_ADDRESS,
    ErrorKind.NOT_FOUND: Cause.NOT_FOUND,
    ErrorKind.UNSUPPORTED: Cause.CODEC,
}


def cause_of(error: HubError) -> Cause:
    """The camera's `Cause` for the error its source ended with; what is not in the table goes by the kind."""
    return _CAUSES.get(error.code) or _CAUSES_BY_KIND.get(error.kind, Cause.PROTOCOL)
