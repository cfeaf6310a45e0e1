"""One picture drawn anew: decoded, masked and marked, encoded as H.264. The work of one thread, from its first call to
its last; libav's objects are made and dropped in it. Its only ways to others are the inbox, `masks` and `send`.

The last hand on a picture before the encoder is the mask's: no pixel beneath one is ever encoded. Never opens a file or
an address. Bytes that cannot be decoded cost the pictures until the next keyframe; three keyframes in a row end it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from fractions import Fraction

import av
import numpy as np
from av.error import FFmpegError
from av.video.frame import PictureType
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from camera_gateway.annexb import annexb
from camera_gateway.live.budget import Plan
from camera_gateway.live.inbox import Beginning, Inbox
from camera_gateway.live.watermark import Watermark
from camera_gateway.sources.base import AccessUnit, VideoFormat
from camera_gateway.sources.rtsp.annexb import split_start_codes
from camera_gateway.sources.rtsp.sps import parse_sps
from hub.contracts.base import Polygon
from hub.errors import ErrorKind, HubError
from hub.picture import cover

CLOCK = 90_000
GOP_S = 2
LATE_US = 500_000
"""A picture so much older than the newest that waits is decoded, for others stand on it, and not shown."""
MOST_BAD_KEYFRAMES = 3
ENCODER = "libx264"
_DECODERS = {"h264": "h264", "h265": "hevc"}
_AS_THEY_ARE = ("yuv420p", "yuvj420p")
_BITS_A_PIXEL = 0.12
_LEAST_BIT_S, _MOST_BIT_S = 300_000, 4_000_000
_KEPT_NALS = frozenset({1, 5, 7, 8})  # slices and parameter sets; no notes of the encoder
_BORDER_PX = 128  # what a coded picture may be wider and higher than what is shown of it


@dataclass(frozen=True, slots=True)
class Drawn:
    """One picture on its way out."""

    beginning: int
    unit: AccessUnit
    fmt: VideoFormat
    masks: tuple[Polygon, ...]


class Transcoder:
    """`masks` is asked for each picture; `send` may wait, and says False when nobody takes any more."""

    def __init__(
        self,
        inbox: Inbox,
        who: str | None,
        local: tzinfo,
        masks: Callable[[], tuple[Polygon, ...]],
        send: Callable[[Drawn], bool],
    ) -> None:
        self._inbox = inbox
        self._watermark = Watermark(who, local) if who is not None else None
        self._masks = masks
        self._send = send
        self._scaler = VideoReformatter()
        self._beginning: Beginning | None = None
        self._decoder: av.VideoCodecContext | None = None
        self._encoder: _Encoder | None = None
        self._captured: dict[int, int] = {}  # by presentation time, of units whose picture has not come out yet
        self._until_keyframe = True
        self._bad_keyframes = 0
        self._masks_drawn: tuple[Polygon, ...] = ()
        self.pictures = 0
        self.spared = 0  # decoded and not shown: late, or faster than planned
        self.undecodable = 0

    def run(self) -> None:
        """Draw until the inbox closes. Raises HubError PROTOCOL where nothing can be decoded, UNSUPPORTED without an
        encoder.
        """
        while (item := self._inbox.take()) is not None:
            if isinstance(item, Beginning):
                going_on = self._begin(item)
            else:
                going_on = all(self._is_late(one[1]) or self._show(*one) for one in self._decoded(item))
            if not going_on:
                return

    def _begin(self, beginning: Beginning) -> bool:
        self._beginning = beginning
        self._decoder = _decoder(beginning.fmt.codec, beginning.plan)
        self._encoder = None
        self._captured.clear()
        self._until_keyframe = True
        newest: tuple[av.VideoFrame, int] | None = None
        for unit in beginning.kept:
            if self._inbox.closed:
                return False
            for one in self._decoded(unit):
                newest = one
        self._until_keyframe = self._until_keyframe or not beginning.complete
        return newest is None or self._show(*newest)

    def _decoded(self, unit: AccessUnit) -> list[tuple[av.VideoFrame, int]]:
        """The pictures that come out when `unit` goes in, each with the time of its capture."""
        if self._decoder is None or (self._until_keyframe and not unit.keyframe):
            return []
        packet = av.Packet(annexb(unit.data))
        packet.dts = unit.media_time
        packet.pts = presented = unit.media_time + unit.presentation_offset
        self._captured[presented] = unit.captured_at_us
        while len(self._captured) > 64:
            del self._captured[next(iter(self._captured))]
        try:
            frames = self._decoder.decode(packet)
        except (FFmpegError, ValueError, MemoryError, OverflowError):
            frames = None
        if frames is None or any(frame.is_corrupt for frame in frames):
            self._could_not(unit)
            return []
        self._until_keyframe = False
        if frames:
            self._bad_keyframes = 0
        return [(frame, self._captured.pop(frame.pts or 0, unit.captured_at_us)) for frame in frames]

    def _could_not(self, unit: AccessUnit) -> None:
        self.undecodable += 1
        self._until_keyframe = True
        if unit.keyframe:
            self._bad_keyframes += 1
            if self._bad_keyframes >= MOST_BAD_KEYFRAMES:
                raise HubError(ErrorKind.PROTOCOL, "hub.picture_undecodable", reason="three keyframes in a row")

    def _is_late(self, captured_at_us: int) -> bool:
        late = self._inbox.newest_us - captured_at_us > LATE_US
        self.spared += late
        return late

    def _show(self, frame: av.VideoFrame, captured_at_us: int) -> bool:
        """Draw it, encode it, send it, unless it comes too soon after the last."""
        beginning, at = self._beginning, frame.pts
        if beginning is None or at is None:
            return True
        if self._encoder is not None and self._encoder.is_past(at):
            self._encoder = None
        if self._encoder is not None and not self._encoder.is_due(at):
            self.spared += 1
            return True
        masks = self._masks()
        drawn = self._drawn(frame, beginning.plan, masks, captured_at_us)
        if self._encoder is None or not self._encoder.fits(drawn):
            self._encoder = _Encoder(drawn, beginning.plan.rate)
        # Other masks: what is predicted from a picture with the old ones could still show through.
        stands_alone = self._inbox.keyframe_wanted() or masks != self._masks_drawn
        self._masks_drawn = masks
        for keyframe, data in self._encoder.encode(drawn, at, stands_alone):
            self.pictures += 1
            unit = AccessUnit(captured_at_us, at, keyframe, data)
            if not self._send(Drawn(beginning.number, unit, self._encoder.fmt, masks)):
                return False
        return True

    def _drawn(
        self, frame: av.VideoFrame, plan: Plan, masks: tuple[Polygon, ...], captured_at_us: int
    ) -> av.VideoFrame:
        """The picture as it leaves: its planned size, marked, and masked last of all."""
        if frame.format.name not in _AS_THEY_ARE:
            frame = self._scaler.reformat(frame, format="yuv420p")
        if (frame.width, frame.height) != (plan.width_px, plan.height_px):
            if masks:  # before it is made smaller, so that nothing beneath runs into what is beside
                frame.make_writable()
                _blacken(frame, masks)
            frame = self._scaler.reformat(frame, plan.width_px, plan.height_px)
        if masks or self._watermark is not None:
            frame.make_writable()  # the decoder still needs its own
        if self._watermark is not None:
            self._watermark.draw(_planes(frame)[0], captured_at_us)
        if masks:
            _blacken(frame, masks)
        return frame


class _Encoder:
    """libx264 for one size: no B-frames, nothing held back, a keyframe every two seconds of the picture's own time."""

    def __init__(self, like: av.VideoFrame, rate: float) -> None:
        self._like = _likeness(like)
        self._least_step = round(CLOCK / rate * 3 / 4)
        self._last = self._last_keyframe = -(1 << 62)
        self.fmt = VideoFormat("h264", (), like.width, like.height, "", rate)
        most_bit_s = int(min(max(like.width * like.height * rate * _BITS_A_PIXEL, _LEAST_BIT_S), _MOST_BIT_S))
        try:
            context = av.CodecContext.create(ENCODER, "w")
        except (FFmpegError, ValueError) as error:
            raise HubError(ErrorKind.UNSUPPORTED, "camera_gateway.no_encoder") from error
        assert isinstance(context, av.VideoCodecContext)  # noqa: S101 - for the type checker: it is video
        context.width, context.height, context.pix_fmt = like.width, like.height, like.format.name
        context.time_base, context.framerate = Fraction(1, CLOCK), Fraction(rate).limit_denominator(1000)
        context.gop_size = 10_000  # ours are asked for by time
        context.color_range, context.colorspace = like.color_range, like.colorspace
        context.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "profile": "baseline",
            "crf": "25",
            "maxrate": str(most_bit_s),
            "bufsize": str(most_bit_s),
            "x264-params": "threads=1:scenecut=0:bframes=0",
        }
        self._context = context

    def fits(self, frame: av.VideoFrame) -> bool:
        """Whether it can go on with `frame`."""
        return self._like == _likeness(frame)

    def is_due(self, at: int) -> bool:
        """Whether a picture of media time `at` is not sooner than the plan allows."""
        return at - self._last >= self._least_step

    def is_past(self, at: int) -> bool:
        """Whether the camera's clock went back by more than B-frames explain."""
        return at < self._last - CLOCK

    def encode(self, frame: av.VideoFrame, at: int, stands_alone: bool) -> list[tuple[bool, bytes]]:
        """(keyframe, NAL units each after its length) of what comes out: one picture for one."""
        if stands_alone or not 0 <= at - self._last_keyframe < GOP_S * CLOCK:
            frame.pict_type, self._last_keyframe = PictureType.I, at
        else:
            frame.pict_type = PictureType.NONE
        self._last = at
        frame.pts, frame.time_base = at, Fraction(1, CLOCK)
        return [self._coded(bytes(packet), packet.is_keyframe) for packet in self._context.encode(frame)]

    def _coded(self, data: bytes, keyframe: bool) -> tuple[bool, bytes]:
        nals = [nal for nal in split_start_codes(data, bool) if nal[0] & 31 in _KEPT_NALS]
        if keyframe:
            sets = tuple(nal for nal in nals if nal[0] & 31 in (7, 8))
            if sets != self.fmt.parameter_sets:
                told = parse_sps(sets[0])
                rate = self.fmt.frame_rate
                self.fmt = VideoFormat("h264", sets, told.width_px, told.height_px, told.codec_string, rate)
        return keyframe, b"".join(len(nal).to_bytes(4, "big") + nal for nal in nals)


