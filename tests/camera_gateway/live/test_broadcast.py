"""What viewers of one camera get: the kept GOP at once, each fragment once muxed, and never more than they can take."""

from __future__ import annotations

import io
import json
import struct
from datetime import UTC, datetime

import av
import pytest

from camera_gateway.live.broadcast import Broadcast
from camera_gateway.live.viewer import End, Viewer, binary_frame
from camera_gateway.simulator.clip import Clip
from camera_gateway.stream import Stream
from hub.contracts.ticket import Ticket
from tests.support.units import format_of, moving_bar, units_of

TICKET = Ticket(
    ticket_id="tkt_1",
    user_id="usr_1",
    camera_id="cam_1",
    purpose="wall",
    expires_at=datetime(2026, 3, 2, 1, 1, tzinfo=UTC),
)


class Wire:
    """A connection whose other end reads only when told to."""

    def __init__(self, reads: bool = True) -> None:
        self.reads = reads
        self.sent = bytearray()
        self._waiting = 0
        self.closing = False

    def write(self, data: bytes) -> None:
        self.sent += data
        self._waiting = 0 if self.reads else self._waiting + len(data)

    def get_write_buffer_size(self) -> int:
        return self._waiting

    def is_closing(self) -> bool:
        return self.closing

    def read_all(self) -> None:
        self._waiting = 0

    def messages(self) -> list[dict[str, object] | bytes]:
        """The WebSocket messages sent so far: texts parsed, binaries as they are."""
        found: list[dict[str, object] | bytes] = []
        at = 0
        while at < len(self.sent):
            first, size = self.sent[at], self.sent[at + 1]
            at += 2
            if size == 126:
                (size,) = struct.unpack_from(">H", self.sent, at)
                at += 2
            elif size == 127:
                (size,) = struct.unpack_from(">Q", self.sent, at)
                at += 8
            body = bytes(self.sent[at : at + size])
            found.append(json.loads(body) if first == 0x81 else body)
            at += size
        return found


@pytest.fixture(scope="module")
def clip() -> Clip:
    return moving_bar(seconds=8)


def watched(clip: Clip, units: int) -> tuple[Stream, Broadcast]:
    stream = Stream(1_000_000)
    stream.on_format(format_of(clip))
    for one in units_of(clip, units):
        stream.on_unit(one)
    return stream, Broadcast(stream)


def viewer(wire: Wire, limit_units: int = 100) -> Viewer:
    return Viewer(TICKET, wire, limit_units, 1_000_000)


async def test_a_viewer_gets_the_parameters_and_the_kept_gop_at_once_and_can_play_it(clip: Clip) -> None:
    _, broadcast = watched(clip, 35)
    wire = Wire()
    broadcast.join(viewer(wire))
    told, *binaries = wire.messages()
    assert told == {"type": "init", "codec": format_of(clip).codec_string, "width": 320, "height": 180}
    kept = 35 % 20
    assert len(binaries) == 1 + kept
    assert all(isinstance(one, bytes) for one in binaries)
    with av.open(io.BytesIO(b"".join(b for b in binaries if isinstance(b, bytes))), "r") as played:
        assert len(list(played.decode(video=0))) == kept


async def test_viewers_share_one_muxing_and_get_the_same_bytes(clip: Clip) -> None:
    stream, broadcast = watched(clip, 20)
    first, second = Wire(), Wire()
    broadcast.join(viewer(first))
    broadcast.join(viewer(second))
    for one in list(units_of(clip, 25))[20:]:
        stream.on_unit(one)
    assert first.sent == second.sent


async def test_nothing_is_muxed_while_nobody_watches(clip: Clip) -> None:
    stream, broadcast = watched(clip, 20)
    wire = Wire()
    one = viewer(wire)
    broadcast.join(one)
    broadcast.leave(one)
    size = len(wire.sent)
    for unit in units_of(clip, 25):
        stream.on_unit(unit)
    assert len(wire.sent) == size
    assert broadcast.viewers == ()


