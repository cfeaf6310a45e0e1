"""The judge on a real Redis: one episode is one alert, whatever dies and whenever."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Awaitable, Callable, Sequence
from typing import cast

import pytest
from PIL import Image

from analytics.judge import Judge
from hub.bus import Bus, Topic, Transaction
from hub.contracts.alert import AlertRaised
from hub.contracts.camera import CameraSpec
from hub.contracts.look import Look
from hub.errors import HubError
from hub.picture import encode_jpeg
from hub.settings import Settings
from tests.analytics.makers import CAMERA, at, look, person, rule, scene, spec
from tests.support.clock import FakeClock


class Killed(BaseException):
    """The process ended here."""


class DyingBus:
    """The real bus until its n-th call: there the process dies, before or after the call has had its effect."""

    def __init__(self, bus: Bus, dies_at: int, *, after: bool) -> None:
        self._bus = bus
        self._left = dies_at
        self._after = after

    def __getattr__(self, name: str) -> object:
        member = getattr(self._bus, name)
        if name == "transaction":
            return lambda: _DyingTransaction(self, member())
        if name == "follow_specs":
            return member

        async def call(*args: object, **named: object) -> object:
            return await self.passed(lambda: member(*args, **named))

        return call

    async def passed(self, call: Callable[[], Awaitable[object]]) -> object:
        self._left -= 1
        if self._left == 0 and not self._after:
            raise Killed
        answer = await call()
        if self._left == 0:
            raise Killed
        return answer


class _DyingTransaction:
    def __init__(self, owner: DyingBus, inner: Transaction) -> None:
        self._owner = owner
        self._inner = inner

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    async def commit(self) -> None:
        await self._owner.passed(self._inner.commit)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


async def opened(settings: Settings, clock: FakeClock) -> Bus:
    return await Bus.open(settings, clock)


async def alerts(bus: Bus) -> list[AlertRaised]:
    found: list[AlertRaised] = []
    while deliveries := await bus.read(Topic.ALERTS, "test", "test", block_ms=1):
        found += [delivery.parse(AlertRaised) for delivery in deliveries]
        await bus.ack(Topic.ALERTS, "test", [delivery.id for delivery in deliveries])
    return found


async def publish(bus: Bus, looks: Sequence[Look]) -> None:
    await bus.publish_many(Topic.RESULTS, [(one, None) for one in looks])


async def with_picture(bus: Bus, one: Look) -> Look:
    await bus.put_picture("picture-1", encode_jpeg(scene(150)), 60)
    return one.model_copy(update={"picture_key": "picture-1"})


async def judged(
    settings: Settings, clock: FakeClock, specs: Sequence[CameraSpec], looks: Sequence[Look]
) -> list[AlertRaised]:
    bus = await opened(settings, clock)
    try:
        await bus.replace_specs(specs)
        judge = Judge(bus, clock, settings)
        await judge.begin()
        await publish(bus, looks)
        while await left_over(bus):
            await judge.step(block_ms=1)
        return await alerts(bus)
    finally:
        await bus.close()


async def steps(judge: Judge, count: int) -> None:
    for _ in range(count):
        await judge.step(block_ms=1)


async def left_over(bus: Bus) -> bool:
    """Whether the judge's group still owes or has not yet been given anything."""
    reply = cast(list[list[object]], await bus._durable.once("XINFO", "GROUPS", f"{bus._prefix}topic:results"))
    if not reply:
        return True
    group = dict(zip(reply[0][::2], reply[0][1::2], strict=True))
    last = cast(
        list[tuple[bytes, object]],
        await bus._durable.once("XREVRANGE", f"{bus._prefix}topic:results", "+", "-", "COUNT", 1),
    )
    return bool(group[b"pending"]) or group[b"last-delivered-id"] != last[0][0]


async def test_somebody_who_stays_in_the_zone_raises_one_alert_with_its_picture(
    redis_settings: Settings, clock: FakeClock
) -> None:
    bus = await opened(redis_settings, clock)
    last = await with_picture(bus, look(4, [person()]))
    found = await judged(
        redis_settings,
        clock,
        [spec(simulated=True)],
        [look(0, [person()]), look(2, [person()]), last, look(6, [person()])],
    )
    assert len(found) == 1
    alert = found[0]
    assert (alert.camera_id, alert.rule_id, alert.zone_name, alert.labels) == (CAMERA, "rule_1", "水边", ("person",))
    assert (alert.episode_started_at, alert.captured_at, alert.simulated) == (at(0), at(4), True)
    assert alert.evidence_key is not None
    drawn = await bus.picture(alert.evidence_key)
    assert drawn is not None
    assert hashlib.sha256(drawn).hexdigest() == alert.evidence_sha256
    with Image.open(io.BytesIO(drawn)) as picture:
        assert (picture.format, picture.width) == ("JPEG", 320)
        assert picture.height > 192  # the band stands beneath the picture
    await bus.close()


