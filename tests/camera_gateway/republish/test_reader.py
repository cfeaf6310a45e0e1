"""A partner's player that does not read: it loses whole pictures up to a keyframe, and costs nobody else anything."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
import uvloop

from camera_gateway.live.viewer import End, Wire
from camera_gateway.live.webrtc.packets import Frame, video_frame
from camera_gateway.republish.reader import PartnerReader
from camera_gateway.republish.room import PartnerRoom
from camera_gateway.sources.base import AccessUnit, VideoFormat
from camera_gateway.stream import Stream
from hub.contracts.ticket import Ticket
from tests.support.units import START_US

TICKET = Ticket(
    ticket_id="tkt_1",
    user_id="unit:unit_police",
    unit_id="unit_police",
    camera_id="cam_1",
    purpose="partner",
    expires_at=datetime(2026, 3, 2, 1, 1, tzinfo=UTC),
)
FORMAT = VideoFormat("h264", (b"\x67\x4d\x40\x1f", b"\x68\xee\x80"), 640, 360, "avc1.4d401f", 25.0)
GOP = 20  # units from one keyframe to the next
ROUND = 240
STEP = 3_600  # of 90 kHz between two
SIZE = 3_000  # of a picture: three packets
ON_THE_WIRE = SIZE + 3 * (4 + 12 + 2)  # interleaving, RTP and FU-A
LARGEST = ON_THE_WIRE + 100  # with parameter sets and a report
CHANNELS = 4, 5


class Pipe:
    """A transport whose other end reads only what it is told to."""

    def __init__(self) -> None:
        self.sent = bytearray()
        self.taken = 0
        self.most = 0  # that ever waited
        self.closing = False
        self.reads = True

    def write(self, data: bytes) -> None:
        self.sent += data
        if self.reads:
            self.taken = len(self.sent)
        self.most = max(self.most, self.get_write_buffer_size())

    def get_write_buffer_size(self) -> int:
        return len(self.sent) - self.taken

    def is_closing(self) -> bool:
        return self.closing

    def read(self, count: int) -> None:
        self.taken = min(self.taken + count, len(self.sent))


@dataclass
class Picture:
    """What a player makes of the packets of one time."""

    timestamp: int
    sequences: list[int] = field(default_factory=list)
    payloads: list[bytes] = field(default_factory=list)
    ended: bool = False  # by a marker

    @property
    def keyframe(self) -> bool:
        """Whether it brings its parameter sets."""
        return self.payloads[0][0] & 31 == 24

    @property
    def number(self) -> int:
        """Which unit it was, by `ROUND`; it must be whole and of one piece."""
        first, *_, last = fragments = [one for one in self.payloads if one[0] & 31 == 28]
        assert self.ended
        assert [first[1] & 0xC0, last[1] & 0xC0] == [0x80, 0x40]
        body = b"".join(one[2:] for one in fragments)
        assert len(body) == SIZE
        assert body == body[:1] * SIZE
        return body[0]


def played(sent: bytes | bytearray) -> list[Picture]:
    """All pictures in what came over a connection. A packet that is cut off is a failure."""
    found: list[Picture] = []
    for channel, packet in interleaved(sent):
        if channel != CHANNELS[0]:
            assert packet[1] == 200, "a report"
            continue
        first, kind, sequence, timestamp, _ = struct.unpack_from(">BBHII", packet)
        assert (first, kind & 0x7F) == (0x80, 96)
        if not found or found[-1].ended:
            found.append(Picture(timestamp))
        assert found[-1].timestamp == timestamp, "a picture without its end"
        found[-1].sequences.append(sequence)
        found[-1].payloads.append(packet[12:])
        found[-1].ended = bool(kind & 0x80)
    return found


def interleaved(sent: bytes | bytearray) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(sent):
        dollar, channel, size = struct.unpack_from(">BBH", sent, at)
        assert dollar == 0x24
        assert at + 4 + size <= len(sent)
        yield channel, bytes(sent[at + 4 : at + 4 + size])
        at += 4 + size


def unit(number: int) -> AccessUnit:
    """The `number`-th: each byte of its body is its number by `ROUND`, and every `GOP`-th is a keyframe."""
    keyframe = number % GOP == 0
    nals = [*FORMAT.parameter_sets] if keyframe else []
    nals.append((b"\x65" if keyframe else b"\x41") + bytes((number % ROUND,)) * SIZE)
    data = b"".join(len(nal).to_bytes(4, "big") + nal for nal in nals)
    return AccessUnit(START_US + number * 40_000, 900_000 + number * STEP, keyframe, data)


class Camera:
    """A stream, the partners' room at it, and its players; units are numbered from 0 on."""

    def __init__(self) -> None:
        self.stream = Stream(8_000_000)
        self.room = PartnerRoom(self.stream)
        self.stream.on_format(FORMAT)
        self._next = 0

    def send(self, until: int) -> None:
        """All units before `until` that were not yet sent."""
        for number in range(self._next, until):
            self.stream.on_unit(unit(number))
        self._next = max(self._next, until)

    def player(self, wire: Wire, units: int = 100, size: int = 1_000_000) -> PartnerReader:
        """One that plays from now on."""
        reader = PartnerReader(TICKET, wire, "h264", CHANNELS, (units, size), lambda _: None)
        self.room.join(reader)
        self.room.show(reader)
        return reader


