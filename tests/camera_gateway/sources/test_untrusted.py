"""Whatever bytes a camera sends as sound, RTCP, Transport or a reason to come later: no crash, no endless work."""

from __future__ import annotations

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from camera_gateway.sources.rtsp import sdp, transport
from camera_gateway.sources.rtsp.aac import FRAME_MAX_BYTES, AacFrames, layout_of
from camera_gateway.sources.rtsp.audio import AudioDepacketiser, AudioTimes, choose
from camera_gateway.sources.rtsp.habits import KEPT_MAX, KEPT_S, Habit, Habits
from camera_gateway.sources.rtsp.message import Message
from camera_gateway.sources.rtsp.refusals import RETRY_AFTER_MAX_S, refusal, retry_after_s
from camera_gateway.sources.rtsp.rtcp import Reception
from camera_gateway.sources.rtsp.session import Session
from hub.addresses import PinnedAddress
from hub.errors import HubError
from tests.support.clock import FakeClock
from tests.support.sound import AAC_TRACK, PCMA_TRACK, HearingSink, with_sound

FUZZ = settings(max_examples=200, deadline=None)


@FUZZ
@given(st.sampled_from([AAC_TRACK, PCMA_TRACK]), st.lists(st.binary(max_size=120), max_size=12))
def test_any_packets_of_sound(track: str, packets: list[bytes]) -> None:
    found = choose(sdp.parse(with_sound(track).encode()))
    assert found is not None
    sink = HearingSink()
    audio = AudioDepacketiser(sink, FakeClock(), *found)
    for packet in packets:
        for data in (packet, b"\x80" + bytes((found[0].payload_type or 0,)) + packet):
            audio.packet(data, 0, len(data))
    times = [unit.media_time for unit in sink.sounds]
    assert times == sorted(set(times))
    assert all(unit.data for unit in sink.sounds)


@FUZZ
@given(st.binary(max_size=40), st.lists(st.tuples(st.binary(max_size=300), st.integers(0, 2**32 - 1)), max_size=12))
def test_any_aac_payload_and_any_config(config: bytes, payloads: list[tuple[bytes, int]]) -> None:
    layout = layout_of({"config": config.hex(), "sizelength": "13", "indexlength": "3", "indexdeltalength": "3"})
    if layout is None:
        return
    frames = AacFrames(layout)
    for payload, timestamp in payloads:
        for frame in frames.take(payload, timestamp):
            assert 0 < len(frame) <= FRAME_MAX_BYTES
    assert len(frames._partial) <= FRAME_MAX_BYTES


@FUZZ
@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.floats(0, 100)), max_size=50), st.integers(7_000, 96_000))
def test_any_timestamps_of_sound_grow_and_stay_near_our_clock(stamps: list[tuple[int, float]], rate: int) -> None:
    times, received_s, last = AudioTimes(rate), 0.0, -1
    for number, (raw, later_s) in enumerate(stamps):
        received_s += later_s
        given_time = times.stamp(raw, received_s)
        assert last < given_time <= (number + 1) * 10 * rate
        last = given_time


@FUZZ
@given(st.lists(st.binary(max_size=120), max_size=8))
def test_any_rtcp(packets: list[bytes]) -> None:
    reception = Reception(FakeClock(), 90_000)
    for packet in packets:
        for data in (packet, b"\x80\xc8\x00\x06" + packet):
            reception.take(data, 0, len(data), 0)
            reception.look(data, 0, len(data))
            report = reception.report(2**32 - 1, len(packet))
            assert report[0] & 0xC0 == 0x80
            assert len(report) % 4 == 0


@FUZZ
@given(st.text(max_size=80), st.sampled_from([transport.interleaved(0), transport.datagrams(5000)]))
def test_any_transport(text: str, asked: str) -> None:
    for answer in (text, f"RTP/AVP;server_port={text}", f"RTP/AVP/TCP;interleaved={text}"):
        with contextlib.suppress(HubError):
            way = transport.granted(asked, answer)
            if isinstance(way, transport.Datagrams):
                assert 0 <= way.port < 65_536
                assert 0 <= way.control_port < 65_536
            else:
                assert 0 <= way.channel < 256
                assert 0 <= way.control_channel < 256


@FUZZ
@given(st.integers(0, 9999), st.text(max_size=30), st.text(max_size=40))
def test_any_refusal_and_any_session(status: int, later: str, session: str) -> None:
    message = Message(f"RTSP/1.0 {status} X", (("retry-after", later), ("session", session)))
    assert 0 < retry_after_s(message) <= RETRY_AFTER_MAX_S
    for method in ("DESCRIBE", "SETUP", "PLAY"):
        assert "{" not in refusal(method, message).text("zh")
    made = Session("rtsp://x/")
    made.set_up(message)
    assert 1.0 <= made.keep_alive_s(30.0) <= 30.0


async def test_habits_are_forgotten_after_an_hour_and_never_grow_without_end() -> None:
    clock = FakeClock()
    habits = Habits(clock)
    first = PinnedAddress("rtsp", "cam", 554, "10.0.0.1", "/0")
    habits.note(first, Habit.NO_UDP)
    assert habits.has(first, Habit.NO_UDP)
    assert not habits.has(first, Habit.CLOSES_ON_AUDIO)
    await clock.advance(KEPT_S + 1)
    assert not habits.has(first, Habit.NO_UDP)
    for number in range(KEPT_MAX + 1):
        habits.note(PinnedAddress("rtsp", "cam", 554, "10.0.0.1", f"/{number}"), Habit.NO_UDP)
    assert not habits.has(first, Habit.NO_UDP)
    assert len(habits._until) == KEPT_MAX
