"""Who shares a picture drawn anew, who is refused, and how it ends: of one camera without touching another."""

from __future__ import annotations

import asyncio
import gc
import random
import threading
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from camera_gateway.live import transcode, transcoding
from camera_gateway.live.broadcast import Broadcast
from camera_gateway.live.transcode import Transcodings, plays
from camera_gateway.live.transcoder import Drawn
from camera_gateway.live.viewer import End, Viewer
from camera_gateway.sources.base import AccessUnit, VideoFormat
from camera_gateway.stream import Stream
from hub.contracts.base import Polygon
from hub.contracts.ticket import Ticket
from tests.support.drawn import bright, decoded, h265
from tests.support.gateway import spec_of, until
from tests.support.units import START_US, format_of, units_of

LEFT: Polygon = ((0.0, 0.0), (0.4, 0.0), (0.4, 1.0), (0.0, 1.0))
RIGHT: Polygon = ((0.6, 0.0), (1.0, 0.0), (1.0, 1.0), (0.6, 1.0))
H264 = frozenset({"h264"})
BOTH = frozenset({"h264", "h265"})
CLIP = bright(count=40)
MPIXEL_S = 0.576  # of 320x180 at 10 a second


class Pulled:
    """A camera that is pulled, as far as a transcoding knows one."""

    def __init__(self, camera_id: str = "cam_1", masks: tuple[Polygon, ...] = ()) -> None:
        self.spec = spec_of(camera_id, "rtsp://192.0.2.1/", masks=masks)
        self.stream = Stream(8_000_000)
        self.broadcast = Broadcast(self.stream)
        self.refusal: End | None = None

    def live_refusal(self) -> End | None:
        return self.refusal

    def mask(self, *masks: Polygon) -> None:
        self.spec = self.spec.model_copy(update={"masks": masks, "revision": self.spec.revision + 1})

    def send(self, fmt: VideoFormat, units: Iterable[AccessUnit]) -> None:
        self.stream.on_format(fmt)
        for unit in units:
            self.stream.on_unit(unit)


def at_once(units: Iterable[AccessUnit]) -> list[AccessUnit]:
    """The same, captured within a moment: sent without a pause they are not late."""
    return [AccessUnit(START_US + n, u.media_time, u.keyframe, u.data) for n, u in enumerate(units)]


class Listening:
    """What somebody who serves a drawn stream is given."""

    def __init__(self, broadcast: Broadcast) -> None:
        self.stream = broadcast._stream
        self.formats: list[VideoFormat] = []
        self.units: list[AccessUnit] = []
        self.stream.attach(self)

    def on_format(self, fmt: VideoFormat) -> None:
        self.formats.append(fmt)

    def on_unit(self, unit: AccessUnit) -> None:
        self.units.append(unit)


@pytest.fixture
async def drawn() -> AsyncIterator[Transcodings]:
    made = Transcodings(30.0, ZoneInfo("Asia/Shanghai"), 8_000_000)
    yield made
    made.close()
    await made.joined()
    assert made.budget.used_pixels_s == 0
    assert not [one for one in threading.enumerate() if one.name.startswith("transcode")]


def opened(
    drawn: Transcodings, camera: Pulled, watermark: str | None = None, plays: frozenset[str] = H264
) -> Broadcast:
    found = drawn.open(camera, watermark, plays)
    assert isinstance(found, Broadcast), found
    return found


@pytest.mark.parametrize(
    ("told", "played"),
    [
        (None, H264),
        ("", H264),
        ("h264", H264),
        ("h264,h265", BOTH),
        ("h265", frozenset({"h265"})),
        ("av1,../h265,H264", H264),  # nothing that we know: as if nothing was said
        ("h264," * 4000, H264),
    ],
)
def test_a_browser_that_says_nothing_plays_h264(told: str | None, played: frozenset[str]) -> None:
    assert plays(told) == played


