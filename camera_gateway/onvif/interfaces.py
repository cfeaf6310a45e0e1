"""This machine's own IPv4 addresses, one for each network that a multicast may go out on. Blocks for microseconds."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import struct
from typing import Final

_SIOCGIFADDR: Final = 0x8915  # netdevice(7)
_MOST: Final = 32


def own_addresses() -> list[str]:
    """Without loopback; where the system tells none apart, the one that leads out."""
    found = dict.fromkeys(_by_interface() or _by_name())
    return [one for one in found if not ipaddress.ip_address(one).is_loopback][:_MOST]


def _by_interface() -> list[str]:
    """Linux: the address of each interface."""
    try:
        import fcntl
    except ImportError:  # Windows
        return []
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        for _, name in socket.if_nameindex():
            with contextlib.suppress(OSError):
                told = fcntl.ioctl(asking.fileno(), _SIOCGIFADDR, struct.pack("256s", name.encode()[:15]))
                found.append(socket.inet_ntoa(told[20:24]))
    return found


def _by_name() -> list[str]:
    """Elsewhere: what this machine's name has, and the address that a packet to the outside would carry."""
    found: list[str] = []
    with contextlib.suppress(OSError):
        found += socket.gethostbyname_ex(socket.gethostname())[2]
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.connect(("192.0.2.1", 9))  # sends nothing
        found.append(str(asking.getsockname()[0]))
    return found
