"""The floor: the least that Python can do to send a camera to many WebRTC viewers: header, SRTP, sendto; no handshake,
no feedback, nothing kept. Prints microseconds of CPU a packet. The receivers are a process of their own, not counted.

python webrtc_floor.py PROFILE VIEWERS SECONDS SIZE...: each frame is packets with payloads of these sizes, 25 a second.
"""

import asyncio
import os
import selectors
import signal
import socket
import struct
import sys
import time

import uvloop
from pylibsrtp import Policy, Session

PROFILES = {
    "SRTP_AES128_CM_SHA1_80": (Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 30),
    "SRTP_AEAD_AES_128_GCM": (Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 28),
    "SRTP_AEAD_AES_256_GCM": (Policy.SRTP_PROFILE_AEAD_AES_256_GCM, 44),
}
HEADER = struct.Struct(">BBHII")


def receive(sockets):
    polled = selectors.DefaultSelector()
    for one in sockets:
        polled.register(one, selectors.EVENT_READ)
    while True:
        for found, _ in polled.select():
            try:
                while True:
                    found.fileobj.recv(2048)
            except BlockingIOError:
                pass


def session(profile):
    number, size = PROFILES[profile]
    return Session(Policy(key=os.urandom(size), ssrc_type=Policy.SSRC_ANY_OUTBOUND, srtp_profile=number))


async def send(profile, addresses, seconds, sizes):
    sending = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sending.setblocking(False)
    sending.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_000_000)
    viewers = [(session(profile), address, 1000 + n) for n, address in enumerate(addresses)]
    payloads = [os.urandom(size) for size in sizes]
    last, sequence, sent = len(payloads) - 1, 0, 0
    began, cpu = time.monotonic(), time.process_time()
    for frame in range(round(seconds * 25)):
        for srtp, address, ssrc in viewers:
            for n, payload in enumerate(payloads):
                kind = 102 | (0x80 if n == last else 0)
                packet = HEADER.pack(0x80, kind, sequence + n & 0xFFFF, frame * 3600, ssrc) + payload
                sending.sendto(srtp.protect(packet), address)
        sequence += len(payloads)
        sent += len(payloads) * len(viewers)
        await asyncio.sleep(max(0, began + (frame + 1) / 25 - time.monotonic()))
    print((time.process_time() - cpu) * 1e6 / sent)


def main(profile, viewers, seconds, *sizes):
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(int(viewers))]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
        one.setblocking(False)
    child = os.fork()
    if child == 0:
        receive(sockets)
    try:
        uvloop.run(send(profile, [one.getsockname() for one in sockets], float(seconds), list(map(int, sizes))))
    finally:
        os.kill(child, signal.SIGKILL)


main(*sys.argv[1:])
