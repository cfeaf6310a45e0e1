"""Sound beside the picture by MSE: FFmpeg reads it, it keeps step and never holds the picture up."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from camera_gateway.live.broadcast import Broadcast
from camera_gateway.live.fmp4_audio import frame_samples, silence
from camera_gateway.live.sound_line import SoundLine
from camera_gateway.live.viewer import Viewer
from camera_gateway.simulator.clip import Clip
from camera_gateway.sources.base import AccessUnit, AudioFormat, AudioUnit
from camera_gateway.stream import Stream
from tests.camera_gateway.live.test_broadcast import TICKET, Wire
from tests.support.units import START_US, format_of, moving_bar, units_of

RATE = 16_000
FRAME_US = 64_000
MONO = AudioFormat("aac", RATE, 1, bytes.fromhex("1408"))


@pytest.fixture(scope="module")
def clip() -> Clip:
    return moving_bar(seconds=8)


@cache
def tone() -> tuple[bytes, ...]:
    """Eight seconds of 440 Hz as frames of AAC."""
    encoder = av.CodecContext.create("aac", "w")
    encoder.sample_rate, encoder.layout, encoder.format = RATE, "mono", "fltp"
    encoder.time_base = Fraction(1, RATE)
    frames = []
    for number in range(8 * RATE // 1024):
        at = np.arange(number * 1024, (number + 1) * 1024)
        frame = av.AudioFrame.from_ndarray(
            (0.4 * np.sin(2 * np.pi * 440 * at / RATE)).astype(np.float32)[None], "fltp", "mono"
        )
        frame.sample_rate, frame.pts = RATE, number * 1024
        frames += [bytes(packet) for packet in encoder.encode(frame)]
    return tuple(frames)


def heard(count: int, *, first: int = 0, drift: float = 0.0) -> Iterator[AudioUnit]:
    """Frames, each come when it was complete; `drift`: the sound's clock runs so much too fast."""
    frames = tone()
    for number in range(first, first + count):
        came = START_US + round((number + 1) * FRAME_US / (1 + drift))
        yield AudioUnit(came, 7_000 + number * 1024, frames[number % len(frames)])


def by_time(*kinds: Iterator[AccessUnit] | Iterator[AudioUnit]) -> list[AccessUnit | AudioUnit]:
    every: list[AccessUnit | AudioUnit] = [unit for kind in kinds for unit in kind]
    return sorted(every, key=lambda unit: unit.captured_at_us)


class Shown:
    """A camera that is watched by one who may hear and one who may not."""

    def __init__(self, clip: Clip, sound: AudioFormat | None = MONO, heard_of: Stream | None = None) -> None:
        self.stream = Stream(1_000_000)
        self.camera = heard_of or self.stream
        self.camera.wants_audio = True
        self.stream.on_format(format_of(clip))
        if sound is not None:
            self.camera.on_audio_format(sound)
        self.broadcast = Broadcast(self.stream, heard_of)
        self.hearing, self.deaf = Wire(), Wire()
        self.viewer = Viewer(TICKET, self.hearing, 100, 1_000_000)
        self.viewer.hears = True
        self.broadcast.join(self.viewer)
        self.broadcast.join(Viewer(TICKET, self.deaf, 100, 1_000_000))

    def play(self, *kinds: Iterator[AccessUnit] | Iterator[AudioUnit]) -> None:
        for unit in by_time(*kinds):
            if isinstance(unit, AudioUnit):
                self.camera.on_audio(unit)
            else:
                self.stream.on_unit(unit)

    def codecs(self) -> list[object]:
        return [one["codec"] for one in self.hearing.messages() if isinstance(one, dict)]

    def file(self, wire: Wire | None = None) -> bytes:
        """What the browser was given since its last init segment."""
        got: list[bytes] = []
        for one in (wire or self.hearing).messages():
            if isinstance(one, bytes):
                got.append(one)
            elif one["type"] == "init":
                got.clear()
        return b"".join(got)

    def times(self) -> tuple[list[float], list[tuple[float, float]]]:
        """In seconds: of the pictures; of the frames of sound, from when to when."""
        with av.open(io.BytesIO(self.file()), "r") as container:
            pictures: list[float] = []
            sounds: list[tuple[float, float]] = []
            for packet in container.demux():
                if packet.dts is None or packet.pts is None or packet.time_base is None:
                    continue
                at = float(packet.pts * packet.time_base)
                if packet.stream.type == "audio":
                    sounds.append((at, at + float((packet.duration or 0) * packet.time_base)))
                else:
                    pictures.append(at)
        return pictures, sounds


