"""A still picture: decode one keyframe, blacken what nobody may see, make a JPEG of it.

Pure functions that block (milliseconds): call them from a thread, never on an event loop. Each call has a decoder of
its own, so one camera's bytes never reach another camera's picture. Never opens a file or an address: libav sees
bytes only.
"""

from __future__ import annotations

from collections.abc import Sequence

import av
import cv2
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from hub.contracts.base import Polygon
from hub.errors import ErrorKind, HubError

Picture = NDArray[np.uint8]
"""(height, width, 3), BGR, contiguous."""

MOST_PIXELS = 16 * 1024 * 1024
"""A picture above this is refused before memory is taken for it: 16 megapixels are 48 MB of BGR."""
MOST_BYTES = 8_000_000

_DECODERS = {"h264": "h264", "h265": "hevc"}


def decode_keyframe(annexb: bytes, codec: str = "h264") -> Picture:
    """The picture in one keyframe: Annex B with its parameter sets first (ITU-T H.264, H.265).

    Returns (height, width, 3) BGR. A keyframe that lost slices is refused, not half shown: grey blocks look like
    movement. (FFmpeg's H.265 decoder does not tell of lost ones; a gateway hands on no unit that lost a packet.)
    Raises HubError PROTOCOL `hub.picture_undecodable`, UNSUPPORTED `hub.picture_codec`,
    LIMITED `hub.picture_too_large`. No bytes, however hostile, raise anything else.
    """
    name = _DECODERS.get(codec)
    if name is None:
        raise HubError(ErrorKind.UNSUPPORTED, "hub.picture_codec", codec=codec)
    if len(annexb) > MOST_BYTES:
        raise HubError(ErrorKind.LIMITED, "hub.picture_too_large", size=f"{len(annexb)} bytes")
    if not annexb:
        raise _undecodable("no bytes")
    try:
        frame = _first_frame(annexb, name)
        if frame is None:
            raise _undecodable("no picture in the bytes")
        if frame.width * frame.height > MOST_PIXELS:
            raise HubError(ErrorKind.LIMITED, "hub.picture_too_large", size=f"{frame.width}x{frame.height}")
        if frame.is_corrupt:
            raise _undecodable("parts of the picture are missing")
        return np.ascontiguousarray(frame.to_ndarray(format="bgr24"))
    except (FFmpegError, ValueError, MemoryError, OverflowError) as error:
        raise _undecodable(str(error)) from error


def blacken(picture: Picture, masks: Sequence[Polygon]) -> None:
    """Make each mask black, in place; every pixel that a polygon touches goes, and its neighbours.

    Corners are 0..1 of the width and height. Edges are drawn three pixels wide over the filled polygon, so rounding
    only ever hides more; a polygon of no area still hides its line.
    """
    height, width = picture.shape[:2]
    for mask in masks:
        corners = np.array([[x * width - 0.5, y * height - 0.5] for x, y in mask])
        points = np.rint(corners).astype(np.int32)
        cv2.fillPoly(picture, [points], (0, 0, 0))
        cv2.polylines(picture, [points], True, (0, 0, 0), thickness=3)


def encode_jpeg(picture: Picture, quality: int = 85) -> bytes:
    """A baseline JPEG of (height, width, 3) BGR. Raises HubError BROKEN `hub.picture_unencodable`."""
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise HubError(ErrorKind.BROKEN, "hub.picture_unencodable")
    return data.tobytes()


def _first_frame(annexb: bytes, name: str) -> av.VideoFrame | None:
    context = av.CodecContext.create(name, "r")
    assert isinstance(context, av.VideoCodecContext)  # noqa: S101 - for the type checker: both names are video
    context.thread_count = 1
    context.options = {"max_pixels": str(MOST_PIXELS)}
    packet = av.Packet(annexb)
    for part in (packet, None):
        for frame in context.decode(part):
            return frame
    return None


def _undecodable(reason: str) -> HubError:
    return HubError(ErrorKind.PROTOCOL, "hub.picture_undecodable", reason=reason)
