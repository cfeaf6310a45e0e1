"""What a shared camera is described as: one video track, H.264 (RFC 6184) or H.265 (RFC 7798). Pure.

Says nothing of the camera but what a decoder needs: no name, no place, no address.
"""

from __future__ import annotations

import base64
from typing import Final

from camera_gateway.republish.path import TRACK
from camera_gateway.sources.base import VideoFormat

PAYLOAD_TYPE: Final = 96
_H265_KINDS: Final = {32: "sprop-vps", 33: "sprop-sps", 34: "sprop-pps"}


def description(fmt: VideoFormat) -> bytes:
    """The answer to DESCRIBE."""
    parameters, name = (_h265(fmt), "H265") if fmt.codec == "h265" else (_h264(fmt), "H264")
    lines = (
        "v=0",
        "o=- 0 0 IN IP4 127.0.0.1",
        "s=-",
        "c=IN IP4 0.0.0.0",
        "t=0 0",
        "a=control:*",
        "a=range:npt=now-",
        f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
        f"a=rtpmap:{PAYLOAD_TYPE} {name}/90000",
        f"a=fmtp:{PAYLOAD_TYPE} {parameters}",
        f"a=control:{TRACK}",
    )
    return ("\r\n".join(lines) + "\r\n").encode()


def _h264(fmt: VideoFormat) -> str:
    sets = ",".join(_base64(one) for one in fmt.parameter_sets)
    level = next((one[1:4].hex() for one in fmt.parameter_sets if one[0] & 31 == 7), "42e01f")
    return f"packetization-mode=1;profile-level-id={level};sprop-parameter-sets={sets}"


def _h265(fmt: VideoFormat) -> str:
    named: dict[str, list[str]] = {}
    for one in fmt.parameter_sets:
        if (name := _H265_KINDS.get(one[0] >> 1 & 63)) is not None:
            named.setdefault(name, []).append(_base64(one))
    return ";".join(f"{name}={','.join(sets)}" for name, sets in named.items())


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
