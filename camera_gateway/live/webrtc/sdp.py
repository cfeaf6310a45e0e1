"""SDP as WHEP needs it: a browser's offer read with suspicion, and our answer to it (RFC 8829, RFC 9725).

Pure. An offer is at most 32 kB, 1,000 lines and 8 media; a value that is not of the form that its standard gives is
refused or left out, never handed on. Candidates in the offer are not read: a browser is learnt from where it speaks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from hub.errors import ErrorKind, HubError

MOST_CHARACTERS: Final = 32_768
_MOST_LINES, _LONGEST_LINE, _MOST_MEDIA, _MOST_CODECS = 1_000, 2_048, 8, 128
PLAYOUT_DELAY: Final = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"
# Static payload types of RFC 3551: a browser need not describe them.
_SOUND: Final = {"pcma": (8, "PCMA"), "pcmu": (0, "PCMU")}
_VIDEO: Final = {"h264": "H264", "h265": "H265"}

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,64}")
_UFRAG = re.compile(r"[A-Za-z0-9+/]{4,256}")
_PASSWORD = re.compile(r"[A-Za-z0-9+/]{22,256}")
_FINGERPRINT = re.compile(r"(sha-(?:256|384|512)) ([0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){31,63})")
_FMTP = re.compile(r"[\x20-\x7e]{1,512}")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Of a certificate (RFC 8122)."""

    algorithm: str
    value: str


@dataclass(slots=True, eq=False)
class Media:
    """One media section of an offer."""

    kind: str
    protocol: str
    payload_types: tuple[int, ...]
    is_offered: bool  # its port is not 0
    names: dict[int, str] = field(default_factory=dict)  # payload type -> "H264/90000"
    formats: dict[int, str] = field(default_factory=dict)  # payload type -> its fmtp
    feedback: set[tuple[int, str]] = field(default_factory=set)
    extensions: dict[str, int] = field(default_factory=dict)
    mid: str = ""
    ufrag: str = ""
    password: str = ""
    setup: str = ""
    direction: str = "sendrecv"
    multiplexes_rtcp: bool = False
    fingerprints: list[Fingerprint] = field(default_factory=list)

    @property
    def may_receive(self) -> bool:
        """Whether we may send it something."""
        return self.is_offered and self.direction in ("recvonly", "sendrecv") and "RTP/SAVPF" in self.protocol


@dataclass(frozen=True, slots=True)
class Offer:
    """What a browser offers, and what of it we take."""

    media: tuple[Media, ...]
    bundled: tuple[str, ...]
    video: Media
    audio: Media | None
    payload_types: dict[str, int]  # "h264" -> 103, for each codec that we could send
    playout_delay: int | None  # the header extension's number
    ufrag: str
    password: str
    fingerprints: tuple[Fingerprint, ...]


@dataclass(frozen=True, slots=True)
class Ours:
    """What our answer says of ourselves."""

    ufrag: str
    password: str
    fingerprint: Fingerprint
    candidates: tuple[tuple[str, int], ...]  # addresses and port
    video_ssrc: int
    audio_ssrc: int
    audio: bool  # this viewer may hear


def answer_for(offer: str, ours: Ours, codec: str | None = None) -> str:
    """Our answer to the text of an offer; `codec` is what the camera sends, None: not known yet.

    Raises HubError INVALID `camera_gateway.whep_offer`, UNSUPPORTED `camera_gateway.whep_codec`.
    """
    return write_answer(read_offer(offer, codec), ours)


def read_offer(text: str, codec: str | None = None) -> Offer:
    """The offer; raises as `answer_for` does."""
    if len(text) > MOST_CHARACTERS:
        raise _wrong("size")
    lines = text.split("\n")
    if len(lines) > _MOST_LINES or any(len(line) > _LONGEST_LINE for line in lines):
        raise _wrong("lines")
    common = Media("", "", (), True)
    media: list[Media] = []
    bundled: tuple[str, ...] = ()
    for line in lines:
        line = line.rstrip("\r")
        if line.startswith("m="):
            media.append(_media(line[2:], common))
            if len(media) > _MOST_MEDIA:
                raise _wrong("m=")
        elif line.startswith("a=group:BUNDLE ") and not media:
            bundled = tuple(line.split(" ")[1:])
        elif line.startswith("a="):
            _attribute(line[2:], media[-1] if media else common)
    return _taken(media, bundled, codec)


