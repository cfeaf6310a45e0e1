"""One viewer's sequence numbers, pace, memory and losses, with sealing that leaves packets as they are."""

from __future__ import annotations

from datetime import UTC, datetime
from struct import unpack_from

import pytest

from camera_gateway.live.viewer import End
from camera_gateway.live.webrtc.beneath import Sealing
from camera_gateway.live.webrtc.packets import Frame, audio_frame, video_frame
from camera_gateway.live.webrtc.room import PacketRoom
from camera_gateway.live.webrtc.timeline import Timeline
from camera_gateway.live.webrtc.viewer import BURST_PACKETS, KEPT_PACKETS, PACE_S, REPEATS_A_SECOND, PacketViewer
from camera_gateway.sources.base import AccessUnit, AudioFormat, AudioUnit, VideoFormat
from camera_gateway.stream import Stream
from hub.contracts.ticket import Ticket
from tests.support.clock import FakeClock

TICKET = Ticket(
    ticket_id="tkt_1",
    user_id="usr_1",
    camera_id="cam_1",
    purpose="wall",
    expires_at=datetime(2026, 3, 2, 1, 1, tzinfo=UTC),
)
FORMAT = VideoFormat("h264", (b"\x67\x4d\x40\x1f", b"\x68\xee"), 640, 360, "avc1.4d401f", 25.0)
TAG = 10


class Clear(Sealing):
    """Room for a tag, and no cipher."""

    def __init__(self) -> None:
        self.tag_bytes = TAG

    def seal(self, packet: bytes) -> bytes:
        return packet + bytes(TAG)

    def seal_run(
        self, template: bytes, count: int, sizes: tuple[int, int], header: tuple[int, int, int], ends: bool
    ) -> memoryview:
        made = bytearray(template)
        start, stamp, ssrc = header
        for index in range(count):
            kind = start & 0x7F | (0x80 if ends and index == count - 1 else 0)
            sequence = (start >> 8) + index & 0xFFFF
            at = index * (12 + sizes[0] + TAG)
            made[at : at + 12] = (
                bytes((0x80, kind)) + sequence.to_bytes(2, "big") + stamp.to_bytes(4, "big") + ssrc.to_bytes(4, "big")
            )
        return memoryview(bytes(made))


class Wire:
    """A socket that is full when told to be."""

    def __init__(self) -> None:
        self.packets: list[bytes] = []
        self.full = False

    def send(self, packets: memoryview, size: int) -> bool:
        if self.full:
            return False
        self.packets += [bytes(packets[at : at + size]) for at in range(0, len(packets), size)]
        return True

    @property
    def sequences(self) -> list[int]:
        return [unpack_from(">H", packet, 2)[0] for packet in self.packets]


def unit(number: int, *, keyframe: bool = False, size: int = 3000, offset: int = 0) -> AccessUnit:
    first = b"\x65" if keyframe else b"\x41"
    nals = [b"\x67\x4d\x40\x1f", b"\x68\xee\x80", first + bytes(size)] if keyframe else [first + bytes(size)]
    data = b"".join(len(nal).to_bytes(4, "big") + nal for nal in nals)
    return AccessUnit(1_000_000 + number * 40_000, number * 3600, keyframe, data, offset)


def frame(number: int, *, keyframe: bool = False, size: int = 3000) -> Frame:
    return video_frame(unit(number, keyframe=keyframe, size=size), "h264", number * 3600)


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
async def viewer(clock: FakeClock, wire: Wire) -> PacketViewer:
    made = PacketViewer(TICKET, {"h264": 102}, clock, 10, audio=True)
    made.open(Clear(), wire.send)
    return made


async def test_nothing_is_sent_before_a_keyframe(viewer: PacketViewer, wire: Wire) -> None:
    viewer.push(frame(0))
    assert wire.packets == []
    viewer.push(frame(1, keyframe=True))
    viewer.push(frame(2))
    assert len(wire.packets) == 1 + 3 + 3
    assert viewer.frames_dropped == 0
    numbers = wire.sequences
    assert numbers == list(range(numbers[0], numbers[0] + 7))
    assert [packet[1] >> 7 for packet in wire.packets] == [0, 0, 0, 1, 0, 0, 1]


async def test_a_kept_gop_is_paced_and_live_frames_wait_behind_it(
    viewer: PacketViewer, wire: Wire, clock: FakeClock
) -> None:
    gop = [frame(0, keyframe=True, size=60_000)] + [frame(n) for n in range(1, 30)]
    whole = sum(one.packets for one in gop)
    viewer.begin(gop, complete=True)
    assert len(wire.packets) <= BURST_PACKETS + 40  # at most a run more
    viewer.push(frame(30))
    assert len(wire.packets) < whole
    turns = 0
    while len(wire.packets) < whole + 3:
        await clock.advance(PACE_S)
        turns += 1
        assert turns < 10
    assert turns >= 2
    stamps = [unpack_from(">I", packet, 4)[0] for packet in wire.packets if packet[1] & 0x80]
    assert [later - stamps[0] & 0xFFFFFFFF for later in stamps] == [3600 * n for n in range(31)]
    viewer.push(frame(31))
    assert len(wire.packets) == whole + 6, "the queue is empty again: sent in the call"
    viewer.end(None)