async def test_only_what_must_be_is_drawn_anew(drawn: Transcodings) -> None:
    plain, masked, h265_camera = Pulled("cam_1"), Pulled("cam_2", (LEFT,)), Pulled("cam_3")
    plain.send(format_of(CLIP), units_of(CLIP, 15))
    masked.send(format_of(CLIP), units_of(CLIP, 15))
    h265_camera.send(*h265(count=5))
    assert opened(drawn, plain) is plain.broadcast
    assert opened(drawn, h265_camera, plays=BOTH) is h265_camera.broadcast
    assert drawn.running == 0
    assert opened(drawn, masked, plays=BOTH) is not masked.broadcast
    assert opened(drawn, h265_camera) is not h265_camera.broadcast
    assert opened(drawn, plain, "王小明") is not plain.broadcast
    assert drawn.running == 3


async def test_equal_viewers_share_one_and_each_name_has_its_own(drawn: Transcodings) -> None:
    camera = Pulled(masks=(LEFT,))
    camera.send(format_of(CLIP), units_of(CLIP, 15))
    first, second = opened(drawn, camera), opened(drawn, camera, plays=BOTH)
    wang, li, wang_again = (opened(drawn, camera, who) for who in ("王小明", "李四", "王小明"))
    assert first is second
    assert wang is wang_again
    assert len({id(one) for one in (first, wang, li)}) == drawn.running == 3
    assert drawn.budget.used_pixels_s == 3 * round(MPIXEL_S * 1e6)
    assert set(camera.broadcast.drawn) == {first, wang, li}


async def test_it_begins_with_the_kept_gop_and_goes_on_with_what_comes(drawn: Transcodings) -> None:
    camera = Pulled(masks=(LEFT,))
    units = list(units_of(CLIP, 20))
    camera.send(format_of(CLIP), units[:15])
    listening = Listening(opened(drawn, camera))
    await until(lambda: listening.units)
    assert listening.units[0].keyframe
    assert listening.units[0].captured_at_us == units[14].captured_at_us
    camera.send(format_of(CLIP), units[15:])
    await until(lambda: len(listening.units) == 6)
    assert listening.formats == [listening.stream.fmt]
    assert len(decoded(listening.units)) == 6
    assert listening.stream.gop == listening.units


async def test_it_ends_a_little_after_the_last_viewer_and_one_who_comes_meanwhile_finds_it(
    drawn: Transcodings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcoding, "LINGER_S", 0.2)
    camera = Pulled(masks=(LEFT,))
    camera.send(format_of(CLIP), units_of(CLIP, 15))
    first, second = opened(drawn, camera), opened(drawn, camera)
    drawn.leave(first)
    await asyncio.sleep(0.3)
    assert drawn.running == 1
    drawn.leave(second)
    assert opened(drawn, camera) is first
    await asyncio.sleep(0.3)
    assert drawn.running == 1
    drawn.leave(first)
    await until(lambda: drawn.running == 0)
    assert camera.broadcast.drawn == ()
    assert camera.stream._listeners == ()
    assert first._stream.gop == []


async def test_what_only_lingers_makes_room_for_who_looks(drawn: Transcodings) -> None:
    drawn.budget.pixels_s = round(MPIXEL_S * 1e6)
    one, other = Pulled("cam_1", (LEFT,)), Pulled("cam_2", (LEFT,))
    for camera in (one, other):
        camera.send(format_of(CLIP), units_of(CLIP, 15))
    first = opened(drawn, one)
    assert drawn.open(other, None, H264) is End.TRANSCODE_LIMIT
    drawn.leave(first)
    second = opened(drawn, other)
    assert (one.broadcast.drawn, other.broadcast.drawn) == ((), (second,))
    assert drawn.refused == 1


async def test_a_viewer_before_the_format_is_known_is_weighed_when_it_is(drawn: Transcodings) -> None:
    drawn.budget.pixels_s = round(MPIXEL_S * 1e6)
    one, other = Pulled("cam_1", (LEFT,)), Pulled("cam_2", (LEFT,))
    ends = [Ended(opened(drawn, camera)) for camera in (one, other)]
    assert drawn.budget.used_pixels_s == 0
    for camera in (one, other):
        camera.send(format_of(CLIP), units_of(CLIP, 5))
    await until(lambda: ends[0].units)
    assert [end.why for end in ends] == [None, End.TRANSCODE_LIMIT]
    assert drawn.running == 1


