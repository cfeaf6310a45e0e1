"""What a browser, or a stranger on our UDP port, can send: offers, STUN checks, RTCP; the seeds and the targets.

The offers are those of a Chromium 156, of a peer that describes addresses and certificate once for all, and of our own
test client; names, passwords and addresses in them are made up.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

from camera_gateway.live.webrtc.beneath import answer_check, make_check, read_check, username_of
from camera_gateway.live.webrtc.rtcp import goodbye, read_feedback, sender_report
from camera_gateway.live.webrtc.sdp import MOST_CHARACTERS, Fingerprint, Ours, answer_for
from probe.bench.whep_client import OFFER

_PRINT: Final = ":".join(f"{number:02X}" for number in range(32))
OURS: Final = Ours(
    ufrag="c0ffee",
    password="p" * 32,
    fingerprint=Fingerprint("sha-256", _PRINT),
    candidates=(("192.0.2.1", 8605), ("2001:db8::1", 8605)),
    video_ssrc=11,
    audio_ssrc=12,
    audio=True,
)
_LINE: Final = re.compile(r"[a-z]=[\x20-\x7e]*")
_ANSWER_MOST: Final = 40_000  # of characters: an offer's own limit, and what we say of ourselves
_DATAGRAM_MOST: Final = 2_048  # the endpoint reads no more
_INTEGRITY: Final = b"\x00\x08\x00\x14"
_NACKED_MOST: Final = 512  # a wish for more than is kept is a wish for nothing


@cache
def offers() -> Sequence[bytes]:
    """Offers as they are posted."""
    written = [path.read_bytes() for path in sorted((Path(__file__).parent / "offers").glob("*.sdp"))]
    ours = OFFER.format(ufrag="abcd", password="q" * 24, algorithm="sha-256", value=_PRINT).encode()
    return [one.replace(b"\n", b"\r\n") for one in (*written, ours)]


def run_whep(data: bytes, rng: Random) -> None:
    """An offer is answered or refused; the answer is lines of SDP, ours, and no longer than it may be."""
    text = data.decode("utf-8", rng.choice(("replace", "surrogateescape")))[: MOST_CHARACTERS + 1]
    answer = answer_for(text, OURS, rng.choice((None, "h264", "h265")))
    assert len(answer) < _ANSWER_MOST
    lines = answer.split("\r\n")
    assert lines.pop() == ""
    assert all(_LINE.fullmatch(line) for line in lines)
    assert sum(line == "a=ice-lite" for line in lines) == 1
    assert {line for line in lines if line.startswith("a=ice-ufrag:")} == {f"a=ice-ufrag:{OURS.ufrag}"}
    assert {line for line in lines if line.startswith("a=ice-pwd:")} == {f"a=ice-pwd:{OURS.password}"}


@cache
def checks() -> Sequence[bytes]:
    """STUN binding requests made with our password, and an answer."""
    identity = bytes(range(12))
    plain, nominating = (
        make_check(f"{OURS.ufrag}:abcd", OURS.password, nominates=nominates, transaction_id=identity)
        for nominates in (False, True)
    )
    check = read_check(plain, OURS.password)
    assert check is not None
    return [plain, nominating, answer_check(check, OURS.password, ("192.0.2.7", 50_000))]


def run_stun(data: bytes, rng: Random) -> None:
    """A datagram of a stranger, or of somebody who has a password: a name or none, a check or none."""
    for datagram in (data[:_DATAGRAM_MOST], _sealed(data[:_DATAGRAM_MOST])):
        username = username_of(datagram)
        assert username is None or len(username) <= len(datagram)
        assert read_check(datagram, "x" * 32) is None
        check = read_check(datagram, OURS.password)
        if check is not None:
            assert check.transaction_id == datagram[8:20]
            answer_check(check, OURS.password, ("192.0.2.7", 50_000))


def _sealed(datagram: bytes) -> bytes:
    """The same with a true length and a true MESSAGE-INTEGRITY (RFC 8489, 14.5)."""
    body = datagram.partition(_INTEGRITY)[0]
    body += bytes(-len(body) % 4)
    body = body[:2] + max(0, len(body) - 20 + 24).to_bytes(2, "big") + body[4:]
    return body + _INTEGRITY + hmac.digest(OURS.password.encode(), body, "sha1")


@cache
def reports() -> Sequence[bytes]:
    """RTCP as a browser sends it."""
    ours = OURS.video_ssrc.to_bytes(4, "big")
    received = b"\x81\xc9\x00\x07" + bytes(4) + ours + b"\x40" + bytes(19)
    missed = b"\x81\xcd\x00\x04" + bytes(4) + ours + bytes.fromhex("0005000afffe0003")
    wish = b"\x81\xce\x00\x02" + bytes(4) + ours
    described = b"\x81\xca\x00\x04" + bytes(4) + b"\x01\x05probe\x00" + bytes(4)
    sent = sender_report(7, 1_800_000_000_000_000, 90_000, 10, 12_000)
    return [received, received + missed + wish, sent + described + missed * 3, goodbye(7), missed, wish]


def run_feedback(data: bytes, rng: Random) -> None:
    """What a browser reports: within bounds, whatever it says."""
    found = read_feedback(data)
    assert len(found.nacked) <= _NACKED_MOST
    assert all(0 <= number < 65_536 and 0 <= ssrc < 2**32 for ssrc, number in found.nacked)
    assert all(0 <= share < 1 for share in found.lost.values())
    assert len(found.lost) <= len(data) // 24
