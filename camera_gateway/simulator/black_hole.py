"""A port that neither takes nor refuses a connection: the nearest to a cut line that one process can be without root.

Its accept queue is full and nobody empties it, so that the kernel (Linux, `tcp_abort_on_overflow` 0) drops each further
SYN without a word. Belongs to the fleet's event loop; holds three sockets and no task.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Final, Self

_TRIES: Final = 100
_FILLING: Final = 2  # a queue of length 0 holds one connection; the second knocks in vain already


class BlackHole:
    """`hole = await BlackHole.open(host, port)`, and the port is dark until `hole.close()`."""

    def __init__(self, sockets: list[socket.socket]) -> None:
        self._sockets = sockets

    @classmethod
    async def open(cls, host: str, port: int) -> Self:
        """Go dark at a port whose listener was just closed. Raises OSError where it stays taken."""
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sockets = [listening]
        try:
            await _bind(listening, host, port)
            listening.listen(0)
            for _ in range(_FILLING):
                filling = socket.socket()
                sockets.append(filling)
                filling.setblocking(False)
                filling.connect_ex((host, port))
        except BaseException:
            for one in sockets:
                one.close()
            raise
        return cls(sockets)

    def close(self) -> None:
        """The port is free again."""
        for one in self._sockets:
            one.close()
        self._sockets = []


async def _bind(listening: socket.socket, host: str, port: int) -> None:
    """The loop closes the listener before us at its next turn, not at once."""
    for tries_left in reversed(range(_TRIES)):
        try:
            listening.bind((host, port))
        except OSError:
            if not tries_left:
                raise
            await asyncio.sleep(0.01)
        else:
            return
