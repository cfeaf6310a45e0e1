"""From NAL units with lengths (as access units carry them) to Annex B (as decoders and detectors take them). Pure."""

from __future__ import annotations

_START = b"\0\0\0\1"


def annexb(data: bytes) -> bytes:
    """Annex B (H.264, H.265): each four-byte length becomes a start code; copied once. A cut-off tail is left out."""
    view = memoryview(data)
    parts: list[bytes | memoryview] = []
    at, size = 0, len(data)
    while at + 4 <= size:
        end = at + 4 + int.from_bytes(view[at : at + 4], "big")
        if end > size:
            break
        parts += (_START, view[at + 4 : end])
        at = end
    return b"".join(parts)
