"""One browser that watches one camera: what it was sent, what it was spared, and when it must go.

Runs on the gateway's loop. Fragments are written to the connection's transport in a plain call: no queue of our own and
no task a fragment. The transport's buffer is the queue; it is bounded here, in units and in bytes. Never awaits.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from enum import StrEnum
from struct import pack
from typing import Protocol

from hub.contracts.ticket import Ticket

_TEXT, _BINARY = 0x81, 0x82  # FIN and the opcode, RFC 6455 5.2; a server does not mask


class End(StrEnum):
    """Why a viewing ended; the browser is told the word and the close code 4000 + its place here."""

    REVOKED = "revoked"
    CAMERA_REMOVED = "camera_removed"
    TICKET = "ticket"
    LIVE_OFF = "live_off"
    NO_CONSENT = "no_consent"
    CAMERA_OFFLINE = "camera_offline"
    GATEWAY_STOPPING = "gateway_stopping"
    LIMIT = "limit"
    UNPLAYABLE = "unplayable"  # this browser cannot play it by WebRTC; by MSE it may
    TRANSCODE_LIMIT = "transcode_limit"
    UPLINK_FULL = "uplink_full"

    @property
    def close_code(self) -> int:
        """4000 and on: the private range of RFC 6455 7.4.2."""
        return 4000 + list(End).index(self)


class Watcher(Protocol):
    """Whoever watches, by whatever way: what the register and the manager know of it."""

    @property
    def ticket(self) -> Ticket:
        """Its right to look."""
        ...

    @property
    def frames_sent(self) -> int:
        """So far."""
        ...

    @property
    def frames_dropped(self) -> int:
        """That it was spared."""
        ...

    @property
    def last_captured_at_us(self) -> int:
        """When the last one that was sent was captured."""
        ...

    def end(self, why: End) -> None:
        """Make it go."""
        ...


class Wire(Protocol):
    """What is needed of an asyncio transport."""

    def write(self, data: bytes) -> None:
        """Send or buffer; never blocks."""
        ...

    def get_write_buffer_size(self) -> int:
        """Bytes not yet taken by the kernel."""
        ...

    def is_closing(self) -> bool:
        """Whether it is closed or about to be."""
        ...


def binary_frame(*parts: bytes) -> bytes:
    """One unmasked binary WebSocket message."""
    return _frame(_BINARY, *parts)


def text_frame(message: dict[str, object]) -> bytes:
    """One unmasked text WebSocket message: `message` as JSON."""
    return _frame(_TEXT, json.dumps(message, separators=(",", ":")).encode())


class Viewer:
    """The sending half of one live WebSocket.

    Full (`limit_units` live units or `limit_bytes` not yet taken by the kernel), it skips to a keyframe that finds at
    most half of that waiting, and tells the browser how many frames it was spared.
    """

    __slots__ = (
        "_behind_loss",
        "_in_flight",
        "_limit_bytes",
        "_limit_units",
        "_skipped",
        "_skipping",
        "_wire",
        "_written",
        "ended",
        "frames_dropped",
        "frames_sent",
        "hears",
        "last_captured_at_us",
        "plays",
        "ticket",
    )

    def __init__(self, ticket: Ticket, wire: Wire, limit_units: int, limit_bytes: int) -> None:
        self.ticket = ticket
        self.plays = frozenset({"h264"})  # what the browser can play
        self.hears = False  # whether it is given the camera's sound
        self.ended: asyncio.Future[End] = asyncio.get_running_loop().create_future()
        self.frames_sent = 0
        self.frames_dropped = 0
        self.last_captured_at_us = 0
        self._wire = wire
        self._limit_units = limit_units
        self._limit_bytes = limit_bytes
        self._written = 0
        self._in_flight: deque[int] = deque()  # for each live unit, `_written` after it
        self._skipping = True  # until the first keyframe
        self._behind_loss = False  # what came before the newest keyframe was not sent
        self._skipped = 0

    def text(self, **message: object) -> None:
        """A word to the browser."""
        self._write(text_frame(message))

    def begin(self, gop: list[bytes], complete: bool, captured_at_us: int) -> None:
        """The kept GOP at once; not `complete`: a still picture until the next keyframe."""
        if gop:
            self._write(b"".join(gop))
            self.frames_sent += len(gop)
            self.last_captured_at_us = captured_at_us
            self._skipping = not complete

    def restart(self, opening: bytes) -> None:
        """New parameters: what follows starts with a keyframe."""
        self._skipping = True
        self._write(opening)

    def push(self, frame: bytes, keyframe: bool, captured_at_us: int, refers_back: bool = False) -> None:
        """One live fragment, already framed; skipped and counted where the browser is slow. None after its end.

        So is what `refers_back` to pictures that were skipped: a browser that decodes it shows grey, or gives up.
        """
        if self.ended.done():
            return
        wire = self._wire
        in_flight = self._in_flight
        waiting = wire.get_write_buffer_size()
        if waiting:
            taken = self._written - waiting
            while in_flight and in_flight[0] <= taken:
                in_flight.popleft()
        elif in_flight:
            in_flight.clear()
        if self._skipping:
            if not keyframe or len(in_flight) * 2 > self._limit_units or waiting * 2 > self._limit_bytes:
                self._skip()
                return
            self._resume()
            self._behind_loss = True
        elif len(in_flight) >= self._limit_units or waiting > self._limit_bytes:
            self._skipping = True
            self._skip()
            return
        elif self._behind_loss:
            if refers_back:
                self._skip()
                return
            self._behind_loss = not keyframe
        if wire.is_closing():
            return
        wire.write(frame)
        self._written += len(frame)
        in_flight.append(self._written)
        self.frames_sent += 1
        self.last_captured_at_us = captured_at_us

    def push_sound(self, frame: bytes) -> None:
        """A fragment of sound, already framed: it goes with the pictures, and is lost where they are skipped."""
        if not self._skipping and not self.ended.done() and self._wire.get_write_buffer_size() <= self._limit_bytes:
            self._write(frame)

    def end(self, why: End) -> None:
        """Make it go; the first reason stands. Its handler says goodbye."""
        if not self.ended.done():
            self.ended.set_result(why)

    def _skip(self) -> None:
        if self.frames_sent:  # waiting for the first picture is no loss
            self._skipped += 1
            self.frames_dropped += 1

    def _resume(self) -> None:
        self._skipping = False
        if self._skipped:
            self.text(type="dropped", frames=self._skipped)
            self._skipped = 0

    def _write(self, data: bytes) -> None:
        if not self._wire.is_closing():
            self._wire.write(data)
            self._written += len(data)


def _frame(first: int, *parts: bytes) -> bytes:
    size = sum(map(len, parts))
    if size < 126:
        header = pack(">BB", first, size)
    elif size < 65_536:
        header = pack(">BBH", first, 126, size)
    else:
        header = pack(">BBQ", first, 127, size)
    return b"".join((header, *parts))
