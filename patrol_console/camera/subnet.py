"""The network that a camera's address lies in: cameras of one switch or one village mostly share it. Pure."""

from __future__ import annotations

import ipaddress

_IPV4_BITS = 24
_IPV6_BITS = 64


def subnet_of(ip: str) -> str | None:
    """`192.168.3.0/24` or `fd00:1::/64`; None for what is no address, and for this machine itself."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return None
    if address.is_loopback:
        return None  # drawn scenes and relays: they share nothing but this machine
    bits = _IPV4_BITS if address.version == 4 else _IPV6_BITS
    return str(ipaddress.ip_network((address, bits), strict=False))
