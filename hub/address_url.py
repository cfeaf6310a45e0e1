"""A camera's URL taken apart, strictly: what a lenient parser would read in two ways is refused here.

RFC 3986 without its leniencies: no control characters, no user information (it is split off before), no zone ids, no
numbers in disguise for a host. Pure; any thread; resolves nothing.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import quote, unquote

from hub.errors import ErrorKind, HubError

CAMERA_SCHEMES = ("rtsp", "rtsps")
DEFAULT_PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
_LONGEST = 2048
_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<target>.*)\Z", re.S)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?![0-9]{1,5}(?:[/?#]|\Z))")  # no host with its port
_NAME = re.compile(
    r"(?=.{1,253}\Z)[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*\Z"
)
_NUMBER = re.compile(r"(0[xX][0-9A-Fa-f]*|[0-9]+)\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_KEPT = "/?#&=:;,@!$'()*+~%[]|"  # of a path, as the camera's maker wrote it


@dataclass(frozen=True, slots=True)
class AddressUrl:
    """`scheme`, `host` in lower case (IPv6 without brackets), `port` always given, `path` from `/` with its query."""

    scheme: str
    host: str
    port: int
    path: str


def _bad(code: str, **params: object) -> NoReturn:
    raise HubError(ErrorKind.INVALID, code, **params)


def split_credentials(url: str) -> tuple[str, str | None, str | None]:
    """`(url without them, username, password)`; both None where the URL has none. Percent signs are decoded once.

    The last @ before the path parts them, so a password may hold @ and :. Raises HubError INVALID
    `hub.address_control_character`, `hub.address_malformed`.
    """
    found = _URL.match(url)
    if not found:
        _refuse_control(url)
        return url, None, None
    information, at, place = found["authority"].rpartition("@")
    if not at:
        return url, None, None
    name, colon, word = information.partition(":")
    username, password = unquote(name), unquote(word) if colon else None
    _refuse_control(username + (password or ""))
    return f"{found['scheme']}://{place}{found['target']}", username, password


def with_scheme(address: str) -> str:
    """A bare host, with a port or a path or not, as an http URL; what names a scheme (`concat:/x`) as it is."""
    return address if _SCHEME.match(address) else f"http://{address}"


def parse(url: str, schemes: tuple[str, ...]) -> AddressUrl:
    """Take `url` apart; raises HubError INVALID with a code `hub.address_*` that says what is wrong with it."""
    if len(url) > _LONGEST:
        _bad("hub.address_too_long", most=_LONGEST)
    _refuse_control(url)
    found = _URL.match(url)
    if not found:
        scheme = url.partition(":")[0] if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", url) else ""
        if scheme and scheme.lower() not in schemes:
            _bad("hub.address_scheme", scheme=scheme[:20], allowed=", ".join(schemes))
        _bad("hub.address_malformed")
    scheme = found["scheme"].lower()
    if scheme not in schemes:
        _bad("hub.address_scheme", scheme=scheme[:20], allowed=", ".join(schemes))
    authority = found["authority"]
    if "@" in authority:
        _bad("hub.address_credentials")
    host, port = _split_authority(authority)
    target = found["target"]
    path = target if target.startswith("/") else "/" + target
    return AddressUrl(scheme, host, DEFAULT_PORTS[scheme] if port is None else port, quote(path, safe=_KEPT))


def _split_authority(authority: str) -> tuple[str, int | None]:
    if authority.startswith("["):
        host, bracket, rest = authority[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            _bad("hub.address_malformed")
        port_text = rest[1:] if rest else None
        try:
            host = str(ipaddress.IPv6Address(host)) if "%" not in host else _bad("hub.address_host", host=host[:80])
        except ValueError:
            _bad("hub.address_host", host=host[:80])
    else:
        host, colon, after = authority.partition(":")
        port_text = after if colon else None
        host = _plain_host(host)
    if port_text is None:
        return host, None
    if not re.fullmatch(r"[0-9]{1,5}", port_text) or not 1 <= int(port_text) <= 65535:
        _bad("hub.address_port", port=port_text[:20])
    return host, int(port_text)


def _plain_host(host: str) -> str:
    """A name or a dotted quad. `0x7f.1`, `2130706433`, `0177.0.0.1` and `127.1` are numbers in disguise."""
    if not _NAME.match(host):
        _bad("hub.address_host", host=host[:80])
    if _NUMBER.match(host.rpartition(".")[2]):
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError:
            _bad("hub.address_host", host=host[:80])
    return host.lower()


def _refuse_control(text: str) -> None:
    if _CONTROL.search(text):
        _bad("hub.address_control_character")
