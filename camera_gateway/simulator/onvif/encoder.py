"""How one stream of a simulated camera is encoded, as ONVIF tells and sets it; a change makes a clip anew.

Encoding is synchronous and takes a moment: `recoded` is called in a thread.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from camera_gateway.simulator.clip import Clip, Coding, decode, encode
from camera_gateway.simulator.codec import CODECS
from camera_gateway.simulator.onvif.soap import invalid

SIZES: Final = ((1280, 720), (768, 432), (704, 576), (640, 480), (640, 360), (320, 180))
FRAME_RATES: Final = (1.0, 25.0)
GOPS: Final = (1, 100)
KBPS: Final = (32, 4096)
LONGEST_S: Final = 10.0  # of the loop, once it is coded anew


@dataclass(frozen=True, slots=True)
class Encoding:
    """One stream's settings."""

    codec: str
    width_px: int
    height_px: int
    fps: float
    gop: int
    kbps: int

    @classmethod
    def of(cls, clip: Clip) -> Encoding:
        """As a clip is."""
        gop = clip.keyframes[1] if len(clip.keyframes) > 1 else len(clip.pictures)
        bits = 8 * sum(len(nal) for picture in clip.pictures for nal in picture.nals)
        return cls(
            clip.codec.name,
            clip.width_px,
            clip.height_px,
            clip.fps,
            gop,
            max(KBPS[0], round(bits / clip.seconds / 1e3)),
        )

    def changed(
        self,
        *,
        codec: str | None = None,
        size: tuple[float | None, float | None] = (None, None),
        fps: float | None = None,
        gop: float | None = None,
        kbps: float | None = None,
    ) -> Encoding:
        """With these settings instead; raises SoapFault where the camera cannot."""
        wanted = replace(
            self,
            codec=codec or self.codec,
            width_px=int(self.width_px if size[0] is None else size[0]),
            height_px=int(self.height_px if size[1] is None else size[1]),
            fps=self.fps if fps is None else fps,
            gop=int(self.gop if gop is None else gop),
            kbps=int(self.kbps if kbps is None else kbps),
        )
        if wanted.codec not in CODECS:
            raise invalid(f"no such encoding: {wanted.codec[:32]}", "ConfigModify")
        own = (self.width_px, self.height_px)
        if (wanted.width_px, wanted.height_px) not in (*SIZES, own):
            raise invalid(f"no such resolution: {wanted.width_px}x{wanted.height_px}", "ConfigModify")
        for value, (least, most) in ((wanted.fps, FRAME_RATES), (wanted.gop, GOPS), (wanted.kbps, KBPS)):
            if not least <= value <= most:
                raise invalid(f"{value} is not between {least} and {most}", "ConfigModify")
        return wanted


def recoded(clip: Clip, to: Encoding) -> Clip:
    """The first seconds of a clip as `to` says; a loop whose length is a whole number of pictures."""
    count = min(len(clip.pictures), round(LONGEST_S * clip.fps))
    shown = decode(clip.pictures[:count], clip.codec)
    seconds = len(shown) / clip.fps
    total = max(1, round(seconds * to.fps))
    picked = (shown[min(len(shown) - 1, int(number * clip.fps / to.fps))] for number in range(total))
    pictures = (np.asarray(cv2.resize(one, (to.width_px, to.height_px)), np.uint8) for one in picked)
    coding = Coding(kbps=to.kbps, gop_s=to.gop / to.fps, codec=CODECS[to.codec])
    return encode(pictures, to.width_px, to.height_px, to.fps, coding)
