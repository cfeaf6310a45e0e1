"""What a browser reports is read to the end of the packet and no further; our reports say what RFC 3550 asks."""

from __future__ import annotations

import random
from struct import unpack

import pytest

from camera_gateway.live.webrtc.rtcp import goodbye, read_feedback, sender_report

SSRC = bytes((0, 0, 0, 7))
REPORT = b"\x81\xc9\x00\x07" + bytes(4) + SSRC + b"\x40" + bytes(19)


def nack(*pairs: tuple[int, int]) -> bytes:
    body = b"".join(first.to_bytes(2, "big") + mask.to_bytes(2, "big") for first, mask in pairs)
    return b"\x81\xcd" + (2 + len(pairs)).to_bytes(2, "big") + bytes(4) + SSRC + body


@pytest.mark.parametrize(
    ("data", "nacked", "keyframe", "lost"),
    [
        (REPORT, [], False, {7: 0.25}),
        (REPORT + nack((5, 0)), [5], False, {7: 0.25}),  # compound
        (nack((5, 0b101)), [5, 6, 8], False, {}),
        (nack((65_535, 1)), [65_535, 0], False, {}),  # wraps
        (b"\x81\xce\x00\x02" + bytes(4) + SSRC, [], True, {}),  # PLI
        (b"\x81\xc9\x00\x07" + bytes(8), [], False, {}),  # says that it is longer than it is
        (b"\x9f\xc9\x00\x01" + bytes(4), [], False, {}),  # says 31 reports and has none
        (b"\x01\xc9\x00\x07" + bytes(28), [], False, {}),  # another version
        (b"", [], False, {}),
        (b"\x81\xcd\x00\x00" + bytes(4), [], False, {}),  # of no length
    ],
)
def test_reports_are_read(data: bytes, nacked: list[int], keyframe: bool, lost: dict[int, float]) -> None:
    found = read_feedback(data)
    assert [number for _, number in found.nacked] == nacked
    assert all(ssrc == 7 for ssrc, _ in found.nacked)
    assert (found.wants_keyframe, found.lost) == (keyframe, lost)


def test_nobody_can_ask_for_more_than_is_kept() -> None:
    assert len(read_feedback(nack(*((n, 0xFFFF) for n in range(0, 3000, 17)))).nacked) == 512


def test_any_bytes_are_read_without_a_fault() -> None:
    chance = random.Random(7)
    for _ in range(3000):
        data = bytearray(REPORT + nack((5, 0b101), (900, 3)))
        for _ in range(chance.randrange(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        read_feedback(bytes(data[: chance.randrange(len(data) + 1)]))


def test_a_sender_report_puts_the_hubs_clock_beside_the_rtp_time() -> None:
    first, kind, size, ssrc, seconds, rest, stamp, packets, octets = unpack(
        ">BBHIIIIII", sender_report(7, 1_772_413_200_500_000, (1 << 32) + 90_000, 10, 1000)
    )
    assert (first, kind, size, ssrc, stamp, packets, octets) == (0x80, 200, 6, 7, 90_000, 10, 1000)
    assert seconds - 2_208_988_800 == 1_772_413_200
    assert rest == 1 << 31


def test_a_goodbye_is_a_compound_packet() -> None:
    assert goodbye(7) == b"\x80\xc9\x00\x01" + SSRC + b"\x81\xcb\x00\x01" + SSRC
