"""RTP packets and NAL units made by hand, for tests of the depacketiser and of the client."""

from __future__ import annotations

import base64
from struct import pack

SPS = base64.b64decode("Z0IAHvQCgC3I")  # 1280x720, Baseline, level 3 (WebRTC#417)
PPS = base64.b64decode("aM48gA==")
SPS_960P = base64.b64decode("J00AII1qBQB5oQAAAwABAAADACiE")  # 1280x960, Main (moonfire#213)
H265_VPS = bytes.fromhex("40010c01ffff01600000030090000003000003003cba0240")
H265_SPS = bytes.fromhex(
    "42010101600000030090000003000003003ca00a080b9f796eae4c2e68080000030008000003005040"
)  # 320x180
H265_PPS = bytes.fromhex("4401c1718112")
H265_SETS = (H265_VPS, H265_SPS, H265_PPS)
IDR = b"\x65\x88" + bytes(range(40))
P = b"\x41\x9a" + bytes(range(60, 90))
SEI = b"\x06\x05\x01\xaa\x80"
DELIMITER = b"\x09\xf0"


def rtp(
    sequence: int, timestamp: int, payload: bytes, *, marker: bool = False, payload_type: int = 96, ssrc: int = 0x1234
) -> bytes:
    """One packet with a plain header (RFC 3550, 5.1)."""
    second = payload_type | (0x80 if marker else 0)
    return pack(">BBHII", 0x80, second, sequence & 0xFFFF, timestamp & 0xFFFF_FFFF, ssrc) + payload


def interleaved(packet: bytes, channel: int = 0) -> bytes:
    """A packet as it stands on an RTSP connection (RFC 2326, 10.12)."""
    return pack(">BBH", 0x24, channel, len(packet)) + packet


def stap_a(*nals: bytes) -> bytes:
    """Several NAL units in one packet (RFC 6184, 5.7.1)."""
    return b"\x18" + b"".join(pack(">H", len(nal)) + nal for nal in nals)


def fu_a(nal: bytes, size: int) -> list[bytes]:
    """One NAL unit in fragments of `size` payload bytes (RFC 6184, 5.8)."""
    pieces = [nal[1:][at : at + size] for at in range(0, len(nal) - 1, size)]
    last = len(pieces) - 1
    indicator = nal[0] & 0xE0 | 28
    return [
        bytes((indicator, nal[0] & 0x1F | (0x80 if at == 0 else 0) | (0x40 if at == last else 0))) + piece
        for at, piece in enumerate(pieces)
    ]


def ap(*nals: bytes) -> bytes:
    """Several H.265 NAL units in one packet (RFC 7798, 4.4.2)."""
    return b"\x60\x01" + b"".join(pack(">H", len(nal)) + nal for nal in nals)


def fu(nal: bytes, size: int) -> list[bytes]:
    """One H.265 NAL unit in fragments of `size` payload bytes (RFC 7798, 4.4.3)."""
    pieces = [nal[2:][at : at + size] for at in range(0, len(nal) - 2, size)]
    last, kind = len(pieces) - 1, nal[0] >> 1 & 0x3F
    head = bytes((nal[0] & 0x81 | 49 << 1, nal[1]))
    return [
        head + bytes((kind | (0x80 if at == 0 else 0) | (0x40 if at == last else 0),)) + piece
        for at, piece in enumerate(pieces)
    ]


def prefixed(*nals: bytes) -> bytes:
    """NAL units each after its length, as an access unit holds them."""
    return b"".join(pack(">I", len(nal)) + nal for nal in nals)