def _likeness(frame: av.VideoFrame) -> tuple[object, ...]:
    return frame.width, frame.height, frame.format.name, frame.color_range, frame.colorspace


def _decoder(codec: str, plan: Plan) -> av.VideoCodecContext:
    name = _DECODERS.get(codec)
    if name is None:
        raise HubError(ErrorKind.UNSUPPORTED, "hub.picture_codec", codec=codec)
    context = av.CodecContext.create(name, "r")
    assert isinstance(context, av.VideoCodecContext)  # noqa: S101 - for the type checker: both names are video
    context.thread_count = 1
    # What the budget was taken for, and no more: a size that comes without being announced is no picture.
    most = (plan.source_width_px + _BORDER_PX) * (plan.source_height_px + _BORDER_PX)
    context.options = {"max_pixels": str(most)}
    return context


def _planes(frame: av.VideoFrame) -> list[NDArray[np.uint8]]:
    """Brightness and the two of colour, (height, width) each, upon the frame's own memory."""
    return [
        np.asarray(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width] for plane in frame.planes
    ]


def _blacken(frame: av.VideoFrame, masks: tuple[Polygon, ...]) -> None:
    full = frame.format.name == "yuvj420p" or frame.color_range == 2  # AVCOL_RANGE_JPEG: black is 0
    for plane, level in zip(_planes(frame), (0 if full else 16, 128, 128), strict=True):
        cover(plane, masks, (level,))
