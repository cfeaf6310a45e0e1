"""What a viewer costs: all our way from the stream to the socket against a bare `send`, one run (hold: 2 times)."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime

import uvloop
from aiohttp import web

from camera_gateway.live.broadcast import Broadcast
from camera_gateway.live.viewer import Viewer
from camera_gateway.sources.base import VideoFormat
from camera_gateway.stream import Stream
from hub.contracts.ticket import Ticket
from tests.support.units import unit

VIEWERS, FRAMES, RATE = 20, 60, 50
FRAME_BYTES = 7_600  # 640x360 at 25/s and 1.5 Mbit/s
FORMAT = VideoFormat("h264", (b"\x67\x4d\x40\x1f", b"\x68\xee"), 640, 360, "avc1.4d401f", 25.0)
TICKET = Ticket(ticket_id="t", user_id="u", camera_id="c", purpose="wall", expires_at=datetime(2026, 3, 2, tzinfo=UTC))
# Reads all it is sent until the other side closes, in a process of its own: its work is not counted.
BROWSERS = """
import selectors, socket, sys
port, count, hello = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3].encode().decode("unicode_escape").encode()
polled = selectors.DefaultSelector()
for _ in range(count):
    one = socket.create_connection(("127.0.0.1", port))
    one.sendall(hello)
    polled.register(one, selectors.EVENT_READ)
while polled.get_map():
    for found, _ in polled.select():
        if not found.fileobj.recv(262144):
            polled.unregister(found.fileobj)
"""
UPGRADE = (
    r"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    r"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


def browsers(port: int, hello: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", BROWSERS, str(port), str(VIEWERS), hello])


async def ours() -> float:
    """CPU seconds a fragment and viewer, of our whole way."""
    stream = Stream(8_000_000)
    stream.on_format(FORMAT)
    broadcast = Broadcast(stream)

    async def watch(request: web.Request) -> web.WebSocketResponse:
        socket_ = web.WebSocketResponse(compress=False)
        await socket_.prepare(request)
        assert request.transport is not None
        broadcast.join(Viewer(TICKET, request.transport, 100, 8_000_000))
        async for _ in socket_:
            pass
        return socket_

    app = web.Application()
    app.router.add_get("/", watch)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    reading = browsers(runner.addresses[0][1], UPGRADE)
    try:
        async with asyncio.timeout(20):
            while len(broadcast.viewers) < VIEWERS:  # noqa: ASYNC110 - other processes connect
                await asyncio.sleep(0.02)
        began = time.process_time()
        for number in range(FRAMES):
            stream.on_unit(unit(number, keyframe=number == 0, size=FRAME_BYTES))
            await asyncio.sleep(1 / RATE)
        spent = time.process_time() - began
        sent = sum(viewer.frames_sent for viewer in broadcast.viewers)
        assert sent == VIEWERS * FRAMES
        return spent / sent
    finally:
        reading.kill()
        reading.wait()
        await runner.cleanup()


async def floor() -> float:
    """The same bytes by `socket.send` alone."""
    with socket.create_server(("127.0.0.1", 0), backlog=VIEWERS) as listening:
        reading = browsers(listening.getsockname()[1], "")
        taken = [listening.accept()[0] for _ in range(VIEWERS)]
    try:
        for one in taken:
            one.setblocking(False)
        frame = bytes(FRAME_BYTES + 116)
        began = time.process_time()
        for _ in range(FRAMES):
            for one in taken:
                one.send(frame)
            await asyncio.sleep(1 / RATE)
        return (time.process_time() - began) / (VIEWERS * FRAMES)
    finally:
        for one in taken:
            one.close()
        reading.kill()
        reading.wait()


def main() -> None:
    """`python -m tests.bench.mse_viewer`: microseconds a fragment and viewer, and the ratio, three times in turn."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for _ in range(3):
            mine, bare = runner.run(ours()), runner.run(floor())
            print(f"mse_us_per_fragment {mine * 1e6:.1f}  mse_floor_us {bare * 1e6:.1f}  ratio {mine / bare:.2f}")


if __name__ == "__main__":
    main()
