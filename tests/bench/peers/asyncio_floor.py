"""The floor: the least that Python can do to pull many cameras: framing, joining, keyframes known, GOP kept; no login,
no loss, no watch-dog. Reads addresses from standard input (one a line, then an empty one), says "ready", and answers
each further line with the access units so far. Imports nothing of the product.
"""

import asyncio
import sys
from struct import Struct
from urllib.parse import urlsplit

import uvloop

RTP = Struct(">BBHIIBB").unpack_from


class Camera(asyncio.Protocol):
    units = 0

    def __init__(self, url):
        self.url, self.rest, self.parts, self.gop, self.keyframe = url, b"", [], [], False
        self.steps = [f"SETUP {url}/trackID=0", f"PLAY {url}"]
        self.session = ""
        self.playing = False

    def connection_made(self, transport):
        self.transport = transport
        self.ask("Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n")

    def ask(self, header):
        self.transport.write(f"{self.steps.pop(0)} RTSP/1.0\r\nCSeq: 1\r\n{header}\r\n".encode())

    def data_received(self, data):
        if self.rest:
            data = self.rest + data
        if not self.playing:
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self.rest = head
                return
            if self.steps:
                self.session = head.decode().split("Session: ")[1].split(";")[0]
                self.ask(f"Session: {self.session}\r\n")
                self.rest = b""
                return
            self.playing = True
        at, end = 0, len(data)
        while end - at >= 4:
            stop = at + 4 + (data[at + 2] << 8 | data[at + 3])
            if stop > end:
                break
            if data[at + 1] == 0:
                _, kind, _, _, _, indicator, header = RTP(data, at + 4)
                nal = indicator & 31
                if nal == 28:
                    self.parts.append(data[at + 18 : stop])
                    nal = header & 31
                else:
                    self.parts.append(data[at + 16 : stop])
                if nal == 5:
                    self.keyframe = True
                if kind & 0x80:
                    unit, self.parts = b"".join(self.parts), []
                    self.gop = [unit] if self.keyframe else [*self.gop[-60:], unit]
                    self.keyframe = False
                    Camera.units += 1
            at = stop
        self.rest = data[at:]


async def main():
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while url := (await lines.readline()).decode().strip():
        parts = urlsplit(url)
        await loop.create_connection(lambda url=url: Camera(url), parts.hostname, parts.port)
    print("ready", flush=True)
    while await lines.readline():
        print(Camera.units, flush=True)


uvloop.run(main())
