"""Sound: which track is taken, packets into units, times that grow; and that it never costs the picture."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest

from camera_gateway.sources.base import AudioFormat, AudioSink
from camera_gateway.sources.rtsp import sdp
from camera_gateway.sources.rtsp.aac import AacFrames, layout_of
from camera_gateway.sources.rtsp.audio import AudioDepacketiser, AudioTimes, choose
from camera_gateway.sources.rtsp.client import RtspSource
from camera_gateway.sources.rtsp.connection import Timeouts
from camera_gateway.sources.rtsp.habits import Habits
from hub.addresses import AddressPolicy
from hub.clock import SystemClock
from hub.errors import HubError
from tests.support.clock import FakeClock
from tests.support.pulling import pulling
from tests.support.rtp import rtp
from tests.support.rtsp_server import Asked, Reply, RtspServer, pictures, reply
from tests.support.sound import AAC_TRACK, ASC_16K_MONO, BACK_CHANNEL, PCMA_TRACK, HearingSink, aac, noise, with_sound

QUICK = Timeouts(connect_s=1.0, answer_s=0.3, media_s=0.5, keyframe_s=0.8, goodbye_s=0.3)
ASC = bytes.fromhex(ASC_16K_MONO)
HBR = {"sizelength": "13", "indexlength": "3", "indexdeltalength": "3", "config": ASC_16K_MONO}


def chosen(*tracks: str) -> AudioFormat | None:
    found = choose(sdp.parse(with_sound(*tracks).encode()))
    return found[1] if found else None


DESCRIPTIONS: list[tuple[str, tuple[str, ...], AudioFormat | None]] = [
    ("a static type without rtpmap", (PCMA_TRACK,), AudioFormat("pcma", 8000, 1)),
    ("mu-law likewise", ("m=audio 0 RTP/AVP 0\r\n",), AudioFormat("pcmu", 8000, 1)),
    ("a dynamic type", ("m=audio 0 RTP/AVP 98\r\na=rtpmap:98 PCMU/16000\r\n",), AudioFormat("pcmu", 16000, 1)),
    # WebRTC#419: the rtpmap of another type than the m-line's
    ("a mistaken rtpmap", ("m=audio 0 RTP/AVP 8\r\na=rtpmap:0 pcma/8000/1\r\n",), AudioFormat("pcma", 8000, 1)),
    ("AAC", (AAC_TRACK,), AudioFormat("aac", 16000, 1, ASC)),
    ("AAC without a config", (AAC_TRACK.replace(f"config={ASC_16K_MONO}", ""),), None),
    ("AAC with fields we do not know", (AAC_TRACK.replace("mode=", "ctsdeltalength=4;mode="),), None),
    ("a codec that is not known, then one", ("m=audio 0 RTP/AVP 2\r\na=rtpmap:2 G726-32/8000\r\n", PCMA_TRACK),
     AudioFormat("pcma", 8000, 1)),
    ("none that is known", ("m=audio 0 RTP/AVP 99\r\na=rtpmap:99 MP4A-LATM/16000\r\n",), None),
    ("a back channel is ours to speak into", (BACK_CHANNEL,), None),
    ("one before a back channel", (AAC_TRACK, BACK_CHANNEL), AudioFormat("aac", 16000, 1, ASC)),
    ("an inactive one", (PCMA_TRACK.replace("recvonly", "inactive"),), None),
    ("no sound", (), None),
]  # fmt: skip


@pytest.mark.parametrize(("tracks", "fmt"), [row[1:] for row in DESCRIPTIONS], ids=[row[0] for row in DESCRIPTIONS])
def test_the_first_sound_that_we_can_take_is_taken(tracks: tuple[str, ...], fmt: AudioFormat | None) -> None:
    assert chosen(*tracks) == fmt


def test_a_camera_that_marks_all_it_sends_as_sendonly_is_heard() -> None:  # go2rtc#771
    body = with_sound("a=sendonly\r\n", BACK_CHANNEL)
    found = choose(sdp.parse(body.encode()))
    assert found is not None
    assert found[1].codec == "pcmu"


class Heard:
    """A depacketiser and what came out of it."""

    def __init__(self, track: str) -> None:
        found = choose(sdp.parse(with_sound(track).encode()))
        assert found is not None
        self.sink, self.clock = HearingSink(), FakeClock()
        self.audio = AudioDepacketiser(self.sink, self.clock, *found)
        self.kind = found[0].payload_type or 0

    def packet(self, sequence: int, timestamp: int, payload: bytes, kind: int | None = None) -> None:
        data = b"xx" + rtp(sequence, timestamp, payload, payload_type=self.kind if kind is None else kind)
        self.audio.packet(data, 2, len(data))

    @property
    def units(self) -> list[tuple[int, bytes]]:
        return [(unit.media_time, unit.data) for unit in self.sink.sounds]


def test_each_packet_of_g711_is_a_unit_and_its_time_counts_samples() -> None:
    heard = Heard(PCMA_TRACK)
    for number in range(3):
        heard.packet(0xFFFE + number, 0xFFFF_FFF0 + 160 * number, bytes((number,)) * 160)
    assert heard.units == [(160 * number, bytes((number,)) * 160) for number in range(3)]
    assert heard.sink.audio_formats == [AudioFormat("pcma", 8000, 1)]
    assert heard.audio.lost_packets == 0


def test_comfort_noise_repeated_and_empty_packets_are_no_sound_and_a_gap_is_counted() -> None:
    heard = Heard(PCMA_TRACK)
    heard.packet(1, 0, b"a")
    heard.packet(2, 160, b"\x40", kind=13)
    heard.packet(1, 0, b"a")
    heard.packet(3, 320, b"")
    heard.packet(6, 800, b"b")
    heard.packet(5, 640, b"late")
    assert [data for _, data in heard.units] == [b"a", b"b"]
    assert heard.units[1][0] == 800
    assert heard.audio.lost_packets == 4


def test_several_aac_frames_in_a_packet_are_units_a_frame_apart() -> None:
    heard = Heard(AAC_TRACK)
    heard.packet(1, 5000, aac(b"one", b"twotwo", b"3"))
    heard.packet(2, 5000 + 3 * 1024, aac(b"four"))
    assert heard.units == [(0, b"one"), (1024, b"twotwo"), (2048, b"3"), (3072, b"four")]
    assert heard.sink.audio_formats == [AudioFormat("aac", 16000, 1, ASC)]


def test_an_aac_frame_in_fragments_is_joined_and_a_lost_fragment_costs_that_frame_alone() -> None:
    heard = Heard(AAC_TRACK)
    frame = bytes(range(100))
    for at, sequence in ((0, 1), (40, 2), (80, 3)):
        heard.packet(sequence, 1024, aac(frame[at : at + 40], whole=100))
    heard.packet(4, 2048, aac(frame[:40], whole=100))
    heard.packet(6, 2048, aac(frame[80:], whole=100))
    heard.packet(7, 3072, aac(b"next"))
    assert heard.units == [(0, frame), (2048, b"next")]


@pytest.mark.parametrize(
    "payload",
    [b"", b"\x00", b"\x00\x00", b"\xff\xff", b"\x00\x10\x00", b"\x00\x10\xff\xf8" + bytes(9), b"\x00\x20" + bytes(4),
     b"\x00\x11\x00\x08a", (16 * 65).to_bytes(2, "big") + bytes(200)],
)  # fmt: skip
def test_an_aac_packet_that_claims_what_it_does_not_hold_is_no_frame(payload: bytes) -> None:
    layout = layout_of(HBR)
    assert layout is not None
    frames = AacFrames(layout)
    assert [frame for frame in frames.take(payload, 7) if frame not in (b"a",)] == []
    assert frames.take(aac(b"whole"), 1024) == [b"whole"]


@pytest.mark.parametrize(
    ("config", "channels", "samples"),
    [("1408", 1, 1024), ("1210", 2, 1024), ("1214", 2, 960), ("1588", 1, 1024), ("f8", None, 0), ("zz", None, 0)],
)
def test_the_config_tells_channels_and_the_length_of_a_frame(config: str, channels: int | None, samples: int) -> None:
    layout = layout_of(HBR | {"config": config})
    assert (layout.channels if layout else None) == channels
    if layout is not None:
        assert layout.frame_samples == samples


@pytest.mark.parametrize(
    ("config", "clock_hz", "step"),
    [
        ("1408", 16_000, 1024),  # AAC-LC of 16 kHz
        ("2b098800", 48_000, 2048),  # HE-AAC told outright: a core of 24 kHz, made 48, the clock that of what is made
        ("2b098800", 24_000, 1024),  # the same with the clock of the core
        ("eb098800", 48_000, 2048),  # with parametric stereo
        ("130856e598", 48_000, 2048),  # told in an extension after the core's own
        ("1308", 48_000, 2048),  # told by nothing but the clock
        ("138c", 44_100, 1920),  # likewise from 22.05 kHz, frames of 960 samples
        ("1408", 90_000, 5760),  # a clock like that of the picture
        ("2f802ee0098800", 48_000, 2048),  # the core's rate written out
        ("178000000800", 48_000, None),  # and none
        ("2b099400", 48_000, None),  # SBR of SBR
    ],
)
def test_frames_of_one_packet_are_apart_by_the_clock_of_rtp(config: str, clock_hz: int, step: int | None) -> None:
    track = AAC_TRACK.replace("/16000", f"/{clock_hz}").replace(ASC_16K_MONO, config)
    if step is None:
        assert chosen(track) is None
        return
    heard = Heard(track)
    heard.packet(1, 90, aac(b"one", b"two"))
    heard.packet(2, 90 + 2 * step, aac(b"three"))
    assert heard.units == [(0, b"one"), (step, b"two"), (2 * step, b"three")]
    assert heard.sink.audio_formats[0].sample_rate_hz == clock_hz


def test_times_grow_through_wrap_small_steps_back_and_resets() -> None:
    times = AudioTimes(8000)
    raws = [0xFFFF_FF00, 0xFFFF_FFA0, 0x40, 0x38, 0xE0, 0xE0, 4_000_000, 4_000_160, 10, 170]
    given = [times.stamp(raw, 0.02 * number) for number, raw in enumerate(raws)]
    assert given[0] == 0
    assert all(late > early for early, late in pairwise(given))
    assert given[:3] == [0, 160, 320]
    assert given[-1] - given[-2] == 160
    assert given[-1] < 8000


AUDIO_STEPS = [
    # RTP times of packets a frame apart, and how many samples apart the third and the fourth are given
    ([79_967_005, 79_968_029, 1_836_848, 1_837_872], 1024),  # frigate#8007: back, as the picture at once
    ([8000, 9024, 9016, 10_040], 1015),  # frigate#707: eight samples back, on the sound alone; none is lost
    ([8000, 9024, 9024, 10_048], 1023),  # frigate#7631: one time twice
    ([0xFFFF_FC00, 0, 1024, 2048], 1024),  # RTSP-Server#79: the wrap is no step
]


@pytest.mark.parametrize(("raws", "step"), AUDIO_STEPS)
def test_sound_goes_on_after_a_step_of_its_clock(raws: list[int], step: int) -> None:
    times = AudioTimes(16_000)
    given = [times.stamp(raw, 0.064 * number) for number, raw in enumerate(raws)]
    assert all(late > early for early, late in pairwise(given))
    assert given[3] - given[2] == step
    assert given[3] <= 3 * 1024 + 8


# with a camera


async def source_of(server: RtspServer, habits: Habits | None = None) -> RtspSource:
    address = await AddressPolicy(allow=["127.0.0.0/8"]).resolve(server.url)
    return RtspSource(address, None, None, SystemClock(), QUICK, habits=habits)


@asynccontextmanager
async def running(
    server: RtspServer, sink: HearingSink, habits: Habits | None = None
) -> AsyncIterator[tuple[RtspSource, asyncio.Task[None]]]:
    source = await source_of(server, habits)
    async with pulling(source, sink) as task:
        yield source, task


def describing(*tracks: str) -> Reply:
    return lambda asked: reply(asked, f"Content-Base: {asked.uri}/", body=with_sound(*tracks))


def answers(set_up: Reply | list[Reply] | None = None, *tracks: str) -> dict[str, Reply | list[Reply]]:
    given: dict[str, Reply | list[Reply]] = {"DESCRIBE": describing(*(tracks or (PCMA_TRACK,)))}
    return given | ({"SETUP": set_up} if set_up is not None else {})


def granting(*headers: str, status: str = "200 OK") -> Reply:
    return lambda asked: reply(asked, *headers, status=status)


def as_asked(asked: Asked) -> bytes:
    return reply(asked, f"Transport: {asked.headers['transport']}", "Session: 77;timeout=60")


async def test_picture_and_sound_come_on_two_tracks_of_one_session() -> None:
    media = pictures(5) + noise(4) + pictures(5, start=5)
    async with RtspServer(answers(), media=media) as server:
        sink = HearingSink()
        assert isinstance(sink, AudioSink)
        async with running(server, sink) as (source, _):
            await sink.hears(4)
            await sink.has(10)
            assert source.handshake.hears
            assert source.handshake.audio == "PCMA 8 kHz"
        await server.was_asked("TEARDOWN")
        set_up = [asked for asked in server.asked if asked.method == "SETUP"]
        assert [asked.uri.rsplit("/", 1)[1] for asked in set_up] == ["track1", "track2"]
        assert [asked.headers["transport"].rsplit("=", 1)[1] for asked in set_up] == ["0-1", "2-3"]
        assert [asked.headers.get("session") for asked in set_up] == [None, "12345678"]
        assert server.methods.count("PLAY") == server.methods.count("TEARDOWN") == 1


async def test_sound_that_nobody_wants_is_not_asked_for() -> None:
    async with RtspServer(answers(), media=pictures(5) + noise(4)) as server:
        sink = HearingSink(wants_audio=False)
        async with running(server, sink) as (source, _):
            await sink.has(5)
            assert source.handshake.audio == "PCMA 8 kHz"
            assert not source.handshake.hears
        assert server.methods.count("SETUP") == 1
        assert not sink.sounds


GRANTS: list[tuple[str, Reply, Reply, int, int]] = [
    ("no Transport at all", granting("Session: 1"), granting("Session: 1"), 0, 2),
    ("no channels", granting("Transport: RTP/AVP/TCP"), granting("Transport: RTP/AVP/TCP"), 0, 2),
    ("others than asked", granting("Transport: RTP/AVP/TCP;interleaved=4-5"),
     granting("Transport: RTP/AVP/TCP;interleaved=6-7"), 4, 6),
    ("the video's where the sound's would be", granting("Transport: RTP/AVP/TCP;interleaved=2-3"), as_asked, 2, 4),
    ("swapped", granting("Transport: RTP/AVP/TCP;interleaved=2-3"),
     granting("Transport: RTP/AVP/TCP;interleaved=0-1"), 2, 0),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second", "video", "audio"), [g[1:] for g in GRANTS], ids=[g[0] for g in GRANTS])
async def test_both_tracks_are_found_on_whatever_channels(first: Reply, second: Reply, video: int, audio: int) -> None:
    media = pictures(5, channel=video) + noise(4, channel=audio) + pictures(3, channel=9)
    async with RtspServer(answers([first, second]), media=media) as server:
        sink = HearingSink()
        async with running(server, sink):
            await sink.has(5)
            await sink.hears(4)


async def test_both_may_begin_before_the_answer_to_play() -> None:
    early: Reply = lambda asked: noise(2) + pictures(3) + reply(asked) + noise(2, start=2)  # noqa: E731
    async with RtspServer(answers() | {"PLAY": early}) as server:
        sink = HearingSink()
        async with running(server, sink):
            await sink.hears(4)
            assert len(sink.units) == 3


NO_SOUND: list[tuple[str, Reply]] = [
    ("a refusal", granting(status="500 No")),
    ("no such session", granting(status="454 Session Not Found")),
    ("no answer", None),
    ("UDP instead", granting("Transport: RTP/AVP;unicast;server_port=6000-6001")),
    ("the video's own channels", granting("Transport: RTP/AVP/TCP;interleaved=0-1")),
    ("a login", granting(status="401 No")),
]


@pytest.mark.parametrize("second", [row[1] for row in NO_SOUND], ids=[row[0] for row in NO_SOUND])
async def test_sound_that_cannot_be_set_up_does_not_cost_the_picture(second: Reply) -> None:
    async with RtspServer(answers([as_asked, second]), media=pictures(10)) as server:
        sink = HearingSink()
        async with running(server, sink) as (source, task):
            await sink.has(10)
            assert not source.handshake.hears
            assert not task.done()
        assert server.connections == 1


@pytest.mark.parametrize("where", ["SETUP", "PLAY"])
async def test_a_camera_that_fails_at_the_sound_is_tried_without_it_the_next_time(where: str) -> None:
    habits = Habits(SystemClock())
    given = answers([as_asked, None] if where == "SETUP" else None)
    if where == "PLAY":
        given["PLAY"] = granting(status="500 No")
    async with RtspServer(given, media=pictures(10)) as server:
        task = asyncio.ensure_future((await source_of(server, habits)).run(HearingSink()))
        if where == "SETUP":
            await server.was_asked("SETUP", 2)
            server.writers[-1].transport.abort()
        with pytest.raises(HubError):
            await task
        server.answers = answers()
        before, sink = server.methods.count("SETUP"), HearingSink()
        async with running(server, sink, habits) as (source, _):
            await sink.has(10)
            assert not source.handshake.hears
        assert server.methods.count("SETUP") == before + 1


async def test_silence_is_no_outage_and_sound_alone_is_no_picture() -> None:
    async with RtspServer(answers(), media=pictures(3)) as server:
        sink = HearingSink()
        async with running(server, sink) as (_, task):
            await sink.has(3)
            for start in range(20):
                await asyncio.sleep(0.05)
                server.send(pictures(1, start=3 + start) if start < 12 else noise(1, start=start))
            assert len(sink.units) == 15  # twice the media time-out without one sound
            with pytest.raises(HubError, match="no_media"):
                await task
