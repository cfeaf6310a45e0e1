"""The work on topic `viewings`: the gateway's word becomes lines of the access register."""

from __future__ import annotations

from collections.abc import Sequence

from hub import log
from hub.contracts.viewing import Viewing
from hub.errors import HubError
from patrol_console.db import Database
from patrol_console.register import service

logger = log.get("patrol_console.register")


class Register:
    """Writes batches; moments may come twice and in any order."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def write(self, viewings: Sequence[Viewing]) -> None:
        """Write these; committed when it returns. One of a camera never ours is passed over."""
        async with self._database.writing() as session:
            for viewing in sorted(viewings, key=lambda each: (each.ticket_id, each.at)):
                try:
                    await service.write(session, viewing)
                except HubError as error:
                    logger.error("viewing.given_up", ticket_id=viewing.ticket_id, code=error.code)
