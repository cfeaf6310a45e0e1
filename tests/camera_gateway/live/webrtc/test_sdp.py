"""An offer is read with suspicion; the answer names what we send and nothing that a browser could smuggle in."""

from __future__ import annotations

import random
import re

import pytest

from camera_gateway.live.webrtc.sdp import MOST_CHARACTERS, Fingerprint, Ours, answer_for, read_offer
from hub.errors import ErrorKind, HubError
from probe.bench.whep_client import OFFER

PRINT = ":".join(["AB"] * 32)
OURS = Ours(
    ufrag="ourufrag",
    password="p" * 32,
    fingerprint=Fingerprint("sha-256", PRINT),
    candidates=(("192.0.2.1", 8605), ("2001:db8::1", 8605)),
    video_ssrc=11,
    audio_ssrc=12,
    audio=True,
)
TEXT = OFFER.format(ufrag="abcd", password="q" * 24, algorithm="sha-256", value=PRINT).replace("\n", "\r\n")


def lines_of(answer: str) -> list[str]:
    assert answer.endswith("\r\n")
    return answer.split("\r\n")[:-1]


def test_the_answer_takes_h264_in_mode_1_whatever_the_browser_prefers() -> None:
    lines = lines_of(answer_for(TEXT, OURS, "h264"))
    video = lines[lines.index("m=video 8605 UDP/TLS/RTP/SAVPF 102") :]
    assert "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f" in video
    for line in (
        "a=sendonly",
        "a=setup:passive",
        "a=rtcp-mux",
        "a=mid:0",
        "a=candidate:1 1 udp 2130706430 192.0.2.1 8605 typ host",
        "a=candidate:2 1 udp 2130706429 2001:db8::1 8605 typ host",
        "a=ice-ufrag:ourufrag",
        "a=rtcp-fb:102 nack",
        "a=rtcp-fb:102 nack pli",
        "a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
        "a=ssrc:11 cname:probe",
    ):
        assert line in video, line
    assert "a=ice-lite" in lines
    assert "a=group:BUNDLE 0 1" in lines
    assert not [line for line in lines if "transport-cc" in line or "goog-remb" in line]


def test_sound_is_answered_only_for_those_who_may_hear() -> None:
    heard = lines_of(answer_for(TEXT, OURS))
    assert "m=audio 8605 UDP/TLS/RTP/SAVPF 8 0" in heard
    assert "a=rtpmap:8 PCMA/8000" in heard
    deaf = Ours(**{name: getattr(OURS, name) for name in OURS.__slots__} | {"audio": False})
    silent = lines_of(answer_for(TEXT, deaf))
    assert "m=audio 0 UDP/TLS/RTP/SAVPF 111 0 8" in silent
    assert "a=group:BUNDLE 0" in silent
    without_g711 = TEXT.replace("SAVPF 111 0 8", "SAVPF 111")
    assert "m=audio 0 UDP/TLS/RTP/SAVPF 111" in lines_of(answer_for(without_g711, OURS))


def test_h265_is_taken_where_the_browser_has_it_and_refused_where_not() -> None:
    with pytest.raises(HubError) as refused:
        answer_for(TEXT, OURS, "h265")
    assert (refused.value.kind, refused.value.code) == (ErrorKind.UNSUPPORTED, "camera_gateway.whep_codec")
    both = TEXT.replace("SAVPF 96 102 103 39", "SAVPF 96 102 103 49").replace("a=rtpmap:39 AV1", "a=rtpmap:49 H265")
    offer = read_offer(both, "h265")
    assert offer.payload_types == {"h264": 102, "h265": 49}
    assert "m=video 8605 UDP/TLS/RTP/SAVPF 49 102" in lines_of(answer_for(both, OURS))


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("a=setup:actpass", "a=setup:passive", "a=setup"),
        ("a=rtcp-mux\r\na=rtpmap:96", "a=rtpmap:96", "a=rtcp-mux"),
        ("a=ice-ufrag:abcd", "a=ice-ufrag:a", "a=ice-ufrag"),
        ("a=ice-ufrag:abcd", "a=ice-ufrag:ab cd", "a=ice-ufrag"),
        (f"a=fingerprint:sha-256 {PRINT}", "a=fingerprint:md5 AB", "a=fingerprint"),
        ("m=video 9", "m=video 0", "m=video"),
        ("a=recvonly", "a=sendonly", "m=video"),
        ("m=video 9 UDP/TLS/RTP/SAVPF", "m=video 9 RTP/AVP", "m=video"),
        ("m=video 9 UDP/TLS/RTP/SAVPF", "m=video 9", "m="),
        ("m=video", "m=vi deo", "m="),
        ("BUNDLE 0 1", "BUNDLE 1", "a=group"),
    ],
)
def test_an_offer_that_cannot_be_served_is_refused_with_what_is_wrong(old: str, new: str, what: str) -> None:
    assert old in TEXT
    with pytest.raises(HubError) as refused:
        read_offer(TEXT.replace(old, new))
    assert refused.value.code == "camera_gateway.whep_offer"
    assert refused.value.params == {"what": what}


@pytest.mark.parametrize(
    "text",
    ["", "v=0", "x" * (MOST_CHARACTERS + 1), "a\n" * 1001, TEXT + "a=" + "x" * 3000, TEXT + "m=audio 9 A 0\r\n" * 9],
)
def test_an_offer_of_unreasonable_size_or_none_is_refused(text: str) -> None:
    with pytest.raises(HubError) as refused:
        read_offer(text)
    assert refused.value.kind is ErrorKind.INVALID


def test_no_media_in_mode_1_is_no_codec() -> None:
    with pytest.raises(HubError) as refused:
        read_offer(TEXT.replace("packetization-mode=1", "packetization-mode=0"))
    assert refused.value.code == "camera_gateway.whep_codec"


def test_candidates_of_an_offer_are_not_read_and_no_name_is_looked_up() -> None:
    named = TEXT + "a=candidate:1 1 udp 1 1c8e-4f2a.local 50000 typ host\r\n"
    assert ".local" not in answer_for(named, OURS)


def test_whatever_is_changed_in_an_offer_it_is_read_or_refused_and_the_answer_keeps_its_form() -> None:
    chance = random.Random(11)
    line = re.compile(r"[a-z]=[\x20-\x7e]*")
    answered = 0
    for _ in range(1000):
        text = list(TEXT)
        for _ in range(chance.randrange(1, 12)):
            at = chance.randrange(len(text))
            text[at] = chance.choice(
                ["", "\r", "\n", "\0", "9", "=", ":", " ", "é", text[at] * 3, chr(chance.randrange(256))]
            )
        try:
            answer = answer_for("".join(text), OURS)
        except HubError:
            continue
        answered += 1
        assert all(line.fullmatch(one) for one in lines_of(answer)), answer
    assert answered > 100
