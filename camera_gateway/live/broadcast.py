"""One camera's picture to all who watch it: muxed once, however many they are, and only while there are any.

Runs on the gateway's loop as a listener of the camera's stream. Fragments are framed for the WebSocket here, so that a
viewer costs one write; who may hear the camera gets the same ones, and its sound between them (sound.py). Those who
watch by WebRTC and partners by RTSP have rooms of their own (`packets`, `partners`) and are counted and ended here with
the others. Never decodes, never awaits.
"""

from __future__ import annotations

from camera_gateway.live.fmp4 import Fragmenter, init_segment
from camera_gateway.live.fmp4_audio import CODEC
from camera_gateway.live.sound import Sound
from camera_gateway.live.viewer import End, Viewer, Watcher, binary_frame, text_frame
from camera_gateway.live.webrtc.room import PacketRoom
from camera_gateway.republish.room import PartnerRoom
from camera_gateway.sources.base import AccessUnit, AudioFormat, VideoFormat
from camera_gateway.stream import Stream


class Broadcast:
    """The viewers of one camera."""

    def __init__(self, stream: Stream, heard: Stream | None = None) -> None:
        """Pictures of `stream`, sound of `heard`; None: of the same."""
        self._stream = stream
        self._fragmenter = Fragmenter()
        self._connection = 0
        self._opening = b""  # init text and init segment; empty while the parameters are not known
        self._gop: list[bytes] = []
        self._stale = False
        self._dropped = 0  # of viewers who left
        self._viewers: tuple[Viewer, ...] = ()
        self.packets = PacketRoom(stream, heard)
        self.partners = PartnerRoom(stream)
        self._sound = Sound(heard or stream, self._reopen)
        self.drawn: tuple[Broadcast, ...] = ()  # the same camera drawn anew (transcode.py): they end and count with it

    @property
    def viewers(self) -> tuple[Watcher, ...]:
        """Who watches this picture, by whatever way."""
        return (*self._viewers, *self.packets.viewers, *self.partners.readers)

    @property
    def everyone(self) -> tuple[Watcher, ...]:
        """Who watches this camera, as it is or drawn anew."""
        return sum((one.viewers for one in self.drawn), self.viewers)

    @property
    def frames_dropped(self) -> int:
        """That all viewers so far were spared."""
        mine = self._dropped + sum(viewer.frames_dropped for viewer in self._viewers)
        mine += self.packets.frames_dropped + self.partners.frames_dropped
        return mine + sum(one.frames_dropped for one in self.drawn)

    def join(self, viewer: Viewer) -> None:
        """Show it the kept GOP now and everything from the next unit on."""
        if not self._viewers:
            self._start()
        if viewer.hears:
            self._sound.join(viewer)
        if self._opening:
            self._show(viewer)
        self._viewers = (*self._viewers, viewer)

    def leave(self, viewer: Viewer) -> None:
        """Show it nothing more; with the last one muxing stops and its copy of the GOP goes."""
        if viewer not in self._viewers:
            return
        self._viewers = tuple(one for one in self._viewers if one is not viewer)
        self._dropped += viewer.frames_dropped
        self._sound.leave(viewer)
        if not self._viewers:
            self._stream.detach(self)
            self._gop = []
            self._opening = b""

    def end(self, why: End) -> None:
        """All must go."""
        for viewer in self.everyone:
            viewer.end(why)

    def stale(self, since_ms: int) -> None:
        """No media for so long: the picture is not live and the page must say so."""
        self._stale = True
        for viewer in self._viewers:
            viewer.text(type="stale", since_ms=since_ms)
        for one in self.drawn:
            one.stale(since_ms)

    def on_format(self, fmt: VideoFormat) -> None:
        """Other parameters: a new init segment for all."""
        self._gop = []
        self._opening = _opening(fmt)
        for viewer in self._viewers:
            if fmt.codec in viewer.plays:
                viewer.restart(self._opening_for(viewer))
            else:
                viewer.end(End.TICKET)  # a fresh one opens what its browser plays

    def on_unit(self, unit: AccessUnit) -> None:
        """Mux it once, push it to each."""
        stream = self._stream
        if stream.connection != self._connection:
            self._connection = stream.connection
            self._fragmenter.rejoin()
        head, data = self._fragmenter.fragment(unit)
        frame = binary_frame(head, data)
        keyframe = unit.keyframe
        if keyframe:
            self._gop = [frame]
        elif stream.gop_complete:
            self._gop.append(frame)
        elif len(self._gop) > 1:
            del self._gop[1:]
        if self._stale:
            self._live_again()
        for viewer in self._viewers:
            viewer.push(frame, keyframe, unit.captured_at_us, unit.refers_back)
        if self._sound.viewers:
            self._sound.follow(self._fragmenter, unit, self._connection)

    def _start(self) -> None:
        stream = self._stream
        stream.attach(self)
        self._fragmenter = Fragmenter()
        self._connection = stream.connection
        self._stale = False
        self._opening = _opening(stream.fmt) if stream.fmt else b""
        self._gop = [binary_frame(*self._fragmenter.fragment(unit)) for unit in stream.gop]

    def _show(self, viewer: Viewer) -> None:
        """From its beginning: what it is, and the kept GOP."""
        stream = self._stream
        viewer.restart(self._opening_for(viewer))
        viewer.begin(self._gop, stream.gop_complete, stream.gop[-1].captured_at_us if stream.gop else 0)
        if viewer.hears:
            for frame in self._sound.kept:
                viewer.push_sound(frame)

    def _opening_for(self, viewer: Viewer) -> bytes:
        fmt = self._stream.fmt
        if not viewer.hears or self._sound.fmt is None or fmt is None:
            return self._opening
        return _opening(fmt, self._sound.fmt)

    def _reopen(self) -> None:
        """Another sound: those who hear begin anew."""
        if self._opening:
            for viewer in self._sound.viewers:
                self._show(viewer)

    def _live_again(self) -> None:
        self._stale = False
        for viewer in self._viewers:
            viewer.text(type="live")


def _opening(fmt: VideoFormat, sound: AudioFormat | None = None) -> bytes:
    init: dict[str, object] = {
        "type": "init",
        "codec": f"{fmt.codec_string}, {CODEC}" if sound else fmt.codec_string,
        "width": fmt.width_px,
        "height": fmt.height_px,
    }
    return text_frame(init) + binary_frame(init_segment(fmt, sound))
