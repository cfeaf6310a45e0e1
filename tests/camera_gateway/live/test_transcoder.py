"""The thread that draws anew: what leaves it is masked in every pixel of every picture, decodable, and soon there."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import av
import numpy as np
import pytest

from camera_gateway.live import transcoder
from camera_gateway.live.budget import Budget
from camera_gateway.live.inbox import MOST_UNITS, Beginning, Inbox
from camera_gateway.live.transcoder import Drawn, Transcoder
from camera_gateway.simulator.clip import Coding, encode
from camera_gateway.sources.base import AccessUnit, VideoFormat
from hub.contracts.base import Polygon
from hub.errors import HubError
from tests.support.drawn import Picture, bright, bright_pictures, decoded, h265
from tests.support.units import format_of, units_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
LEFT: Polygon = ((0.0, 0.0), (0.4, 0.0), (0.4, 1.0), (0.0, 1.0))
RIGHT: Polygon = ((0.7, 0.2), (1.0, 0.2), (1.0, 0.9))
NEARLY_BLACK = 40  # a decoder's ringing on the edge of a mask; the pictures' own darkest is 110


class Thread:
    """A transcoder in this test's thread: `inbox` is filled, then emptied. `masks` may be changed by `at`."""

    def __init__(self, masks: tuple[Polygon, ...] = (), who: str | None = None) -> None:
        self.inbox = Inbox()
        self.masks = masks
        self.out: list[Drawn] = []
        self.at: dict[int, tuple[Polygon, ...]] = {}  # after so many pictures: these masks
        self.transcoder = Transcoder(self.inbox, who, SHANGHAI, lambda: self.masks, self.send)

    def send(self, drawn: Drawn) -> bool:
        self.out.append(drawn)
        self.masks = self.at.get(len(self.out), self.masks)
        return True

    def begin(
        self, fmt: VideoFormat, kept: Sequence[AccessUnit] = (), complete: bool = True, mpixel_s: float = 1000.0
    ) -> None:
        plan = Budget(mpixel_s).take(fmt.width_px, fmt.height_px, fmt.frame_rate or 25)
        assert plan is not None
        self.inbox.begin(Beginning(1, fmt, plan, tuple(kept), complete))

    def draw(self, units: Sequence[AccessUnit] = ()) -> list[Picture]:
        """All of it; what comes out is decoded as a browser would."""
        for first in range(0, max(1, len(units)), MOST_UNITS):
            for unit in units[first : first + MOST_UNITS]:
                self.inbox.put(unit)
                self.inbox.newest_us = 0  # this test is slow, the camera is not late
            self._empty()
        return decoded(one.unit for one in self.out)

    def _empty(self) -> None:
        take = self.inbox.take

        def until_empty() -> Beginning | AccessUnit | None:
            return take() if self.inbox._units or self.inbox._begin else None

        self.inbox.take = until_empty  # type: ignore[method-assign] # `run` is to return instead of waiting
        self.transcoder.run()
        self.inbox.take = take  # type: ignore[method-assign] # as it was


def inside(picture: Picture, mask: Polygon) -> Picture:
    """The pixels well inside a mask: two from its edge."""
    import cv2

    height, width = picture.shape[0], picture.shape[1]
    covered = np.zeros((height, width), np.uint8)
    cv2.fillPoly(covered, [np.array([[x * width, y * height] for x, y in mask]).astype(np.int32)], 1)
    return picture[cv2.erode(covered, np.ones((5, 5), np.uint8)) > 0]


def assert_masked(pictures: Sequence[Picture], *masks: Polygon) -> None:
    for number, picture in enumerate(pictures):
        for mask in masks:
            assert inside(picture, mask).max() <= NEARLY_BLACK, number


def test_every_picture_from_the_first_on_is_black_beneath_its_masks_and_itself_beside_them() -> None:
    clip, thread = bright(), Thread((LEFT, RIGHT))
    thread.begin(format_of(clip))
    pictures = thread.draw(list(units_of(clip, 40)))
    assert len(pictures) == 40
    assert thread.out[0].unit.keyframe
    assert_masked(pictures, LEFT, RIGHT)
    assert all(abs(picture[20:40, 150:200].mean() - 175) < 25 for picture in pictures)