class Ended(Listening):
    """A listener that also notes why the broadcast's viewers were ended."""

    def __init__(self, broadcast: Broadcast) -> None:
        super().__init__(broadcast)
        self.why: End | None = None
        broadcast.end = self._note  # type: ignore[method-assign] # a viewer needs a ticket and a wire

    def _note(self, why: End) -> None:
        self.why = self.why or why


@pytest.mark.parametrize("size", [(8192, 8192), (16_384, 16_384), (3840, 2160)])
async def test_a_size_that_the_budget_does_not_bear_is_refused_before_anything_is_decoded(
    drawn: Transcodings, size: tuple[int, int]
) -> None:
    camera = Pulled(masks=(LEFT,))
    camera.send(VideoFormat("h264", (b"\x67\x4d\x40\x1f", b"\x68\xee"), *size, "avc1.4d401f", 25.0), [])
    assert drawn.open(camera, None, H264) is End.TRANSCODE_LIMIT
    assert drawn.running == 0
    # And one that becomes so while it is watched.
    camera = Pulled(masks=(LEFT,))
    camera.send(format_of(CLIP), units_of(CLIP, 15))
    ended = Ended(opened(drawn, camera))
    camera.stream.on_format(VideoFormat("h264", (b"\x67\x4d\x40\x1f", b"\x68\xee"), *size, "avc1.4d401f", 25.0))
    assert ended.why is End.TRANSCODE_LIMIT
    assert drawn.budget.used_pixels_s == 0


async def test_a_camera_that_grows_faster_than_it_said_pays_or_goes(drawn: Transcodings) -> None:
    drawn.budget.pixels_s = round(2 * MPIXEL_S * 1e6)
    camera = Pulled(masks=(LEFT,))
    fast = bright(count=40, fps=40.0)
    told = VideoFormat("h264", format_of(fast).parameter_sets, 320, 180, "avc1.4d400b", 10.0)
    camera.stream.on_format(told)
    ended = Ended(opened(drawn, camera))
    assert drawn.budget.used_pixels_s == round(MPIXEL_S * 1e6)
    camera.send(told, units_of(fast, 40 * 6))
    # 40 a second are decoded and 20 encoded: two thirds of the one, a third of the other.
    assert (ended.why, drawn.budget.used_pixels_s) == (End.TRANSCODE_LIMIT, 0)


async def test_no_picture_with_older_masks_is_given_on_or_kept(drawn: Transcodings) -> None:
    camera = Pulled(masks=(LEFT,))
    units = list(units_of(CLIP, 40))
    camera.send(format_of(CLIP), units[:15])
    listening = Listening(opened(drawn, camera))
    await until(lambda: listening.units)
    for number, unit in enumerate(units[15:]):
        if number == 9:
            camera.mask(LEFT, RIGHT)
            seen = len(listening.units)
            opened(drawn, camera)  # somebody comes at this moment: nothing old is kept for them
            assert listening.stream.gop == []
        camera.send(format_of(CLIP), [unit])
        await asyncio.sleep(0.01)
    await until(lambda: listening.units[-1].captured_at_us == units[-1].captured_at_us)
    after = listening.units[seen:]
    assert after[0].keyframe
    assert all(shown[:, 200:].max() <= 40 for shown in decoded(after))
    assert all(shown[:, :120].max() <= 40 for shown in decoded(listening.units))


async def test_a_picture_that_was_on_its_way_when_the_masks_changed_is_thrown_away(drawn: Transcodings) -> None:
    camera = Pulled(masks=(LEFT,))
    camera.send(format_of(CLIP), units_of(CLIP, 15))
    listening = Listening(opened(drawn, camera))
    await until(lambda: listening.units)
    (one,) = drawn._running.values()
    key, other = listening.units[0], AccessUnit(1, 9_000_000, False, listening.units[0].data)

    def arrives(unit: AccessUnit, *masks: Polygon, beginning: int = 1) -> bool:
        before = len(listening.units)
        assert listening.stream.fmt is not None
        one._on_the_way.acquire()
        one._taken(Drawn(beginning, unit, listening.formats[0], masks))
        return len(listening.units) > before

    assert arrives(other, LEFT)
    camera.mask(LEFT, RIGHT)
    assert not arrives(key, LEFT)
    assert listening.stream.gop == []
    assert not arrives(other, LEFT, RIGHT)  # stands on one that was not given on
    assert arrives(key, LEFT, RIGHT)
    assert arrives(other, LEFT, RIGHT)
    assert not arrives(key, LEFT, RIGHT, beginning=0)
    assert drawn.dropped >= 3