async def test_a_gop_that_is_not_whole_is_a_still_picture_until_the_next_keyframe(
    viewer: PacketViewer, wire: Wire
) -> None:
    viewer.begin([frame(0, keyframe=True)], complete=False)
    viewer.push(frame(7))
    assert len(wire.packets) == 4
    viewer.push(frame(8, keyframe=True))
    assert len(wire.packets) == 8


async def test_a_full_socket_delays_and_too_much_waiting_is_given_up_and_counted(
    viewer: PacketViewer, wire: Wire, clock: FakeClock
) -> None:
    viewer.push(frame(0, keyframe=True))
    wire.full = True
    for number in range(1, 5):
        viewer.push(frame(number))
    wire.full = False
    await clock.advance(PACE_S)
    assert viewer.frames_sent == 5
    assert wire.sequences == list(range(wire.sequences[0], wire.sequences[0] + 16)), (
        "no number is used twice or left out"
    )
    wire.full = True
    for number in range(5, 30):
        viewer.push(frame(number))
    assert viewer.frames_dropped == 25
    wire.full = False
    await clock.advance(PACE_S)
    viewer.push(frame(30))
    assert viewer.frames_dropped == 26
    viewer.push(frame(31, keyframe=True))
    assert viewer.frames_sent == 6
    viewer.end(None)


async def test_behind_a_loss_no_picture_is_sent_that_needs_what_was_lost(viewer: PacketViewer, wire: Wire) -> None:
    def push(number: int, *, keyframe: bool = False, refers_back: bool = False) -> None:
        made = unit(number, keyframe=keyframe, size=100)
        made.refers_back = refers_back
        viewer.push(video_frame(made, "h264", number * 3600))

    push(0, keyframe=True)
    push(1, refers_back=True)  # nobody has what it needs: the line begins here
    push(2)
    push(3, keyframe=True)
    push(4, refers_back=True)
    assert viewer.frames_sent == 4
    assert viewer.frames_dropped == 1


async def test_a_missed_packet_is_sent_again_as_it_was_while_it_is_kept(viewer: PacketViewer, wire: Wire) -> None:
    viewer.playout_delay = 5
    viewer.push(frame(0, keyframe=True))
    for number in range(1, 300):
        viewer.push(frame(number))
    sent = dict(zip(wire.sequences, wire.packets, strict=True))
    newest = wire.sequences[-1]
    asked = [(viewer.video.ssrc, newest - back) for back in (0, 1, 5, KEPT_PACKETS - 1)]
    del wire.packets[:]
    viewer.repeat(asked)
    assert wire.packets == [sent[number] for _, number in asked]
    del wire.packets[:]
    viewer.repeat([(viewer.video.ssrc, newest - KEPT_PACKETS - 10), (viewer.video.ssrc, newest + 1), (99, newest)])
    assert wire.packets == []


async def test_a_keyframes_first_packet_is_repeated_with_its_extension(viewer: PacketViewer, wire: Wire) -> None:
    viewer.playout_delay = 5
    viewer.push(frame(0, keyframe=True))
    first = wire.packets[0]
    assert first[0] == 0x90
    assert first[12:20] == b"\xbe\xde\x00\x01\x52\x00\x00\x00"
    viewer.repeat([(viewer.video.ssrc, wire.sequences[0])])
    assert wire.packets[-1] == first


async def test_a_browser_that_asks_for_everything_gets_its_share_of_a_second(viewer: PacketViewer, wire: Wire) -> None:
    viewer.push(frame(0, keyframe=True))
    del wire.packets[1:]
    asked = [(viewer.video.ssrc, wire.sequences[0])] * (REPEATS_A_SECOND + 100)
    viewer.repeat(asked)
    assert viewer.packets_repeated == REPEATS_A_SECOND
    viewer.tick()
    viewer.repeat(asked[:5])
    assert viewer.packets_repeated == REPEATS_A_SECOND + 5


async def test_numbers_go_on_over_their_end(viewer: PacketViewer, wire: Wire) -> None:
    viewer.video.sequence = 0xFFFE
    viewer.push(frame(0, keyframe=True))
    assert wire.sequences == [0xFFFE, 0xFFFF, 0, 1]
    viewer.repeat([(viewer.video.ssrc, 0xFFFF), (viewer.video.ssrc, 1)])
    assert wire.packets[4:] == [wire.packets[1], wire.packets[3]]


async def test_sound_has_a_line_of_its_own(viewer: PacketViewer, wire: Wire) -> None:
    for number in range(3):
        viewer.push_audio(audio_frame("pcma", number * 160, 0, bytes(160)))
    assert [packet[1] for packet in wire.packets] == [0x88, 8, 8]  # the first marks the begin of a talk spurt
    stamps = [unpack_from(">I", packet, 4)[0] for packet in wire.packets]
    assert [later - stamps[0] & 0xFFFFFFFF for later in stamps] == [0, 160, 320]
    assert {packet[8:12] for packet in wire.packets} == {viewer.sound.ssrc.to_bytes(4, "big")}


