"""The streams that a device says it has: profiles of Media2, else of Media. By its client, on its loop.

Media2 first: it alone knows H.265, though some tell it in Media all the same (Dahua, use-go/onvif#43). What one answer
leaves out or garbles is None and harms no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from camera_gateway.onvif.answer import Answer
from camera_gateway.onvif.client import OnvifClient
from camera_gateway.onvif.device import words
from camera_gateway.onvif.location import RTSP, WEB, Located
from camera_gateway.onvif.service import Service
from hub.contracts.device import StreamProfile
from hub.errors import ErrorKind, HubError

MOST_PROFILES: Final = 64  # an NVR has two or three for each channel
_MOST_LOCATED: Final = 16  # of these the addresses are asked for
_CODECS: Final[Mapping[str, str]] = {
    "h264": "h264", "h.264": "h264", "avc": "h264", "h265": "h265", "h.265": "h265", "hevc": "h265",
    "jpeg": "mjpeg", "mjpeg": "mjpeg", "mpeg4": "mpeg4", "mpv4-es": "mpeg4",
}  # fmt: skip
_AUDIO: Final[Mapping[str, str]] = {
    "g711": "g711", "pcmu": "pcmu", "pcma": "pcma", "aac": "aac", "mp4a-latm": "aac", "mpeg4-generic": "aac",
    "g726": "g726",
}  # fmt: skip
_GONE: Final = frozenset({ErrorKind.UNREACHABLE, ErrorKind.TIMEOUT, ErrorKind.REFUSED})
_STREAM_SETUP: Final = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}


async def stream_profiles(client: OnvifClient, source: str | None = None) -> list[StreamProfile]:
    """All video profiles, sixteen with their addresses on the typed host: those of `source`, then the first.

    Raises HubError as `client.call` does where no profiles are told at all.
    """
    found: list[StreamProfile] = []
    media = [one for one in (Service.MEDIA2, Service.MEDIA) if await client.supports(one)] or [Service.MEDIA]
    for service in media:
        try:
            params = {"Type": ["All"]} if service is Service.MEDIA2 else {}
            answer = await client.call(service, "GetProfiles", params)
        except HubError as error:
            if error.kind in _GONE or service is media[-1]:
                raise
            continue
        found = read_profiles(answer)
        if found:
            break
    located = sorted(found, key=lambda one: one.source != source)[:_MOST_LOCATED]
    asked = {profile.token: await _located(client, service, profile) for profile in located}
    return [asked.get(profile.token, profile) for profile in found]


def read_profiles(answer: Answer) -> list[StreamProfile]:
    """The video profiles of GetProfilesResponse, of Media or of Media2."""
    return [made for one in answer.all("Profiles")[:MOST_PROFILES] if (made := _profile(one)) is not None]


def _profile(told: Answer) -> StreamProfile | None:
    token = told.attribute("token")
    encoder = told.at("VideoEncoderConfiguration") or told.at("Configurations/VideoEncoder")
    if not token or len(token) > 64 or not encoder:
        return None
    said = (encoder.value("Encoding") or "").lower()
    # An <H265> element stands beside whatever Encoding says (Dahua).
    codec = "h265" if encoder.at("H265") else _CODECS.get(said)
    gop = encoder.attribute("GovLength") or next((one.text for one in encoder.deep("GovLength")), "")
    audio = told.value("AudioEncoderConfiguration/Encoding") or told.value("Configurations/AudioEncoder/Encoding")
    source = told.at("VideoSourceConfiguration") or told.at("Configurations/VideoSource")
    rate = encoder.at("RateControl")
    return StreamProfile(
        token=token,
        name=words(told.value("Name")) or token,
        codec=codec,
        width_px=_size(encoder.whole("Resolution/Width")),
        height_px=_size(encoder.whole("Resolution/Height")),
        frame_rate=_positive(rate.number("FrameRateLimit"), 1000),
        bit_rate_kbps=_positive(rate.number("BitrateLimit"), 1_000_000),
        gop_frames=int(gop) if gop.isascii() and gop.isdigit() and 0 < int(gop[:6]) < 100_000 else None,
        audio_codec=_AUDIO.get(audio.lower(), audio.lower()[:16]) if audio else None,
        ptz=bool(told.at("PTZConfiguration") or told.at("Configurations/PTZ")),
        source=words(source.value("SourceToken")),
        encoder_token=(encoder.attribute("token") or "")[:64] or None,
        constant_bit_rate={"true": True, "false": False}.get((rate.attribute("ConstantBitRate") or "").lower()),
    )


def _size(value: int | None) -> int | None:
    return value if value is not None and 0 < value <= 16_384 else None


def _positive(value: float | None, most: float) -> float | None:
    return value if value is not None and 0 < value <= most else None


async def _located(client: OnvifClient, service: Service, profile: StreamProfile) -> StreamProfile:
    stream = await _stream_address(client, service, profile.token)
    snapshot = await _address(client, service, "GetSnapshotUri", {"ProfileToken": profile.token}, WEB)
    return profile.model_copy(
        update={
            "url": stream.url if stream else None,
            "said_url": stream.said if stream and stream.moved else None,
            "snapshot_url": snapshot.url if snapshot else None,
        }
    )


async def _stream_address(client: OnvifClient, service: Service, token: str) -> Located | None:
    if service is Service.MEDIA2:
        for protocol in ("RTSP", "RtspUnicast"):
            asked = {"Protocol": protocol, "ProfileToken": token}
            if (found := await _address(client, service, "GetStreamUri", asked, RTSP)) is not None:
                return found
        if not await client.supports(Service.MEDIA):
            return None
    asked_of_media = {"StreamSetup": _STREAM_SETUP, "ProfileToken": token}
    return await _address(client, Service.MEDIA, "GetStreamUri", asked_of_media, RTSP)


async def _address(
    client: OnvifClient, service: Service, operation: str, params: Mapping[str, object], schemes: tuple[str, ...]
) -> Located | None:
    try:
        answer = await client.call(service, operation, params)
        return client.location.find(next((one.text for one in answer.deep("Uri")), ""), schemes)
    except HubError as error:
        if error.kind in (ErrorKind.UNREACHABLE, ErrorKind.TIMEOUT):
            raise
        return None