def test_other_masks_are_on_the_very_next_picture_and_it_stands_alone() -> None:
    clip, thread = bright(), Thread((LEFT,))
    thread.at = {7: (LEFT, RIGHT), 19: (RIGHT,)}
    thread.begin(format_of(clip))
    pictures = thread.draw(list(units_of(clip, 30)))
    assert [number for number, one in enumerate(thread.out) if one.unit.keyframe] == [0, 7, 19]
    assert_masked(pictures[:7], LEFT)
    assert_masked(pictures[7:19], LEFT, RIGHT)
    assert_masked(pictures[19:], RIGHT)
    assert inside(pictures[19], LEFT).min() > 90
    assert [one.masks for one in thread.out[6:8]] == [(LEFT,), (LEFT, RIGHT)]


def test_masks_hold_through_another_size_and_other_parameters() -> None:
    small, large, thread = bright(), bright(640, 360), Thread((LEFT,))
    units = list(units_of(small, 12))
    thread.begin(format_of(small))
    assert_masked(thread.draw(units), LEFT)
    thread.begin(format_of(large))
    # The decoder meets the new size only where it was announced; here it was.
    pictures = thread.draw(list(units_of(large, 12)))
    assert {picture.shape for picture in pictures} == {(180, 320, 3), (360, 640, 3)}
    assert_masked(pictures, LEFT)
    assert thread.out[12].unit.keyframe
    assert (thread.out[12].fmt.width_px, thread.out[12].fmt.height_px) == (640, 360)


def test_a_wide_picture_is_masked_before_it_is_made_smaller() -> None:
    clip, thread = bright(2560, 1440, count=3), Thread((LEFT, RIGHT))
    thread.begin(format_of(clip))
    pictures = thread.draw(list(units_of(clip, 3)))
    assert [picture.shape for picture in pictures] == [(720, 1280, 3)] * 3
    assert_masked(pictures, LEFT, RIGHT)


def test_it_starts_from_the_kept_gop_with_its_newest_picture_as_a_keyframe() -> None:
    clip, thread = bright(), Thread()
    units = list(units_of(clip, 20))
    thread.begin(format_of(clip), units[:15])
    pictures = thread.draw(units[15:])
    assert len(pictures) == 6  # the newest kept one, then each that came
    assert thread.out[0].unit.keyframe
    assert [one.unit.captured_at_us for one in thread.out] == [unit.captured_at_us for unit in units[14:]]
    assert [one.unit.media_time for one in thread.out] == [unit.media_time for unit in units[14:]]


def test_a_gop_that_was_not_kept_whole_shows_its_keyframe_and_then_waits_for_the_next() -> None:
    clip, thread = bright(), Thread()
    units = list(units_of(clip, 25))
    thread.begin(format_of(clip), units[:1], complete=False)
    thread.draw(units[10:])
    assert [one.unit.media_time for one in thread.out] == [units[0].media_time, *(u.media_time for u in units[20:])]


def test_a_keyframe_comes_at_least_every_two_seconds_however_long_the_cameras_gop() -> None:
    clip = encode(bright_pictures(320, 180, 60), 320, 180, 10.0, Coding(gop_s=6.0))
    thread = Thread()
    thread.begin(format_of(clip))
    thread.draw(list(units_of(clip, 60)))
    assert [number for number, one in enumerate(thread.out) if one.unit.keyframe] == [0, 20, 40]


def test_h265_becomes_h264_of_the_same_pictures() -> None:
    fmt, units = h265()
    thread = Thread((RIGHT,))
    thread.begin(fmt)
    pictures = thread.draw(units)
    assert len(pictures) == len(units)
    assert thread.out[0].fmt.codec == "h264"
    assert thread.out[0].fmt.codec_string.startswith("avc1.42c0")  # constrained baseline: all play it
    assert_masked(pictures, RIGHT)
    assert abs(pictures[-1][100, 20].astype(int) - (150, 210, 180)).max() < 15


def test_the_viewers_name_is_on_every_quarter_of_the_picture_and_its_second_moves() -> None:
    clip = bright(640, 360)
    plain, marked = Thread(), Thread(who="王小明 · 东湖街道综治中心")
    for one in (plain, marked):
        one.begin(format_of(clip))
    units = list(units_of(clip, 21))
    without, with_ = plain.draw(units), marked.draw(units)
    for number in (0, 20):
        changed = np.abs(with_[number].astype(int) - without[number]).max(axis=2) > 25
        assert all(
            quarter.mean() > 0.004 for half in np.array_split(changed, 2) for quarter in np.array_split(half, 2, 1)
        )
        assert changed.mean() < 0.2
    stamp = (slice(20, 70), slice(0, 250))
    same, later = with_[5][stamp].astype(int), with_[15][stamp].astype(int)
    assert np.abs(same - with_[6][stamp]).mean() < np.abs(same - later).mean()


