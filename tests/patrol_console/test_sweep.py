"""Sweeps ordered from the console: who may, what is told while they run, and every way in which they end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from hub.contracts.ticket import TicketAction
from patrol_console.console import Console
from patrol_console.gateway import Gateway
from patrol_console.sweep import service
from patrol_console.sweep.running import DEAD_AFTER
from patrol_console.sweep.schemas import SweepWish
from patrol_console.tables.camera import CameraRow
from patrol_console.tables.outbox import OutboxRow
from patrol_console.tables.sweep import SweepRow
from patrol_console.tables.viewing import ViewingRow
from tests.patrol_console.people import Person, Town, camera_row, sweep_row
from tests.support.clock import FakeClock
from tests.support.gateway import until


class SweepingGateway(httpx.AsyncBaseTransport):
    """Answers with the lines that a test puts in, until it says that it is over; `refusals` come before."""

    def __init__(self) -> None:
        self.orders: list[dict[str, Any]] = []
        self.tickets: list[str] = []
        self.refusals: list[tuple[int, str]] = []
        self.lines: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.open = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/sweep"
        self.tickets.append(request.url.params["ticket"])
        if self.refusals:
            status, code = self.refusals.pop(0)
            if not status:
                raise httpx.ConnectError("nobody there")
            return httpx.Response(status, json={"code": code})
        self.orders.append(json.loads(await request.aread()))
        return httpx.Response(200, stream=_Lines(self))

    def say(self, camera_id: str, outcome: str = "swept", **more: object) -> None:
        self.lines.put_nowait(json.dumps({"camera_id": camera_id, "outcome": outcome, **more}).encode() + b"\n")

    def end(self) -> None:
        self.lines.put_nowait(None)


class _Lines(httpx.AsyncByteStream):
    def __init__(self, gateway: SweepingGateway) -> None:
        self._gateway = gateway

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self._gateway.open += 1
        try:
            while (line := await self._gateway.lines.get()) is not None:
                yield b"\n" + line[:7]  # in pieces, as networks do
                yield line[7:]
        finally:
            self._gateway.open -= 1


@pytest.fixture
def gateway(console: Console) -> SweepingGateway:
    made = SweepingGateway()
    console.gateway = Gateway(console.settings, made)
    console.sweeps._gateway = console.gateway
    return made


@pytest.fixture
async def three(console: Console, town: Town) -> Town:
    """Two more cameras in the east, one of them tagged."""
    async with console.database.writing() as session:
        for name, tags in (("pond", ["water"]), ("school", [])):
            row = camera_row(f"cam_{name}", town.east, console.clock.now())
            row.tags = tags
            session.add(row)
    return town


async def shown(person: Person, sweep_id: str, within_s: float = 5, **as_it_should: object) -> dict[str, Any]:
    """The sweep, once it is as it should be."""
    async with asyncio.timeout(within_s):
        while True:
            answer = (await person.ask("GET", f"/api/sweeps/{sweep_id}")).json()
            if all(answer[key] == value for key, value in as_it_should.items()):
                return dict(answer)
            await asyncio.sleep(0.01)


async def ordered(person: Person, **wish: object) -> str:
    answer = await person.ask("POST", "/api/sweeps", wish)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


async def test_a_sweep_goes_on_without_its_asker_and_tells_how_far_it_is(
    console: Console, asgi: httpx.ASGITransport, three: Town, gateway: SweepingGateway, clock: FakeClock
) -> None:
    person = await Person.sign_in(asgi, "operator")
    sweep_id = await ordered(person, area_id=three.east)
    gateway.say("cam_pond", "failed", cause="unreachable", detail="camera_gateway.cause_unreachable")
    gateway.say("cam_east", first_at="2026-03-02T01:00:00Z", second_at="2026-03-02T01:00:10Z")
    await until(lambda: gateway.lines.empty())
    assert (await shown(person, sweep_id))["swept"] == 0  # a second has not passed
    await clock.advance(1)
    now = await shown(person, sweep_id, failed=1)
    assert (now["state"], now["total"], now["swept"], now["skipped"]) == ("running", 3, 1, 0)
    gateway.say("cam_school", "skipped", cause="disabled")
    gateway.end()
    last = await shown(person, sweep_id, state="done")
    assert [(one["camera_id"], one["outcome"], one["cause"]) for one in last["cameras"]] == [
        ("cam_pond", "failed", "unreachable"),
        ("cam_school", "skipped", "disabled"),
        ("cam_east", "swept", "none"),
    ]
    assert (last["area_id"], last["purpose"], last["user_name"], last["detail"]) == (
        three.east, "setup", "Operator", None,
    )  # fmt: skip
    failed = (await person.ask("GET", f"/api/sweeps/{sweep_id}?outcome=failed")).json()["cameras"]
    assert [one["camera_id"] for one in failed] == ["cam_pond"]
    (order,) = gateway.orders
    assert set(order["camera_ids"]) == {"cam_east", "cam_pond", "cam_school"}
    assert (order["sweep_id"], order["second_after_s"]) == (sweep_id, 10.0)
    ticket = console.signer.verify(gateway.tickets[0], camera_id="gateway:gateway-1", action=TicketAction.SWEEP)
    assert (ticket.user_id, ticket.purpose) == (three.users["operator"], "setup")
    assert gateway.open == 0


async def test_progress_is_told_once_a_second_and_not_once_a_camera(
    console: Console, asgi: httpx.ASGITransport, three: Town, gateway: SweepingGateway, clock: FakeClock
) -> None:
    person = await Person.sign_in(asgi, "operator")
    sweep_id = await ordered(person, area_id=three.east)
    for camera_id in ("cam_pond", "cam_east", "cam_school", "cam_east", "cam_of_nobody"):
        gateway.say(camera_id)
    await until(lambda: gateway.lines.empty())
    await clock.advance(1)
    await shown(person, sweep_id, swept=3)
    gateway.end()
    await shown(person, sweep_id, state="done", swept=3)
    async with console.database.reading() as session:
        bodies = [row.body for row in await session.scalars(select(OutboxRow).where(OutboxRow.lane == "event"))]
        viewings = await session.scalar(select(func.count()).select_from(ViewingRow))
    changes = [body["change"] for body in bodies if body["noun"] == "sweep"]
    assert changes == ["created", "updated", "updated"]
    assert viewings == 0  # a machine looked, and nobody viewed


async def test_cameras_are_named_or_those_of_an_area_or_a_tag_and_only_ones_own(
    asgi: httpx.ASGITransport, three: Town, gateway: SweepingGateway
) -> None:
    person = await Person.sign_in(asgi, "technician")
    wishes: list[dict[str, object]] = [{"tag": "water"}, {"tag": "water", "area_id": three.east}]
    wishes.append({"camera_ids": ["cam_pond", "cam_pond"]})
    for wish in wishes:
        await ordered(person, **wish)
        gateway.end()
    await until(lambda: len(gateway.orders) == 3)
    assert [order["camera_ids"] for order in gateway.orders] == [["cam_pond"]] * 3
    refused: list[tuple[dict[str, object], int]] = [
        ({"camera_ids": ["cam_west"]}, 404),
        ({"camera_ids": ["cam_pond", "cam_nobody"]}, 404),
        ({"area_id": three.west}, 404),
        ({"area_id": three.root}, 404),
        ({"tag": "fire"}, 422),
        ({}, 422),
        ({"camera_ids": ["cam_pond"], "tag": "water"}, 422),
        ({"camera_ids": []}, 422),
    ]
    for wish, status in refused:
        answer = await person.ask("POST", "/api/sweeps", wish)
        assert answer.status_code == status, (wish, answer.text)
    admin = await Person.sign_in(asgi, "admin")
    both = await ordered(admin, camera_ids=["cam_pond", "cam_west"])
    gateway.end()
    assert (await shown(admin, both))["area_id"] == three.root
    assert (await person.ask("GET", f"/api/sweeps/{both}")).status_code == 404  # it holds what is not theirs
    assert both not in [one["id"] for one in (await person.ask("GET", "/api/sweeps")).json()["items"]]


async def test_a_list_goes_on_where_its_cursor_says(asgi: httpx.ASGITransport, town: Town, console: Console) -> None:
    now = console.clock.now()
    async with console.database.writing() as session:
        session.add_all(sweep_row(f"sweep_{n}", town.east, now + timedelta(seconds=n % 2)) for n in range(4))
    person = await Person.sign_in(asgi, "duty_officer")
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await person.ask("GET", f"/api/sweeps?limit=2{cursor}")).json()
        seen += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == ["sweep_3", "sweep_1", "sweep_east", "sweep_2", "sweep_0"]


async def test_who_stops_a_sweep_ends_the_gateways_answer_and_keeps_what_was_done(
    asgi: httpx.ASGITransport, three: Town, gateway: SweepingGateway, clock: FakeClock
) -> None:
    person = await Person.sign_in(asgi, "operator")
    sweep_id = await ordered(person, area_id=three.east)
    gateway.say("cam_east")
    await until(lambda: gateway.open and gateway.lines.empty())
    await clock.advance(1)
    await shown(person, sweep_id, swept=1)
    stopped = await person.ask("POST", f"/api/sweeps/{sweep_id}/stop")
    assert (stopped.status_code, stopped.json()["state"]) == (200, "stopped")
    last = await shown(person, sweep_id, state="stopped", detail=None)
    assert (last["swept"], last["total"]) == (1, 3)
    await until(lambda: not gateway.open)
    again = await person.ask("POST", f"/api/sweeps/{sweep_id}/stop")
    assert again.json()["ended_at"] == last["ended_at"]
    other = await Person.sign_in(asgi, "west_operator")
    assert (await other.ask("POST", f"/api/sweeps/{sweep_id}/stop")).status_code == 404


async def test_what_another_console_stops_ends_here_within_a_second(
    console: Console, asgi: httpx.ASGITransport, three: Town, gateway: SweepingGateway, clock: FakeClock
) -> None:
    person = await Person.sign_in(asgi, "operator")
    sweep_id = await ordered(person, area_id=three.east)
    await until(lambda: gateway.open)
    async with console.database.writing() as session:
        (await session.get_one(SweepRow, sweep_id)).state = "stopped"
    await clock.advance(1)
    await until(lambda: not gateway.open)


@pytest.mark.parametrize(
    ("refusal", "detail"),
    [
        ((0, ""), "patrol_console.gateway_away"),
        ((503, "camera_gateway.not_ready"), "camera_gateway.not_ready"),
        (None, "patrol_console.sweep_gateway_ended"),  # killed in the middle: fewer lines than cameras
    ],
)
async def test_a_gateway_that_is_away_or_dies_stops_the_sweep_with_a_reason(
    asgi: httpx.ASGITransport,
    three: Town,
    gateway: SweepingGateway,
    refusal: tuple[int, str] | None,
    detail: str,
) -> None:
    gateway.refusals = [refusal] if refusal is not None else []
    person = await Person.sign_in(asgi, "operator")
    sweep_id = await ordered(person, area_id=three.east)
    if refusal is None:
        gateway.say("cam_east")
        gateway.end()
    last = await shown(person, sweep_id, state="stopped")
    assert (last["detail"], last["swept"]) == (detail, 0 if refusal else 1)


async def test_a_gateway_busy_with_another_consoles_sweep_is_asked_again(
    asgi: httpx.ASGITransport, three: Town, gateway: SweepingGateway, clock: FakeClock
) -> None:
    gateway.refusals = [(429, "camera_gateway.sweep_busy")] * 2
    person = await Person.sign_in(asgi, "operator")
    sweep_id = await ordered(person, camera_ids=["cam_east"])
    gateway.say("cam_east")
    gateway.end()
    for _ in range(3):
        await asyncio.sleep(0.05)
        await clock.advance(2)
    await shown(person, sweep_id, state="done")
    assert len(gateway.tickets) == len(set(gateway.tickets)) == 3  # each try with a ticket of its own


async def test_a_second_sweep_waits_for_the_first_and_is_not_taken_for_dead(
    console: Console, asgi: httpx.ASGITransport, three: Town, gateway: SweepingGateway, clock: FakeClock
) -> None:
    person = await Person.sign_in(asgi, "operator")
    first, second = [await ordered(person, camera_ids=["cam_east"]) for _ in range(2)]
    for _ in range(12):  # two minutes
        await asyncio.sleep(0.02)
        await clock.advance(10)
    await console.sweeps.look_after()
    assert len(gateway.orders) == 1
    assert (await shown(person, second))["state"] == "running"
    for sweep_id in (first, second):
        gateway.say("cam_east")
        gateway.end()
        await shown(person, sweep_id, state="done")


async def test_the_sweep_of_a_killed_console_is_stopped_and_one_that_is_at_work_is_not(
    console: Console, town: Town
) -> None:
    now = console.clock.now()
    async with console.database.writing() as session:
        dead = sweep_row("sweep_dead", town.east, now, state="running", ended_at=None)
        dead.alive_at = now - DEAD_AFTER - timedelta(seconds=1)
        session.add_all([dead, sweep_row("sweep_alive", town.east, now, state="running", ended_at=None)])
    await console.sweeps.look_after()
    async with console.database.reading() as session:
        rows = {row.id: (row.state, row.detail) for row in await session.scalars(select(SweepRow))}
    assert rows["sweep_dead"] == ("stopped", "patrol_console.sweep_console_gone")
    assert rows["sweep_alive"] == ("running", None)


async def test_a_console_that_stops_says_so_of_its_sweep(
    console: Console, asgi: httpx.ASGITransport, three: Town, gateway: SweepingGateway
) -> None:
    person = await Person.sign_in(asgi, "operator")
    sweep_id = await ordered(person, area_id=three.east)
    await until(lambda: gateway.open)
    await console.sweeps.close()
    assert gateway.open == 0
    last = await shown(person, sweep_id, state="stopped")
    assert last["detail"] == "patrol_console.sweep_console_gone"


async def test_a_round_orders_one_for_the_hub_itself_and_old_ones_are_forgotten(
    console: Console, three: Town, gateway: SweepingGateway, asgi: httpx.ASGITransport, clock: FakeClock
) -> None:
    wish = SweepWish(camera_ids=["cam_east", "cam_west"])
    sweep = await service.order(console, None, wish, purpose="patrol", reference="round_1")
    assert (sweep.area_id, sweep.user_name, sweep.reference) == (three.root, None, "round_1")
    gateway.say("cam_east")
    gateway.say("cam_west")
    gateway.end()
    admin = await Person.sign_in(asgi, "admin")
    await shown(admin, sweep.id, state="done")
    await clock.advance(console.settings.console.state_history_days * 86_400 + 1)
    await console.sweeps.look_after()
    async with console.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(SweepRow)) == 0
        assert await session.get(CameraRow, "cam_east") is not None
