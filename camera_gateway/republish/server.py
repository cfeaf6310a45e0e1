"""The RTSP port of the partner units: who is connected, how many may be, and what is withdrawn ends.

Runs on the gateway's loop: a task a connection, and one that looks four times a second whether each open picture is
still allowed. What is allowed stands in the cameras' specs; the console need not be there.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Mapping
from typing import Final

from camera_gateway.camera import Camera
from camera_gateway.republish.connection import Connection
from camera_gateway.republish.guesses import Guesses
from camera_gateway.republish.showing import Surroundings, shared_with
from hub import log
from hub.contracts.share import DigestAlgorithm, PartnerShare, seal_context
from hub.errors import ErrorKind, HubError
from hub.secrets import MasterKey

logger = log.get("camera_gateway.republish")

REVIEW_S: Final = 0.25
MOST_CONNECTIONS: Final = 512
MOST_STRANGERS: Final = 64  # without a login
MOST_STRANGERS_OF_ONE_ADDRESS: Final = 32  # a platform opens its whole subset at once
_GOODBYE_S: Final = 1.0


class Republisher:
    """All connections of partners. Listens between `listen` and `close`, not at all where the port is 0."""

    def __init__(self, around: Surroundings, cameras: Mapping[str, Camera], key: MasterKey) -> None:
        self.refused = 0  # connections, for want of room
        self._around = around
        self._cameras = cameras
        self._key = key
        self._guesses = Guesses(around.clock.monotonic)
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], tuple[Connection, str]] = {}

    @property
    def connections(self) -> int:
        """Now."""
        return len(self._connections)

    @property
    def port(self) -> int:
        """That it listens on; 0: none."""
        return self._server.sockets[0].getsockname()[1] if self._server is not None and self._server.sockets else 0

    async def listen(self) -> None:
        """Raises HubError CONFLICT `camera_gateway.republish_port_taken`."""
        settings = self._around.settings
        if not settings.republish_port:
            return
        host, port = settings.republish_host or settings.host, settings.republish_port
        try:
            self._server = await asyncio.start_server(self._connected, host, port, limit=4_096)
        except OSError as error:
            raise HubError(ErrorKind.CONFLICT, "camera_gateway.republish_port_taken", host=host, port=port) from error
        logger.info("republish.listens", host=host, port=port)

    async def run(self) -> None:
        """Review for ever."""
        errors = log.RepeatedErrors(logger, self._around.clock)
        while True:
            for connection, _ in tuple(self._connections.values()):
                try:
                    connection.review()
                except Exception as error:  # noqa: BLE001 - one connection must not keep what is withdrawn from the others open
                    errors.error("republish.review_broken", repr(error), error=repr(error))
            await self._around.clock.sleep(REVIEW_S)

    async def close(self) -> None:
        """Nobody is let in, everybody goes; at most about a second."""
        if self._server is not None:
            self._server.close()
        tasks = set(self._connections)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_GOODBYE_S)

    async def _connected(self, reading: asyncio.StreamReader, writing: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        peer = writing.get_extra_info("peername")
        address = str(peer[0]) if peer else ""
        if task is None or not self._has_room(address):
            self.refused += 1
            writing.transport.abort()
            return
        around = self._around
        connection = Connection((reading, writing), address, around, self._guesses, self._find, self._open)
        self._connections[task] = connection, address
        try:
            await connection.serve()
        except Exception as error:  # noqa: BLE001 - the top of a connection: it ends, the others go on
            logger.error("republish.broken", address=address, error=repr(error))
        finally:
            del self._connections[task]

    def _has_room(self, address: str) -> bool:
        strangers = [one for connection, one in self._connections.values() if connection.share is None]
        return (
            len(self._connections) < MOST_CONNECTIONS
            and len(strangers) < MOST_STRANGERS
            and strangers.count(address) < MOST_STRANGERS_OF_ONE_ADDRESS
        )

    def _find(self, username: str) -> PartnerShare | None:
        """The unit of that name. All are looked through, found or not."""
        found: PartnerShare | None = None
        wanted = username.encode()
        for camera in self._cameras.values():
            for share in camera.spec.shares:
                if hmac.compare_digest(share.username.encode(), wanted) and shared_with(camera.spec, share):
                    found = share
        return found

    def _open(self, share: PartnerShare, algorithm: DigestAlgorithm) -> str:
        try:
            return self._key.open(share.sealed(algorithm), seal_context(share.unit_id, algorithm))
        except HubError as error:
            logger.error("republish.login_unreadable", unit_id=share.unit_id, code=error.code)
            return ""
