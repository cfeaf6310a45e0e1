"""What a camera says its encoder can be set to, of Media or of Media2, and the nearest of it to what is wished. Pure.

What it does not say is None or empty, and then every value is tried: the camera will refuse it or not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from camera_gateway.cure.encoder import CODECS
from camera_gateway.onvif.answer import Answer
from camera_gateway.onvif.service import Service

Range = tuple[float, float]

_MOST: Final = 256
_OF_MEDIA: Final = {"h264": "H264", "mpeg4": "MPEG4", "mjpeg": "JPEG", "h265": "H265"}


@dataclass(frozen=True, slots=True)
class CodecOptions:
    """For one codec."""

    sizes: tuple[tuple[int, int], ...] = ()
    frame_rates: tuple[float, ...] = ()
    frame_rate_range: Range | None = None
    gop_range: Range | None = None
    bit_rate_range: Range | None = None
    profiles: tuple[str, ...] = ()

    def nearest_size(self, wanted: tuple[int, int]) -> tuple[int, int]:
        """Alike in area and in shape."""

        def distance(size: tuple[int, int]) -> float:
            area = abs(math.log2((size[0] * size[1]) / (wanted[0] * wanted[1])))
            shape = abs(math.log2((size[0] / size[1]) / (wanted[0] / wanted[1])))
            return area + 2 * shape

        return min(self.sizes, key=distance, default=wanted)

    def nearest_frame_rate(self, wanted: float) -> float:
        """One of the list, of two as near the higher; else a whole number within the range, as Media writes it."""
        if self.frame_rates:
            return min(self.frame_rates, key=lambda rate: (abs(rate - wanted), -rate))
        return wanted if self.frame_rate_range is None else round(_within(wanted, self.frame_rate_range))

    def nearest_gop(self, wanted: float) -> int:
        """In frames."""
        return max(1, round(_within(wanted, self.gop_range)))

    def nearest_bit_rate(self, wanted: float) -> int:
        """In kbit/s."""
        return round(_within(wanted, self.bit_rate_range))


EncoderOptions = Mapping[str, CodecOptions]
"""By codec; empty where the camera does not tell."""


def read_options(answer: Answer, service: Service) -> EncoderOptions:
    """Of GetVideoEncoderConfigurationOptionsResponse."""
    if service is Service.MEDIA2:
        told = [one for one in answer.all("Options") if one.value("Encoding")]
        return {CODECS.get(name, name): _of_media2(one) for one in told for name in [one.at("Encoding").text.lower()]}
    options = answer.at("Options")
    return {
        codec: _of_media(found, options.at(f"Extension/{name}"))
        for codec, name in _OF_MEDIA.items()
        if (found := options.at(name) or options.at(f"Extension/{name}"))
    }


def _of_media2(told: Answer) -> CodecOptions:
    rates = tuple(rate for text in _words(told, "FrameRatesSupported") if (rate := _number(text)))
    gop = [number for text in _words(told, "GovLengthRange") if (number := _number(text)) is not None]
    return CodecOptions(
        sizes=_sizes(told),
        frame_rates=rates,
        gop_range=(min(gop), max(gop)) if len(gop) >= 2 else None,
        bit_rate_range=_range(told.at("BitrateRange")),
        profiles=tuple(_words(told, "ProfilesSupported")),
    )


def _of_media(told: Answer, further: Answer) -> CodecOptions:
    profiles = [one.text for one in told.children if one.name.endswith("ProfilesSupported") and one.text]
    return CodecOptions(
        sizes=_sizes(told),
        frame_rate_range=_range(told.at("FrameRateRange")),
        gop_range=_range(told.at("GovLengthRange")),
        bit_rate_range=_range(further.at("BitrateRange")),
        profiles=tuple(profiles[:_MOST]),
    )


def _sizes(told: Answer) -> tuple[tuple[int, int], ...]:
    found = [(one.whole("Width"), one.whole("Height")) for one in told.all("ResolutionsAvailable")[:_MOST]]
    return tuple((w, h) for w, h in found if w and h and 0 < w <= 16_384 and 0 < h <= 16_384)


def _range(told: Answer) -> Range | None:
    low, high = told.number("Min"), told.number("Max")
    return (low, high) if low is not None and high is not None and 0 <= low <= high and high > 0 else None


def _within(wanted: float, limits: Range | None) -> float:
    return wanted if limits is None else min(max(wanted, limits[0]), limits[1])


def _words(told: Answer, name: str) -> list[str]:
    """A list in an attribute; some write it with commas."""
    return (told.attribute(name) or "").replace(",", " ").split()[:_MOST]


def _number(text: str) -> float | None:
    try:
        made = float(text) if len(text) < 20 else math.nan
    except ValueError:
        return None
    return made if math.isfinite(made) and made >= 0 else None
