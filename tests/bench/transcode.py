"""What drawing anew costs: CPU a megapixel of our whole way against a bare PyAV loop, and what it does to the loop.

`python -m tests.bench.transcode [--threads N]`. The floor decodes and encodes the same units with the same settings and
nothing between, in the same run. Loop lag: how late a timer of 5 ms is while N transcodings run at their own rate.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from statistics import median, quantiles
from zoneinfo import ZoneInfo

import av
import cv2
import numpy as np

from camera_gateway.annexb import annexb
from camera_gateway.live.broadcast import Broadcast
from camera_gateway.live.budget import Budget
from camera_gateway.live.inbox import Beginning, Inbox
from camera_gateway.live.transcode import Transcodings
from camera_gateway.live.transcoder import Transcoder
from camera_gateway.live.viewer import End
from camera_gateway.simulator.clip import Coding, Picture, encode
from camera_gateway.sources.base import AccessUnit, VideoFormat
from camera_gateway.stream import Stream
from hub.contracts.base import Polygon
from tests.support.drawn import h265
from tests.support.gateway import spec_of
from tests.support.units import START_US, format_of, units_of

WIDTH, HEIGHT, RATE, COUNT, ROUNDS = 1280, 720, 25, 50, 3
MASKS: tuple[Polygon, ...] = (((0.0, 0.0), (0.4, 0.0), (0.4, 0.5), (0.0, 0.5)), ((0.6, 0.6), (0.9, 0.55), (0.8, 0.9)))
LOCAL = ZoneInfo("Asia/Shanghai")


def scene(width: int, height: int, count: int) -> Iterator[Picture]:
    """Grain everywhere and a large figure that walks: what a camera at dusk has to code."""
    chance = np.random.default_rng(1)
    rows, columns = np.mgrid[0:height, 0:width]
    planes = [(columns * 0.1 + rows * 0.1) % 200, (columns * 0.05 + 80) % 200, (rows * 0.2 + 40) % 200]
    ground = cv2.add(np.stack(planes, -1).astype(np.uint8), chance.integers(0, 30, (height, width, 3), np.uint8))
    for number in range(count):
        picture = np.asarray(ground).copy()
        left = number * (width - 200) // count
        cv2.rectangle(picture, (left, height // 4), (left + width // 6, height * 5 // 6), (40, 200, 240), -1)
        yield np.asarray(cv2.add(picture, chance.integers(0, 8, (height, width, 3), np.uint8)), np.uint8)


def floor(fmt: VideoFormat, units: Sequence[AccessUnit]) -> None:
    """Decode, encode, nothing else."""
    decoder = av.CodecContext.create({"h264": "h264", "h265": "hevc"}[fmt.codec], "r")
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(decoder, av.VideoCodecContext)
    assert isinstance(encoder, av.VideoCodecContext)
    decoder.thread_count = 1
    encoder.width, encoder.height, encoder.pix_fmt = fmt.width_px, fmt.height_px, "yuv420p"
    encoder.time_base, encoder.framerate, encoder.gop_size = Fraction(1, 90_000), Fraction(RATE), 50
    most = str(int(fmt.width_px * fmt.height_px * RATE * 0.12))
    encoder.options = {
        "preset": "ultrafast", "tune": "zerolatency", "profile": "baseline", "crf": "25", "maxrate": most,
        "bufsize": most, "x264-params": "threads=1:scenecut=0:bframes=0",
    }  # fmt: skip
    number = 0
    for unit in units:
        for frame in decoder.decode(av.Packet(annexb(unit.data))):
            frame.pts, frame.time_base, frame.pict_type = number * 3600, Fraction(1, 90_000), 0
            number += 1
            encoder.encode(frame)


def ours(fmt: VideoFormat, units: Sequence[AccessUnit], masks: tuple[Polygon, ...], who: str | None) -> None:
    """The thread's work, in this thread."""
    inbox = Inbox()
    plan = Budget(1000).take(fmt.width_px, fmt.height_px, RATE)
    assert plan is not None
    drawn = 0

    def send(_: object) -> bool:
        nonlocal drawn
        drawn += 1
        return drawn < len(units)

    transcoder = Transcoder(inbox, who, LOCAL, lambda: masks, send)
    inbox.begin(Beginning(1, fmt, plan, (), True))
    for unit in units:
        inbox.put(unit)
    inbox.newest_us = 0
    transcoder.run()
    assert drawn == len(units), drawn


