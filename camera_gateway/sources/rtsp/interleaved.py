"""Cuts one TCP connection into RTP packets and RTSP messages (RFC 2326, 10.12), on the camera's event loop.

Packets are handed on as a place in the chunk that was read, not copied; nothing here knows what they hold. Finds its
way back after junk; refuses what has no bound. Never awaits, never starts a task.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Final, cast

from camera_gateway.sources.rtsp.message import HEAD_MAX_BYTES, Message, parse_head
from hub.errors import ErrorKind, HubError

JUNK_MAX_BYTES: Final = 1_048_576  # so much without one good packet is no camera
_DOLLAR: Final = 0x24
_EMPTY: Final = b"\x00\x00"
_LONGEST_MARK: Final = 16
_METHODS: Final = (
    rb"(?:OPTIONS|ANNOUNCE|REDIRECT|DESCRIBE|GET_PARAMETER|SET_PARAMETER|TEARDOWN|PLAY_NOTIFY) [\x21-\x7e]"
)
_MESSAGE: Final = re.compile(rb"RTSP/\d|" + _METHODS)
_HEAD_END: Final = re.compile(rb"\r?\n\r?\n")
_HEAD_END_BYTES: Final = 4
_FOREIGN: Final = ((b"HTTP/", "HTTP"), (b"SSH-", "SSH"), (b"\x15\x03", "TLS"), (b"220", "FTP/SMTP"), (b"<", "HTML"))

PacketTaker = Callable[[bytes, int, int], None]


def _nobody(_: object) -> None:
    """Who is told after the end."""


class InterleavedProtocol(asyncio.Protocol):
    """The bytes of one connection. Everything is called on the loop that reads it.

    `on_media`/`on_control` get (chunk, start, end) of an RTP/RTCP packet within a chunk of immutable bytes;
    `on_message` gets each RTSP message; `on_end` is called once, with the HubError that ended it, or None when the
    camera closed.
    """

    def __init__(self, on_message: Callable[[Message], None], on_end: Callable[[HubError | None], None]) -> None:
        self._on_message = on_message
        self._on_end = on_end
        self._on_media: PacketTaker | None = None
        self._on_control: PacketTaker | None = None
        self._media_channel = -1
        self._control_channel = -1
        self._more: dict[int, PacketTaker] = {}  # of further tracks, and of control where media comes by UDP
        self._mark = _MESSAGE  # where sense may begin again after junk
        self._rest = bytearray()  # the beginning of what has not come whole; at most one frame or message
        self._need = 0  # bytes that must be there before another look; 0: nothing is kept
        self._looked = 0  # bytes of the message that is kept in which its head does not end: not to be searched again
        self._junk = 0  # bytes of junk since the last thing understood
        self._messages = 0
        self._ended = False
        self._glancing = False
        self.transport: asyncio.Transport | None = None
        self.on_chunk: Callable[[asyncio.Transport], None] | None = None  # after each chunk, when it was taken whole
        self.junk_bytes = 0
        self.foreign_packets = 0  # on channels that are not ours: another session's, another track's

    def take_media(self, channel: int, control_channel: int, on_media: PacketTaker, on_control: PacketTaker) -> None:
        """From now on hand packets of these channels on; others are counted and passed over."""
        self._media_channel, self._control_channel = channel, control_channel
        self._on_media, self._on_control = on_media, on_control
        self._mark_ours()

    def take_more(self, channel: int, control_channel: int, on_media: PacketTaker, on_control: PacketTaker) -> None:
        """Hand on the packets of a further track too. The first track's are found faster."""
        self._more[channel], self._more[control_channel] = on_media, on_control
        self._mark_ours()

    @property
    def channels(self) -> set[int]:
        """Those in use."""
        return {self._media_channel, self._control_channel, *self._more} - {-1}

    def glance(self, look: PacketTaker) -> None:
        """Show the next media packet to `look` too; costs nothing between."""
        taker = self._on_media
        if taker is None or self._glancing:
            return
        self._glancing = True

        def both(data: bytes, start: int, end: int) -> None:
            if self._glancing:
                self._glancing = False
                look(data, start, end)
                if self._on_media is both:
                    self._on_media = taker
            taker(data, start, end)

        self._on_media = both

    def drop_media(self) -> None:
        """From now on nothing is handed on: what still comes during the goodbye must reach nobody."""
        self._media_channel = self._control_channel = -1
        self._on_media = self._on_control = None
        self._more.clear()

    def part(self) -> None:
        """Its connection is closed: nothing is told to anybody, and nobody is held by it, any more."""
        self._ended = True
        self._rest.clear()
        self.drop_media()
        self._on_message = self._on_end = _nobody
        self.on_chunk = None

    def _mark_ours(self) -> None:
        ours = b"|".join(re.escape(bytes((channel,))) for channel in sorted(self.channels))
        self._mark = re.compile(rb"\$(?:" + ours + rb")..[\x80-\xbf]|RTSP/\d|" + _METHODS, re.DOTALL)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport for the owner."""
        self.transport = cast(asyncio.Transport, transport)  # uvloop's own is no subclass

    def connection_lost(self, exc: Exception | None) -> None:
        """The camera closed, or the network did."""
        self._end(None)

    def data_received(self, data: bytes) -> None:
        """A chunk. Packets are places in it, so it must never change: Windows' loop gives a bytearray."""
        if self._ended:
            return
        if type(data) is not bytes:
            data = bytes(data)
        if self._need:
            rest = self._rest
            rest += data
            if len(rest) < self._need:
                return
            data = bytes(rest)
            rest.clear()
            self._need = 0
        try:
            self._walk(data)
        except HubError as error:
            self._end(error)
        if self.on_chunk is not None and self.transport is not None:
            self.on_chunk(self.transport)

    def _walk(self, data: bytes) -> None:
        position, end = 0, len(data)
        channel, on_media = self._media_channel, self._on_media
        while end - position >= 5:
            # Every RTP and RTCP packet begins with version 2; anything else is junk that looks like a frame.
            if data[position] != _DOLLAR or (
                data[position + 4] & 0xC0 != 0x80 and data[position + 2 : position + 4] != _EMPTY
            ):
                position = self._text(data, position)
                if position < 0 or self._ended:
                    return
                channel, on_media = self._media_channel, self._on_media  # an answer may have opened them
                continue
            stop = position + 4 + (data[position + 2] << 8 | data[position + 3])
            if stop > end:
                self._keep(data, position, stop - position)
                return
            if data[position + 1] == channel and on_media is not None:
                on_media(data, position + 4, stop)
                if self._junk:
                    self._junk = 0
            elif data[position + 1] == self._control_channel and self._on_control is not None:
                self._on_control(data, position + 4, stop)
            elif (further := self._more.get(data[position + 1])) is not None:
                further(data, position + 4, stop)
            else:
                self.foreign_packets += 1
            position = stop
        if position < end:
            self._keep(data, position, 5)

    def _keep(self, data: bytes, position: int, need: int) -> None:
        self._rest += data[position:] if position else data
        self._need = need

    def _text(self, data: bytes, position: int) -> int:
        """Take an RTSP message or pass over junk; where to go on, or -1 when more must come first."""
        if not _MESSAGE.match(data, position):
            return self._resynchronise(data, position)
        head_end = _HEAD_END.search(data, position + self._looked, position + HEAD_MAX_BYTES)
        if head_end is None:
            if len(data) - position >= HEAD_MAX_BYTES:
                raise HubError(ErrorKind.PROTOCOL, "camera_gateway.answer_too_large")
            self._looked = max(0, len(data) - position - _HEAD_END_BYTES + 1)
            self._keep(data, position, len(data) - position + 1)
            return -1
        self._looked = 0
        head, body_bytes = parse_head(data[position : head_end.start()])
        stop = head_end.end() + body_bytes
        if stop > len(data):
            self._keep(data, position, stop - position)
            return -1
        self._messages += 1
        self._junk = 0
        self._on_message(Message(head.start_line, head.headers, data[head_end.end() : stop]))
        return stop

    def _resynchronise(self, data: bytes, position: int) -> int:
        if not self._messages:
            for beginning, what in _FOREIGN:
                if data.startswith(beginning, position):
                    raise HubError(ErrorKind.PROTOCOL, "camera_gateway.not_rtsp", what=what)
        found = self._mark.search(data, position)
        stop = found.start() if found else max(position, len(data) - _LONGEST_MARK)
        self._count_junk(stop - position)
        if found and stop > position:
            return stop
        if len(data) - stop <= _LONGEST_MARK and not found:  # the beginning of a mark may stand at the end
            self._keep(data, stop, _LONGEST_MARK + 1)
            return -1
        return stop + 1

    def _count_junk(self, count: int) -> None:
        self.junk_bytes += count
        self._junk += count
        if self._junk > JUNK_MAX_BYTES:
            raise HubError(ErrorKind.PROTOCOL, "camera_gateway.garbled")

    @property
    def understood(self) -> bool:
        """Whether at least one RTSP message has come."""
        return self._messages > 0

    def _end(self, error: HubError | None) -> None:
        if not self._ended:
            self._ended = True
            self._rest.clear()
            self._on_end(error)