def probed(file: Path) -> dict[str, list[dict[str, object]]]:
    """What FFmpeg reads and decodes, without one warning."""
    asked = ["-show_entries", "packet=stream_index,pts,dts:stream=codec_name,codec_tag_string,sample_rate,channels"]
    read = subprocess.run(
        ["ffprobe", "-v", "warning", *asked, "-of", "json", str(file)], capture_output=True, check=True
    )
    assert read.stderr == b""
    keeping = ["-fps_mode", "passthrough", "-enc_time_base", "-1", "-f", "null", "-"]  # no time of its own
    decoded = subprocess.run(["ffmpeg", "-v", "warning", "-i", str(file), *keeping], capture_output=True, check=True)
    assert decoded.stderr == b""
    told: dict[str, list[dict[str, object]]] = json.loads(read.stdout)
    return told


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe is not installed")
async def test_picture_and_sound_are_read_without_a_warning_and_only_grow(clip: Clip, tmp_path: Path) -> None:
    shown = Shown(clip)
    shown.play(units_of(clip, 1000), heard(40_000_000 // FRAME_US))
    file = tmp_path / "sound.mp4"
    file.write_bytes(shown.file())
    told = probed(file)
    sound = next(one for one in told["streams"] if one["codec_name"] == "aac")
    assert (sound["codec_tag_string"], sound["sample_rate"], sound["channels"]) == ("mp4a", "16000", 1)
    for track, least in ((0, 1000), (1, 624)):
        decoding = [int(str(one["dts"])) for one in told["packets"] if one["stream_index"] == track]
        assert len(decoding) >= least
        assert all(early < late for early, late in pairwise(decoding))


async def test_who_may_not_hear_gets_what_it_got_before(clip: Clip) -> None:
    shown = Shown(clip)
    silent = Shown(clip, sound=None)
    shown.play(units_of(clip, 100), heard(60))
    silent.play(units_of(clip, 100))
    kinds = [
        [(len(one) if isinstance(one, bytes) else one) for one in wire.messages()] for wire in (shown.deaf, silent.deaf)
    ]
    assert kinds[0] == kinds[1]
    assert shown.codecs() == [f"{format_of(clip).codec_string}, mp4a.40.2"]


@pytest.mark.parametrize(
    "drift",
    [
        0.0,
        0.001,  # a crystal of toy cameras: 60 ms a minute
        -0.001,
        0.01,
    ],
)
async def test_sound_stays_beside_its_picture(clip: Clip, drift: float) -> None:
    shown = Shown(clip)
    seconds = 300
    count = int(seconds * 1_000_000 * (1 + drift)) // FRAME_US
    shown.play(units_of(clip, seconds * 10), heard(count, drift=drift))
    _, sounds = shown.times()
    assert all(0 <= late[0] - early[1] + 0.01 < 0.08 for early, late in pairwise(sounds))  # no hole that is heard
    # Frame n was heard until (n + 1) * 64 ms, when the picture of that moment came; picture 0 stands at 0.
    late = count - len(sounds)
    apart = [abs(end - (number + late + 1) * FRAME_US / 1e6 / (1 + drift)) for number, (_, end) in enumerate(sounds)]
    print(f"drift {drift}: at most {max(apart) * 1000:.1f} ms apart over {len(apart)} frames")
    assert max(apart) <= 0.08


async def test_jitter_of_pictures_does_not_move_the_sound(clip: Clip) -> None:
    """A keyframe takes 150 ms to come; its sound does not."""
    line = SoundLine(RATE, 1024)
    placed = []
    for number in range(500):
        line.saw(number * 3600, START_US + number * 40_000 + (150_000 if number % 50 == 0 else 5_000), 0)
        if number % 8 == 0:
            sound = number * 40_000 // FRAME_US
            placed.append((sound, line.at(AudioUnit(START_US + (sound + 1) * FRAME_US, sound * 1024, b""), 0)))
    apart = [abs(at / RATE - sound * FRAME_US / 1e6) for sound, at in placed[7:] if at is not None]
    assert len(apart) == len(placed) - 7
    assert max(apart) < 0.03


async def test_sound_that_stops_is_silence_after_a_second_and_comes_back(clip: Clip) -> None:
    shown = Shown(clip)
    shown.play(units_of(clip, 500), heard(62), heard(124, first=186))  # from 4.0 s to 11.9 s none
    pictures, sounds = shown.times()
    assert all(late[0] - early[1] < 0.001 for early, late in pairwise(sounds))
    assert sounds[-1][1] > pictures[-1] - 0.13
    levels = loudness(shown.file())
    assert levels[3] > 0.1
    assert max(levels[6:11]) < 0.001
    assert levels[14] > 0.1
    assert shown.codecs() == [f"{format_of(clip).codec_string}, mp4a.40.2"]


def loudness(file: bytes) -> list[float]:
    """Of each second."""
    with av.open(io.BytesIO(file), "r") as container:
        heard = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    return [float(np.sqrt(np.mean(second**2))) for second in np.array_split(heard, len(heard) // RATE)]


async def test_a_camera_that_announced_sound_and_sends_none_does_not_hold_the_picture_up(clip: Clip) -> None:
    shown = Shown(clip)
    shown.play(units_of(clip, 100))
    pictures, sounds = shown.times()
    assert sounds[0][0] < pictures[-1] - 2
    assert sounds[-1][1] > pictures[-1]


async def test_a_lost_frame_leaves_no_hole(clip: Clip) -> None:
    shown = Shown(clip)
    shown.play(units_of(clip, 100), heard(20), heard(20, first=23))
    _, sounds = shown.times()
    assert all(abs(late[0] - early[1]) <= 0.033 for early, late in pairwise(sounds))


async def test_sound_that_begins_later_begins_the_picture_anew_for_who_hears_it_alone(clip: Clip) -> None:
    shown = Shown(clip, sound=None)
    shown.play(units_of(clip, 30))
    shown.camera.on_audio_format(MONO)
    shown.camera.on_audio_format(MONO)  # another connection of the same camera
    plain = format_of(clip).codec_string
    assert shown.codecs() == [plain, f"{plain}, mp4a.40.2"]
    assert sum(isinstance(one, dict) for one in shown.deaf.messages()) == 1
    shown.camera.on_audio_format(AudioFormat("pcma", 8_000, 1))
    assert shown.codecs()[-1] == plain
    pictures, _ = shown.times()
    assert pictures  # the kept GOP again


async def test_a_slow_browser_is_spared_sound_with_its_pictures(clip: Clip) -> None:
    shown = Shown(clip)
    units = list(units_of(clip, 200))
    shown.play(iter(units[:50]), heard(30))
    shown.hearing.reads = False
    shown.play(iter(units[50:199]), heard(90, first=30))
    stuck = len(shown.hearing.messages())
    assert shown.viewer.frames_dropped > 0
    shown.play(heard(5, first=120))
    assert len(shown.hearing.messages()) == stuck


async def test_sound_alone_does_not_pile_up_for_a_browser_that_reads_nothing(clip: Clip) -> None:
    shown = Shown(clip)
    shown.play(units_of(clip, 50), heard(30))
    shown.hearing.reads = False
    for _ in range(200):
        shown.play(heard(100, first=30))
    assert shown.hearing.get_write_buffer_size() < 1_100_000


async def test_who_comes_later_gets_the_sound_of_the_kept_gop(clip: Clip) -> None:
    shown = Shown(clip)
    shown.play(units_of(clip, 90), heard(56))
    wire = Wire()
    late = Viewer(TICKET, wire, 100, 1_000_000)
    late.hears = True
    shown.broadcast.join(late)
    with av.open(io.BytesIO(shown.file(wire)), "r") as container:
        spans: dict[str, list[float]] = {"audio": [], "video": []}
        for packet in container.demux():
            if packet.pts is not None and packet.time_base is not None:
                spans[packet.stream.type].append(float(packet.pts * packet.time_base))
    assert abs(min(spans["audio"]) - min(spans["video"])) < 0.13
    assert abs(max(spans["audio"]) - max(spans["video"])) < 0.13


async def test_nobody_hears_when_the_last_who_may_has_gone(clip: Clip) -> None:
    shown = Shown(clip)
    shown.play(units_of(clip, 30), heard(10))
    shown.broadcast.leave(shown.viewer)
    before = len(shown.hearing.sent), len(shown.deaf.sent)
    shown.play(heard(10, first=10))
    assert (len(shown.hearing.sent), len(shown.deaf.sent)) == before
    shown.broadcast.join(shown.viewer)
    assert shown.codecs()[-1] == f"{format_of(clip).codec_string}, mp4a.40.2"


async def test_a_picture_drawn_anew_has_the_sound_of_its_camera(clip: Clip) -> None:
    shown = Shown(clip, heard_of=Stream(1_000_000))
    shown.play(units_of(clip, 100), heard(60))
    pictures, sounds = shown.times()
    assert len(pictures) == 100
    assert len(sounds) >= 58


@pytest.mark.parametrize(
    ("fmt", "expected"),
    [
        (MONO, 1024),
        (AudioFormat("aac", 48_000, 2, bytes.fromhex("1190")), 1024),
        (AudioFormat("aac", 16_000, 1, bytes.fromhex("140c")), 960),  # frameLengthFlag
        (AudioFormat("aac", 16_000, 1, bytes.fromhex("17803e8008")), 1024),  # the rate in 24 bits
        (AudioFormat("aac", 44_100, 2, bytes.fromhex("2b920800")), None),  # HE-AAC
        (AudioFormat("aac", 48_000, 6, bytes.fromhex("11b0")), None),  # 5.1
        (AudioFormat("aac", 16_000, 2, bytes.fromhex("1408")), None),  # says two things
        (AudioFormat("aac", 16_000, 1, b""), None),
        (AudioFormat("pcma", 8_000, 1), None),
    ],
)
def test_only_plain_aac_goes_by_mse(fmt: AudioFormat, expected: int | None) -> None:
    assert frame_samples(fmt) == expected


@pytest.mark.parametrize(("channels", "config"), [(1, "1408"), (2, "1410")])
def test_silence_is_decodable_and_silent(channels: int, config: str) -> None:
    decoder = av.CodecContext.create("aac", "r")
    decoder.extradata = bytes.fromhex(config)
    heard = [frame for _ in range(5) for frame in decoder.decode(av.Packet(silence(channels)))]
    assert len(heard) >= 4
    assert all(frame.to_ndarray().shape == (channels, 1024) for frame in heard)
    assert max(float(np.abs(frame.to_ndarray()).max()) for frame in heard) == 0.0
