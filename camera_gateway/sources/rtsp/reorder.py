"""Puts RTP packets that came by UDP into their order again, within bounds; what is later than that is lost.

Runs on the camera's loop, once a packet: in order it is one comparison and the call. Holds at most `held_max` packets
for at most `hold_s`, then lets the gap stand, which the depacketiser counts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

HELD_MAX: Final = 64  # packets: a keyframe of 80 kB
HOLD_S: Final = 0.08  # two pictures at 25 a second
_LATE_MAX: Final = 1_000  # sequence numbers; further behind is a new beginning
_AHEAD_MAX: Final = 3_000  # likewise (RFC 3550, A.1)

Taker = Callable[[bytes, int, int], None]


class Reorder:
    """One track. `take` is called with whole RTP packets."""

    def __init__(self, take: Taker, *, held_max: int = HELD_MAX, hold_s: float = HOLD_S) -> None:
        self.late = 0  # came after their place was given up, or twice
        self._take = take
        self._held_max = held_max
        self._hold_s = hold_s
        self._next = -1  # the sequence number that is due; -1: any
        self._held: dict[int, bytes] = {}
        self._timer: asyncio.TimerHandle | None = None

    def packet(self, data: bytes) -> None:
        """One datagram, at least 12 bytes of RTP."""
        sequence = data[2] << 8 | data[3]
        ahead = (sequence - self._next) & 0xFFFF
        if ahead == 0 or self._next < 0:
            self._next = (sequence + 1) & 0xFFFF
            self._take(data, 0, len(data))
            if self._held:
                self._go_on()
        elif ahead < _AHEAD_MAX:
            self._held[sequence] = data
            if len(self._held) > self._held_max:
                self._give_up_gap()
            elif self._timer is None:
                self._timer = asyncio.get_running_loop().call_later(self._hold_s, self._waited)
        elif 0x1_0000 - ahead <= _LATE_MAX:
            self.late += 1
        else:
            self._release()
            self._next = (sequence + 1) & 0xFFFF
            self._take(data, 0, len(data))

    def close(self) -> None:
        """Nothing held is handed on any more."""
        self._held.clear()
        self._stop_timer()

    def _go_on(self) -> None:
        """Hand on what was held and is due now."""
        held = self._held
        while (data := held.pop(self._next, None)) is not None:
            self._next = (self._next + 1) & 0xFFFF
            self._take(data, 0, len(data))
        if not held:
            self._stop_timer()

    def _give_up_gap(self) -> None:
        due = self._next
        self._next = min(self._held, key=lambda sequence: (sequence - due) & 0xFFFF)
        self._go_on()

    def _release(self) -> None:
        while self._held:
            self._give_up_gap()

    def _waited(self) -> None:
        self._timer = None
        self._release()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
