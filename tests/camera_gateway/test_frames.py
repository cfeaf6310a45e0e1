"""Keyframes on their way to the detectors: in batches, as Annex B, never more waiting than a bound."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from camera_gateway import frames
from camera_gateway.annexb import annexb
from camera_gateway.frames import FramePublisher
from camera_gateway.sources.base import AccessUnit
from hub import picture
from hub.contracts.frame import Frame, FrameReason
from hub.errors import ErrorKind, HubError
from tests.support.clock import FakeClock
from tests.support.units import START_US, moving_bar, unit, units_of


class Lossy:
    """The frames side of a bus; `away` as its Redis may be."""

    def __init__(self) -> None:
        self.batches: list[list[tuple[Frame, bytes | None]]] = []
        self.away = False

    async def publish_many(self, topic: str, items: Sequence[tuple[Frame, bytes | None]]) -> None:
        if self.away:
            raise HubError(ErrorKind.UNAVAILABLE, "hub.bus_unreachable", where="frames")
        self.batches.append(list(items))


def key(number: int, size: int = 100) -> AccessUnit:
    return unit(number, keyframe=True, size=size)


@pytest.fixture
def bus() -> Lossy:
    return Lossy()


@pytest.fixture
def publisher(bus: Lossy, clock: FakeClock) -> FramePublisher:
    return FramePublisher(bus, clock, "gateway-1")  # type: ignore[arg-type]


async def run_for(publisher: FramePublisher, clock: FakeClock, seconds: float) -> None:
    running = asyncio.create_task(publisher.run())
    await clock.advance(seconds)
    running.cancel()
    await asyncio.wait({running})


async def test_what_all_cameras_offer_within_a_moment_goes_in_one_batch(
    bus: Lossy, publisher: FramePublisher, clock: FakeClock
) -> None:
    for number in range(10):
        publisher.offer(f"cam_{number}", number, key(number), FrameReason.HEARTBEAT)
    await run_for(publisher, clock, 0.01)
    assert [len(batch) for batch in bus.batches] == [10]
    frame, _ = bus.batches[0][3]
    assert (frame.camera_id, frame.spec_revision, frame.gateway_id) == ("cam_3", 3, "gateway-1")
    start = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=START_US)
    assert frame.captured_at == start + timedelta(milliseconds=120)


async def test_a_frame_says_how_it_is_coded(bus: Lossy, publisher: FramePublisher, clock: FakeClock) -> None:
    publisher.offer("cam_1", 1, key(1), FrameReason.BLIND)
    publisher.offer("cam_2", 1, key(1), FrameReason.BLIND, "h265")
    await run_for(publisher, clock, 0.1)
    assert [frame.codec for frame, _ in bus.batches[0]] == ["h264", "h265"]


async def test_while_redis_is_away_the_oldest_go_and_are_counted(
    bus: Lossy, publisher: FramePublisher, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "LIMIT", 5)
    bus.away = True
    for number in range(9):
        publisher.offer(f"cam_{number}", 1, key(number), FrameReason.ACTIVITY)
    assert publisher.dropped == 4
    bus.away = False
    await run_for(publisher, clock, 0.1)
    assert [frame.camera_id for frame, _ in bus.batches[0]] == [f"cam_{n}" for n in range(4, 9)]
    assert publisher.published == 5


async def test_it_goes_on_after_redis_was_away_and_counts_what_was_lost(
    bus: Lossy, publisher: FramePublisher, clock: FakeClock
) -> None:
    running = asyncio.create_task(publisher.run())
    bus.away = True
    publisher.offer("cam_1", 1, key(1), FrameReason.ACTIVITY)
    await clock.advance(1)
    assert publisher.dropped == 1
    bus.away = False
    publisher.offer("cam_1", 1, key(2), FrameReason.ACTIVITY)
    await clock.advance(1)
    assert publisher.published == 1
    running.cancel()
    await asyncio.wait({running})


async def test_what_waits_is_bounded_in_bytes_too(publisher: FramePublisher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "LIMIT_BYTES", 1000)
    for number in range(20):
        publisher.offer("cam_1", 1, key(number, size=300), FrameReason.BLIND)
    assert publisher.dropped == 17


async def test_nothing_more_of_a_camera_that_may_not_be_seen_any_more(
    bus: Lossy, publisher: FramePublisher, clock: FakeClock
) -> None:
    for camera in ("cam_1", "cam_2", "cam_1"):
        publisher.offer(camera, 1, key(1), FrameReason.BLIND)
    publisher.withdraw("cam_1")
    await run_for(publisher, clock, 0.1)
    assert [frame.camera_id for frame, _ in bus.batches[0]] == ["cam_2"]


class Order:
    """A sweep's."""

    sweep_id = "sweep_1"

    def __init__(self) -> None:
        self.wanted = True
        self.is_published = False

    def taken(self, unit: AccessUnit) -> bool:
        return True

    def published(self) -> None:
        self.is_published = True


async def test_what_a_sweep_ordered_goes_first_and_waits_out_a_redis_that_is_away(
    bus: Lossy, publisher: FramePublisher, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "LIMIT", 2)
    running = asyncio.create_task(publisher.run())
    bus.away = True
    first, second, given_up = Order(), Order(), Order()
    publisher.send("cam_1", 1, key(1), first)
    publisher.send("cam_2", 1, key(1), second)
    publisher.send("cam_3", 1, key(1), given_up)
    await clock.advance(3)
    given_up.wanted = False
    await clock.advance(1)
    for number in range(4, 9):
        publisher.offer(f"cam_{number}", 1, key(number), FrameReason.ACTIVITY)
    bus.away = False
    await clock.advance(1)
    assert [(frame.camera_id, frame.sweep_id) for frame, _ in bus.batches[0]] == [
        ("cam_1", "sweep_1"),
        ("cam_2", "sweep_1"),
        ("cam_7", None),
        ("cam_8", None),
    ]
    assert [one.is_published for one in (first, second, given_up)] == [True, True, False]
    running.cancel()
    await asyncio.wait({running})


async def test_what_a_sweep_ordered_of_a_camera_that_may_not_be_seen_any_more_is_withdrawn_or_recalled(
    bus: Lossy, publisher: FramePublisher, clock: FakeClock
) -> None:
    withdrawn, recalled = Order(), Order()
    publisher.send("cam_1", 1, key(1), withdrawn)
    publisher.send("cam_2", 1, key(1), recalled)
    publisher.withdraw("cam_1")
    publisher.recall(recalled)
    await run_for(publisher, clock, 0.2)
    assert bus.batches == []


def test_annex_b_of_a_keyframe_is_a_picture() -> None:
    first = next(units_of(moving_bar(seconds=1)))
    coded = annexb(first.data)
    assert len(coded) == len(first.data)
    assert picture.decode_keyframe(coded).shape == (180, 320, 3)


@pytest.mark.parametrize(
    ("data", "coded"),
    [
        (b"", b""),
        (b"\0\0\0\2ab", b"\0\0\0\1ab"),
        (b"\0\0\0\1a\0\0\0\1b", b"\0\0\0\1a\0\0\0\1b"),
        (b"\0\0\0\1a\0\0\0\x09b", b"\0\0\0\1a"),  # cut off
        (b"\0\0", b""),
    ],
)
def test_annex_b_of_any_bytes_is_whole_nals_only(data: bytes, coded: bytes) -> None:
    assert annexb(data) == coded