def write_answer(offer: Offer, ours: Ours) -> str:
    """The answer: the first video section is sent, with sound where it is offered and may be heard."""
    lines = ["v=0", f"o=- {ours.video_ssrc} 1 IN IP4 127.0.0.1", "s=-", "t=0 0"]
    taken = [offer.video] + ([offer.audio] if offer.audio is not None and ours.audio else [])
    if offer.bundled:
        lines.append("a=group:BUNDLE " + " ".join(one.mid for one in offer.media if one in taken))
    lines += ["a=ice-lite", "a=msid-semantic: WMS probe"]
    for one in offer.media:
        if one not in taken:
            numbers = " ".join(map(str, one.payload_types)) or "0"
            lines += [f"m={one.kind} 0 {one.protocol} {numbers}", "c=IN IP4 0.0.0.0", "a=inactive"]
            lines += [f"a=mid:{one.mid}"] if one.mid else []
        elif one is offer.video:
            lines += _section(one, ours, sorted(offer.payload_types.values()), ours.video_ssrc)
            lines += _video_lines(offer)
        else:
            lines += _section(one, ours, [number for number, _ in _SOUND.values()], ours.audio_ssrc)
            lines += [f"a=rtpmap:{number} {name}/8000" for number, name in _SOUND.values()]
    return "\r\n".join(lines) + "\r\n"


def _media(text: str, common: Media) -> Media:
    parts = text.split(" ")
    if len(parts) < 3 or not _TOKEN.fullmatch(parts[0]) or not re.fullmatch(r"[A-Z/]{3,32}", parts[2]):
        raise _wrong("m=")
    if not re.fullmatch(r"\d{1,5}", parts[1]):
        raise _wrong("m=")
    numbers = tuple(int(part) for part in parts[3 : 3 + _MOST_CODECS] if re.fullmatch(r"\d{1,3}", part))
    return Media(
        kind=parts[0],
        protocol=parts[2],
        payload_types=tuple(number for number in numbers if number < 128),
        is_offered=parts[1] != "0",
        ufrag=common.ufrag,
        password=common.password,
        setup=common.setup,
        direction=common.direction,
        fingerprints=list(common.fingerprints),
    )


def _attribute(text: str, media: Media) -> None:
    name, _, value = text.partition(":")
    match name:
        case "mid" if _TOKEN.fullmatch(value):
            media.mid = value
        case "ice-ufrag" if _UFRAG.fullmatch(value):
            media.ufrag = value
        case "ice-pwd" if _PASSWORD.fullmatch(value):
            media.password = value
        case "setup":
            media.setup = value
        case "sendrecv" | "sendonly" | "recvonly" | "inactive":
            media.direction = name
        case "rtcp-mux":
            media.multiplexes_rtcp = True
        case "fingerprint" if (found := _FINGERPRINT.fullmatch(value)) and len(media.fingerprints) < 4:
            media.fingerprints.append(Fingerprint(found[1], found[2].upper()))
        case "rtpmap" | "fmtp" | "rtcp-fb" | "extmap":
            _numbered(name, value, media)


def _numbered(name: str, value: str, media: Media) -> None:
    number, _, rest = value.partition(" ")
    number = number.partition("/")[0]  # extmap:3/recvonly
    if not re.fullmatch(r"\d{1,3}", number) or not _FMTP.fullmatch(rest):
        return
    match name:
        case "rtpmap":
            media.names[int(number)] = rest.upper()
        case "fmtp":
            media.formats[int(number)] = rest
        case "rtcp-fb" if rest in ("nack", "nack pli"):
            media.feedback.add((int(number), rest))
        case "extmap" if 1 <= int(number) <= 14:  # those of the one-byte header, RFC 8285 4.2
            media.extensions[rest.partition(" ")[0]] = int(number)


