"""What is fuzzed: by name, the right inputs to begin from and how one input is run.

A target may end in one of the errors it declares and in nothing else, must return, and must keep no more than it says:
each checks the limits of what it drove. New parsers of foreign bytes are added here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

from camera_gateway.republish.login import Challenge, Verdict
from camera_gateway.republish.request import HEAD_MAX_BYTES, RequestReader
from camera_gateway.sources.rtsp import addressing, sdp
from camera_gateway.sources.rtsp.aac import FRAME_MAX_BYTES
from camera_gateway.sources.rtsp.audio import AudioDepacketiser, choose
from camera_gateway.sources.rtsp.depacketiser import Track
from camera_gateway.sources.rtsp.digest import Login
from camera_gateway.sources.rtsp.h264 import H264Depacketiser
from camera_gateway.sources.rtsp.h265_sps import parse_h265_sps
from camera_gateway.sources.rtsp.interleaved import InterleavedProtocol
from camera_gateway.sources.rtsp.message import BODY_MAX_BYTES, Message, request
from camera_gateway.sources.rtsp.rtcp import PLAUSIBLE_UNTIL, Reception
from camera_gateway.sources.rtsp.sps import parse_sps
from hub.errors import HubError
from tests.fuzz import browser, onvif, seeds, tables
from tests.fuzz.kept import kept_bytes
from tests.fuzz.mutate import cut
from tests.fuzz.session import run_session
from tests.support.clock import FakeClock
from tests.support.sink import KeepingSink
from tests.support.sound import AAC_TRACK, HearingSink, with_sound

# A message (64 kB and 1 MB) or an access unit (4 MB), what Python makes of it, and the other one beside it.
_KEPT_MOST = 12_000_000
_G711_TRACK = "m=audio 0 RTP/AVP 8\r\na=control:track2\r\n"
_LOOKED_AT = 0.03  # of the inputs: looking takes longer than running


@dataclass(frozen=True, slots=True)
class Target:
    """`run` may raise `allowed` and nothing else."""

    seeds: Callable[[], Sequence[bytes]]
    run: Callable[[bytes, Random], None]
    allowed: tuple[type[Exception], ...] = (HubError,)


def run_sdp(data: bytes, rng: Random) -> None:
    """A description, and all that the client does with it before SETUP."""
    description = sdp.parse(data)
    assert len(description.media) <= sdp.MEDIA_MAX
    video = description.video
    base = addressing.base_url("rtsp://camera:554/a", data[:80].decode("utf-8", "surrogateescape"))
    for media in description.media:
        assert len(sdp.parameter_sets(media)) <= 16 * 64
        _asked(addressing.control_url(base, media.control))
    _asked(addressing.control_url(base, description.control))
    if video is not None:
        sets = sdp.parameter_sets(video)
        H264Depacketiser(
            KeepingSink(), FakeClock(), payload_type=video.payload_type, parameter_sets=sets, frame_rate=None
        )


def _asked(url: str) -> None:
    """What goes on the wire is one request line, whatever the camera wrote."""
    try:
        wire = request("SETUP", url, 1)
    except ValueError:
        return
    assert wire.count(b"\r\n\r\n") == 1
    assert wire.count(b"\n") == 4
    assert url.startswith("rtsp://camera:554/")


def run_reply(data: bytes, rng: Random) -> None:
    """A connection before PLAY: answers and requests of the camera, in any chunks; and a 401 that is answered."""
    taken: list[Message] = []
    ends: list[HubError | None] = []
    protocol = InterleavedProtocol(taken.append, ends.append)
    for chunk in cut(data, rng):
        protocol.data_received(chunk)
    _keeps_little(rng, protocol, taken, ends)
    protocol.connection_lost(None)
    assert len(ends) == 1
    login = Login("admin", "pässword")
    for message in taken[:20]:
        assert message.status >= 0
        assert message.sequence is None or message.sequence >= 0
        assert len(message.body) <= BODY_MAX_BYTES
        if message.is_answer and message.all("www-authenticate"):
            login.challenged(message.all("www-authenticate"))
            _written(login.header("DESCRIBE", "rtsp://camera/a") or "")
            login.accepted()


def _written(authorization: str) -> None:
    """The client turns a ValueError of this one place into an error of the protocol."""
    with contextlib.suppress(ValueError):
        request("DESCRIBE", "rtsp://camera/a", 2, [("Authorization", authorization)])


def run_rtp(data: bytes, rng: Random) -> None:
    """Interleaved media in any chunks, through to access units."""
    sink = KeepingSink()
    depacketiser = H264Depacketiser(sink, FakeClock(), payload_type=rng.choice((96, 96, None)))
    _flows(data, rng, depacketiser, sink)


def run_rtp265(data: bytes, rng: Random) -> None:
    """The same of a track that is described as H.265, whatever is sent on it."""
    sink = KeepingSink()
    media = sdp.parse(rng.choice(seeds.described_265())).video
    assert media is not None
    _flows(data, rng, Track(media, sink, FakeClock()), sink)


def _flows(data: bytes, rng: Random, depacketiser: H264Depacketiser | Track, sink: KeepingSink) -> None:
    ends: list[HubError | None] = []
    protocol = InterleavedProtocol(lambda message: None, ends.append)
    protocol.take_media(0, 1, depacketiser.packet, lambda data, start, end: None)
    for chunk in cut(data, rng):
        protocol.data_received(chunk)
    _keeps_little(rng, protocol, sink, ends)
    _units_are_whole(sink)


def run_audio(data: bytes, rng: Random) -> None:
    """Packets of sound, each after its length: frames in growing times, none longer than it may be."""
    sink, clock = HearingSink(), FakeClock()
    found = choose(sdp.parse(with_sound(rng.choice((_G711_TRACK, AAC_TRACK))).encode()))
    assert found is not None
    depacketiser = AudioDepacketiser(sink, clock, *found)
    at = 0
    while at + 2 <= len(data):
        end = min(at + 2 + int.from_bytes(data[at : at + 2], "big"), len(data))
        depacketiser.packet(data, at + 2, end)
        at = end
    _keeps_little(rng, depacketiser, sink, clock)
    times = [unit.media_time for unit in sink.sounds]
    assert times == sorted(set(times))
    assert all(0 < len(unit.data) <= FRAME_MAX_BYTES for unit in sink.sounds)
    assert not sink.sounds or len(sink.audio_formats) == 1
    assert depacketiser.lost_packets >= 0


def run_rtcp(data: bytes, rng: Random) -> None:
    """A camera's RTCP, and what we report then."""
    reception = Reception(FakeClock(), rng.choice((90_000, 8_000, 0)))
    for chunk in [data] if rng.random() < 0.5 else cut(data, rng)[:40]:
        reception.look(chunk, 0, len(chunk))
        reception.take(b"$" + chunk, 1, 1 + len(chunk), rng.choice((0, 0x12345678)))
        report = reception.report(rng.getrandbits(32), rng.choice((0, 5, 2**31)))
        assert len(report) in (24, 48)
    facts = reception.facts
    assert 0 <= facts.steps <= facts.reports
    assert facts.offset_s is None or abs(facts.offset_s) < PLAUSIBLE_UNTIL


