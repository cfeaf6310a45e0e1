"""Where a device's addresses lead: to the host that was typed, whatever the device says of itself. Pure.

A device behind NAT, with two networks or freshly set up names a private, a zero or its maker's own address. Its path is
kept, what it said is kept to be shown, the host is ours; a port that was typed stands for the one that it names.
"""

from __future__ import annotations

import contextlib
import html
import ipaddress
import re
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote

from hub.address_url import DEFAULT_PORTS, parse, split_credentials
from hub.addresses import PinnedAddress
from hub.errors import ErrorKind, HubError

WEB: Final = ("http", "https")
RTSP: Final = ("rtsp", "rtsps")
_MOST_SAID: Final = 16
_DOUBLED: Final = re.compile(r"^([a-z]{3,6}://)(?:[a-z]{3,6}://)+", re.I)
_BREAKS: Final = re.compile(r"\s*[\r\n]+\s*")
_TWICE_A_PORT: Final = re.compile(r"^([a-z]+://[^/:@\[\]]+:\d+):\d+(?=/|$)", re.I)


@dataclass(frozen=True, slots=True)
class Located:
    """Where to go, and what the device said; without a login, which some write into it."""

    address: PinnedAddress
    said: str

    @property
    def url(self) -> str:
        """Without credentials."""
        return self.address.url

    @property
    def moved(self) -> bool:
        """Whether the device named another host."""
        try:
            return parse(self.said, (*WEB, *RTSP)).host not in (
                self.address.host,
                self.address.ip,
            )
        except HubError:
            return True


class Location:
    """The typed address of one device, and what was learnt of its ports. Belongs to its client's loop."""

    def __init__(self, typed: PinnedAddress) -> None:
        self.typed = typed
        self._door_said: tuple[str, int] | None = None  # scheme and port of its device service, as it sees itself

    def learn(self, said: str) -> None:
        """What the device calls its own device service: scheme and port there stand for the typed ones, which work.

        Behind a forwarded port, a TLS proxy or a container the two differ.
        """
        for text in split(said)[:1]:
            with contextlib.suppress(HubError):
                parts = parse(_without_credentials(text), WEB)
                self._door_said = (parts.scheme, parts.port)

    def find(self, said: str, schemes: tuple[str, ...]) -> Located:
        """The address on the typed host. Of a list the one that needs least changed.

        Raises HubError PROTOCOL `camera_gateway.onvif_address` where nothing in it is an address of these schemes.
        """
        found = [one for text in split(said) if (one := self._place(text, schemes)) is not None]
        if not found:
            raise HubError(
                ErrorKind.PROTOCOL, "camera_gateway.onvif_address", said=_without_credentials(cleaned(said))[:120]
            )
        return min(found, key=self._strangeness)

    def _place(self, text: str, schemes: tuple[str, ...]) -> Located | None:
        typed = self.typed
        if text.startswith("/") and not text.startswith("//") and typed.scheme in schemes:
            text = f"{typed.scheme}://{typed.authority}{text}"
        elif "://" not in text:
            text = f"{schemes[0]}://{text.lstrip('/')}"
        try:
            parts = parse(_without_credentials(text), schemes)
        except HubError:
            return None
        scheme, port = parts.scheme, parts.port
        if (scheme, port) == self._door_said:
            scheme, port = typed.scheme, typed.port
        place = replace(typed, scheme=scheme, port=port, path=parts.path)
        return Located(place, _without_credentials(text))

    def _strangeness(self, one: Located) -> tuple[bool, bool, bool, bool]:
        host = _host_of(one.said)
        return (one.moved, one.address.scheme != self.typed.scheme, host is None or host.version == 6, _local(host))


def split(said: str) -> list[str]:
    """The addresses in a list of XAddrs (Axis, Bosch: several with blanks between), cleaned."""
    parts = re.split(r"\s+(?=[a-z]{3,6}://)", said.strip(), maxsplit=_MOST_SAID, flags=re.I)[:_MOST_SAID]
    return [text for part in parts if (text := cleaned(part))]


def cleaned(said: str) -> str:
    """One address without line breaks, blanks at the ends, escapes written twice, a scheme or a port written twice."""
    text = _BREAKS.sub("", html.unescape(said)).strip()
    return quote_blanks(_TWICE_A_PORT.sub(r"\1", _DOUBLED.sub(r"\1", text)))


def quote_blanks(text: str) -> str:
    """Blanks inside as they must be written; control characters stay, and are refused by whoever parses."""
    return text.strip().replace(" ", "%20")


def with_credentials(url: str, username: str | None, password: str | None) -> str:
    """`url` with a login inside, each sign that means something in a URL percent-encoded (mediamtx#2069).

    For those programs of others alone that take it no other way: never logged, never stored.
    """
    if username is None:
        return url
    scheme, _, rest = url.partition("://")
    login = quote(username, safe="") + (f":{quote(password, safe='')}" if password is not None else "")
    return f"{scheme}://{login}@{rest}"


def default_port(scheme: str) -> int:
    """Of a scheme that cameras use."""
    return DEFAULT_PORTS[scheme]


def _without_credentials(text: str) -> str:
    try:
        return split_credentials(text)[0]
    except HubError:
        return text


def _host_of(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(parse(text, (*WEB, *RTSP)).host)
    except (HubError, ValueError):
        return None


def _local(host: ipaddress.IPv4Address | ipaddress.IPv6Address | None) -> bool:
    return host is not None and (host.is_link_local or host.is_loopback or host.is_unspecified)
