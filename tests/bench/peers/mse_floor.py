"""The floor: the least that Python can do to send a camera to many MSE viewers: `socket.send` of a fragment that is
there already. Prints microseconds of CPU a fragment. The receivers are a process of their own, not counted.

python mse_floor.py VIEWERS SECONDS SIZE: fragments of SIZE bytes, 25 a second.
"""

import asyncio
import os
import selectors
import signal
import socket
import sys
import time

import uvloop


def receive(port, viewers):
    polled = selectors.DefaultSelector()
    for _ in range(viewers):
        polled.register(socket.create_connection(("127.0.0.1", port)), selectors.EVENT_READ)
    while True:
        for found, _ in polled.select():
            found.fileobj.recv(262_144)


async def send(taken, seconds, size):
    fragment, sent = os.urandom(size), 0
    began, cpu = time.monotonic(), time.process_time()
    for frame in range(round(seconds * 25)):
        for one in taken:
            one.send(fragment)
        sent += len(taken)
        await asyncio.sleep(max(0, began + (frame + 1) / 25 - time.monotonic()))
    print((time.process_time() - cpu) * 1e6 / sent)


def main(viewers, seconds, size):
    listening = socket.create_server(("127.0.0.1", 0), backlog=int(viewers))
    child = os.fork()
    if child == 0:
        receive(listening.getsockname()[1], int(viewers))
    taken = [listening.accept()[0] for _ in range(int(viewers))]
    for one in taken:
        one.setblocking(False)
    try:
        uvloop.run(send(taken, float(seconds), int(size)))
    finally:
        os.kill(child, signal.SIGKILL)


main(*sys.argv[1:])
