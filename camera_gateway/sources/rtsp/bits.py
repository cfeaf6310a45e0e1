"""Bits of a parameter set as ITU-T H.264 and H.265 write them (7.2 and 9.1 of the one, 9.2 of the other). Pure.

The bytes come from a camera: every read has an end, and only ValueError ever comes out.
"""

from __future__ import annotations

from typing import Final

NAL_MAX_BYTES: Final = 4096


class Bits:
    """A reader over a NAL unit's payload with emulation prevention removed; raises ValueError at its end."""

    def __init__(self, nal: bytes, header_bytes: int) -> None:
        payload = nal[header_bytes:NAL_MAX_BYTES].replace(b"\x00\x00\x03", b"\x00\x00")
        self._value = int.from_bytes(payload, "big")
        self._left = len(payload) * 8

    def u(self, count: int) -> int:
        """`count` bits as an unsigned number."""
        if count > self._left:
            raise ValueError("a parameter set ends too early")
        self._left -= count
        return (self._value >> self._left) & ((1 << count) - 1)

    def flag(self) -> bool:
        """One bit."""
        return self.u(1) == 1

    def ue(self) -> int:
        """Exp-Golomb, unsigned."""
        zeros = 0
        while not self.flag():
            zeros += 1
            if zeros > 32:
                raise ValueError("a number without end in a parameter set")
        return (1 << zeros) - 1 + self.u(zeros)

    def se(self) -> int:
        """Exp-Golomb, signed."""
        value = self.ue()
        return (value + 1) // 2 if value & 1 else -(value // 2)

    def ue_below(self, limit: int) -> int:
        """Exp-Golomb, unsigned; ValueError from `limit` on."""
        value = self.ue()
        if value >= limit:
            raise ValueError("a number in a parameter set is out of its range")
        return value
