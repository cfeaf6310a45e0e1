"""Which addresses a camera may have: private networks, and what `addresses.allow` names; resolved once and pinned.

Runs on the caller's loop; asks the resolver and nothing else. Never connects. A camera that a person typed into
`probe camera probe` may stand anywhere; what comes from a database, an import or another camera may not.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from hub.address_url import CAMERA_SCHEMES, DEFAULT_PORTS, AddressUrl, parse, split_credentials
from hub.errors import ErrorKind, HubError

__all__ = ["AddressPolicy", "PinnedAddress", "Resolver", "redirect_allowed", "redirected", "split_credentials"]

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_RESOLVE_TIMEOUT_S = 5.0
_MOST_ANSWERS = 32


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(text) for text in texts)


PRIVATE = _networks("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")  # RFC 1918, RFC 4193
# Taken only when an entry of `allow` lies wholly inside one of them (0.0.0.0/0 does not open loopback).
GUARDED = _networks("127.0.0.0/8", "::1/128", "169.254.0.0/16", "fe80::/10")
# Never: they name no camera, or hide another address (RFC 4291, 6052, 8215, 3056, 4380), or give out secrets.
NEVER = _networks(
    "0.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4", "::/128", "ff00::/8", "::ffff:0:0/96", "64:ff9b::/96",
    "64:ff9b:1::/48", "2002::/16", "2001::/32", "169.254.169.254/32", "169.254.170.2/32", "fd00:ec2::254/128",
    "100.100.100.200/32", "168.63.129.16/32",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PinnedAddress:
    """Where to connect (`ip`, `port`) and what to ask for; `path` begins with `/` and holds the query."""

    scheme: str
    host: str
    port: int
    ip: str
    path: str

    @property
    def authority(self) -> str:
        """`host[:port]` as it stands in a URL or a Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole URL; never with credentials."""
        return f"{self.scheme}://{self.authority}{self.path}"


class AddressPolicy:
    """The rules of one hub: `allow` adds to private networks, `own_ports` (on this machine) are always refused."""

    def __init__(
        self, allow: Iterable[str] = (), own_ports: Iterable[int] = (), resolver: Resolver | None = None
    ) -> None:
        self._entries = tuple(_Entry.parse(text) for text in allow)
        self._own_ports = frozenset(own_ports)
        self._resolver = resolver or _system_resolver

    async def resolve(
        self, url: str, *, typed_by_person: bool = False, schemes: tuple[str, ...] = CAMERA_SCHEMES
    ) -> PinnedAddress:
        """Check `url` (rtsp or rtsps; or one of `schemes`), resolve its host once and pin the answer; every answer must
        be allowed.

        With `typed_by_person` any address and any of rtsp, rtsps, http, https. Raises HubError INVALID
        (`hub.address_*`: what is wrong with the URL), UNREACHABLE `hub.address_unknown_host`, FORBIDDEN
        `hub.address_forbidden` or `hub.address_own_port`.
        """
        parts = parse(url, tuple(DEFAULT_PORTS) if typed_by_person else schemes)
        answers = await self._answers(parts)
        if not typed_by_person:
            for ip in answers:
                self._check(parts, ip)
        pinned = next((ip for ip in answers if ip.version == 4), answers[0])
        return PinnedAddress(parts.scheme, parts.host, parts.port, str(pinned), parts.path)

    def beside(self, origin: PinnedAddress, url: str, schemes: tuple[str, ...]) -> PinnedAddress:
        """Another port or path of a host that is pinned, as a camera names them; nothing is resolved anew.

        `url` may be a path alone. Raises HubError FORBIDDEN `hub.address_redirect` where it leads to another host or
        makes no sense, `hub.address_own_port`.
        """
        if url.startswith("/") and not url.startswith("//"):
            url = f"{origin.scheme}://{origin.authority}{url}"
        try:
            parts = parse(url, schemes)
        except HubError as error:
            raise HubError(ErrorKind.FORBIDDEN, "hub.address_redirect", host=origin.host) from error
        if parts.host not in (origin.host, origin.ip):
            raise HubError(ErrorKind.FORBIDDEN, "hub.address_redirect", host=origin.host)
        if parts.port in self._own_ports and _is_own(ipaddress.ip_address(origin.ip)):
            raise HubError(ErrorKind.FORBIDDEN, "hub.address_own_port", host=parts.host, port=parts.port)
        return replace(origin, scheme=parts.scheme, port=parts.port, path=parts.path)

    async def _answers(self, parts: AddressUrl) -> list[Ip]:
        try:
            return [ipaddress.ip_address(parts.host)]
        except ValueError:
            pass
        try:
            async with asyncio.timeout(_RESOLVE_TIMEOUT_S):
                texts = await self._resolver(parts.host, parts.port)
            answers = [ipaddress.ip_address(text) for text in texts[:_MOST_ANSWERS]]
        except (OSError, TimeoutError, ValueError, UnicodeError) as error:
            raise HubError(ErrorKind.UNREACHABLE, "hub.address_unknown_host", host=parts.host) from error
        if not answers:
            raise HubError(ErrorKind.UNREACHABLE, "hub.address_unknown_host", host=parts.host)
        return answers

    def _check(self, parts: AddressUrl, ip: Ip) -> None:
        if any(ip in network for network in NEVER):
            raise HubError(ErrorKind.FORBIDDEN, "hub.address_forbidden", host=parts.host, ip=str(ip))
        if parts.port in self._own_ports and _is_own(ip):
            raise HubError(ErrorKind.FORBIDDEN, "hub.address_own_port", host=parts.host, port=parts.port)
        if any(entry.allows(parts.host, ip, parts.port) for entry in self._entries):
            return
        guarded = any(ip in network for network in GUARDED)
        if guarded or not any(ip in network for network in PRIVATE):
            raise HubError(ErrorKind.FORBIDDEN, "hub.address_forbidden", host=parts.host, ip=str(ip))


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of `addresses.allow`: a host, an address or a network, each also with `:port`."""

    host: str | None
    network: Network | None
    port: int | None

    @classmethod
    def parse(cls, text: str) -> _Entry:
        place, port = text.strip(), None
        with_port = re.fullmatch(r"(\[[^\]]+\](?:/\d+)?|[^:\[\]]+):([0-9]{1,5})", place)
        if with_port:
            place, port = with_port[1], int(with_port[2])
        place = place.replace("[", "").replace("]", "")
        if not place or (port is not None and not 1 <= port <= 65535):
            raise HubError(ErrorKind.INVALID, "hub.address_allow_entry", entry=text[:80])
        try:
            return cls(None, ipaddress.ip_network(place), port)
        except ValueError as error:
            if not re.fullmatch(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?", place) or place[-1].isdigit():
                raise HubError(ErrorKind.INVALID, "hub.address_allow_entry", entry=text[:80]) from error
            return cls(place.lower(), None, port)

    def allows(self, host: str, ip: Ip, port: int) -> bool:
        if self.port is not None and self.port != port:
            return False
        guard = next((network for network in GUARDED if ip in network), None)
        if self.network is not None:
            if ip not in self.network:
                return False
            return guard is None or _inside(self.network, guard)
        return self.host == host and (guard is None or (host == "localhost" and ip.is_loopback))


def _inside(inner: Network, outer: Network) -> bool:
    if isinstance(inner, ipaddress.IPv4Network) and isinstance(outer, ipaddress.IPv4Network):
        return inner.subnet_of(outer)
    if isinstance(inner, ipaddress.IPv6Network) and isinstance(outer, ipaddress.IPv6Network):
        return inner.subnet_of(outer)
    return False


def redirected(origin: PinnedAddress, location: str) -> PinnedAddress:
    """Where a camera's 3xx leads: the same host on the same port and pinned address, perhaps another path.

    `location` may be a path alone. Raises HubError FORBIDDEN `hub.address_redirect` for anything else.
    """
    if location.startswith("/") and not location.startswith("//"):
        location = f"{origin.scheme}://{origin.authority}{location}"
    try:
        parts = parse(location, (origin.scheme,))
    except HubError as error:
        raise HubError(ErrorKind.FORBIDDEN, "hub.address_redirect", host=origin.host) from error
    if parts.host not in (origin.host, origin.ip) or parts.port != origin.port:
        raise HubError(ErrorKind.FORBIDDEN, "hub.address_redirect", host=origin.host)
    return replace(origin, path=parts.path)


def redirect_allowed(origin: PinnedAddress, location: str) -> bool:
    """Whether `redirected` would follow."""
    try:
        redirected(origin, location)
    except HubError:
        return False
    return True


async def _system_resolver(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(answer[4][0]) for answer in found]


def _is_own(ip: Ip) -> bool:
    """Whether this machine itself has `ip`: the kernel would send from it to it. Sends nothing (UDP connect)."""
    if ip.is_loopback:
        return True
    family = socket.AF_INET if ip.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((str(ip), 9))
            return str(probe.getsockname()[0]) == str(ip)
    except OSError:
        return False
