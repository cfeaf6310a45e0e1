"""A camera's head in the hands of people: one at a time, stopped when its page dies, home after a while."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from camera_gateway.onvif.ptz import Ptz
from camera_gateway.viewing import Counted
from hub.clock import Clock, SystemClock
from hub.contracts.camera import CameraKind
from hub.contracts.ptz import LEASE_S, RENEW_WITHIN_S, PtzCommand, PtzState, PtzVerb
from hub.contracts.ticket import Ticket, TicketAction
from hub.errors import ErrorKind, HubError
from hub.ids import new_id
from tests.support.clock import FakeClock
from tests.support.gateway import until
from tests.support.onvif_camera import Met, met

RIGHT = PtzCommand(verb=PtzVerb.MOVE, pan=0.5)


class Lines:
    """The access register, as far as PTZ writes into it."""

    def __init__(self) -> None:
        self.written: list[tuple[str, str]] = []

    async def opened(self, ticket: Ticket, counts: Counted) -> None:
        self.written.append(("opened", ticket.user_id))

    def closed(self, ticket: Ticket, because: str) -> None:
        self.written.append((because, ticket.user_id))


class Desk:
    """Two people at one camera."""

    def __init__(self, at: Met, clock: Clock) -> None:
        self.lines = Lines()
        self.at = at
        self.clock = clock
        specs = {at.spec.camera_id: at.spec}
        self.ptz = Ptz(clock, at.devices, self.lines, specs.get)  # type: ignore[arg-type]
        self.head = at.onvif.head(0)

    def turns(self) -> bool:
        """Whether the head moves now."""
        return self.head.moving

    async def say(self, wish: PtzCommand, who: str = "li", **spec: Any) -> PtzState:
        now = SystemClock().now()
        ticket = Ticket(
            ticket_id=new_id("tkt", now),
            user_id=f"usr_{who}",
            camera_id="cam_1",
            action=TicketAction.PTZ,
            purpose="ptz",
            holder=who,
            expires_at=now + timedelta(minutes=1),
        )
        return await self.ptz.command(ticket, self.at.spec.model_copy(update=spec), wish)


async def test_a_move_that_nobody_renews_is_stopped() -> None:
    clock = FakeClock()
    async with met("no-stop-after-timeout", clock=clock) as at:
        desk = Desk(at, clock)
        await desk.say(RIGHT)
        assert desk.turns()
        for _ in range(4):
            await clock.advance(0.9)
            await desk.say(RIGHT)
            desk.ptz.review()
        assert desk.turns(), "it was renewed"
        await clock.advance(RENEW_WITHIN_S)
        desk.ptz.review()
        await until(lambda: not desk.turns())
        assert desk.head.stops == 1


async def test_the_cameras_own_time_out_ends_a_move_when_the_gateway_is_gone() -> None:
    clock = FakeClock()
    async with met(clock=clock) as at:
        desk = Desk(at, clock)
        await desk.say(RIGHT)
        await clock.advance(10.0)
        assert not desk.turns()
        assert desk.head.position.pan == 0.5, "two seconds at half speed"


async def test_the_same_move_said_often_asks_the_camera_seldom() -> None:
    clock = FakeClock()
    async with met(clock=clock) as at:
        desk = Desk(at, clock)
        for _ in range(10):
            await desk.say(RIGHT)
            await clock.advance(0.2)
        assert desk.head.moves == 3
        await desk.say(PtzCommand(verb=PtzVerb.MOVE, tilt=1))
        assert desk.head.moves == 4, "another direction is said at once"
        before = desk.head.position.pan
        await clock.advance(0.5)
        assert desk.head.position.pan == before, "the old axis stands"


async def test_the_second_person_is_told_who_holds_it_until_that_one_lets_go() -> None:
    clock = FakeClock()
    async with met(clock=clock) as at:
        desk = Desk(at, clock)
        await desk.say(RIGHT)
        with pytest.raises(HubError) as refused:
            await desk.say(RIGHT, "wang")
        assert refused.value.kind is ErrorKind.CONFLICT
        assert "li" in refused.value.text("zh")
        looked = await desk.say(PtzCommand(verb=PtzVerb.LOOK), "wang")
        assert looked.holder is not None
        assert looked.holder.name == "li"
        await desk.say(PtzCommand(verb=PtzVerb.RELEASE), "wang")  # not theirs: nothing happens
        assert desk.turns()
        await desk.say(PtzCommand(verb=PtzVerb.RELEASE))
        assert not desk.turns(), "who lets go leaves nothing moving"
        await desk.say(RIGHT, "wang")
        assert desk.lines.written == [("opened", "usr_li"), ("viewer", "usr_li"), ("opened", "usr_wang")]


async def test_who_says_nothing_for_long_holds_it_no_more_and_the_register_says_so() -> None:
    clock = FakeClock()
    async with met(clock=clock) as at:
        desk = Desk(at, clock)
        await desk.say(PtzCommand(verb=PtzVerb.STOP))
        await clock.advance(LEASE_S)
        desk.ptz.review()
        assert desk.lines.written == [("opened", "usr_li"), ("viewer", "usr_li")]
        await desk.say(RIGHT, "wang")


async def test_presets_are_set_listed_gone_to_and_removed() -> None:
    async with met() as at:
        desk = Desk(at, SystemClock())
        made = await desk.say(PtzCommand(verb=PtzVerb.SET, name="大门"))
        assert made.presets is not None
        assert [(one.token, one.name) for one in made.presets] == [(made.preset, "大门")]
        at.onvif.head(0).look((0.7, 0.2, 0.5))
        await desk.say(PtzCommand(verb=PtzVerb.GO, preset=made.preset))
        assert at.onvif.head(0).position.pan == 0.0
        with pytest.raises(HubError) as unknown:
            await desk.say(PtzCommand(verb=PtzVerb.GO, preset="99"))
        assert unknown.value.kind is ErrorKind.INVALID
        gone = await desk.say(PtzCommand(verb=PtzVerb.REMOVE, preset=made.preset))
        assert gone.presets == ()


async def test_it_goes_home_when_nobody_moved_it_for_the_set_time() -> None:
    clock = FakeClock()
    async with met(clock=clock, face={"home_after_s": 60}) as at:
        desk = Desk(at, clock)
        await desk.say(RIGHT)
        await clock.advance(1.0)
        await desk.say(PtzCommand(verb=PtzVerb.STOP))
        for _ in range(50):
            await clock.advance(1.0)
            desk.ptz.review()
        assert desk.head.position.pan > 0
        for _ in range(12):
            await clock.advance(1.0)
            desk.ptz.review()
        await until(lambda: desk.head.position.pan == 0)


async def test_a_camera_that_does_not_update_its_move_status_is_moved_like_any_other() -> None:
    clock = FakeClock()
    async with met("no-move-status", clock=clock) as at:
        desk = Desk(at, clock)
        await desk.say(RIGHT)
        await clock.advance(0.5)
        await desk.say(PtzCommand(verb=PtzVerb.STOP))
        assert "GetStatus" not in at.onvif.face(0).operations


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        ({"kind": CameraKind.HOUSEHOLD}, "camera_gateway.no_consent"),
        ({"enabled": False}, "camera_gateway.ptz_off"),
        ({"masks": (((0.0, 0.0), (0.5, 0.0), (0.5, 0.5)),)}, "camera_gateway.ptz_masked"),
        ({"onvif": None}, "camera_gateway.no_ptz"),
    ],
)
async def test_a_camera_that_may_not_be_turned_stands(spec: dict[str, Any], code: str) -> None:
    async with met() as at:
        desk = Desk(at, SystemClock())
        with pytest.raises(HubError) as refused:
            await desk.say(RIGHT, **spec)
        assert refused.value.code == code
        assert desk.head.moves == 0
        assert desk.lines.written == []


async def test_the_gateway_that_stops_leaves_nothing_moving() -> None:
    async with met("no-stop-after-timeout") as at:
        desk = Desk(at, SystemClock())
        running = asyncio.create_task(desk.ptz.run())
        await desk.say(RIGHT)
        await desk.ptz.close()
        running.cancel()
        assert not desk.turns()
