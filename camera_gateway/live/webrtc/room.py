"""One camera's packets to all who watch it by WebRTC: cut once, however many they are, and only while there are any.

Runs on the gateway's loop as a listener of the camera's stream, beside the broadcast of fragments. A picture drawn anew
comes with the sound of its camera. Never decodes, never awaits.
"""

from __future__ import annotations

from typing import Final

from camera_gateway.live.viewer import End
from camera_gateway.live.webrtc.cut_gop import CutGop
from camera_gateway.live.webrtc.packets import audio_frame
from camera_gateway.live.webrtc.timeline import Timeline
from camera_gateway.live.webrtc.viewer import PacketViewer
from camera_gateway.sources.base import AccessUnit, AudioFormat, AudioUnit, VideoFormat
from camera_gateway.stream import Stream

_SOUNDS: Final = ("pcma", "pcmu")


class PacketRoom:
    """The WebRTC viewers of one camera."""

    def __init__(self, stream: Stream, heard: Stream | None = None) -> None:
        """Pictures of `stream`, sound of `heard`; None: of the same."""
        self._stream = stream
        self._heard = heard or stream
        self._gop = CutGop(stream, shown_times=False)
        self._sound: AudioFormat | None = None
        self._sound_line = Timeline(8_000)
        self._dropped = 0  # of viewers who left
        self.viewers: tuple[PacketViewer, ...] = ()

    @property
    def frames_dropped(self) -> int:
        """That all viewers so far were spared."""
        return self._dropped + sum(viewer.frames_dropped for viewer in self.viewers)

    @property
    def has_b_frames(self) -> bool:
        """Whether pictures come in another order than they are shown, which no browser plays by WebRTC."""
        return any(unit.presentation_offset for unit in self._stream.gop)

    def join(self, viewer: PacketViewer) -> None:
        """Cut packets from now on; the viewer sees nothing until `show`."""
        if not self.viewers:
            self._start()
        self.viewers = (*self.viewers, viewer)

    def show(self, viewer: PacketViewer) -> None:
        """Its connection stands: the kept GOP now and everything from the next unit on."""
        if viewer in self.viewers:
            viewer.begin(self._gop.frames, self._stream.gop_complete)

    def leave(self, viewer: PacketViewer) -> None:
        """Show it nothing more; with the last one cutting stops and its copy of the GOP goes."""
        if viewer not in self.viewers:
            return
        self.viewers = tuple(one for one in self.viewers if one is not viewer)
        self._dropped += viewer.frames_dropped
        if not self.viewers:
            self._stream.detach(self)
            self._heard.unhear(self)
            self._gop.forget()

    def end(self, why: End) -> None:
        """All must go."""
        for viewer in self.viewers:
            viewer.end(why)

    def on_format(self, fmt: VideoFormat) -> None:
        """Other parameters: they travel with the next keyframe. A viewer whose browser cannot decode them goes."""
        self._gop.forget()
        for viewer in self.viewers:
            if fmt.codec not in viewer.payload_types:
                viewer.end(End.UNPLAYABLE)

    def on_unit(self, unit: AccessUnit) -> None:
        """Cut it once, push it to each."""
        stream = self._stream
        if stream.fmt is None:
            return
        if unit.presentation_offset:
            self.end(End.UNPLAYABLE)
            return
        frame = self._gop.take(unit, stream.fmt.codec)
        for viewer in self.viewers:
            viewer.push(frame)

    def on_audio_format(self, fmt: AudioFormat) -> None:
        """What sound comes; G.711 is passed through, anything else is not for WebRTC."""
        self._sound = fmt
        if fmt.sample_rate_hz != 8_000 or fmt.channels != 1 or fmt.codec not in _SOUNDS:
            self._sound = None

    def on_audio(self, unit: AudioUnit) -> None:
        """A packet of sound to those who may hear it."""
        if self._sound is None or not unit.data:
            return
        stamp = self._sound_line.at(unit.media_time, unit.captured_at_us, self._heard.connection)
        frame = audio_frame(self._sound.codec, stamp, unit.captured_at_us, unit.data)
        for viewer in self.viewers:
            if viewer.audio:
                viewer.push_audio(frame)

    def _start(self) -> None:
        self._stream.attach(self)
        self._heard.hear(self)
        self._sound_line = Timeline(8_000)
        self._sound = None
        if self._heard.audio_fmt is not None:  # the source has said so before anybody listened
            self.on_audio_format(self._heard.audio_fmt)
        self._gop.begin()
