"""Sound made by hand, for tests: RTP payloads of AAC (RFC 3640), a description with tracks, a sink that hears."""

from __future__ import annotations

import asyncio

from camera_gateway.sources.base import AudioFormat, AudioUnit
from tests.support.rtp import interleaved, rtp
from tests.support.rtsp_server import SDP
from tests.support.sink import KeepingSink

ASC_16K_MONO = "1408"  # AAC-LC, 16 kHz, one channel
PCMA_TRACK = "m=audio 0 RTP/AVP 8\r\na=control:track2\r\na=recvonly\r\n"
AAC_TRACK = (
    "m=audio 0 RTP/AVP 97\r\na=rtpmap:97 MPEG4-GENERIC/16000/1\r\n"
    "a=fmtp:97 streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;"
    f"config={ASC_16K_MONO}\r\na=control:track2\r\n"
)
BACK_CHANNEL = "m=audio 0 RTP/AVP 0\r\na=control:track3\r\na=sendonly\r\n"


def with_sound(*tracks: str) -> str:
    """The description of a well-behaved camera with these tracks after its video."""
    return SDP + "".join(tracks)


def aac(*frames: bytes, whole: int | None = None) -> bytes:
    """One payload of AAC-hbr; `whole`: it holds a fragment of one frame of so many bytes."""
    headers = b"".join(((whole or len(frame)) << 3).to_bytes(2, "big") for frame in frames)
    return (16 * len(frames)).to_bytes(2, "big") + headers + b"".join(frames)


def noise(count: int, *, channel: int = 2, kind: int = 8, start: int = 0, samples: int = 160) -> bytes:
    """So many packets of G.711, interleaved."""
    return b"".join(
        interleaved(rtp(n, n * samples, bytes((n & 0xFF,)) * samples, payload_type=kind, ssrc=0x77), channel)
        for n in range(start, start + count)
    )


class HearingSink(KeepingSink):
    """An AudioSink."""

    def __init__(self, *, wants_audio: bool = True) -> None:
        super().__init__()
        self.wants_audio = wants_audio
        self.audio_formats: list[AudioFormat] = []
        self.sounds: list[AudioUnit] = []

    def on_audio_format(self, fmt: AudioFormat) -> None:
        self.audio_formats.append(fmt)

    def on_audio(self, unit: AudioUnit) -> None:
        self.sounds.append(unit)

    async def hears(self, count: int) -> None:
        """Until so many audio units have come."""
        async with asyncio.timeout(10):
            while len(self.sounds) < count:  # noqa: ASYNC110  # a list, not an event
                await asyncio.sleep(0.005)
