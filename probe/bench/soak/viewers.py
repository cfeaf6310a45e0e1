"""Viewers that come and go, in a process of their own: MSE sockets opened with tickets of ours, and snapshots.

`python -m probe.bench.soak.viewers ADDRESS KEY_FILE CAMERAS VIEWERS` is the child, one task a viewer; asked anything,
it answers with its counts. Some say goodbye, some are cut off, some stop reading first; nothing of a picture is kept.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Final

import aiohttp

from hub.clock import SystemClock
from hub.contracts.ticket import Ticket, TicketAction
from hub.ids import new_id
from hub.secrets import MasterKey
from hub.tickets import TicketSigner
from probe.bench.hub_under_test import camera_id
from probe.bench.json_child import Answer, serve

_STAYS_S: Final = (2.0, 30.0)
_PAUSES_S: Final = (0.2, 3.0)
_FREEZES_S: Final = 4.0
_SNAPSHOTS: Final = 0.15  # of the looks
_ANSWER_S: Final = 20.0


class Viewers:
    """The child's side."""

    def __init__(self, address: str, key: MasterKey, cameras: int) -> None:
        self.counts: Counter[str] = Counter()
        self._address, self._cameras = address, cameras
        self._clock = SystemClock()
        self._signer = TicketSigner(key.derive(b"tickets"), self._clock)
        self._random = random.Random()  # noqa: S311 - who looks at what guards nothing

    async def look(self, number: int, http: aiohttp.ClientSession) -> None:
        """One person, for ever."""
        while True:
            try:
                async with asyncio.timeout(_STAYS_S[1] + _ANSWER_S):
                    if self._random.random() < _SNAPSHOTS:
                        await self._snapshot(number, http)
                    else:
                        await self._watch(number, http)
            except (aiohttp.ClientError, OSError, TimeoutError):  # its camera or the gateway's Redis is away
                self.counts["failed"] += 1
            await asyncio.sleep(self._random.uniform(*_PAUSES_S))

    async def answer(self, asked: Answer) -> dict[str, object]:
        """The counts."""
        return dict(self.counts)

    def _url(self, number: int, path: str, action: TicketAction) -> str:
        camera = camera_id(self._random.randrange(self._cameras))
        now = self._clock.now()
        ticket = Ticket(
            ticket_id=new_id("tkt", now),
            user_id=f"usr_{number}",
            camera_id=camera,
            action=action,
            purpose="wall",
            expires_at=now + timedelta(seconds=60),
        )
        return f"{self._address}{path.format(camera)}?ticket={self._signer.sign(ticket)}"

    async def _snapshot(self, number: int, http: aiohttp.ClientSession) -> None:
        async with http.get(self._url(number, "/snapshot/{}.jpg", TicketAction.SNAPSHOT)) as answer:
            self.counts["snapshots" if answer.status == 200 else "snapshots_refused"] += 1
            await answer.read()

    async def _watch(self, number: int, http: aiohttp.ClientSession) -> None:
        url = self._url(number, "/mse/{}", TicketAction.LIVE)
        async with http.ws_connect(url, max_msg_size=0, autoclose=True) as socket:
            self.counts["opened"] += 1
            until = self._clock.monotonic() + self._random.uniform(*_STAYS_S)
            while self._clock.monotonic() < until:
                message = await socket.receive(timeout=_ANSWER_S)
                if message.type is aiohttp.WSMsgType.BINARY:
                    self.counts["fragments"] += 1
                elif message.type is not aiohttp.WSMsgType.TEXT:
                    self.counts["ended_by_gateway"] += 1
                    return
            manner = self._random.random()
            if manner < 0.3:
                await asyncio.sleep(_FREEZES_S)  # reads nothing: the gateway must drop and not keep
            if manner < 0.6:
                connection = socket._response.connection  # noqa: SLF001 - a cut line has no public name
                if connection is not None and connection.transport is not None:
                    connection.transport.abort()


async def _run(address: str, key_file: Path, cameras: int, viewers: int) -> None:
    looking = Viewers(address, MasterKey.load(key_file), cameras)
    async with aiohttp.ClientSession() as http:
        tasks = [asyncio.create_task(looking.look(number, http)) for number in range(viewers)]
        await serve({}, looking.answer)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(_run(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])))
