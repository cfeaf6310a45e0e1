"""The simulated fleet as a process of its own, so that what it costs is counted to nobody, and its remote control.

`python -m probe.bench.fleet N CACHE CLIP` is the child: one line of JSON when ready, then a line for each command it
reads (`pause`, `resume`, `counts`, `end`). `FleetProcess` is the parent's side of it.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import cv2
import numpy as np

from camera_gateway.simulator.clip import Clip, Coding, encode, keep, load
from camera_gateway.simulator.scene import pictures
from camera_gateway.simulator.scenery import HEIGHT_PX, SCENERIES, WIDTH_PX
from camera_gateway.simulator.server import SimulatedCamera, SimulatedFleet

FPS: Final = 25.0
LAP_S: Final = 24.0
_READY_S: Final = 120.0


def bench_clip(cache: Path, fps: float = FPS) -> Clip:
    """640x360 H.264, 25 a second, about 450 kbit/s at constant quality, GOP 2 s: a drawn place with its visitor."""
    name = f"bench-ingest-640x360-{fps:g}-4"
    clip = load(cache, name)
    if clip is None:
        drawn = pictures(SCENERIES[0], "bench", LAP_S, fps)
        clip = encode(islice(drawn, round(LAP_S * fps)), WIDTH_PX, HEIGHT_PX, fps, Coding(crf=20.3))
        keep(clip, cache, name)
    return clip


def live_clip(cache: Path) -> Clip:
    """1280x720 H.264, 25 a second, 1.5 Mbit/s, GOP 4 s: what a viewer costs, and the longest wait for a picture."""
    name = "bench-live-1280x720-25-1500k-4s"
    clip = load(cache, name)
    if clip is None:
        drawn = pictures(SCENERIES[0], "bench", LAP_S, FPS)
        large = (np.asarray(cv2.resize(picture, (1280, 720)), np.uint8) for picture in drawn)
        clip = encode(islice(large, round(LAP_S * FPS)), 1280, 720, FPS, Coding(kbps=1500, gop_s=4.0))
        keep(clip, cache, name)
    return clip


CLIPS: Final = {"ingest": bench_clip, "live": live_clip}


@dataclass(frozen=True, slots=True)
class Sent:
    """What the fleet sent since its start: pictures, those that a client was too slow for, sessions open now."""

    sessions: int
    sent: int
    dropped: int

    @property
    def due(self) -> int:
        """Pictures that were due to the clients."""
        return self.sent + self.dropped


class FleetProcess:
    """`async with FleetProcess(600, cache) as fleet: fleet.urls`."""

    def __init__(self, cameras: int, cache: Path, clip: str = "ingest") -> None:
        self._cameras, self._cache, self._clip = cameras, cache, clip
        self._process: asyncio.subprocess.Process | None = None
        self.urls: list[str] = []
        self.kbps = 0.0

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "probe.bench.fleet", str(self._cameras), str(self._cache), self._clip),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=1 << 20,
        )
        async with asyncio.timeout(_READY_S):
            ready = await self._line()
        self.urls, self.kbps = ready["urls"], ready["kbps"]
        return self

    async def __aexit__(self, k: type[BaseException] | None, e: BaseException | None, t: TracebackType | None) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()

    async def pause(self) -> Sent:
        """Stop sending; what was sent until then."""
        return await self._ask("pause")

    async def resume(self) -> Sent:
        """Go on."""
        return await self._ask("resume")

    async def counts(self) -> Sent:
        """What was sent until now."""
        return await self._ask("counts")

    async def wait_sessions(self, count: int, timeout_s: float, *, at_most: bool = False) -> Sent:
        """Wait until `count` clients play (`at_most`: until no more do). Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while True:
                sent = await self.counts()
                if sent.sessions <= count if at_most else sent.sessions >= count:
                    return sent
                await asyncio.sleep(0.2)

    async def _ask(self, word: str) -> Sent:
        assert self._process is not None  # noqa: S101 - entered
        assert self._process.stdin is not None  # noqa: S101
        self._process.stdin.write(word.encode() + b"\n")
        answer = await self._line()
        return Sent(answer["sessions"], answer["sent"], answer["dropped"])

    async def _line(self) -> dict[str, Any]:
        assert self._process is not None  # noqa: S101
        assert self._process.stdout is not None  # noqa: S101
        line = await self._process.stdout.readline()
        if not line:
            raise ChildProcessError("the fleet ended")
        answer: dict[str, Any] = json.loads(line)
        return answer


async def _serve(count: int, cache: Path, name: str) -> None:
    clip = CLIPS[name](cache)
    golden = 0.618_034 * clip.seconds
    cameras = [SimulatedCamera(clip=clip, start_s=golden * number % clip.seconds) for number in range(count)]
    async with SimulatedFleet(cameras) as fleet:
        size = sum(len(nal) for picture in clip.pictures for nal in picture.nals)
        _say({"urls": [fleet.url(n) for n in range(count)], "kbps": round(size * 8 / clip.seconds / 1000, 1)})
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while word := (await reader.readline()).decode().strip():
            if word == "pause":
                fleet.pause()
            elif word == "resume":
                fleet.resume()
            elif word == "end":
                break
            counts = fleet.counts()
            _say({"sessions": counts.sessions, "sent": counts.sent, "dropped": counts.dropped})


def _say(answer: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def more_files() -> None:
    """As many open files as the system allows this process: a socket a camera."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


if __name__ == "__main__":
    import uvloop

    more_files()
    uvloop.run(_serve(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
