"""A camera's packets: what is kept, who hears of them, and that a slow reader harms nobody."""

from __future__ import annotations

from camera_gateway.sources.base import AccessUnit, AudioFormat, AudioSink, AudioUnit, VideoFormat
from camera_gateway.stream import Reader, Stream
from tests.support.units import unit

FORMAT = VideoFormat("h264", (b"\x67\x4d\x40\x1f", b"\x68\xee"), 640, 360, "avc1.4d401f", 25.0)


class Listening:
    def __init__(self) -> None:
        self.units: list[AccessUnit] = []
        self.formats: list[VideoFormat] = []

    def on_format(self, fmt: VideoFormat) -> None:
        self.formats.append(fmt)

    def on_unit(self, unit: AccessUnit) -> None:
        self.units.append(unit)


def streaming(gop_max_bytes: int = 10_000) -> Stream:
    stream = Stream(gop_max_bytes)
    stream.on_format(FORMAT)
    return stream


def test_the_kept_gop_begins_with_the_newest_keyframe_and_ends_with_the_newest_unit() -> None:
    stream = streaming()
    units = [unit(n, keyframe=n % 5 == 0) for n in range(13)]
    for one in units:
        stream.on_unit(one)
    assert stream.gop == units[10:]
    assert stream.keyframe is units[10]
    assert (stream.units, stream.keyframes, stream.bytes) == (13, 3, 1300)


def test_a_gop_that_grows_over_its_limit_keeps_its_keyframe_only() -> None:
    stream = streaming(gop_max_bytes=450)
    for n in range(8):
        stream.on_unit(unit(n, keyframe=n == 0))
    assert [one.media_time for one in stream.gop] == [0]
    assert stream.gop_complete is False
    for n in (8, 9):
        stream.on_unit(unit(n, keyframe=n == 8))
    assert (stream.gop_complete, len(stream.gop)) == (True, 2)


def test_units_of_a_new_connection_do_not_continue_the_kept_gop() -> None:
    stream = streaming()
    for n in range(3):
        stream.on_unit(unit(n, keyframe=n == 0))
    stream.end()
    stream.begin()
    stream.on_unit(unit(4))
    assert len(stream.gop) == 1


def test_what_a_connection_still_sends_while_it_says_goodbye_is_refused() -> None:
    stream = streaming()
    stream.end()
    stream.forget()
    stream.on_format(FORMAT)
    stream.on_unit(unit(0, keyframe=True))
    assert stream.keyframe is None
    assert stream.units == 0


def test_the_same_parameters_again_are_no_news_and_others_empty_the_gop() -> None:
    stream = streaming()
    listening = Listening()
    stream.attach(listening)
    stream.on_unit(unit(0, keyframe=True))
    stream.on_format(FORMAT)
    assert stream.keyframe is not None
    other = VideoFormat("h264", FORMAT.parameter_sets, 1280, 720, "avc1.4d401f", 25.0)
    stream.on_format(other)
    assert listening.formats == [other]
    assert stream.keyframe is None


def test_after_forgetting_no_picture_is_left() -> None:
    stream = streaming()
    stream.on_unit(unit(0, keyframe=True))
    stream.forget()
    assert stream.gop == []
    assert stream.fmt is None


async def test_a_slow_reader_loses_up_to_the_next_keyframe_and_counts_it() -> None:
    stream, slow, quick = streaming(), Reader(limit=4), Reader(limit=100)
    stream.attach(slow)
    stream.attach(quick)
    for n in range(12):
        stream.on_unit(unit(n, keyframe=n in (0, 8)))
    assert [(await slow.next()).media_time // 3600 for _ in range(4)] == [8, 9, 10, 11]
    assert slow.dropped == 8
    assert [(await quick.next()).media_time // 3600 for _ in range(12)] == list(range(12))
    assert quick.dropped == 0


async def test_a_full_reader_takes_a_keyframe_at_once() -> None:
    reader = Reader(limit=2)
    for n in range(3):
        reader.on_unit(unit(n, keyframe=True))
    assert (await reader.next()).media_time == 2 * 3600
    assert reader.dropped == 2


def test_who_listens_no_more_hears_nothing_more() -> None:
    stream, listening = streaming(), Listening()
    stream.attach(listening)
    stream.detach(listening)
    stream.detach(listening)
    stream.on_unit(unit(0, keyframe=True))
    assert listening.units == []


class Hearing:
    def __init__(self) -> None:
        self.audio_formats: list[AudioFormat] = []
        self.sounds: list[AudioUnit] = []

    def on_audio_format(self, fmt: AudioFormat) -> None:
        self.audio_formats.append(fmt)

    def on_audio(self, unit: AudioUnit) -> None:
        self.sounds.append(unit)


SOUND = AudioFormat("pcma", 8000, 1)


def sound(number: int) -> AudioUnit:
    return AudioUnit(number * 20_000, number * 160, bytes(160))


def test_sound_reaches_those_who_take_it_and_nobody_else() -> None:
    stream, hearing, watching = streaming(), Hearing(), Listening()
    stream.wants_audio = True
    assert isinstance(stream, AudioSink)
    stream.attach(watching)
    stream.hear(hearing)
    stream.on_audio_format(SOUND)
    stream.on_audio(sound(0))
    stream.unhear(hearing)
    stream.on_audio(sound(1))
    assert hearing.audio_formats == [stream.audio_fmt] == [SOUND]
    assert hearing.sounds == [sound(0)]
    assert stream.audio_units == 2


def test_sound_that_may_not_be_heard_goes_nowhere_from_that_moment() -> None:
    stream, hearing = streaming(), Hearing()
    stream.hear(hearing)
    stream.on_audio_format(SOUND)
    stream.on_audio(sound(0))
    assert stream.audio_fmt is None
    stream.wants_audio = True
    stream.on_audio_format(SOUND)
    stream.on_audio(sound(1))
    stream.wants_audio = False
    stream.on_audio(sound(2))
    assert hearing.sounds == [sound(1)]


def test_sound_is_forgotten_with_its_connection_and_not_with_a_change_of_the_picture() -> None:
    stream, hearing = streaming(), Hearing()
    stream.wants_audio = True
    stream.hear(hearing)
    stream.on_audio_format(SOUND)
    stream.on_format(VideoFormat("h264", (b"\x67\x42", b"\x68"), 320, 180, "avc1.42", 25.0))
    stream.on_audio(sound(0))
    stream.end()
    stream.on_audio(sound(1))
    assert hearing.sounds == [sound(0)]
    assert stream.audio_fmt is None
