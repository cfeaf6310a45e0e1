"""Who is at the other end of an HTTP connection. What a proxy says is believed of named proxies alone. Pure.

Loopback is no identity: it opens figures about this process and nothing else, and not through a proxy that stands here.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence

_PASSED_ON = frozenset({"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"})
_MOST_HOPS = 16


def is_this_machine(peer: str | None, header_names: Iterable[str]) -> bool:
    """Whether a program of this machine asks for itself: from loopback, and no proxy passed it on."""
    try:
        here = peer is not None and ipaddress.ip_address(peer).is_loopback
    except ValueError:
        return False
    return here and not any(name.lower() in _PASSED_ON for name in header_names)


def client_address(peer: str, forwarded_for: str, trusted: Sequence[str]) -> str:
    """Where a request came from: `peer`, or what X-Forwarded-For says when `peer` is one of the `trusted` networks.

    Read from its end (each proxy adds there): the first address that is no trusted proxy. A client may write what it
    likes before that and changes nothing.
    """
    networks = [ipaddress.ip_network(text) for text in trusted]
    address = peer
    for hop in reversed(forwarded_for.split(",")[-_MOST_HOPS:]):
        if not _within(address, networks):
            break
        try:
            address = str(ipaddress.ip_address(hop.strip()))
        except ValueError:
            break
    return address


def _within(address: str, networks: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(ip in network for network in networks)
