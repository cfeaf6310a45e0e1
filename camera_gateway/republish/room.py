"""One camera's packets to all partners that pull it: cut once, however many they are, and only while there are any.

Runs on the gateway's loop as a listener of the camera's stream, beside those of browsers. Pictures only: it is no
listener of sound. Never decodes, never awaits.
"""

from __future__ import annotations

from camera_gateway.live.viewer import End
from camera_gateway.live.webrtc.cut_gop import CutGop
from camera_gateway.live.webrtc.packets import Frame
from camera_gateway.republish.reader import PartnerReader
from camera_gateway.sources.base import AccessUnit, VideoFormat
from camera_gateway.stream import Stream


class PartnerRoom:
    """The partners' players at one camera."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._gop = CutGop(stream, shown_times=True)
        self._dropped = 0  # of readers who left
        self.readers: tuple[PartnerReader, ...] = ()

    @property
    def fmt(self) -> VideoFormat | None:
        """What comes; None while that is not known."""
        return self._stream.fmt

    @property
    def frames_dropped(self) -> int:
        """That all readers so far were spared."""
        return self._dropped + sum(reader.frames_dropped for reader in self.readers)

    @property
    def first(self) -> Frame | None:
        """What the next reader begins with."""
        return self._gop.frames[0] if self._gop.frames else None

    def join(self, reader: PartnerReader) -> None:
        """Cut packets from now on; the reader gets nothing until `show`."""
        if not self.readers:
            self._start()
        self.readers = (*self.readers, reader)

    def show(self, reader: PartnerReader) -> None:
        """The kept GOP now and everything from the next unit on."""
        reader.begin(self._gop.frames, self._stream.gop_complete)

    def leave(self, reader: PartnerReader) -> None:
        """Nothing more to it; with the last one cutting stops and its copy of the GOP goes."""
        if reader not in self.readers:
            return
        self.readers = tuple(one for one in self.readers if one is not reader)
        self._dropped += reader.frames_dropped
        if not self.readers:
            self._stream.detach(self)
            self._gop.forget()

    def on_format(self, fmt: VideoFormat) -> None:
        """Other parameters travel with the next keyframe; another codec was not described: those go and come again."""
        self._gop.forget()
        for reader in self.readers:
            if fmt.codec == reader.codec:
                reader.restart()
            else:
                reader.end(End.UNPLAYABLE)

    def on_unit(self, unit: AccessUnit) -> None:
        """Cut it once, push it to each."""
        stream = self._stream
        if stream.fmt is None:
            return
        frame = self._gop.take(unit, stream.fmt.codec)
        for reader in self.readers:
            reader.push(frame)

    def _start(self) -> None:
        self._stream.attach(self)
        self._gop.begin()
