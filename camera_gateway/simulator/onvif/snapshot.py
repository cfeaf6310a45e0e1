"""The JPEG that a simulated camera gives at its snapshot address: the first picture of what it plays."""

from __future__ import annotations

from functools import lru_cache

import cv2

from camera_gateway.simulator.clip import Clip, CodedPicture, decode
from camera_gateway.simulator.codec import Codec


def jpeg_of(clip: Clip) -> bytes:
    """Decoded and encoded once for each clip."""
    return _jpeg(clip.pictures[0], clip.codec)


@lru_cache(maxsize=64)
def _jpeg(picture: CodedPicture, codec: Codec) -> bytes:
    _, encoded = cv2.imencode(".jpg", decode((picture,), codec)[0])
    return bytes(encoded)
