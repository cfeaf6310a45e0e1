"""How long framing, joining and delivery take for one access unit, without a socket.

python -m tests.bench.depacketise [--seconds 40] [--json]: one camera of 640x360 at 25 fps and 450 kbit/s, GOP 2 s,
packets of 1,400 bytes, a chunk of the size that one read gives; in H.264 and, of the same sizes, in H.265. Prints
microseconds of CPU a unit, the best of five, the codecs taking turns.
"""

from __future__ import annotations

import argparse
import json
import time

from camera_gateway.sources.base import AccessUnit, VideoFormat
from camera_gateway.sources.rtsp.h264 import H264Depacketiser
from camera_gateway.sources.rtsp.h265 import H265Depacketiser
from camera_gateway.sources.rtsp.interleaved import InterleavedProtocol
from hub.clock import SystemClock
from tests.support.rtp import H265_SETS, PPS, SPS, fu, fu_a, interleaved, rtp

CODECS = ("h264", "h265")
KEYFRAME_BYTES, PICTURE_BYTES, GOP, RATE = 20_000, 1_900, 50, 25


class CountingSink:
    """Only counts."""

    def __init__(self) -> None:
        self.units = 0

    def on_format(self, fmt: VideoFormat) -> None:
        """Nothing."""

    def on_unit(self, unit: AccessUnit) -> None:
        """One more."""
        self.units += 1


def chunks(pictures: int, codec: str) -> list[bytes]:
    """One chunk a picture, as the camera sends it."""
    sequence, made = 0, []
    key, picture = (b"\x65\x88", b"\x41\x9a") if codec == "h264" else (b"\x26\x01\xaf", b"\x02\x01\xd0")
    sets, cut = ([SPS, PPS], fu_a) if codec == "h264" else (list(H265_SETS), fu)
    for number in range(pictures):
        nal = key + bytes(KEYFRAME_BYTES) if number % GOP == 0 else picture + bytes(PICTURE_BYTES)
        payloads = sets[:] if number % GOP == 0 else []
        payloads += cut(nal, 1400)
        packets = []
        for index, payload in enumerate(payloads):
            packets.append(interleaved(rtp(sequence, number * 3600, payload, marker=index == len(payloads) - 1)))
            sequence += 1
        made.append(b"".join(packets))
    return made


def one_run(wire: list[bytes], size: int | None, codec: str) -> float:
    """Microseconds of CPU a unit; `size` cuts the bytes anew, so that packets straddle chunks."""
    if size:
        whole = b"".join(wire)
        wire = [whole[at : at + size] for at in range(0, len(whole), size)]
    sink = CountingSink()
    kind = H264Depacketiser if codec == "h264" else H265Depacketiser
    media = kind(sink, SystemClock(), payload_type=96)
    protocol = InterleavedProtocol(lambda _: None, lambda _: None)
    protocol.take_media(0, 1, media.packet, lambda _data, _start, _end: None)
    started = time.process_time()
    for chunk in wire:
        protocol.data_received(chunk)
    return (time.process_time() - started) * 1e6 / sink.units


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=40)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    wires = {codec: chunks(given.seconds * RATE, codec) for codec in CODECS}
    found: dict[str, dict[str, float]] = {codec: {} for codec in CODECS}
    for name, size in (("a_chunk_a_picture", None), ("chunks_of_1500", 1500), ("chunks_of_65536", 65_536)):
        runs = [[one_run(wires[codec], size, codec) for codec in CODECS] for _ in range(5)]
        for index, codec in enumerate(CODECS):
            found[codec][name] = round(min(run[index] for run in runs), 2)
    if given.json:
        cost = {codec: times["a_chunk_a_picture"] * RATE / 1000 for codec, times in found.items()}
        print(json.dumps({"us_per_unit": found, "cpu_ms_per_camera_s": cost}))
        return
    for codec, times in found.items():
        for name, us in times.items():
            print(f"{codec}  {name:20} {us:6.2f} µs a unit   {us * RATE / 1000:.3f} ms a camera-second")


if __name__ == "__main__":
    main()
