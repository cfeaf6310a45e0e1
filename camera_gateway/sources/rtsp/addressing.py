"""Which RTSP address each request goes to, out of Content-Base and `a=control` as cameras write them. Pure.

The authority is always the one that was asked, never what the camera says: many sit behind NAT (and the address is
pinned); of what they say only the path is taken.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

_SCHEME: Final = re.compile(r"^(?:rtsps?:/*)+", re.IGNORECASE)
_SAFE: Final = "!#$%&'()*+,-./:;<=>?@[]^_`{|}~\\\""


def request_url(host: str, port: int, path: str, scheme: str = "rtsp") -> str:
    """The address that is asked for; the port always stands in it, as FFmpeg writes it, which cameras know."""
    name = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return f"{scheme}://{name}:{port}{quote(path if path.startswith('/') else '/' + path, safe=_SAFE)}"


def base_url(url: str, content_base: str | None) -> str:
    """What controls are relative to: the path of Content-Base where it is an RTSP address, else `url`.

    Seen: a doubled scheme (go2rtc#208, #830), none (moonfire#356), empty (mediamtx#825), `/` (monibuca#58), a bare
    host (go2rtc#1852), an IPv6 address without brackets (WebRTC#395).
    """
    path = _path(content_base or "")
    return url if path is None else _authority(url) + path


def control_url(base: str, control: str) -> str:
    """The address of one media or of the whole, from its `a=control`; `base` for none and for `*`."""
    control = control.strip()
    if control in {"", "*"}:
        return base
    if _SCHEME.match(control):
        path = _path(control)
        return base if path is None else _authority(base) + path
    # Verint answers 404 to two slashes (go2rtc#1236).
    return base.rstrip("/") + "/" + quote(control.lstrip("/"), safe=_SAFE)


def _authority(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.split('/', 1)[0]}"


def _path(text: str) -> str | None:
    """The path of an absolute RTSP address, or None where there is none to trust."""
    scheme = _SCHEME.match(text.strip())
    if scheme is None:
        return None
    authority, slash, path = text.strip()[scheme.end() :].partition("/")
    if not slash or not authority or any(character <= " " or character == "\x7f" for character in path):
        return None
    return quote("/" + path, safe=_SAFE)