@pytest.fixture
def camera() -> Camera:
    return Camera()


@pytest.fixture
def pipe() -> Pipe:
    return Pipe()


def numbers(pictures: Iterable[Picture]) -> list[int]:
    return [one.number for one in pictures]


def stopped(camera: Camera, pipe: Pipe, units: int = 100, size: int = 1_000_000) -> PartnerReader:
    """A player that took the first unit and reads no more."""
    camera.send(1)
    reader = camera.player(pipe, units, size)
    pipe.reads = False
    return reader


def test_it_is_given_as_many_units_as_may_wait_and_the_others_are_counted(camera: Camera, pipe: Pipe) -> None:
    reader = stopped(camera, pipe, units=10)
    camera.send(60)
    assert numbers(played(pipe.sent)) == [*range(11)]
    assert (reader.frames_sent, reader.frames_dropped) == (11, 49)
    assert camera.room.frames_dropped == 49


def test_however_long_it_does_not_read_no_more_than_its_bytes_and_one_unit_wait(camera: Camera, pipe: Pipe) -> None:
    reader = stopped(camera, pipe, units=1_000, size=20_000)
    camera.send(240)
    assert 20_000 < pipe.most <= 20_000 + LARGEST
    assert reader.frames_sent + reader.frames_dropped == 240


def test_its_bookkeeping_is_bounded_too(camera: Camera, pipe: Pipe) -> None:
    reader = stopped(camera, pipe, units=10)
    for end in range(20, 250, 5):
        camera.send(end)
        pipe.read(4_000)
        assert len(reader._in_flight) <= 10


def test_when_it_reads_on_it_gets_whole_pictures_from_a_keyframe_without_a_hole(camera: Camera, pipe: Pipe) -> None:
    reader = stopped(camera, pipe, units=10)
    camera.send(30)
    pipe.reads = True
    pipe.read(len(pipe.sent))
    camera.send(50)
    pictures = played(pipe.sent)
    assert numbers(pictures) == [*range(11), *range(40, 50)]
    assert pictures[11].keyframe
    sequences = [number for one in pictures for number in one.sequences]
    assert sequences == [(sequences[0] + n) % 65_536 for n in range(len(sequences))]
    assert reader.sequence == (sequences[-1] + 1) % 65_536
    stamps = [(one.timestamp - pictures[0].timestamp) % 2**32 for one in pictures]
    assert stamps == [number * STEP for number in numbers(pictures)], "time goes on by what was lost"
    assert reader.frames_dropped == 29


@pytest.mark.parametrize(
    ("units", "size", "left", "again"),
    [
        (10, 1_000_000, 6, False),  # more than half of the units wait
        (10, 1_000_000, 5, True),  # half of them
        (1_000, 10 * ON_THE_WIRE, 6, False),  # more than half of the bytes
        (1_000, 10 * ON_THE_WIRE, 5, True),
    ],
)
def test_a_keyframe_begins_anew_where_at_most_half_still_waits(
    camera: Camera, pipe: Pipe, units: int, size: int, left: int, again: bool
) -> None:
    reader = stopped(camera, pipe, units, size)
    camera.send(GOP)
    assert reader.frames_dropped
    pipe.taken = len(pipe.sent) - left * ON_THE_WIRE
    sent = reader.frames_sent
    camera.send(GOP + 1)
    assert (reader.frames_sent > sent) is again


