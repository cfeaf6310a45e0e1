"""The right inputs that wrong ones are made of: answers, descriptions and media as our simulator and real cameras send.

Each list is made once. Where `PROBE_MATERIAL` is set, the descriptions of real cameras join those written here; the
numbers of a run name its seeds only where the material is the same.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from camera_gateway.simulator.clip import Clip, Coding, moving_bar
from camera_gateway.simulator.codec import H265
from camera_gateway.simulator.packetiser import SharedLoop
from tests.support.rtp import (
    DELIMITER,
    H265_SETS,
    H265_SPS,
    IDR,
    PPS,
    SEI,
    SPS,
    SPS_960P,
    P,
    ap,
    fu,
    fu_a,
    interleaved,
    rtp,
    stap_a,
)
from tests.support.sound import aac

SETS = ",".join(base64.b64encode(nal).decode() for nal in (SPS, PPS))
_HEAD = "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=Media\r\nt=0 0\r\n"
_H264 = (
    f"a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1;profile-level-id=42001E;sprop-parameter-sets={SETS}\r\n"
)
_H265 = (
    "m=video 0 RTP/AVP 98\r\na=control:trackID=1\r\na=rtpmap:98 H265/90000\r\na=fmtp:98 sprop-vps=QAEMAf//AWAAAAMAsA"
    "AAAwAAAwB7rAk=;sprop-sps=QgEBAWAAAAMAsAAAAwAAAwB7oAPAgBDljb5JMrTcBAQEAg==;sprop-pps=RAHA8vA8kA==\r\n"
)
_AUDIO = (
    "m=audio 0 RTP/AVP 8\r\na=control:trackID=2\r\na=rtpmap:8 PCMA/8000\r\n"
    "m=audio 0 RTP/AVP 97\r\na=control:trackID=3\r\na=rtpmap:97 MPEG4-GENERIC/16000/1\r\n"
    "a=fmtp:97 streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;"
    "indexdeltalength=3;config=1408\r\n"
)
_WRITTEN = (
    f"{_HEAD}a=control:*\r\nm=video 0 RTP/AVP 96\r\n{_H264}a=framerate:25\r\na=control:trackID=0\r\n",
    f"{_HEAD}a=control:rtsp://192.0.2.7:554/Streaming/Channels/101/\r\nm=video 0 RTP/AVP 96\r\nb=AS:5000\r\n{_H264}"
    f"a=control:rtsp://192.0.2.7:554/Streaming/Channels/101/trackID=1\r\na=Media_header:MEDIAINFO=494D4B48;\r\n{_AUDIO}",
    f"{_HEAD}a=control:*\r\na=range:npt=now-\r\n{_H265}{_AUDIO}m=application 0 RTP/AVP 107\r\na=control:trackID=4\r\n"
    "a=rtpmap:107 vnd.onvif.metadata/90000\r\n",
    f"{_HEAD}m=video 0 RTP/AVP 26\na=control:track1\na=framerate:12.5\n",
)
_ANSWERS = (
    "RTSP/1.0 200 OK\r\nCSeq: 1\r\nServer: Rtsp Server/3.0\r\n"
    "Public: OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER\r\n\r\n",
    'RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\nWWW-Authenticate: Digest realm="IP Camera(E0317)", '
    'nonce="d4ad3c5b0e7b2b1a", stale="FALSE"\r\nWWW-Authenticate: Basic realm="IP Camera(E0317)"\r\n\r\n',
    'RTSP/1.0 401 Unauthorized\r\nCSeq: 3\r\nWWW-Authenticate: Digest realm="x", nonce="1", algorithm=SHA-256, '
    'qop="auth,auth-int", opaque="a\\"b", Digest realm="x", nonce="1", algorithm=MD5, qop="auth"\r\n\r\n',
    "RTSP/1.0 200 OK\r\nCSeq: 4\r\nSession: 1185d20035702ca;timeout=60\r\n"
    'Transport: RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=50617472;mode="play"\r\n\r\n',
    "RTSP/1.0 200 OK\r\nCSeq: 5\r\nSession: 1185d20035702ca\r\nRange: npt=0.000-\r\n"
    "RTP-Info: url=rtsp://192.0.2.7/trackID=0;seq=1;rtptime=2784\r\n\r\n",
    "RTSP/1.0 302 Moved Temporarily\r\nCSeq: 6\r\nLocation: rtsp://192.0.2.8:554/other\r\n\r\n",
    "RTSP/1.0 454 Session Not Found\r\nCSeq: 7\r\n\r\nRTSP/1.0 461 Unsupported Transport\r\nCSeq: 8\r\n\r\n",
    "OPTIONS rtsp://hub/ RTSP/1.0\r\nCSeq: 9\r\nSession: 1185d20035702ca\r\n\r\n",
    "RTSP/1.0 200 OK\nCSeq: 10\nContent-Type: text/parameters\n folded: yes\nContent-Length: 4\n\nab\r\n",
)


@cache
def descriptions() -> Sequence[bytes]:
    """SDP bodies."""
    folder = os.environ.get("PROBE_MATERIAL")
    real = sorted((Path(folder) / "rtsp/sdp").glob("*.sdp")) if folder else []
    return [*(text.encode() for text in _WRITTEN), *(path.read_bytes() for path in real)]


def described(body: bytes, sequence: int = 2) -> bytes:
    """The answer to DESCRIBE."""
    head = (
        f"RTSP/1.0 200 OK\r\nCSeq: {sequence}\r\nContent-Base: rtsp://192.0.2.7/a/\r\nContent-Type: application/sdp\r\n"
    )
    return head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body


@cache
def replies() -> Sequence[bytes]:
    """Answers as they stand on the wire, some with media behind them."""
    answers = [answer.encode() for answer in _ANSWERS]
    bodies = [described(body) for body in descriptions()[:4]]
    return [*answers, *bodies, answers[4] + media()[0][:4000], b"".join(answers[:5])]


_SENDER_REPORT = bytes.fromhex("80c8000612345678e1d2c3b4a59687780000000100000002000000030000") + bytes(2)
_GOODBYE = bytes.fromhex("81cb000112345678")


@cache
def media() -> Sequence[bytes]:
    """Interleaved RTP and RTCP."""
    clip = moving_bar(seconds=2.0)
    loop = SharedLoop(clip)
    gop = b"".join(loop.at(number) for number in range(12))
    nals = [b"\x65\x88" + bytes(900), b"\x41\x9a" + bytes(700)]
    fragments = b"".join(
        interleaved(rtp(10 * unit + part, 3600 * unit, body, marker=part == 9))
        for unit, nal in enumerate(nals)
        for part, body in enumerate(fu_a(nal, 90)[:10])
    )
    mixed = [
        rtp(1, 0, stap_a(SPS, PPS, SEI)),
        rtp(2, 0, IDR, marker=True),
        rtp(3, 3600, P, marker=True),
        rtp(4, 7200, DELIMITER),
        rtp(5, 7200, b"\x00\x00\x01".join((SPS_960P, PPS, IDR)), marker=True),
        rtp(6, 3600, P, marker=True),  # a B-frame's time
        rtp(65535, 0xFFFF_FFF0, IDR, marker=True),
        rtp(0, 3584, P, marker=True),
    ]
    control, goodbye = (interleaved(one, 1) for one in (_SENDER_REPORT, _GOODBYE))
    return [gop, fragments, b"".join(interleaved(one) for one in mixed) + control + goodbye, gop[:3000] + control]


@cache
def media_265() -> Sequence[bytes]:
    """Interleaved RTP of H.265, and H.264 where H.265 was described."""
    loop = SharedLoop(_clip_265())
    gop = b"".join(loop.at(number) for number in range(12))
    key, trail, rasl = (bytes((kind << 1, 1, 0xAF)) + bytes(range(1, 200)) for kind in (19, 1, 9))
    paci = bytes((50 << 1, 1)) + (19 << 9 | 3 << 4).to_bytes(2, "big") + b"\x01\x02\x03" + key[2:]
    packings = [
        *(rtp(number, 0, nal) for number, nal in enumerate(H265_SETS)),
        rtp(3, 0, key, marker=True),
        rtp(4, 3600, ap(*H265_SETS, key), marker=True),
        *(rtp(5 + part, 7200, piece, marker=piece[2] & 0x40 != 0) for part, piece in enumerate(fu(key, 60))),
        rtp(9, 10_800, ap(trail, trail), marker=True),
        rtp(10, 14_400, paci, marker=True),
        rtp(11, 18_000, b"\x00\x00\x01".join((*H265_SETS, key)), marker=True),
        rtp(12, 16_200, rasl, marker=True),
        rtp(13, 0xFFFF_FFF0, trail, marker=True),
    ]
    return [gop, b"".join(interleaved(one) for one in packings), gop[:3000], media()[2]]


@cache
def described_265() -> Sequence[bytes]:
    """Descriptions of H.265 with and without parameter sets."""
    bare = _H265.partition("a=fmtp")[0]
    return [f"{_HEAD}{track}".encode().replace(b" 98", b" 96").replace(b":98", b":96") for track in (_H265, bare)]


@cache
def requests() -> Sequence[bytes]:
    """What partners' players send on the republishing port."""
    url = "rtsp://hub:8554/cam_1"
    login = (
        f'Authorization: Digest username="police", realm="probe-patrol", nonce="n", uri="{url}", '
        f'response="{"0" * 32}", algorithm=MD5, qop=auth, nc=00000001, cnonce="c"\r\n'
    )
    heads = (
        f"OPTIONS {url} RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: Lavf59\r\n\r\n",
        f"DESCRIBE {url} RTSP/1.0\r\nCSeq: 2\r\nAccept: application/sdp\r\n{login}\r\n",
        f"SETUP {url}/trackID=0 RTSP/1.0\r\nCSeq: 3\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n{login}\r\n",
        f"PLAY {url} RTSP/1.0\r\nCSeq: 4\r\nSession: abc\r\nRange: npt=0.000-\r\n{login}\r\n",
        f"GET_PARAMETER {url} RTSP/1.0\r\nCSeq: 5\r\nSession: abc\r\nContent-Length: 4\r\n\r\nping",
    )
    report = b"$\x01\x00\x08" + bytes.fromhex("80c9000112345678")
    return [*(head.encode() for head in heads), "".join(heads).encode() + report, report + heads[4].encode()]


