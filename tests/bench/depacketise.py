"""How long framing, joining and delivery take for one access unit, without a socket.

python -m tests.bench.depacketise [--seconds 40] [--json]: one camera of 640x360 at 25 fps and 450 kbit/s, GOP 2 s,
packets of 1,400 bytes, a chunk of the size that one read gives. Prints microseconds of CPU a unit, the best of five.
"""

from __future__ import annotations

import argparse
import json
import time

from camera_gateway.sources.base import AccessUnit, VideoFormat
from camera_gateway.sources.rtsp.h264 import H264Depacketiser
from camera_gateway.sources.rtsp.interleaved import InterleavedProtocol
from hub.clock import SystemClock
from tests.support.rtp import PPS, SPS, fu_a, interleaved, rtp

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


def chunks(pictures: int) -> list[bytes]:
    """One chunk a picture, as the camera sends it."""
    sequence, made = 0, []
    for number in range(pictures):
        nal = b"\x65\x88" + bytes(KEYFRAME_BYTES) if number % GOP == 0 else b"\x41\x9a" + bytes(PICTURE_BYTES)
        payloads = [SPS, PPS] if number % GOP == 0 else []
        payloads += fu_a(nal, 1400)
        packets = []
        for index, payload in enumerate(payloads):
            packets.append(interleaved(rtp(sequence, number * 3600, payload, marker=index == len(payloads) - 1)))
            sequence += 1
        made.append(b"".join(packets))
    return made


def one_run(wire: list[bytes], size: int | None) -> float:
    """Microseconds of CPU a unit; `size` cuts the bytes anew, so that packets straddle chunks."""
    if size:
        whole = b"".join(wire)
        wire = [whole[at : at + size] for at in range(0, len(whole), size)]
    sink = CountingSink()
    media = H264Depacketiser(sink, SystemClock(), payload_type=96)
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
    wire = chunks(given.seconds * RATE)
    found = {
        name: round(min(one_run(wire, size) for _ in range(5)), 2)
        for name, size in (("a_chunk_a_picture", None), ("chunks_of_1500", 1500), ("chunks_of_65536", 65_536))
    }
    if given.json:
        print(json.dumps({"us_per_unit": found, "cpu_ms_per_camera_s": found["a_chunk_a_picture"] * RATE / 1000}))
        return
    for name, us in found.items():
        print(f"{name:20} {us:6.2f} µs a unit   {us * RATE / 1000:.3f} ms a camera-second")


if __name__ == "__main__":
    main()
