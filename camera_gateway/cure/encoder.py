"""A video encoder configuration as a camera tells it, of Media or of Media2, and the same with other values. Pure.

Read for what is changed here; everything else in it, also what no schema knows, goes back as it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from camera_gateway.cure import tree
from camera_gateway.onvif.answer import Answer
from camera_gateway.onvif.service import SCHEMA, Service
from hub.contracts.cure import Setting

CODECS: Final[Mapping[str, str]] = {
    "h264": "h264", "h.264": "h264", "h265": "h265", "h.265": "h265", "hevc": "h265", "jpeg": "mjpeg", "mpeg4": "mpeg4",
}  # fmt: skip
_WRITTEN: Final = {"h264": "H264", "h265": "H265", "mjpeg": "JPEG", "mpeg4": "MPEG4"}
_OF_CODEC: Final = ("MPEG4", "H264", "H265")  # Media's elements of one codec each


@dataclass(frozen=True, slots=True)
class Encoder:
    """One configuration. `told` is all of it."""

    service: Service
    token: str
    told: Answer
    codec: str | None
    profile: str | None
    size: tuple[int, int] | None
    frame_rate: float | None
    frame_skip: int | None
    gop_frames: int | None
    bit_rate_kbps: int | None

    @property
    def values(self) -> dict[Setting, str | None]:
        """As they are compared and shown."""
        return {
            Setting.CODEC: self.codec,
            Setting.PROFILE: self.profile,
            Setting.SIZE: size_text(self.size),
            Setting.FRAME_RATE: number_text(self.frame_rate),
            Setting.FRAME_SKIP: number_text(self.frame_skip),
            Setting.GOP: number_text(self.gop_frames),
            Setting.BIT_RATE: number_text(self.bit_rate_kbps),
        }

    @property
    def frames_per_s(self) -> float | None:
        """What really comes: Media's EncodingInterval lets one of so many through."""
        return None if self.frame_rate is None else self.frame_rate / max(self.frame_skip or 1, 1)


def read_encoder(told: Answer, service: Service) -> Encoder:
    """Of a `Configurations` element."""
    said = (told.value("Encoding") or "").lower()
    # An <H265> element stands beside whatever Encoding says (Dahua, use-go/onvif#43).
    codec = "h265" if service is Service.MEDIA and told.at("H265") else CODECS.get(said, said or None)
    inner = told.at(_WRITTEN.get(codec or "", "-"))
    if service is Service.MEDIA2:
        gop, profile = _whole(told.attribute("GovLength")), told.attribute("Profile")
    else:
        gop = inner.whole("GovLength")
        profile = next((one.text for one in inner.children if one.name.endswith("Profile")), None)
    width, height = told.whole("Resolution/Width"), told.whole("Resolution/Height")
    return Encoder(
        service=service,
        token=told.attribute("token") or "",
        told=told,
        codec=codec,
        profile=profile or None,
        size=(width, height) if width and height else None,
        frame_rate=told.number("RateControl/FrameRateLimit"),
        frame_skip=told.whole("RateControl/EncodingInterval"),
        gop_frames=gop,
        bit_rate_kbps=told.whole("RateControl/BitrateLimit"),
    )


def with_values(encoder: Encoder, values: Mapping[Setting, str]) -> Encoder:
    """The same with other values; the codec first, since others stand inside its element."""
    told = encoder.told
    codec = values.get(Setting.CODEC, encoder.codec)
    if Setting.CODEC in values:
        told = tree.with_texts(told, {"Encoding": _WRITTEN[values[Setting.CODEC]]})
    if (size := values.get(Setting.SIZE)) is not None:
        width, _, height = size.partition("x")
        old = told.at("Resolution") or Answer("Resolution", SCHEMA)
        told = tree.with_child(told, tree.with_texts(old, {"Width": width, "Height": height}), after=("Encoding",))
    told = _with_rate(told, encoder.service, values)
    put = _with_codec_of_media2 if encoder.service is Service.MEDIA2 else _with_codec_of_media
    return read_encoder(put(told, codec or "", values), encoder.service)


def _with_rate(told: Answer, service: Service, values: Mapping[Setting, str]) -> Answer:
    names = {
        Setting.FRAME_RATE: "FrameRateLimit",
        Setting.FRAME_SKIP: "EncodingInterval",
        Setting.BIT_RATE: "BitrateLimit",
    }
    given = {name: values[setting] for setting, name in names.items() if setting in values}
    if not given:
        return told
    old = told.at("RateControl") or Answer("RateControl", SCHEMA)
    after = ("Resolution",) if service is Service.MEDIA2 else ("Resolution", "Quality")
    return tree.with_child(told, tree.with_texts(old, given), after=after)


def _with_codec_of_media2(told: Answer, codec: str, values: Mapping[Setting, str]) -> Answer:
    for setting, name in ((Setting.GOP, "GovLength"), (Setting.PROFILE, "Profile")):
        if setting in values:
            told = tree.with_attribute(told, name, values[setting])
    if Setting.CODEC in values and Setting.PROFILE not in values:
        told = tree.with_attribute(told, "Profile", None)  # of the codec that it was
    return told


def _with_codec_of_media(told: Answer, codec: str, values: Mapping[Setting, str]) -> Answer:
    name = _WRITTEN.get(codec, "")
    if name not in _OF_CODEC:
        return told
    given = {"GovLength": values[Setting.GOP]} if Setting.GOP in values else {}
    if Setting.PROFILE in values:
        given[f"{name}Profile"] = values[Setting.PROFILE]
    if Setting.CODEC in values:
        told = tree.without(told, *(one for one in _OF_CODEC if one != name))
    if not given:
        return told
    inner = tree.with_texts(told.at(name) or Answer(name, SCHEMA), given)
    return tree.with_child(told, inner, after=("Resolution", "Quality", "RateControl", "MPEG4"))


def size_text(size: tuple[int, int] | None) -> str | None:
    """`640x360`."""
    return None if size is None else f"{size[0]}x{size[1]}"


def number_text(value: float | None) -> str | None:
    """Without a needless fraction."""
    return None if value is None else f"{value:g}" if value < 100_000 else str(round(value))


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else None