def test_a_keyframe_that_finds_too_much_waiting_is_lost_with_all_that_hangs_on_it(camera: Camera, pipe: Pipe) -> None:
    stopped(camera, pipe, units=10)
    camera.send(GOP + 5)  # over a keyframe
    pipe.reads = True
    pipe.read(len(pipe.sent))
    camera.send(2 * GOP + 3)
    assert numbers(played(pipe.sent)) == [*range(11), 40, 41, 42]


def test_a_slow_player_harms_no_other(camera: Camera, pipe: Pipe) -> None:
    slow = stopped(camera, pipe, units=10)
    quick_pipe = Pipe()
    quick = camera.player(quick_pipe, units=10)
    camera.send(120)
    assert numbers(played(quick_pipe.sent)) == [*range(120)]
    assert (quick.frames_dropped, slow.frames_dropped) == (0, 109)
    camera.room.leave(slow)
    camera.send(130)
    assert camera.room.frames_dropped == 109, "of one who left"
    assert quick.frames_sent == 130


def test_a_kept_gop_is_no_reason_to_skip_and_one_longer_than_the_limit_is_caught_up_at_a_keyframe(
    camera: Camera, pipe: Pipe
) -> None:
    """It comes at once: as units it is not counted, as bytes it is."""
    camera.send(GOP)
    pipe.reads = False
    reader = camera.player(pipe, units=5)
    short = Pipe()
    short.reads = False
    bounded = camera.player(short, units=1_000, size=10_000)
    camera.send(GOP + 3)
    assert (reader.frames_sent, reader.frames_dropped) == (GOP + 3, 0)
    assert (bounded.frames_sent, bounded.frames_dropped) == (GOP, 3)
    short.reads = True
    short.read(len(short.sent))
    camera.send(2 * GOP + 2)
    assert numbers(played(short.sent)) == [*range(GOP), 40, 41]


def test_answers_that_wait_with_the_pictures_are_no_units(camera: Camera, pipe: Pipe) -> None:
    reader = stopped(camera, pipe, units=10)
    pipe.sent += bytes(5_000)  # what the connection answered
    camera.send(9)
    assert reader.frames_dropped == 0
    pipe.reads = True
    pipe.read(len(pipe.sent))
    camera.send(40)
    assert reader.frames_dropped == 0


def test_waiting_for_the_first_picture_is_no_loss(camera: Camera, pipe: Pipe) -> None:
    reader = camera.player(pipe)
    for number in range(GOP - 5, GOP):
        camera.stream.on_unit(unit(number))
    assert not pipe.sent
    assert reader.frames_dropped == 0
    camera.stream.on_unit(unit(GOP))
    assert numbers(played(pipe.sent)) == [GOP]


def test_after_its_end_or_on_a_closed_connection_nothing_is_written(camera: Camera, pipe: Pipe) -> None:
    camera.send(1)
    reader = camera.player(pipe)
    gone = Pipe()
    camera.player(gone)
    sent, gone.closing = len(gone.sent), True
    reader.end(End.REVOKED)
    reader.end(End.CAMERA_REMOVED)
    camera.send(5)
    assert reader.ended is End.REVOKED
    assert numbers(played(pipe.sent)) == [0]
    assert len(gone.sent) == sent


def test_a_report_counts_what_was_sent_and_not_what_was_spared(camera: Camera, pipe: Pipe) -> None:
    stopped(camera, pipe, units=10)
    camera.send(150)
    pipe.reads = True
    pipe.read(len(pipe.sent))
    camera.send(161)
    reports = [packet for channel, packet in interleaved(pipe.sent) if channel == CHANNELS[1]]
    assert len(reports) == 2
    stamp, packets, octets = struct.unpack_from(">III", reports[1], 16)
    pictures = played(pipe.sent)
    before = pictures[: numbers(pictures).index(160)]
    assert packets == sum(len(one.payloads) for one in before)
    assert octets == sum(len(payload) for one in before for payload in one.payloads)
    assert stamp == pictures[len(before)].timestamp


def test_reports_go_on_after_the_clock_was_set_back(camera: Camera, pipe: Pipe) -> None:
    camera.player(pipe)
    for number, hour in enumerate((1, 1, 0, 0)):
        one = unit(GOP * number)
        one.captured_at_us = START_US + hour * 3_600_000_000 + number
        camera.stream.on_unit(one)
    assert [channel for channel, _ in interleaved(pipe.sent) if channel == CHANNELS[1]] == [CHANNELS[1]] * 2


