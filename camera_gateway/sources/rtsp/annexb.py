"""NAL units between start codes (Annex B of H.264 and H.265), first fields of an H.264 slice. Pure; any thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

_NALS_MAX: Final = 256
_INTRA_SLICES: Final = frozenset({2, 4, 7, 9})  # I and SI (table 7-6)


def has_start_code(nal: bytes) -> bool:
    """Whether bytes that should be one NAL unit hold several; emulation prevention keeps it out of any one."""
    return b"\x00\x00\x01" in nal


def split_start_codes(data: bytes, plausible: Callable[[bytes], bool]) -> list[bytes]:
    """The NAL units of an Annex B run, at most 257; empty ones and trailing zeros dropped.

    Empty where a part is not `plausible`: then the start code was data (an SEI without emulation prevention).
    """
    parts = [part.rstrip(b"\x00") for part in data.split(b"\x00\x00\x01", _NALS_MAX)]
    found = [part for part in parts if part]
    return found if all(map(plausible, found)) else []


def first_slice_is_intra(pieces: Sequence[bytes]) -> bool:
    """Whether the first slice among length-prefixed pieces is an I slice: a recovery point of an open GOP."""
    joined = b"".join(pieces[:64])
    position = 0
    while position + 6 <= len(joined):
        size = int.from_bytes(joined[position : position + 4], "big")
        if joined[position + 4] & 0x1F == 1:
            bits = int.from_bytes(joined[position + 5 : position + 13].ljust(8, b"\x00"), "big")
            _, left = _exp_golomb(bits, 64)
            slice_type, _ = _exp_golomb(bits, left)
            return slice_type in _INTRA_SLICES
        position += 4 + size
    return False


def _exp_golomb(bits: int, left: int) -> tuple[int, int]:
    """(value, bits left) of an Exp-Golomb number at the top of the `left` lowest bits; -1 where it does not end."""
    zeros = 0
    while left and not (bits >> (left - 1)) & 1:
        zeros += 1
        left -= 1
    if left < zeros + 1:
        return -1, 0
    left -= zeros + 1
    return ((bits >> left) & ((1 << (zeros + 1)) - 1)) - 1, left