async def test_a_slow_viewer_loses_up_to_a_keyframe_is_told_so_and_the_quick_one_loses_nothing(clip: Clip) -> None:
    stream, broadcast = watched(clip, 1)
    slow_wire, quick_wire = Wire(), Wire()
    slow, quick = viewer(slow_wire, limit_units=10), viewer(quick_wire, limit_units=10)
    broadcast.join(slow)
    broadcast.join(quick)
    slow_wire.reads = False
    units = list(units_of(clip, 80))
    for one in units[1:31]:
        stream.on_unit(one)
    assert slow.frames_sent == 1 + 10
    assert slow.frames_dropped == 20
    slow_wire.reads = True
    slow_wire.read_all()
    for one in units[31:45]:
        stream.on_unit(one)
    # Dropped until the keyframe at 40, then whole again.
    assert slow.frames_dropped == 20 + 9
    assert {"type": "dropped", "frames": 29} in slow_wire.messages()
    assert quick.frames_sent == 45
    assert quick.frames_dropped == 0


async def test_behind_a_loss_a_viewer_gets_nothing_that_refers_to_what_was_lost() -> None:
    wire = Wire(reads=False)
    one = viewer(wire, limit_units=2)

    def push(name: str, *, keyframe: bool = False, refers_back: bool = False) -> None:
        one.push(binary_frame(name.encode()), keyframe, 0, refers_back)

    push("key 1", keyframe=True)
    push("leading of its beginning", refers_back=True)
    push("a")
    push("lost")
    wire.read_all()
    push("key 2", keyframe=True)
    push("leading 2", refers_back=True)
    wire.read_all()
    push("b")
    wire.read_all()
    push("key 3", keyframe=True)
    push("leading 3", refers_back=True)
    got = [message for message in wire.messages() if isinstance(message, bytes)]
    assert got == [b"key 1", b"a", b"key 2", b"b", b"key 3", b"leading 3"]
    assert one.frames_dropped == 3


async def test_a_slow_viewer_holds_a_bounded_number_of_bytes(clip: Clip) -> None:
    stream, broadcast = watched(clip, 1)
    wire = Wire(reads=False)
    broadcast.join(viewer(wire, limit_units=10))
    for one in units_of(clip, 500):
        stream.on_unit(one)
    longest = max(len(one.data) for one in units_of(clip))
    assert wire.get_write_buffer_size() < 12 * (longest + 200) + 2000


async def test_a_stopped_picture_says_so_and_says_when_it_lives_again(clip: Clip) -> None:
    stream, broadcast = watched(clip, 1)
    wire = Wire()
    broadcast.join(viewer(wire))
    broadcast.stale(3200)
    stream.on_unit(list(units_of(clip, 2))[1])
    texts = [one for one in wire.messages() if isinstance(one, dict)]
    assert texts[1:] == [{"type": "stale", "since_ms": 3200}, {"type": "live"}]


async def test_other_parameters_bring_a_new_init_segment(clip: Clip) -> None:
    stream, broadcast = watched(clip, 3)
    wire = Wire()
    broadcast.join(viewer(wire))
    other = moving_bar(seconds=2, width_px=160, height_px=96)
    stream.on_format(format_of(other))
    for one in units_of(other, 2):
        stream.on_unit(one)
    messages = wire.messages()
    assert [one["width"] for one in messages if isinstance(one, dict)] == [320, 160]
    assert len([one for one in messages if isinstance(one, bytes)]) == 1 + 3 + 1 + 2


async def test_one_who_comes_before_the_first_picture_gets_it_when_it_comes(clip: Clip) -> None:
    stream = Stream(1_000_000)
    broadcast = Broadcast(stream)
    wire = Wire()
    one = viewer(wire)
    broadcast.join(one)
    assert wire.messages() == []
    stream.on_format(format_of(clip))
    for unit in units_of(clip, 2):
        stream.on_unit(unit)
    assert one.frames_sent == 2
    assert one.frames_dropped == 0


async def test_the_first_reason_to_end_stands() -> None:
    one = viewer(Wire())
    one.end(End.REVOKED)
    one.end(End.GATEWAY_STOPPING)
    assert one.ended.result() is End.REVOKED


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_a_frame_of_any_size_is_what_rfc_6455_says(size: int) -> None:
    wire = Wire()
    wire.write(binary_frame(bytes(size)))
    assert wire.messages() == [bytes(size)]