@pytest.mark.parametrize(
    ("kinds", "kept"),
    [
        # A clean random access picture after a loss; RASL (8, 9) refer to what was lost, RADL (6, 7) and others do not.
        ((21, 8, 9, 7, 1, 1), (21, 7, 1, 1)),
        ((21, 9, 1, 21, 9, 1), (21, 1, 21, 9, 1)),  # the second is not behind a loss
        ((20, 7, 1), (20, 7, 1)),
    ],
)
@pytest.mark.parametrize("size", [400, SIZE], ids=["one packet", "fragments"])
def test_behind_a_loss_no_h265_picture_is_sent_that_needs_what_was_lost(
    pipe: Pipe, kinds: tuple[int, ...], kept: tuple[int, ...], size: int
) -> None:
    reader = PartnerReader(TICKET, pipe, "h265", CHANNELS, (2, 1_000_000), lambda _: None)
    reader.push(h265(0, 21, size))
    pipe.reads = False
    for number in range(1, 5):
        reader.push(h265(number, 1, size))
    assert reader.frames_dropped == 2
    pipe.reads = True
    pipe.read(len(pipe.sent))
    before = len(pipe.sent)
    for number, kind in enumerate(kinds, 5):
        reader.push(h265(number, kind, size))
    sent = [packet[12:] for channel, packet in interleaved(pipe.sent[before:]) if channel == CHANNELS[0]]
    found = [one[2] & 63 if one[0] >> 1 == 49 else one[0] >> 1 for one in sent if one[0] >> 1 != 49 or one[2] & 0x80]
    assert tuple(found) == kept
    assert reader.frames_dropped == 2 + len(kinds) - len(kept)


def h265(number: int, kind: int, size: int) -> Frame:
    """One slice of that NAL unit type."""
    nal = bytes((kind << 1, 1)) + b"\x80" * size
    data = len(nal).to_bytes(4, "big") + nal
    made = AccessUnit(START_US + number * 40_000, number * STEP, kind >= 16, data, refers_back=kind in (8, 9))
    return video_frame(made, "h265", number * STEP)


@pytest.mark.parametrize("make_loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_over_a_real_connection_it_is_the_same(make_loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    """On the loop that the gateway runs on, and on Python's."""
    with asyncio.Runner(loop_factory=make_loop) as runner:
        runner.run(_over_a_real_connection())


async def _over_a_real_connection() -> None:
    camera, limit = Camera(), 60_000
    connected: asyncio.Future[asyncio.StreamWriter] = asyncio.get_running_loop().create_future()
    server = await asyncio.start_server(lambda _, writing: connected.set_result(writing), "127.0.0.1", 0)
    reading, writer = await asyncio.open_connection(*server.sockets[0].getsockname(), limit=4_096)
    writing = await connected
    camera.send(1)
    reader = camera.player(writing.transport, units=1_000, size=limit)
    lost_from = number = most = 0
    while reader.frames_dropped < 2 * GOP:
        number += 1
        assert number < 50_000, "the kernel takes all"
        camera.stream.on_unit(unit(number))
        if not lost_from and reader.frames_dropped:
            lost_from = number
        most = max(most, writing.transport.get_write_buffer_size())
        await asyncio.sleep(0)
    assert limit < most <= limit + LARGEST
    taken = bytearray()
    while writing.transport.get_write_buffer_size():
        taken += await reading.read(65_536)
    while reader.frames_sent == lost_from:
        number += 1
        camera.stream.on_unit(unit(number))
    camera.room.leave(reader)
    writing.close()
    taken += await reading.read()
    writer.close()
    server.close()
    pictures = played(taken)
    assert len(pictures) == reader.frames_sent == lost_from + 1
    assert [one.number for one in pictures] == [n % ROUND for n in [*range(lost_from), number]]
    assert pictures[-1].keyframe
    assert reader.frames_sent + reader.frames_dropped == number + 1
    sequences = [one for picture in pictures for one in picture.sequences]
    assert sequences == [(sequences[0] + n) % 65_536 for n in range(len(sequences))]
    assert (pictures[-1].timestamp - pictures[0].timestamp) % 2**32 == number * STEP