def _keeps_little(rng: Random, parser: object, *given: object) -> None:
    """What it keeps has a limit, beside what it has given away."""
    if rng.random() < _LOOKED_AT:
        assert kept_bytes(parser, apart_from=given) < _KEPT_MOST


def _units_are_whole(sink: KeepingSink) -> None:
    """Whatever came: times grow, a keyframe begins, each unit is made of NAL units with true lengths."""
    assert [unit.media_time for unit in sink.units] == sorted({unit.media_time for unit in sink.units})
    assert not sink.units or (sink.units[0].keyframe and sink.formats)
    for unit in sink.units:
        at = 0
        while at < len(unit.data):
            size = int.from_bytes(unit.data[at : at + 4], "big")
            assert size > 0
            at += 4 + size
        assert at == len(unit.data)
        assert unit.presentation_offset >= 0


def run_sps(data: bytes, rng: Random) -> None:
    """A parameter set: sizes that a browser and an encoder can be given, or none."""
    parsed = parse_sps(data)
    assert 0 < parsed.width_px <= 65_536
    assert 0 < parsed.height_px <= 65_536


def run_sps265(data: bytes, rng: Random) -> None:
    """The same of H.265."""
    parsed = parse_h265_sps(data)
    assert 0 < parsed.width_px <= 65_536
    assert 0 < parsed.height_px <= 65_536


def run_republish(data: bytes, rng: Random) -> None:
    """A partner's player, or whoever found the port: requests in any chunks, and what a login makes of them."""
    requests = RequestReader()
    challenge = Challenge(lambda: 0.0)
    for chunk in cut(data, rng):
        for asked in requests.feed(chunk):
            assert asked.uri.isprintable()
            assert asked.sequence.isdigit()
            assert not any("\n" in value or "\r" in value for _, value in asked.headers)
            verdict, share = challenge.check(asked, lambda username: None, lambda share, algorithm: "")
            assert verdict is not Verdict.RIGHT
            assert share is None
        assert kept_bytes(requests) < 4 * HEAD_MAX_BYTES + len(chunk)


@cache
def targets() -> dict[str, Target]:
    """All, by name."""
    return {
        "reply": Target(seeds.replies, run_reply),
        "sdp": Target(seeds.descriptions, run_sdp),
        "rtp": Target(seeds.media, run_rtp),
        "session": Target(lambda: [b""], run_session, ()),
        "republish": Target(seeds.requests, run_republish),
        "sps": Target(seeds.parameter_sets, run_sps, (ValueError,)),
        "sps265": Target(seeds.parameter_sets_265, run_sps265, (ValueError,)),
        "rtp265": Target(seeds.media_265, run_rtp265),
        "audio": Target(seeds.sound, run_audio, ()),
        "rtcp": Target(seeds.control, run_rtcp, ()),
        "whep": Target(browser.offers, browser.run_whep),
        "stun": Target(browser.checks, browser.run_stun, ()),
        "feedback": Target(browser.reports, browser.run_feedback, ()),
        "csv": Target(tables.texts, tables.run_csv),
        "xlsx": Target(tables.parts, tables.run_xlsx),
        "archive": Target(tables.archives, tables.run_archive),
        "form": Target(tables.forms, tables.run_form),
        "soap": Target(onvif.answers, onvif.run_soap),
        "discovery": Target(onvif.matches, onvif.run_match, ()),
    }
