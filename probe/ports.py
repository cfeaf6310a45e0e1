"""Ports of this machine: whether ours are free, and one that is. Opens and closes sockets, keeps none."""

from __future__ import annotations

import socket
from collections.abc import Mapping

from hub.errors import ErrorKind, HubError


def require_free(wanted: Mapping[str, int], host: str = "127.0.0.1") -> None:
    """Raise CONFLICT naming the first port of `wanted` (what it is for → port) that somebody else holds."""
    for purpose, port in wanted.items():
        if not 0 < port < 65536:
            raise HubError(ErrorKind.INVALID, "probe.port_out_of_range", port=port, purpose=purpose)
        if not _is_free(host, port):
            raise HubError(ErrorKind.CONFLICT, "probe.port_taken", port=port, purpose=purpose)


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody holds now."""
    with socket.socket() as found:
        found.bind((host, 0))
        port: int = found.getsockname()[1]
    return port


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that is only closing is free
        try:
            tried.bind((host, port))
        except OSError:
            return False
    return True