def _taken(media: list[Media], bundled: tuple[str, ...], codec: str | None) -> Offer:
    video = next((one for one in media if one.kind == "video" and one.may_receive), None)
    if video is None:
        raise _wrong("m=video")
    if not video.ufrag or not video.password:
        raise _wrong("a=ice-ufrag")
    if not video.fingerprints:
        raise _wrong("a=fingerprint")
    if video.setup not in ("actpass", "active"):
        raise _wrong("a=setup")
    if not video.multiplexes_rtcp:
        raise _wrong("a=rtcp-mux")
    if bundled and video.mid not in bundled:
        raise _wrong("a=group")
    payload_types = _payload_types(video)
    if not payload_types or (codec is not None and codec not in payload_types):
        raise HubError(ErrorKind.UNSUPPORTED, "camera_gateway.whep_codec", codec=_VIDEO.get(codec or "h264", codec))
    audio = next((one for one in media if one.kind == "audio" and one.may_receive and one.mid in bundled), None)
    if audio is not None and not {number for number, _ in _SOUND.values()} <= set(audio.payload_types):
        audio = None
    return Offer(
        media=tuple(media),
        bundled=bundled,
        video=video,
        audio=audio,
        payload_types=payload_types,
        playout_delay=video.extensions.get(PLAYOUT_DELAY),
        ufrag=video.ufrag,
        password=video.password,
        fingerprints=tuple(video.fingerprints),
    )


def _payload_types(video: Media) -> dict[str, int]:
    """For each codec the first payload type that we can fill.

    Any H.264 in packetisation mode 1 will do: browsers offer few profiles and play what comes.
    """
    found: dict[str, int] = {}
    for number in video.payload_types:
        for codec, name in _VIDEO.items():
            if video.names.get(number) != f"{name}/90000" or codec in found:
                continue
            if codec == "h265" or "packetization-mode=1" in video.formats.get(number, ""):
                found[codec] = number
    return found


def _section(media: Media, ours: Ours, numbers: list[int], ssrc: int) -> list[str]:
    port = ours.candidates[0][1] if ours.candidates else 9
    return [
        f"m={media.kind} {port} {media.protocol} {' '.join(map(str, numbers))}",
        "c=IN IP4 0.0.0.0",
        *(
            f"a=candidate:{number} 1 udp {2130706431 - number} {address} {port} typ host"
            for number, (address, port) in enumerate(ours.candidates, 1)
        ),
        "a=end-of-candidates",
        f"a=ice-ufrag:{ours.ufrag}",
        f"a=ice-pwd:{ours.password}",
        f"a=fingerprint:{ours.fingerprint.algorithm} {ours.fingerprint.value}",
        "a=setup:passive",
        *([f"a=mid:{media.mid}"] if media.mid else []),
        "a=sendonly",
        f"a=msid:probe {media.kind}",
        "a=rtcp-mux",
        f"a=ssrc:{ssrc} cname:probe",
    ]


def _video_lines(offer: Offer) -> list[str]:
    video = offer.video
    lines = []
    for codec, number in sorted(offer.payload_types.items(), key=lambda one: one[1]):
        lines.append(f"a=rtpmap:{number} {_VIDEO[codec]}/90000")
        if number in video.formats:
            lines.append(f"a=fmtp:{number} {video.formats[number]}")
        lines += [f"a=rtcp-fb:{number} {what}" for what in ("nack", "nack pli") if (number, what) in video.feedback]
    if offer.playout_delay is not None:
        lines.append(f"a=extmap:{offer.playout_delay} {PLAYOUT_DELAY}")
    return lines


def _wrong(what: str) -> HubError:
    return HubError(ErrorKind.INVALID, "camera_gateway.whep_offer", what=what)
