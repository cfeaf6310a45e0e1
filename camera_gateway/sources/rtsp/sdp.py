"""Session descriptions as cameras write them (RFC 4566; RFC 6184, 8.2.1; RFC 7798, 7.1): what is understood is kept.

Pure. Never raises: a body without a single usable line is a description without media.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import Final

MEDIA_MAX: Final = 32
ATTRIBUTES_MAX: Final = 256
# Payload types that need no rtpmap (RFC 3551, tables 4 and 5).
_STATIC: Final = {0: "PCMU", 8: "PCMA", 26: "JPEG", 31: "H261", 32: "MPV", 33: "MP2T", 34: "H263"}
_AUDIO_RATE: Final = 8_000  # of the static ones
_DIRECTIONS: Final = frozenset({"sendrecv", "sendonly", "recvonly", "inactive"})
# `a=control:rtsp://172.20.1.150:3297/streams/videoa=recvonly` (mediamtx#95)
_GLUED: Final = re.compile(r"a=(?:recvonly|sendonly|sendrecv|inactive)\s*$")
_PREFERRED: Final = {"H264": 0, "H265": 1, "HEVC": 1}
_H265_SETS: Final = ("sprop-vps", "sprop-sps", "sprop-pps")  # RFC 7798, 7.1
_START_CODE: Final = re.compile(rb"\x00\x00\x00?\x01")
_Codec = tuple[str, int, int]  # name, clock rate, channels


@dataclass(frozen=True, slots=True)
class MediaDescription:
    """One `m=` part."""

    kind: str  # "video", "audio", "application/MERCURY"
    payload_type: int | None  # the first one of the m-line
    codec: str  # upper case, from rtpmap or the static table; empty where nobody says
    clock_rate: int
    parameters: dict[str, str]  # of fmtp, names in lower case
    control: str  # empty where absent
    frame_rate: float | None
    channels: int = 1  # of sound
    direction: str = ""  # as written: "sendonly" is a back channel, but go2rtc#771 marks all its live tracks so


@dataclass(frozen=True, slots=True)
class SessionDescription:
    """The whole body."""

    control: str
    media: tuple[MediaDescription, ...]

    @property
    def video(self) -> MediaDescription | None:
        """The first H.264 video, else the first H.265 video, else the first of another codec, else None."""
        videos = [media for media in self.media if media.kind == "video"]
        return min(videos, key=lambda media: _PREFERRED.get(media.codec, 2), default=None)

    @property
    def sounds(self) -> tuple[MediaDescription, ...]:
        """The audio that the camera sends, in its order. A `sendonly` one is for our voice, unless the video is too."""
        video = self.video
        all_so = video is not None and video.direction == "sendonly"
        away = {"inactive"} if all_so else {"inactive", "sendonly"}
        return tuple(media for media in self.media if media.kind == "audio" and media.direction not in away)


@dataclass(slots=True)
class _Part:
    kind: str = ""
    payload_types: list[int] = field(default_factory=list)
    control: str = ""
    frame_rate: float | None = None
    direction: str = ""
    attributes: int = 0


def parse(body: bytes) -> SessionDescription:
    """Read a description; `rtpmap` and `fmtp` go to the media that lists their payload type, wherever they stand."""
    session = _Part()
    parts: list[_Part] = []
    codecs: dict[int, _Codec] = {}
    formats: dict[int, dict[str, str]] = {}
    for line in re.split(r"\r\n|\n|\r", body.decode("utf-8", "replace")):
        key, equals, value = line.strip().partition("=")
        if not equals:
            continue
        if key == "m" and len(parts) < MEDIA_MAX:
            words = value.split()
            kinds = [int(word) for word in words[3:] if word.isascii() and word.isdigit() and len(word) < 4]
            parts.append(_Part(words[0].lower() if words else "", kinds))
            continue
        part = parts[-1] if parts else session
        part.attributes += 1
        if key == "a" and part.attributes <= ATTRIBUTES_MAX:
            _attribute(part, value, codecs, formats)
    return SessionDescription(session.control, tuple(_media(part, codecs, formats) for part in parts))


def _attribute(part: _Part, text: str, codecs: dict[int, _Codec], formats: dict[int, dict[str, str]]) -> None:
    name, _, value = text.partition(":")
    value = value.strip()
    if name == "control":
        part.control = part.control or _GLUED.sub("", value).strip()
    elif name == "framerate":
        part.frame_rate = part.frame_rate or _rate(value)
    elif name.strip().lower() in _DIRECTIONS:
        part.direction = name.strip().lower()
    elif name in {"rtpmap", "fmtp"}:
        number, _, rest = value.partition(" ")
        if not (number.isascii() and number.isdigit() and len(number) < 4):
            return
        if name == "fmtp":
            formats.setdefault(int(number), {}).update(_parameters(rest))
        else:
            codec, _, clock = rest.strip().partition("/")
            digits = re.match(r"(\d{1,9})(?:/(\d{1,2}))?", clock)
            channels = int(digits[2]) if digits and digits[2] else 1
            codecs.setdefault(int(number), (codec.strip().upper(), int(digits[1]) if digits else 0, channels or 1))


def _media(part: _Part, codecs: dict[int, _Codec], formats: dict[int, dict[str, str]]) -> MediaDescription:
    chosen = next((number for number in part.payload_types if number in codecs), None)
    if chosen is None and part.payload_types:
        chosen = part.payload_types[0]
    rate = _AUDIO_RATE if part.kind == "audio" else 90_000
    codec, clock_rate, channels = "", 0, 1
    parameters: dict[str, str] = {}
    if chosen is not None:
        codec, clock_rate, channels = codecs.get(chosen, (_STATIC.get(chosen, ""), rate, 1))
        parameters = formats.get(chosen, {})
    if not codec and part.kind == "video" and "sprop-parameter-sets" in parameters:
        codec = "H264"
    if not codec and part.kind == "video" and "sprop-sps" in parameters:
        codec = "H265"
    return MediaDescription(
        part.kind,
        chosen,
        codec,
        clock_rate or rate,
        parameters,
        part.control,
        part.frame_rate,
        channels,
        part.direction,
    )


def _parameters(text: str) -> dict[str, str]:
    pairs = (item.partition("=") for item in text.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs if name.strip()}


def _rate(text: str) -> float | None:
    """Frames a second; moonfire#213 writes `0S` first and `25` later."""
    match = re.match(r"\d{1,3}(?:\.\d{1,6})?", text)
    value = float(match.group()) if match else 0.0
    return value if 0.0 < value <= 240.0 else None


def parameter_sets(media: MediaDescription) -> list[bytes]:
    """The parameter sets of a description as NAL units; empty where it holds none or only damaged ones.

    H.264: whatever there is. H.265: VPS, SPS and PPS, or none: two of three of one moment and one of another is worse.
    """
    if media.codec in {"H265", "HEVC"}:
        kinds = [
            [nal for nal in _nals(media.parameters.get(name, "")) if nal[0] >> 1 == kind]
            for kind, name in enumerate(_H265_SETS, 32)
        ]
        return [nal for kind in kinds for nal in kind] if all(kinds) else []
    return [nal for nal in _nals(media.parameters.get("sprop-parameter-sets", "")) if nal[0] & 0x1F in {7, 8}]


def _nals(text: str) -> list[bytes]:
    """NAL units in Base64 between commas."""
    found: list[bytes] = []
    for item in text.split(",")[:16]:
        stripped = item.strip().rstrip("=")
        try:
            raw = base64.b64decode(stripped + "=" * (-len(stripped) % 4), validate=True)
        except (binascii.Error, ValueError):
            continue
        # moonfire#213 keeps the start codes inside.
        found += [nal for nal in _START_CODE.split(raw) if len(nal) >= 2]
    return found
