"""RTCP of one track (RFC 3550, 6): the camera's sender reports and goodbyes read, our receiver reports written.

Runs on the camera's loop; a few packets a minute. Some servers end a session that never hears a receiver report. What
comes is not trusted: a length is bounded, a time of day is taken for one only where it can be one.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from struct import Struct
from typing import Final

from hub.clock import Clock

_SENDER_REPORT: Final = 200
_BYE: Final = 203
_BLOCK: Final = Struct(">IIIIII").pack  # SSRC, fraction and lost, highest sequence, jitter, LSR, DLSR
_SENDER: Final = Struct(">IIII").unpack_from  # SSRC, NTP seconds, NTP fraction, RTP time
_RTP: Final = Struct(">HII").unpack_from  # sequence, timestamp, SSRC
_NTP_1970: Final = 2_208_988_800
_ERA: Final = 2**32
_NEXT_ERA_NEAR: Final = 2_051_222_400  # 2035-01-01; NTP begins again in February 2036
# Before it lie the time since the camera was switched on and what a dead clock shows (1970, 2000): no time of day.
PLAUSIBLE_FROM: Final = 1_262_304_000  # 2010-01-01
PLAUSIBLE_UNTIL: Final = 4_102_444_800  # 2100-01-01
STEP_S: Final = 1.0  # the wall and the media clock of one camera part by more: one of them was set
FAR_S: Final = 10.0  # both together against ours: more than a network holds back
_CNAME: Final = b"probe"


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """What a camera's sender reports tell of its clock."""

    reports: int = 0
    offset_s: float | None = None  # its time of day minus ours; None: it tells none that can be one
    steps: int = 0  # times that its clock was set, of the day or of the media, since the source began


class Reception:
    """One track as its receiver sees it. `ours` is our own SSRC."""

    def __init__(self, clock: Clock, clock_rate: int) -> None:
        self.facts = ClockFacts()
        self._clock = clock
        self._rate = max(clock_rate, 1)
        self._ours = secrets.randbits(32)
        self._highest = -1  # with the cycles in its upper half; -1: no packet was looked at
        self._reported = (0, 0)  # highest and lost of the last report
        self._jitter = 0.0
        self._seen: tuple[float, int] | None = None  # monotonic and RTP time of the last packet looked at
        self._sent: tuple[float, float, int] | None = None  # monotonic, NTP seconds, RTP time of the last sender report
        self._middle = 0  # of its NTP time

    def look(self, data: bytes, start: int, end: int) -> None:
        """Note one RTP packet: one each few seconds is enough, since loss is counted elsewhere."""
        if end - start < 12:
            return
        sequence, timestamp, _ = _RTP(data, start + 2)
        if self._highest < 0:
            self._highest, self._reported = sequence, (sequence - 1, 0)
        self._highest += (sequence - self._highest) & 0xFFFF
        now = self._clock.monotonic()
        if self._seen is not None:
            late_s = (now - self._seen[0]) - _signed(timestamp - self._seen[1]) / self._rate
            if abs(late_s) < FAR_S:
                self._jitter += (abs(late_s) * self._rate - self._jitter) / 16  # RFC 3550, 6.4.1
        self._seen = (now, timestamp)

    def take(self, data: bytes, start: int, end: int, ssrc: int) -> bool:
        """Read a compound packet; True: it ends the stream `ssrc`."""
        goodbye = False
        while end - start >= 8:
            kind, words = data[start + 1], data[start + 2] << 8 | data[start + 3]
            stop = start + 4 + 4 * words
            if stop > end or data[start] & 0xC0 != 0x80:
                break
            if kind == _SENDER_REPORT and words >= 6:
                sender, seconds, fraction, timestamp = _SENDER(data, start + 4)
                if sender == ssrc or not ssrc:
                    self._sender_report(seconds, fraction, timestamp)
            elif kind == _BYE:
                named = range(start + 4, min(stop, start + 4 + 4 * (data[start] & 0x1F)), 4)
                goodbye = goodbye or any(int.from_bytes(data[at : at + 4], "big") == ssrc for at in named)
            start = stop
        return goodbye

    def report(self, ssrc: int, lost: int) -> bytes:
        """A receiver report with our CNAME; `lost` packets since the start. No block before the first packet."""
        blocks = b""
        if self._highest >= 0:
            before, lost_before = self._reported
            expected, missing = self._highest - before, lost - lost_before
            fraction = min(255, (missing << 8) // expected) if expected > 0 and missing > 0 else 0
            self._reported = (self._highest, lost)
            since = round((self._clock.monotonic() - self._sent[0]) * 65_536) if self._sent else 0
            blocks = _BLOCK(
                ssrc & 0xFFFF_FFFF,
                fraction << 24 | min(max(lost, 0), 0x7F_FFFF),
                self._highest & 0xFFFF_FFFF,
                min(round(self._jitter), 0xFFFF_FFFF),
                self._middle,
                min(since, 0xFFFF_FFFF),
            )
        ours = self._ours.to_bytes(4, "big")
        count = len(blocks) // 24
        item = bytes((1, len(_CNAME))) + _CNAME
        chunk = ours + item + bytes(4 - len(item) % 4)
        head = bytes((0x80 | count, 201)) + (1 + 6 * count).to_bytes(2, "big")
        return head + ours + blocks + bytes((0x81, 202)) + (len(chunk) // 4).to_bytes(2, "big") + chunk

    def _sender_report(self, seconds: int, fraction: int, timestamp: int) -> None:
        now, ntp_s = self._clock.monotonic(), seconds + fraction / _ERA
        self._middle = (seconds & 0xFFFF) << 16 | fraction >> 16
        steps = self.facts.steps
        if self._sent is not None:
            ours_s = now - self._sent[0]
            wall_s, media_s = ntp_s - self._sent[1], _signed(timestamp - self._sent[2]) / self._rate
            # The camera's two clocks against each other tell a step whatever the network did in between.
            steps += abs(wall_s - media_s) > STEP_S or abs(media_s - ours_s) > FAR_S
        self._sent = (now, ntp_s, timestamp)
        today = self._clock.now().timestamp()
        unix_s = ntp_s - _NTP_1970
        if not seconds & 0x8000_0000 and today > _NEXT_ERA_NEAR:  # before, so few seconds are an uptime
            unix_s += _ERA
        offset_s = unix_s - today if PLAUSIBLE_FROM <= unix_s < PLAUSIBLE_UNTIL else None
        self.facts = replace(self.facts, reports=self.facts.reports + 1, offset_s=offset_s, steps=steps)


def _signed(difference: int) -> int:
    """A difference of two 32-bit times, whichever wrapped."""
    difference &= 0xFFFF_FFFF
    return difference - _ERA if difference >= _ERA // 2 else difference