async def test_a_look_whose_picture_is_gone_raises_the_alert_all_the_same(
    redis_settings: Settings, clock: FakeClock
) -> None:
    last = look(4, [person()], picture_key="long gone")
    found = await judged(redis_settings, clock, [spec()], [look(0, [person()]), look(2, [person()]), last])
    assert [alert.evidence_key for alert in found] == [None]


async def test_looks_that_come_twice_and_late_raise_nothing_more(redis_settings: Settings, clock: FakeClock) -> None:
    looks = [look(second, [person()]) for second in (0, 2, 4, 6)]
    found = await judged(redis_settings, clock, [spec()], [*looks, *looks, look(1, [person()]), look(5)])
    assert len(found) == 1


async def test_a_message_that_nobody_understands_does_not_stop_the_judge(
    redis_settings: Settings, clock: FakeClock
) -> None:
    looks = [look(0, [person()]), look(2, [person()], version=99), look(4, [person()])]
    assert len(await judged(redis_settings, clock, [spec()], looks)) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"enabled": False},
        {"kind": "household"},  # without consent
        {"kind": "household", "consent_from": at(-100), "consent_until": at(-1)},
        {"camera_id": "another"},
        {"rules": (rule(enabled=False),)},
        {"rules": (rule(zone_id="gone"),)},
    ],
)
async def test_what_may_not_be_judged_raises_nothing(
    redis_settings: Settings, clock: FakeClock, changes: dict[str, object]
) -> None:
    assert (
        await judged(redis_settings, clock, [spec(**changes)], [look(second, [person()]) for second in (0, 2, 4)]) == []
    )


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
async def test_killed_at_any_call_the_next_judge_raises_exactly_one_alert_with_its_evidence(
    redis_settings: Settings, clock: FakeClock, after: bool
) -> None:
    deaths = 0
    for dies_at in range(1, 60):
        settings = redis_settings.model_copy(update={"redis_prefix": f"{redis_settings.redis_prefix}{dies_at}:"})
        bus = await opened(settings, clock)
        try:
            await bus.replace_specs([spec()])
            last = await with_picture(bus, look(4, [person()]))
            await publish(bus, [look(0, [person()]), look(2, [person()])])
            judge = Judge(cast(Bus, DyingBus(bus, dies_at, after=after)), clock, settings)
            try:
                await judge.begin()
                await judge.step(block_ms=1)  # makes the group
                await judge.step(block_ms=1)
                await publish(bus, [last])
                await judge.step(block_ms=1)
                died = False
            except Killed:
                died = True
                await publish(bus, [last])  # once more, perhaps: twice is harmless
            deaths += died
            following = await opened(settings, clock)
            heir = Judge(following, clock, settings)
            await heir.begin()
            while await left_over(following):
                await heir.step(block_ms=1)
            found = await alerts(following)
            assert len({alert.alert_id for alert in found}) == 1, f"died at call {dies_at}"
            assert len(found) == 1, f"died at call {dies_at}"
            assert found[0].evidence_key is not None
            assert await following.picture(found[0].evidence_key) is not None
            await following.close()
        finally:
            await bus.close()
        if not died:
            break
    assert deaths >= 8  # every call of a whole life was tried


async def test_a_judge_that_was_overtaken_writes_nothing_and_ends(redis_settings: Settings, clock: FakeClock) -> None:
    bus = await opened(redis_settings, clock)
    await bus.replace_specs([spec()])
    await publish(bus, [look(second, [person()]) for second in (0, 2, 4)])
    paused, heir = Judge(bus, clock, redis_settings), Judge(bus, clock, redis_settings)
    await paused.begin()
    clock.step(1)
    await heir.begin()
    with pytest.raises(HubError) as caught:
        await steps(paused, 5)
    assert caught.value.code == "analytics.judge_overtaken"
    assert await alerts(bus) == []
    for _ in range(3):
        await heir.step(block_ms=1)
    assert len(await alerts(bus)) == 1
    await bus.close()


async def test_a_judge_whose_redis_was_emptied_goes_on(redis_settings: Settings, clock: FakeClock) -> None:
    bus = await opened(redis_settings, clock)
    await bus.replace_specs([spec()])
    judge = Judge(bus, clock, redis_settings)
    await judge.begin()
    await judge.step(block_ms=1)
    for key in cast(list[bytes], await bus._durable.once("KEYS", f"{redis_settings.redis_prefix}*")):
        if b"specs" not in key:
            await bus._durable.once("DEL", key)
    await publish(bus, [look(second, [person()]) for second in (0, 2, 4)])
    for _ in range(5):
        await judge.step(block_ms=1)
    assert len(await alerts(bus)) == 1
    await bus.close()


async def test_one_look_that_surprises_does_not_take_the_others_with_it(
    redis_settings: Settings, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    import analytics.judge as module

    real = module.judge_look  # type: ignore[attr-defined]

    def surprised(memory: object, one: Look, *args: object, **named: object) -> object:
        if one.captured_at == at(2):
            raise ZeroDivisionError
        return real(memory, one, *args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "judge_look", surprised)
    found = await judged(redis_settings, clock, [spec()], [look(second, [person()]) for second in (0, 2, 4)])
    assert len(found) == 1
