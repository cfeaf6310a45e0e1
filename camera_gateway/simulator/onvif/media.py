"""Media of the first version (ONVIF Media, ver10): profiles, stream and snapshot addresses, the encoder.

H.265 stands in it as `<tt:Encoding>H265</tt:Encoding>`, as Dahua writes it (use-go/onvif#43), though the standard
knows only H264 here.
"""

from __future__ import annotations

from typing import Final

from camera_gateway.simulator.onvif.encoder import FRAME_RATES, GOPS, SIZES
from camera_gateway.simulator.onvif.faults import OnvifFaultName
from camera_gateway.simulator.onvif.ptz import configuration
from camera_gateway.simulator.onvif.soap import Element, Node, SoapFault, el
from camera_gateway.simulator.onvif.state import CameraFace, Handler, VideoStream


def video_source(camera: CameraFace, name: str) -> Element:
    """The configuration of the one sensor."""
    largest = max(camera.streams, key=lambda stream: stream.encoding.width_px).encoding
    return el(
        name,
        el("tt:Name", "sensor"),
        el("tt:UseCount", len(camera.streams)),
        el("tt:SourceToken", "vs_1"),
        el("tt:Bounds", x=0, y=0, width=largest.width_px, height=largest.height_px),
        token="vsc_1",  # noqa: S106 - a name
    )


def encoder(stream: VideoStream, name: str) -> Element:
    """tt:VideoEncoderConfiguration."""
    now = stream.encoding
    codec = now.codec.upper()
    rate = (el("tt:FrameRateLimit", round(now.fps)), el("tt:EncodingInterval", 1), el("tt:BitrateLimit", now.kbps))
    multicast = (
        el("tt:Address", el("tt:Type", "IPv4"), el("tt:IPv4Address", "224.1.2.3")),
        el("tt:Port", 8000),
        el("tt:TTL", 2),
        el("tt:AutoStart", False),
    )
    return el(
        name,
        el("tt:Name", stream.encoder),
        el("tt:UseCount", 1),
        el("tt:Encoding", codec),
        el("tt:Resolution", el("tt:Width", now.width_px), el("tt:Height", now.height_px)),
        el("tt:Quality", 4),
        el("tt:RateControl", *rate),
        el(f"tt:{codec}", el("tt:GovLength", now.gop), el(f"tt:{codec}Profile", "Main")),
        el("tt:Multicast", *multicast),
        el("tt:SessionTimeout", "PT60S"),
        token=stream.encoder,
    )


def _profile(camera: CameraFace, stream: VideoStream, name: str) -> Element:
    parts = [video_source(camera, "tt:VideoSourceConfiguration"), encoder(stream, "tt:VideoEncoderConfiguration")]
    if camera.camera.ptz:
        parts.append(configuration("tt:PTZConfiguration"))
    return el(name, el("tt:Name", stream.name), *parts, token=stream.token, fixed=True)


def _profiles(camera: CameraFace, _: Node) -> Element:
    return el("trt:GetProfilesResponse", *(_profile(camera, stream, "trt:Profiles") for stream in camera.streams))


def _one_profile(camera: CameraFace, asked: Node) -> Element:
    stream = camera.stream(asked.value("ProfileToken"))
    return el("trt:GetProfileResponse", _profile(camera, stream, "trt:Profile"))


def stream_url(camera: CameraFace, stream: VideoStream) -> str:
    """Where the stream is, as the camera writes it."""
    _, _, rest = camera.fleet.url(stream.index).partition("://")
    port_and_path = rest.rpartition(":")[2]
    query = "?channel=1&subtype=0" if OnvifFaultName.AMPERSAND in camera.faults else ""
    return camera.uri(f"rtsp://{camera.told_host}:{port_and_path}{query}")


def snapshot_url(camera: CameraFace, stream: VideoStream) -> str:
    """Where a JPEG is, as the camera writes it."""
    if OnvifFaultName.NO_SNAPSHOT in camera.faults:
        raise SoapFault("ActionNotSupported", "GetSnapshotUri is not implemented", status=500)
    query = "?channel=1&size=full" if OnvifFaultName.AMPERSAND in camera.faults else ""
    return camera.uri(f"http://{camera.told_host}:{camera.port}/onvif/snapshot/{stream.token}.jpg{query}")


