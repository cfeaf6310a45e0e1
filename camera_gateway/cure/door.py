"""Where a camera's ONVIF stands when nobody has said it: on the same host, at the usual path. Pure."""

from __future__ import annotations

from typing import Final

from hub.address_url import DEFAULT_PORTS, parse, split_credentials
from hub.errors import HubError

_USUAL: Final = "/onvif/device_service"


def device_service(address: str) -> str:
    """The address of the device service: of a host, host:port, http(s) or rtsp(s) address; a path that is given stays.

    Raises HubError INVALID `hub.address_*` for what can be none.
    """
    text = address.strip()
    if "://" not in text:
        # A bare IPv6 address has no brackets, and a colon in it is no port.
        text = f"http://[{text}]" if text.count(":") > 1 and not text.startswith("[") else f"http://{text}"
    bare, _, _ = split_credentials(text)
    parts = parse(bare, tuple(DEFAULT_PORTS))
    host = f"[{parts.host}]" if ":" in parts.host else parts.host
    if parts.scheme in ("rtsp", "rtsps"):
        return f"http://{host}{_USUAL}"
    port = "" if parts.port == DEFAULT_PORTS[parts.scheme] else f":{parts.port}"
    path = parts.path if parts.path not in ("", "/") else _USUAL
    return f"{parts.scheme}://{host}{port}{path}"


def is_address(text: str) -> bool:
    """Whether a person means an address and not the name of a camera: a URL, an IP, a host with a dot or a port."""
    if "://" in text:
        return True
    if not text.isascii() or not (set(text) & set(".:")) or any(one.isspace() for one in text):
        return False
    try:
        device_service(text)
    except HubError:
        return False
    return True