async def test_masks_that_change_and_change_back_cost_no_two_seconds(drawn: Transcodings) -> None:
    camera = Pulled(masks=(LEFT,))
    units = list(units_of(CLIP, 20))
    camera.send(format_of(CLIP), units[:15])
    listening = Listening(opened(drawn, camera))
    await until(lambda: listening.units)
    for masks in ((LEFT, RIGHT), (LEFT,)):  # the thread has nothing to draw and sees neither
        camera.mask(*masks)
        opened(drawn, camera)
    camera.send(format_of(CLIP), units[15:16])
    await until(lambda: len(listening.units) == 2)
    assert listening.units[1].keyframe


async def test_who_joins_after_the_masks_changed_gets_no_picture_of_before(drawn: Transcodings) -> None:
    camera = Pulled(masks=(LEFT,))
    camera.send(format_of(CLIP), units_of(CLIP, 15))
    early, late = Wire(), Wire()
    opened(drawn, camera).join(viewer(early))
    await until(lambda: early.sent.count(b"moof") == 1)
    camera.mask(LEFT, RIGHT)
    opened(drawn, camera).join(viewer(late))
    assert (late.sent.count(b"ftyp"), late.sent.count(b"moof")) == (1, 0)


class Wire:
    """A browser that takes everything."""

    def __init__(self) -> None:
        self.sent = b""

    def write(self, data: bytes) -> None:
        self.sent += data

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return False


def viewer(wire: Wire) -> Viewer:
    expires = datetime(2026, 3, 2, tzinfo=UTC)
    ticket = Ticket(ticket_id="tkt_1", user_id="usr_1", camera_id="cam_1", purpose="wall", expires_at=expires)
    return Viewer(ticket, wire, 100, 1_000_000)


async def test_a_browser_without_the_cameras_new_codec_is_sent_for_a_fresh_ticket(drawn: Transcodings) -> None:
    camera = Pulled()
    camera.send(format_of(CLIP), units_of(CLIP, 15))
    one, both = viewer(Wire()), viewer(Wire())
    both.plays = BOTH
    for each in (one, both):
        opened(drawn, camera, plays=each.plays).join(each)
    fmt, _ = h265(count=2)
    camera.broadcast.on_format(fmt)
    assert one.ended.result() is End.TICKET
    assert not both.ended.done()


async def test_another_connection_of_the_camera_is_another_of_the_picture(drawn: Transcodings) -> None:
    camera = Pulled(masks=(LEFT,))
    units = list(units_of(CLIP, 20))
    camera.send(format_of(CLIP), units[:15])
    listening = Listening(opened(drawn, camera))
    await until(lambda: len(listening.units) == 1)
    camera.stream.end()
    camera.stream.begin()
    anew = [AccessUnit(u.captured_at_us, u.media_time - 900_000, u.keyframe, u.data) for u in at_once(units)]
    camera.send(format_of(CLIP), anew[15:])  # what comes before a keyframe belongs to nothing
    camera.send(format_of(CLIP), anew[:10])
    await until(lambda: len(listening.units) == 11)
    assert listening.stream.connection == 1
    assert [u.media_time for u in listening.units[1:]] == [u.media_time for u in anew[:10]]
    assert listening.units[1].keyframe


async def test_a_thread_that_fails_ends_its_picture_with_a_code_and_no_other(drawn: Transcodings) -> None:
    broken, well = Pulled("cam_1", (LEFT,)), Pulled("cam_2", (LEFT,))
    for camera in (broken, well):
        camera.send(format_of(CLIP), units_of(CLIP, 15))
    ended, other = Ended(opened(drawn, broken)), Ended(opened(drawn, well))
    junk = [AccessUnit(n, 9_000_000 + n * 3600, True, b"\0\0\0\x40" + b"\x65" + b"\xa5" * 63) for n in range(4)]
    broken.send(format_of(CLIP), junk)
    await until(lambda: ended.why)
    assert ended.why is End.LIVE_OFF
    well.send(format_of(CLIP), at_once(list(units_of(CLIP, 40))[15:]))
    await until(lambda: len(other.units) > 10)
    assert (other.why, drawn.running) == (None, 1)
    # The next viewer finds a new one.
    broken.send(format_of(CLIP), units_of(CLIP, 15))
    again = Listening(opened(drawn, broken))
    await until(lambda: again.units)


