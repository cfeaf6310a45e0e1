"""One camera's live packets: the kept GOP, and everybody who listens.

Runs on the gateway's one loop and is touched by nothing else. Pushing a unit costs microseconds, makes no task and
awaits nothing: a listener gets the unit in a plain call and must return at once. Never decodes, never looks at a clock.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol

from camera_gateway.sources.base import AccessUnit, AudioFormat, AudioUnit, VideoFormat


class Listener(Protocol):
    """Who wants each unit; both calls are synchronous, cheap, and never raise."""

    def on_format(self, fmt: VideoFormat) -> None:
        """The parameters changed; the next unit is a keyframe."""
        ...

    def on_unit(self, unit: AccessUnit) -> None:
        """One access unit, in the order of decoding."""
        ...


class Hearer(Protocol):
    """Who wants the sound; both calls are synchronous, cheap, and never raise."""

    def on_audio_format(self, fmt: AudioFormat) -> None:
        """Sound begins, or is another. Who comes later reads `Stream.audio_fmt`."""
        ...

    def on_audio(self, unit: AudioUnit) -> None:
        """In the order in which it was sent. Its time and the pictures' meet in `captured_at_us` alone."""
        ...


class Stream:
    """A camera's packets while it is pulled; the `Sink` that its source pushes into.

    Keeps the units since the last keyframe, at most `gop_max_bytes`: a GOP that grows beyond keeps its keyframe only
    (`gop_complete` is then False: what follows it cannot be decoded from what is kept).
    """

    __slots__ = (
        "_gop_bytes",
        "_gop_max_bytes",
        "_hearers",
        "_listeners",
        "_taking",
        "audio_fmt",
        "audio_units",
        "bytes",
        "connection",
        "fmt",
        "gop",
        "gop_complete",
        "keyframes",
        "units",
        "wants_audio",
    )

    def __init__(self, gop_max_bytes: int) -> None:
        self._gop_max_bytes = gop_max_bytes
        self._gop_bytes = 0
        self._listeners: tuple[Listener, ...] = ()
        self._hearers: tuple[Hearer, ...] = ()
        self._taking = True
        self.wants_audio = False  # set by the owner before a connection; none is asked of the camera else
        self.audio_fmt: AudioFormat | None = None  # None: there is no sound now
        self.audio_units = 0
        self.fmt: VideoFormat | None = None
        self.gop: list[AccessUnit] = []
        self.gop_complete = True
        self.connection = 0  # grows with each end of a source: media times of two connections do not continue
        self.units = 0
        self.keyframes = 0
        self.bytes = 0

    def on_format(self, fmt: VideoFormat) -> None:
        """The source knows its parameters, or they changed: what was kept belongs to the old ones."""
        if fmt == self.fmt or not self._taking:
            return
        self.forget()
        self.fmt = fmt
        for listener in self._listeners:
            listener.on_format(fmt)

    def on_unit(self, unit: AccessUnit) -> None:
        """Keep it, count it, hand it on."""
        if not self._taking:
            return
        size = len(unit.data)
        self.units += 1
        self.bytes += size
        if unit.keyframe:
            self.keyframes += 1
            self.gop = [unit]
            self._gop_bytes = size
            self.gop_complete = True
        elif self.gop_complete and self.gop:
            self._gop_bytes += size
            if self._gop_bytes <= self._gop_max_bytes:
                self.gop.append(unit)
            else:
                self.gop = self.gop[:1]
                self.gop_complete = False
        for listener in self._listeners:
            listener.on_unit(unit)

    def on_audio_format(self, fmt: AudioFormat) -> None:
        """Sound begins."""
        if self._taking and self.wants_audio:
            self.audio_fmt = fmt
            for hearer in self._hearers:
                hearer.on_audio_format(fmt)

    def on_audio(self, unit: AudioUnit) -> None:
        """Hand it on; none is kept."""
        if self.audio_fmt is None or not self._taking or not self.wants_audio:
            return
        self.audio_units += 1
        for hearer in self._hearers:
            hearer.on_audio(unit)

    def begin(self) -> None:
        """A connection starts."""
        self._taking = True

    def end(self) -> None:
        """The connection is over: what still comes of it is refused, and the next one does not continue this GOP.

        The keyframe stays for a snapshot.
        """
        self._taking = False
        self.audio_fmt = None
        self.connection += 1
        self.gop = self.gop[:1]
        self.gop_complete = False

    def forget(self) -> None:
        """Keep no picture: the owner's consent ended, the camera was switched off, or its parameters changed."""
        self.fmt = None
        self.gop = []
        self._gop_bytes = 0
        self.gop_complete = True

    @property
    def watched(self) -> bool:
        """Whether somebody beside the tap listens: a live picture should not wait (`Watched`)."""
        return len(self._listeners) > 1

    @property
    def keyframe(self) -> AccessUnit | None:
        """The newest one, however old."""
        return self.gop[0] if self.gop else None

    def attach(self, listener: Listener) -> None:
        """Listen from the next unit on; the kept GOP is the listener's own to read."""
        self._listeners = (*self._listeners, listener)

    def detach(self, listener: Listener) -> None:
        """Listen no more; harmless when it did not."""
        self._listeners = tuple(one for one in self._listeners if one is not listener)

    def hear(self, hearer: Hearer) -> None:
        """Hear its sound from the next unit on."""
        self._hearers = (*self._hearers, hearer)

    def unhear(self, hearer: Hearer) -> None:
        """Hear no more; harmless when it did not."""
        self._hearers = tuple(one for one in self._hearers if one is not hearer)


class Reader:
    """A listener for those who await: a queue of at most `limit` units.

    Full, it throws away what it holds and all that comes until the next keyframe, and counts it: whoever reads slowly
    gets fewer pictures, never broken ones, and holds nobody up.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._units: deque[AccessUnit] = deque()
        self._arrived = asyncio.Event()
        self._until_keyframe = False
        self.dropped = 0

    def on_format(self, fmt: VideoFormat) -> None:
        """Units of the old parameters are still decodable in order; nothing to do."""

    def on_unit(self, unit: AccessUnit) -> None:
        """Queue it, or drop."""
        if unit.keyframe:
            self._until_keyframe = False
        if self._until_keyframe:
            self.dropped += 1
            return
        if len(self._units) >= self._limit:
            self.dropped += len(self._units)
            self._units.clear()
            if not unit.keyframe:
                self.dropped += 1
                self._until_keyframe = True
                return
        self._units.append(unit)
        self._arrived.set()

    async def next(self) -> AccessUnit:
        """The oldest unit not yet read; waits for one."""
        while not self._units:
            self._arrived.clear()
            await self._arrived.wait()
        return self._units.popleft()
