"""Sound of one camera: RTP packets of G.711 (RFC 3551, 4.5.14) or AAC (RFC 3640) into audio units, handed to the sink.

Runs on the camera's loop, some 25 to 50 times a second while its sound is taken. A gap stays a gap; silence is no
failure. Never decodes, never raises: what it does not understand is passed over.
"""

from __future__ import annotations

from struct import Struct
from typing import Final

from camera_gateway.sources.base import AudioFormat, AudioSink, AudioUnit
from camera_gateway.sources.rtsp.aac import AacFrames, AacLayout, layout_of
from camera_gateway.sources.rtsp.sdp import MediaDescription, SessionDescription
from hub.clock import Clock

_RTP: Final = Struct(">BBHII").unpack_from
_G711: Final = {"PCMA": "pcma", "PCMU": "pcmu"}
_G711_RATES: Final = frozenset({8_000, 16_000})
_G711_MAX_BYTES: Final = 16_000  # a second at the higher rate
_AAC: Final = "MPEG4-GENERIC"
STEP_S: Final = 10  # a longer step forward, or a second back, is one of the camera's clock
_LATE_MAX: Final = 100  # sequence numbers; further behind is no late packet but a new beginning


def choose(description: SessionDescription) -> tuple[MediaDescription, AudioFormat] | None:
    """The first sound that we know how to take, and what it is; None: the camera sends none such."""
    for media in description.sounds:
        fmt = _format(media)
        if fmt is not None:
            return media, fmt
    return None


def _format(media: MediaDescription) -> AudioFormat | None:
    if media.codec in _G711 and media.clock_rate in _G711_RATES and media.channels <= 2:
        return AudioFormat(_G711[media.codec], media.clock_rate, media.channels)
    if media.codec == _AAC and 7_000 <= media.clock_rate <= 96_000:
        layout = layout_of(media.parameters)
        return AudioFormat("aac", media.clock_rate, layout.channels, layout.config) if layout else None
    return None


class AudioDepacketiser:
    """One audio track."""

    def __init__(self, sink: AudioSink, clock: Clock, media: MediaDescription, fmt: AudioFormat) -> None:
        self.ssrc = 0
        self.units = 0
        self.lost_packets = 0
        self._sink = sink
        self._clock = clock
        self._fmt = fmt
        self._payload_type = media.payload_type
        self._layout: AacLayout | None = layout_of(media.parameters) if fmt.codec == "aac" else None
        self._frames = AacFrames(self._layout) if self._layout else None
        self._times = AudioTimes(fmt.sample_rate_hz)
        self._sequence = -1

    def packet(self, data: bytes, start: int, end: int) -> None:
        """Take the RTP packet that lies there."""
        if end - start < 12:
            return
        flags, kind, sequence, timestamp, ssrc = _RTP(data, start)
        if self._payload_type is not None and kind & 0x7F != self._payload_type:
            return
        at = start + 12 + 4 * (flags & 0x0F)
        if flags & 0x10 and at + 4 <= end:
            at += 4 + 4 * (data[at + 2] << 8 | data[at + 3])
        if flags & 0x20 and end > at:
            end -= data[end - 1]
        if at >= end or not self._in_order(sequence, ssrc):
            return
        payload = data[at:end]
        if self._frames is not None and self._layout is not None:
            # With SBR the clock of RTP runs at the rate of the core or at twice that, told or not.
            samples, core_hz, clock_hz = self._layout.frame_samples, self._layout.core_rate_hz, self._fmt.sample_rate_hz
            for number, frame in enumerate(self._frames.take(payload, timestamp)):
                self._give(timestamp + number * samples * clock_hz // core_hz, frame)
        elif len(payload) <= _G711_MAX_BYTES:
            self._give(timestamp, payload)

    def _in_order(self, sequence: int, ssrc: int) -> bool:
        """Count what is missing; False for a packet that was there before."""
        before, same = self._sequence, ssrc == self.ssrc
        ahead = (sequence - before) & 0xFFFF
        if before >= 0 and same and (ahead == 0 or 0x1_0000 - ahead <= _LATE_MAX):
            return False
        self._sequence, self.ssrc = sequence, ssrc
        if before >= 0 and ahead != 1:
            if self._frames is not None:
                self._frames.broken()
            if same and ahead < 0x8000:
                self.lost_packets += ahead - 1
        return True

    def _give(self, timestamp: int, data: bytes) -> None:
        if not self.units:
            self._sink.on_audio_format(self._fmt)
        self.units += 1
        now = self._clock.now()
        media_time = self._times.stamp(timestamp & 0xFFFF_FFFF, self._clock.monotonic())
        self._sink.on_audio(AudioUnit(round(now.timestamp() * 1e6), media_time, data))


class AudioTimes:
    """RTP timestamps of sound into times that only grow, from 0; a step of the camera's clock goes on at ours. Pure."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._raw = -1
        self._time = 0  # of the last timestamp, unwrapped
        self._given = -1
        self._received_s = 0.0

    def stamp(self, timestamp: int, received_s: float) -> int:
        """The time in samples of what came at `received_s`."""
        if self._raw >= 0:
            step = (timestamp - self._raw) & 0xFFFF_FFFF
            back = 0x1_0000_0000 - step
            if step <= STEP_S * self._rate:
                self._time += step
            elif back <= self._rate:
                self._time -= back  # a few samples back (frigate#707)
            else:
                elapsed_s = min(max(received_s - self._received_s, 0.0), STEP_S)
                self._time = max(self._time, self._given) + max(1, int(elapsed_s * self._rate))
        self._raw, self._received_s = timestamp, received_s
        self._given = max(self._time, self._given + 1)
        return self._given