@cache
def parameter_sets() -> Sequence[bytes]:
    """H.264 SPS."""
    return [SPS, SPS_960P, moving_bar().sps]


@cache
def parameter_sets_265() -> Sequence[bytes]:
    """H.265 SPS."""
    return [H265_SPS, _clip_265().sps]


@cache
def control() -> Sequence[bytes]:
    """RTCP as cameras send it, compound and not."""
    described = b"\x81\xca\x00\x04" + bytes.fromhex("12345678") + b"\x01\x03cam" + bytes(3)
    received = b"\x81\xc9\x00\x07" + bytes.fromhex("12345678") + bytes(24)
    return [_SENDER_REPORT, _SENDER_REPORT + described, received + described + _GOODBYE, _SENDER_REPORT * 3 + _GOODBYE]


@cache
def sound() -> Sequence[bytes]:
    """Packets of sound, one behind the other, each after its length in two bytes."""
    frames = [bytes((number,)) * 90 for number in range(1, 6)]
    whole = bytes(range(200)) * 4
    packings = [
        *(rtp(number, 160 * number, bytes(160), payload_type=8) for number in range(6)),
        *(rtp(6 + number, 1024 * number, aac(*frames), payload_type=97) for number in range(3)),
        rtp(9, 9000, aac(whole[:400], whole=800), payload_type=97),
        rtp(10, 9000, aac(whole[400:], whole=800), marker=True, payload_type=97),
        rtp(65_535, 0xFFFF_FF00, aac(frames[0]), payload_type=97),
        rtp(0, 768, aac(frames[1]), payload_type=97),
    ]
    framed = [len(one).to_bytes(2, "big") + one for one in packings]
    return [b"".join(framed), b"".join(framed[:6]), b"".join(framed[6:])]


@cache
def _clip_265() -> Clip:
    return moving_bar(seconds=2.0, coding=Coding(codec=H265))