class NoThread(threading.Thread):
    """One that hangs at once: nothing is drawn."""

    def start(self) -> None:
        """Nothing begins."""


async def test_a_thread_that_hangs_is_given_up_ten_seconds_after_a_keyframe(
    drawn: Transcodings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("camera_gateway.live.transcoding.threading.Thread", NoThread)
    camera = Pulled(masks=(LEFT,))
    units = list(units_of(CLIP, 180))
    camera.send(format_of(CLIP), units[:15])
    ended = Ended(opened(drawn, camera))
    camera.send(format_of(CLIP), units[15:121])  # the keyframe at 20, and ten seconds
    assert [ended.why] == [None]
    camera.send(format_of(CLIP), units[121:122])
    assert (ended.why, drawn.running, drawn.budget.used_pixels_s) == (End.TRANSCODE_LIMIT, 0, 0)
    drawn._threads.clear()


async def test_more_threads_than_may_be_are_refused_however_small_the_pictures(
    drawn: Transcodings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcode, "MOST", 2)
    camera = Pulled(masks=(LEFT,))
    camera.send(format_of(CLIP), units_of(CLIP, 15))
    first, _ = opened(drawn, camera, "王"), opened(drawn, camera, "李")
    assert drawn.open(camera, "张", H264) is End.TRANSCODE_LIMIT
    assert opened(drawn, camera, "王") is first


async def test_where_there_is_no_encoder_it_says_so(drawn: Transcodings, monkeypatch: pytest.MonkeyPatch) -> None:
    from camera_gateway.live import transcoder

    monkeypatch.setattr(transcoder, "ENCODER", "libnone")
    camera = Pulled(masks=(LEFT,))
    camera.send(format_of(CLIP), units_of(CLIP, 15))
    ended = Ended(opened(drawn, camera))
    await until(lambda: ended.why)
    assert ended.why is End.LIVE_OFF


async def test_a_camera_that_may_not_be_shown_leaves_nothing_behind_its_last_viewer(drawn: Transcodings) -> None:
    camera = Pulled(masks=(LEFT,))
    camera.send(format_of(CLIP), units_of(CLIP, 15))
    broadcast = opened(drawn, camera)
    listening = Listening(broadcast)
    await until(lambda: listening.units)
    camera.refusal = End.NO_CONSENT
    drawn.leave(broadcast)
    assert (drawn.running, listening.stream.gop, listening.stream.fmt) == (0, [], None)


async def test_the_budget_is_exact_through_a_thousand_openings_and_leavings(
    drawn: Transcodings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("camera_gateway.live.transcoding.threading.Thread", NoThread)
    chance = random.Random(3)
    drawn.budget.pixels_s = round(7 * MPIXEL_S * 1e6)
    cameras = [Pulled(f"cam_{n}", (LEFT,)) for n in range(10)]
    for camera in cameras:
        camera.send(format_of(CLIP), units_of(CLIP, 15))
    held: list[Broadcast] = []
    for _ in range(1000):
        if held and chance.random() < 0.5:
            drawn.leave(held.pop(chance.randrange(len(held))))
        else:
            found = drawn.open(chance.choice(cameras), chance.choice((None, "王", "李")), H264)
            if isinstance(found, Broadcast):
                held.append(found)
            else:
                assert len({id(one) for one in held}) == 7  # it is full of those who look
        assert drawn.budget.used_pixels_s == drawn.running * round(MPIXEL_S * 1e6) <= drawn.budget.pixels_s
    drawn._threads.clear()


async def test_nothing_of_a_picture_that_is_over_stays_in_memory(drawn: Transcodings) -> None:
    camera = Pulled(masks=(LEFT,))
    camera.send(format_of(CLIP), units_of(CLIP, 15))
    opened(drawn, camera)
    drawn.close()
    await drawn.joined()
    gc.collect()
    assert not [one for one in gc.get_objects() if isinstance(one, transcoding.Transcoding)]
