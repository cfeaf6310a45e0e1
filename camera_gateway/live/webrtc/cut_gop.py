"""The kept GOP of one camera as packets, and each new picture cut once: what a room of viewers is fed with.

Called on the gateway's loop by the room that owns it. Never decodes, never awaits, knows no viewer.
"""

from __future__ import annotations

from typing import Final

from camera_gateway.live.webrtc.packets import Frame, video_frame
from camera_gateway.live.webrtc.timeline import Timeline
from camera_gateway.sources.base import AccessUnit
from camera_gateway.stream import Stream

VIDEO_RATE_HZ: Final = 90_000


class CutGop:
    """`frames` is what a viewer begins with. `shown_times`: RTP times are those of showing, as RFC 6184 has it for
    B-frames; else those of decoding, where no picture comes out of order."""

    def __init__(self, stream: Stream, *, shown_times: bool) -> None:
        self.frames: list[Frame] = []
        self._stream = stream
        self._shown_times = shown_times
        self._line = Timeline(VIDEO_RATE_HZ)

    def begin(self) -> None:
        """Cut what the stream keeps, on a line of times of its own."""
        stream = self._stream
        self._line = Timeline(VIDEO_RATE_HZ)
        self.frames = [self._cut(unit, stream.fmt.codec) for unit in stream.gop] if stream.fmt else []

    def take(self, unit: AccessUnit, codec: str) -> Frame:
        """The newest picture of the stream, kept as the stream keeps it."""
        frame = self._cut(unit, codec)
        if unit.keyframe:
            self.frames = [frame]
        elif self._stream.gop_complete:
            self.frames.append(frame)
        elif len(self.frames) > 1:
            del self.frames[1:]
        return frame

    def forget(self) -> None:
        """Keep nothing: nobody is there, or other parameters come."""
        self.frames = []

    def _cut(self, unit: AccessUnit, codec: str) -> Frame:
        stamp = self._line.at(unit.media_time, unit.captured_at_us, self._stream.connection)
        return video_frame(unit, codec, stamp + unit.presentation_offset if self._shown_times else stamp)
