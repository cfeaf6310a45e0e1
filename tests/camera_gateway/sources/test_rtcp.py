"""RTCP: reports that a server's parser takes, and what a camera's reports tell of its clock."""

from __future__ import annotations

import struct
from datetime import UTC, datetime

import pytest

from camera_gateway.sources.rtsp.rtcp import ClockFacts, Reception
from tests.support.clock import START, FakeClock
from tests.support.rtp import rtp

SSRC, RATE = 0x1234, 90_000
NTP_1970 = 2_208_988_800


def report(unix_s: float, timestamp: int, ssrc: int = SSRC) -> bytes:
    """A sender report whose wall clock is `unix_s`."""
    whole = int(unix_s // 1)
    fraction = int((unix_s - whole) * 2**32)
    return struct.pack(
        ">BBHIIIIII", 0x80, 200, 6, ssrc, whole + NTP_1970 & 0xFFFF_FFFF, fraction, timestamp & 0xFFFF_FFFF, 0, 0
    )


class Talk:
    """A camera whose two clocks a test sets, and our side of it."""

    def __init__(self, wall_ahead_s: float = 0.0, start: datetime = START) -> None:
        self.clock = FakeClock(start)
        self.reception = Reception(self.clock, RATE)
        self.began = self.clock.monotonic()
        self.wall_ahead_s = wall_ahead_s
        self.media_ahead_s = 0.0

    async def after(self, seconds: float) -> ClockFacts:
        """The facts after another report, so much later."""
        await self.clock.advance(seconds)
        unix_s = self.clock.now().timestamp() + self.wall_ahead_s
        ticks = round((self.clock.monotonic() - self.began + self.media_ahead_s) * RATE)
        data = report(unix_s, ticks + 0xFFFF_0000)  # wraps within a second
        assert not self.reception.take(b"$" + data, 1, 1 + len(data), SSRC)
        return self.reception.facts


@pytest.mark.parametrize("ahead_s", [0.0, 30.0, -3600.5, 8 * 3600.0])
async def test_the_camera_s_time_of_day_is_told_against_ours(ahead_s: float) -> None:
    talk = Talk(ahead_s)
    await talk.after(0)
    facts = await talk.after(5)
    assert facts.offset_s == pytest.approx(ahead_s, abs=0.001)
    assert (facts.reports, facts.steps) == (2, 0)


@pytest.mark.parametrize(
    ("unix_s", "plausible"),
    [
        (-NTP_1970 + 4000.0, False),  # seconds since it was switched on, from 1900
        (4000.0, False),  # … from 1970
        (datetime(2000, 1, 1, 0, 5, tzinfo=UTC).timestamp(), False),  # a dead clock
        (datetime(2009, 12, 31, tzinfo=UTC).timestamp(), False),
        (datetime(2026, 3, 2, tzinfo=UTC).timestamp(), True),
    ],
)
def test_what_can_be_no_date_is_none(unix_s: float, plausible: bool) -> None:
    talk = Talk()
    data = report(unix_s, 0)
    talk.reception.take(data, 0, len(data), SSRC)
    assert (talk.reception.facts.offset_s is not None) is plausible


async def test_the_next_era_of_ntp_is_a_date_once_it_is_near() -> None:
    talk = Talk(5.0, datetime(2036, 2, 8, tzinfo=UTC))
    assert (await talk.after(1)).offset_s == pytest.approx(5.0, abs=0.001)


async def test_a_clock_that_is_set_is_a_step_and_one_that_drifts_or_a_slow_network_is_none() -> None:
    talk = Talk(2.0)
    await talk.after(0)
    for _ in range(5):
        talk.wall_ahead_s += 0.01  # 20 ppm is 2 s a day; this is a hundred times worse
        await talk.after(5)
    assert talk.reception.facts.steps == 0
    talk.wall_ahead_s = 0.0  # NTP set it
    assert (await talk.after(5)).steps == 1
    assert (await talk.after(5)).steps == 1
    talk.media_ahead_s = -3600.0  # the media clock fell back (frigate#8007)
    assert (await talk.after(5)).steps == 2
    talk.wall_ahead_s, talk.media_ahead_s = 3600.0, 0.0  # both together
    assert (await talk.after(5)).steps == 3


async def test_a_report_of_another_stream_says_nothing_of_this_one() -> None:
    talk = Talk()
    data = report(1_772_413_200.0, 0, ssrc=0x9999)
    talk.reception.take(data, 0, len(data), SSRC)
    assert talk.reception.facts == ClockFacts()


def test_a_goodbye_is_found_wherever_it_stands_in_a_compound_packet() -> None:
    reception = Reception(FakeClock(), RATE)
    sdes, bye = bytes.fromhex("81ca0002000012340100000000"[:24]), bytes.fromhex("82cb0002000000ff00001234")
    whole = report(1.0, 0) + sdes + bye
    assert reception.take(whole, 0, len(whole), SSRC)
    assert not reception.take(whole, 0, len(whole), 0x77)
    assert not reception.take(whole, 0, len(whole) - 1, SSRC)  # it claims more than there is
    assert not reception.take(bytes.fromhex("81cb0000"), 0, 4, SSRC)


async def test_our_report_is_what_the_standard_says() -> None:
    talk = Talk()
    empty = talk.reception.report(SSRC, 0)
    assert empty[:4] == bytes.fromhex("80c90001")
    await talk.after(0)
    for number in (0xFFFE, 0xFFFF, 0, 9):
        packet = rtp(number, number * 3600, b"x")
        talk.reception.look(packet, 0, len(packet))
        await talk.clock.advance(0.04)
    data = talk.reception.report(SSRC, 3)
    flags, kind, words = struct.unpack_from(">BBH", data)
    assert (flags, kind, words) == (0x81, 201, 7)
    ours, ssrc, loss, highest, jitter, middle, since = struct.unpack_from(">IIIIIII", data, 4)
    assert ssrc == SSRC
    assert (loss >> 24, loss & 0xFF_FFFF) == (3 * 256 // 12, 3)  # 12 expected: 65534 … 65545
    assert highest == 0x1_0009
    assert jitter < RATE
    ntp = report(talk.clock.now().timestamp() - 0.16, 0)
    assert middle == int.from_bytes(ntp[10:14], "big")
    assert since == round(0.16 * 65_536)
    sdes = data[4 * (words + 1) :]
    assert sdes[:2] == b"\x81\xca"
    assert len(sdes) == 4 * (1 + int.from_bytes(sdes[2:4], "big"))
    assert sdes[4:8] == ours.to_bytes(4, "big")
    assert sdes[8] == 1  # CNAME
    assert sdes[10 : 10 + sdes[9]].isascii()
    again = talk.reception.report(SSRC, 3)
    assert again[12] == 0  # nothing more was lost since the last report
