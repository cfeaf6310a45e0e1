"""Media of the second version (ONVIF Media2, ver20): what the first has, with H.265 and configurations on request."""

from __future__ import annotations

from typing import Final

from camera_gateway.simulator.onvif.encoder import FRAME_RATES, GOPS, KBPS, SIZES
from camera_gateway.simulator.onvif.media import ranged, snapshot_url, stream_url, video_source
from camera_gateway.simulator.onvif.ptz import configuration
from camera_gateway.simulator.onvif.soap import Element, Node, el, number_of
from camera_gateway.simulator.onvif.state import CameraFace, Handler, VideoStream


def encoder(stream: VideoStream, name: str) -> Element:
    """tt:VideoEncoder2Configuration."""
    now = stream.encoding
    return el(
        name,
        el("tt:Name", stream.encoder),
        el("tt:UseCount", 1),
        el("tt:Encoding", now.codec.upper()),
        el("tt:Resolution", el("tt:Width", now.width_px), el("tt:Height", now.height_px)),
        el(
            "tt:RateControl",
            el("tt:FrameRateLimit", now.fps),
            el("tt:BitrateLimit", now.kbps),
            ConstantBitRate=True,
        ),
        el("tt:Quality", 4),
        token=stream.encoder,
        GovLength=now.gop,
        Profile="Main",
    )


def _profiles(camera: CameraFace, asked: Node) -> Element:
    """Without a Type only the names, as the standard has it (Media2, 5.2.2)."""
    kinds = {node.text for node in asked.all("Type")}
    token = asked.value("Token")
    told = []
    for stream in camera.streams if token is None else [camera.stream(token)]:
        parts = []
        if kinds & {"All", "VideoSource"}:
            parts.append(video_source(camera, "tr2:VideoSource"))
        if kinds & {"All", "VideoEncoder"}:
            parts.append(encoder(stream, "tr2:VideoEncoder"))
        if camera.camera.ptz and kinds & {"All", "PTZ"}:
            parts.append(configuration("tr2:PTZ"))
        configurations = [el("tr2:Configurations", *parts)] if parts else []
        told.append(el("tr2:Profiles", el("tr2:Name", stream.name), *configurations, token=stream.token, fixed=True))
    return el("tr2:GetProfilesResponse", *told)


def _stream_uri(camera: CameraFace, asked: Node) -> Element:
    stream = camera.stream(asked.value("ProfileToken"))
    return el("tr2:GetStreamUriResponse", el("tr2:Uri", stream_url(camera, stream)))


def _snapshot_uri(camera: CameraFace, asked: Node) -> Element:
    stream = camera.stream(asked.value("ProfileToken"))
    return el("tr2:GetSnapshotUriResponse", el("tr2:Uri", snapshot_url(camera, stream)))


def _encoders(camera: CameraFace, asked: Node) -> Element:
    token, profile = asked.value("ConfigurationToken"), asked.value("ProfileToken")
    streams = [camera.stream(profile)] if profile is not None else camera.streams
    if token is not None:
        streams = [camera.encoder(token)]
    told = (encoder(stream, "tr2:Configurations") for stream in streams)
    return el("tr2:GetVideoEncoderConfigurationsResponse", *told)


def _encoder_options(_: CameraFace, __: Node) -> Element:
    rates = " ".join(str(rate) for rate in range(int(FRAME_RATES[0]), int(FRAME_RATES[1]) + 1))

    def of(codec: str) -> Element:
        sizes = (el("tt:ResolutionsAvailable", el("tt:Width", w), el("tt:Height", h)) for w, h in SIZES)
        return el(
            "tr2:Options",
            el("tt:Encoding", codec),
            ranged("tt:QualityRange", (1, 6)),
            *sizes,
            ranged("tt:BitrateRange", KBPS),
            GovLengthRange=f"{GOPS[0]} {GOPS[1]}",
            FrameRatesSupported=rates,
            ProfilesSupported="Main",
            ConstantBitRateSupported=True,
        )

    return el("tr2:GetVideoEncoderConfigurationOptionsResponse", of("H264"), of("H265"))


async def _set_encoder(camera: CameraFace, asked: Node) -> Element:
    wanted = asked.at("Configuration")
    stream = camera.encoder(wanted.attribute("token"))
    gop = wanted.attribute("GovLength")
    changed = stream.encoding.changed(
        codec=(wanted.value("Encoding") or "").lower() or None,
        size=(wanted.number("Resolution/Width"), wanted.number("Resolution/Height")),
        fps=wanted.number("RateControl/FrameRateLimit"),
        gop=None if gop is None else number_of(gop),
        kbps=wanted.number("RateControl/BitrateLimit"),
    )
    await camera.encode(stream, changed)
    return el("tr2:SetVideoEncoderConfigurationResponse")


OPERATIONS: Final[dict[str, Handler]] = {
    "GetProfiles": _profiles,
    "GetStreamUri": _stream_uri,
    "GetSnapshotUri": _snapshot_uri,
    "GetVideoEncoderConfigurations": _encoders,
    "GetVideoEncoderConfigurationOptions": _encoder_options,
    "SetVideoEncoderConfiguration": _set_encoder,
}