def spent(work: object, *arguments: object) -> float:
    """Milliseconds of CPU a megapixel, the best of several."""
    assert callable(work)
    found = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work(*arguments)
        found.append((time.process_time() - began) * 1000)
    return min(found) / (WIDTH * HEIGHT * COUNT / 1e6)


class Pulled:
    """A camera that sends its clip at its own rate."""

    def __init__(self, number: int) -> None:
        self.spec = spec_of(f"cam_{number}", "rtsp://192.0.2.1/", masks=MASKS)
        self.stream = Stream(8_000_000)
        self.broadcast = Broadcast(self.stream)

    def live_refusal(self) -> End | None:
        return None


async def lag(threads: int) -> tuple[float, float, float]:
    """(median, 99th percentile of a timer's lateness in ms, share of the pictures that were drawn)."""
    clip = encode(scene(640, 360, COUNT), 640, 360, RATE, Coding(crf=26))
    fmt, units = format_of(clip), list(units_of(clip))
    drawn = Transcodings(10_000, LOCAL, 8_000_000)
    cameras = [Pulled(number) for number in range(threads)]
    for camera in cameras:
        camera.stream.on_format(fmt)
        drawn.open(camera, "王小明 · 综治中心", frozenset({"h264"}))
    late: list[float] = []

    async def watch() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.005)
            late.append((time.perf_counter() - began - 0.005) * 1000)

    watching = asyncio.create_task(watch())
    begun = time.perf_counter()
    for number in range(RATE * 8):
        lap, at = divmod(number, len(units))
        source = units[at]
        media_time = source.media_time + lap * len(units) * 3600
        for camera in cameras:
            unit = AccessUnit(START_US + number * 40_000, media_time, source.keyframe, source.data)
            camera.stream.on_unit(unit)
        await asyncio.sleep(max(0.0, begun + (number + 1) / RATE - time.perf_counter()))
        if number == RATE * 2:
            late.clear()  # libraries were loaded until now
    watching.cancel()
    share = drawn.pictures / max(1, threads * RATE * 8)
    drawn.close()
    await drawn.joined()
    return median(late), quantiles(late, n=100)[98], share


def main() -> None:
    """Print it."""
    options = argparse.ArgumentParser()
    options.add_argument("--threads", type=int, default=5)
    threads = options.parse_args().threads
    clip = encode(scene(WIDTH, HEIGHT, COUNT), WIDTH, HEIGHT, RATE, Coding(crf=26))
    h264_fmt, h264_units = format_of(clip), list(units_of(clip))
    h265_fmt, h265_units = h265(count=COUNT, fps=RATE, pictures=list(scene(WIDTH, HEIGHT, COUNT)))
    print(f"{WIDTH}x{HEIGHT}, {COUNT} pictures, ms of CPU a megapixel, best of {ROUNDS}; load {os.getloadavg()[0]:.1f}")
    for name, fmt, units, masks, who in (
        ("as it is", h264_fmt, h264_units, (), None),
        ("two masks, a quarter of the picture", h264_fmt, h264_units, MASKS, None),
        ("watermark", h264_fmt, h264_units, (), "王小明 · 东湖街道综治中心"),
        ("masks and watermark", h264_fmt, h264_units, MASKS, "王小明 · 东湖街道综治中心"),
        ("H.265 to H.264", h265_fmt, h265_units, (), None),
        ("H.265 to H.264, masks and watermark", h265_fmt, h265_units, MASKS, "王小明 · 东湖街道综治中心"),
    ):
        bare, mine = spent(floor, fmt, units), spent(ours, fmt, units, masks, who)
        print(f"{name:40} floor {bare:5.2f}  ours {mine:5.2f}  ratio {mine / bare:4.2f}")
    for count in (0, threads):
        middle, worst, share = asyncio.run(lag(count))
        print(f"loop, {count} of 640x360 at {RATE}: late {middle:.2f} ms, p99 {worst:.2f} ms; drawn {share:.0%}")


if __name__ == "__main__":
    main()
