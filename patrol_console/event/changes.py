"""The changes of this console's browsers: who listens, and the last thousand for those who come back.

All on the event loop. A listener's queue is bounded; when it is full it is emptied and the listener is told that it
missed something, so a slow browser costs itself a reload and nobody memory.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pydantic import BaseModel

from patrol_console.event.notice import Notice

_QUEUE = 256  # about a second of the worst case, 200 alerts/s
_KEPT = 1000  # for Last-Event-ID, best effort
MOST_LISTENERS = 2000  # each browser has one; beyond, somebody is opening them for sport
MOST_OF_ONE_PERSON = 32  # so many browsers nobody has; the rest is others'


@dataclass(frozen=True, slots=True)
class Numbered:
    """A notice with its place in the outbox."""

    seq: int
    notice: Notice


@dataclass(slots=True, eq=False)
class Listener:
    """One browser's queue; `missed` says that it was emptied."""

    queue: asyncio.Queue[Numbered] = field(default_factory=lambda: asyncio.Queue(_QUEUE))
    missed: bool = False
    user_id: str = ""


class _Wire(BaseModel):
    origin: str
    seq: int
    notice: Notice


class Changes:
    """Hands each notice to all listeners of this process."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()
        self._kept: deque[Numbered] = deque(maxlen=_KEPT)
        self._origin = secrets.token_hex(8)
        self.stopping = asyncio.Event()

    @property
    def listeners(self) -> int:
        """How many browsers listen."""
        return len(self._listeners)

    def listeners_of(self, user_id: str) -> int:
        """How many of them are this person's."""
        return sum(listener.user_id == user_id for listener in self._listeners)

    def put(self, seq: int, notice: Notice) -> None:
        """Hand it on; never waits."""
        numbered = Numbered(seq, notice)
        if seq:  # 0: by the clock alone, of no transaction
            self._kept.append(numbered)
        for listener in self._listeners:
            if listener.queue.full():
                while not listener.queue.empty():
                    listener.queue.get_nowait()
                listener.missed = True
            listener.queue.put_nowait(numbered)

    def wire(self, seq: int, notice: Notice) -> bytes:
        """The notice as other consoles get it."""
        return _Wire(origin=self._origin, seq=seq, notice=notice).model_dump_json().encode()

    def put_wire(self, body: bytes) -> None:
        """A notice from a console (this one's own are known already). Raises ValueError for what is not one."""
        wire = _Wire.model_validate_json(body)
        if wire.origin != self._origin:
            self.put(wire.seq, wire.notice)

    def since(self, seq: int) -> list[Numbered] | None:
        """What came after `seq`; None where that is no longer known."""
        if not self._kept or seq < self._kept[0].seq - 1:
            return None
        return [kept for kept in self._kept if kept.seq > seq]

    @contextmanager
    def listening(self, user_id: str = "") -> Iterator[Listener]:
        """A listener for as long as the block lasts."""
        listener = Listener(user_id=user_id)
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    def stop(self) -> None:
        """End all streams; the process stops."""
        self.stopping.set()