def test_a_watermark_over_a_mask_leaves_the_mask_black() -> None:
    clip, thread = bright(), Thread((LEFT,), who="王小明")
    thread.begin(format_of(clip))
    assert_masked(thread.draw(list(units_of(clip, 12))), LEFT)


def test_a_broken_picture_costs_those_until_the_next_keyframe_and_shows_nothing_broken() -> None:
    clip, thread = bright(), Thread()
    units = list(units_of(clip, 40))
    broken = units[5]
    units[5] = AccessUnit(broken.captured_at_us, broken.media_time, False, b"\0\0\0\x08\x41" + b"\xff" * 7)
    thread.begin(format_of(clip))
    thread.draw(units)
    assert [one.unit.media_time for one in thread.out] == [u.media_time for u in (*units[:5], *units[20:])]
    assert thread.transcoder.undecodable == 1


def test_three_keyframes_that_are_none_end_it_with_a_sentence() -> None:
    clip, thread = bright(), Thread()
    junk = [AccessUnit(n, n * 3600, True, b"\0\0\0\x40" + b"\x65" + b"\xa5" * 63) for n in range(5)]
    thread.begin(format_of(clip))
    with pytest.raises(HubError) as raised:
        thread.draw(junk)
    assert raised.value.code == "hub.picture_undecodable"


def test_a_size_that_was_not_announced_is_no_picture_and_no_memory() -> None:
    announced, sent, thread = bright(), bright(1280, 720, count=4), Thread()
    thread.begin(format_of(announced))
    thread.draw(list(units_of(sent, 2)))
    assert thread.out == []
    assert thread.transcoder.undecodable == 2 - 1  # the second is no keyframe and is not even tried


def test_a_camera_that_sends_faster_than_planned_is_thinned_not_paid_for() -> None:
    clip, thread = bright(fps=20.0), Thread()
    fmt = format_of(clip)
    thread.begin(VideoFormat(fmt.codec, fmt.parameter_sets, 320, 180, fmt.codec_string, 10.0))
    pictures = thread.draw(list(units_of(clip, 40)))
    assert len(pictures) == 20
    assert thread.transcoder.spared == 20


def test_what_waits_is_bounded_and_goes_on_with_a_keyframe() -> None:
    clip, inbox = bright(), Inbox()
    for number, unit in enumerate(units_of(clip, MOST_UNITS + 10)):
        inbox.put(unit)
        assert len(inbox._units) <= MOST_UNITS, number
    # The 61st was a keyframe: what waited went, it and those after it stay.
    first = inbox.take()
    assert isinstance(first, AccessUnit)
    assert first.keyframe
    assert inbox.dropped == MOST_UNITS


def test_a_thread_that_waits_ends_when_its_inbox_closes() -> None:
    thread = Thread()
    waiting = threading.Thread(target=thread.transcoder.run)
    waiting.start()
    thread.inbox.close()
    waiting.join(5)
    assert not waiting.is_alive()


def test_what_is_made_smaller_was_masked_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """The scaler mixes neighbours; whatever its reach, nothing from beneath is there to be mixed."""
    blacken, calls = transcoder._blacken, 0

    def only_the_first(frame: av.VideoFrame, masks: tuple[Polygon, ...]) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            blacken(frame, masks)

    monkeypatch.setattr(transcoder, "_blacken", only_the_first)
    clip, thread = bright(2560, 1440, count=1), Thread((LEFT,))
    thread.begin(format_of(clip))
    assert_masked(thread.draw(list(units_of(clip, 1))), LEFT)
    assert calls == 2


@pytest.mark.parametrize("seed", range(40))
def test_whatever_comes_every_picture_is_masked_and_decodable_or_it_ends(seed: int) -> None:
    chance = random.Random(seed)
    clip, thread = bright(count=20), Thread((LEFT,))
    units = list(units_of(clip, 40))
    for _ in range(chance.randrange(1, 12)):
        number = chance.randrange(len(units))
        data = bytearray(units[number].data)
        for _ in range(chance.randrange(1, 6)):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        cut = chance.choice((len(data), chance.randrange(1, len(data))))
        old = units[number]
        offset = chance.choice((0, 0, chance.randrange(-(1 << 33), 1 << 33)))
        units[number] = AccessUnit(old.captured_at_us, old.media_time, old.keyframe, bytes(data[:cut]), offset)
    thread.begin(format_of(clip), units[:5])
    ends: list[str] = []
    try:
        thread.draw(units[5:])
    except HubError as error:
        ends.append(error.code)
    assert ends in ([], ["hub.picture_undecodable"])
    assert_masked(decoded(one.unit for one in thread.out), LEFT)