async def test_a_room_cuts_only_while_somebody_is_in_it(viewer: PacketViewer, wire: Wire) -> None:
    stream = Stream(1_000_000)
    stream.on_format(FORMAT)
    room = PacketRoom(stream)
    stream.on_unit(unit(0, keyframe=True))
    stream.on_unit(unit(1))
    assert not stream.watched
    room.join(viewer)
    assert wire.packets == []  # not before its connection stands
    room.show(viewer)
    stream.on_unit(unit(2))
    assert viewer.frames_sent == 3
    assert viewer.last_captured_at_us == 1_080_000
    room.leave(viewer)
    stream.on_unit(unit(3))
    assert viewer.frames_sent == 3
    assert room._gop.frames == []


async def test_b_frames_and_another_coding_end_what_a_browser_could_not_play(viewer: PacketViewer) -> None:
    stream = Stream(1_000_000)
    stream.on_format(FORMAT)
    room = PacketRoom(stream)
    room.join(viewer)
    stream.on_unit(unit(0, keyframe=True))
    before = room.has_b_frames
    stream.on_unit(unit(1, offset=3600))
    assert (before, room.has_b_frames) == (False, True)
    assert viewer.ended.result() is End.UNPLAYABLE


async def test_another_coding_ends_a_viewer_that_did_not_take_it(viewer: PacketViewer) -> None:
    stream = Stream(1_000_000)
    stream.on_format(FORMAT)
    room = PacketRoom(stream)
    room.join(viewer)
    stream.on_format(VideoFormat("h265", (b"\x40\x01", b"\x42\x01"), 640, 360, "hvc1.1.6.L93.B0", 25.0))
    assert viewer.ended.result() is End.UNPLAYABLE


async def test_g711_reaches_those_who_may_hear_and_nothing_else_does(
    viewer: PacketViewer, wire: Wire, clock: FakeClock
) -> None:
    stream = Stream(1_000_000)
    room = PacketRoom(stream)
    deaf = PacketViewer(TICKET, {"h264": 102}, clock, 10)
    unheard = Wire()
    deaf.open(Clear(), unheard.send)
    room.join(deaf)
    room.join(viewer)
    room.on_audio(AudioUnit(0, 0, bytes(160)))  # before its format is known
    room.on_audio_format(AudioFormat("aac", 48_000, 2))
    room.on_audio(AudioUnit(0, 0, bytes(160)))
    assert wire.packets == []
    room.on_audio_format(AudioFormat("pcmu", 8_000, 1))
    room.on_audio(AudioUnit(0, 0, bytes(160)))
    assert [packet[1] & 0x7F for packet in wire.packets] == [0]
    assert unheard.packets == []


async def test_who_comes_when_the_sound_already_flows_hears_it(viewer: PacketViewer, wire: Wire) -> None:
    stream = Stream(1_000_000)
    stream.wants_audio = True
    stream.on_audio_format(AudioFormat("pcma", 8_000, 1))
    room = PacketRoom(stream)
    room.join(viewer)
    stream.on_audio(AudioUnit(0, 0, bytes(160)))
    assert [packet[1] & 0x7F for packet in wire.packets] == [8]
    room.leave(viewer)
    stream.on_audio(AudioUnit(20_000, 160, bytes(160)))
    assert len(wire.packets) == 1


async def test_a_picture_drawn_anew_comes_with_the_sound_of_its_camera(viewer: PacketViewer, wire: Wire) -> None:
    drawn, camera = Stream(1_000_000), Stream(1_000_000)
    camera.wants_audio = True
    room = PacketRoom(drawn, camera)
    room.join(viewer)
    camera.on_audio_format(AudioFormat("pcma", 8_000, 1))
    camera.on_audio(AudioUnit(0, 0, bytes(160)))
    drawn.end()
    drawn.begin()  # its own beginnings are none of the sound
    camera.on_audio(AudioUnit(20_000, 160, bytes(160)))
    stamps = [unpack_from(">I", packet, 4)[0] for packet in wire.packets]
    assert stamps[1] - stamps[0] & 0xFFFFFFFF == 160


@pytest.mark.parametrize(
    ("media_time", "captured_ms", "connection", "expected"),
    [
        (1_003_600, 40, 1, 3_600),  # the next picture
        (1_180_000, 2_000, 1, 180_000),  # a slow camera: two seconds
        (50, 1_000, 2, 90_000),  # another connection: by the hub's clock
        (50, 1_000, 1, 90_000),  # the camera's time jumped back
        (90_000_000, 40, 1, 3_600),  # and ahead
        (50, 0, 2, 1),  # no two pictures at one time
    ],
)
def test_a_time_line_goes_on(media_time: int, captured_ms: int, connection: int, expected: int) -> None:
    line = Timeline(90_000)
    assert line.at(1_000_000, 0, 1) == 0
    assert line.at(media_time, captured_ms * 1000, connection) == expected