def _media_uri(uri: str) -> Element:
    return el(
        "trt:MediaUri",
        el("tt:Uri", uri),
        el("tt:InvalidAfterConnect", False),
        el("tt:InvalidAfterReboot", False),
        el("tt:Timeout", "PT0S"),
    )


def _stream_uri(camera: CameraFace, asked: Node) -> Element:
    uri = stream_url(camera, camera.stream(asked.value("ProfileToken")))
    return el("trt:GetStreamUriResponse", _media_uri(uri))


def _snapshot_uri(camera: CameraFace, asked: Node) -> Element:
    uri = snapshot_url(camera, camera.stream(asked.value("ProfileToken")))
    return el("trt:GetSnapshotUriResponse", _media_uri(uri))


def _sources(camera: CameraFace, _: Node) -> Element:
    now = camera.streams[0].encoding
    size = el("tt:Resolution", el("tt:Width", now.width_px), el("tt:Height", now.height_px))
    told = el("trt:VideoSources", el("tt:Framerate", now.fps), size, token="vs_1")  # noqa: S106 - a name
    return el("trt:GetVideoSourcesResponse", told)


def _encoders(camera: CameraFace, _: Node) -> Element:
    told = (encoder(stream, "trt:Configurations") for stream in camera.streams)
    return el("trt:GetVideoEncoderConfigurationsResponse", *told)


def _one_encoder(camera: CameraFace, asked: Node) -> Element:
    stream = camera.encoder(asked.value("ConfigurationToken"))
    return el("trt:GetVideoEncoderConfigurationResponse", encoder(stream, "trt:Configuration"))


def ranged(name: str, limits: tuple[float, float]) -> Element:
    """tt:IntRange."""
    return el(name, el("tt:Min", int(limits[0])), el("tt:Max", int(limits[1])))


def _encoder_options(_: CameraFace, __: Node) -> Element:
    def of(codec: str) -> Element:
        sizes = (el("tt:ResolutionsAvailable", el("tt:Width", w), el("tt:Height", h)) for w, h in SIZES)
        return el(
            f"tt:{codec}",
            *sizes,
            ranged("tt:GovLengthRange", GOPS),
            ranged("tt:FrameRateRange", FRAME_RATES),
            ranged("tt:EncodingIntervalRange", (1, 1)),
            el(f"tt:{codec}ProfilesSupported", "Main"),
        )

    told = el("trt:Options", ranged("tt:QualityRange", (1, 6)), of("H264"), el("tt:Extension", of("H265")))
    return el("trt:GetVideoEncoderConfigurationOptionsResponse", told)


async def _set_encoder(camera: CameraFace, asked: Node) -> Element:
    wanted = asked.at("Configuration")
    stream = camera.encoder(wanted.attribute("token"))
    codec = wanted.value("Encoding") or ""
    changed = stream.encoding.changed(
        codec=codec.lower() or None,
        size=(wanted.number("Resolution/Width"), wanted.number("Resolution/Height")),
        fps=wanted.number("RateControl/FrameRateLimit"),
        gop=wanted.number(f"{codec}/GovLength") if codec else None,
        kbps=wanted.number("RateControl/BitrateLimit"),
    )
    await camera.encode(stream, changed)
    return el("trt:SetVideoEncoderConfigurationResponse")


OPERATIONS: Final[dict[str, Handler]] = {
    "GetProfiles": _profiles,
    "GetProfile": _one_profile,
    "GetStreamUri": _stream_uri,
    "GetSnapshotUri": _snapshot_uri,
    "GetVideoSources": _sources,
    "GetVideoEncoderConfigurations": _encoders,
    "GetVideoEncoderConfiguration": _one_encoder,
    "GetVideoEncoderConfigurationOptions": _encoder_options,
    "SetVideoEncoderConfiguration": _set_encoder,
}
