"""From NAL units with lengths (as access units carry them) to Annex B (as decoders and detectors take them). Pure."""

from __future__ import annotations

_START = b"\0\0\0\1"


def annexb(data: bytes) -> bytes:
    """ITU-T H.264 Annex B: each four-byte length becomes a start code; the size stays. A cut-off tail is left out."""
    out = bytearray(data)
    at, size = 0, len(data)
    while at + 4 <= size:
        length = int.from_bytes(data[at : at + 4], "big")
        if at + 4 + length > size:
            break
        out[at : at + 4] = _START
        at += 4 + length
    return bytes(out[:at])
