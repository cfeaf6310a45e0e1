"""Device events become rows: once each, for those who may see the camera, and not for ever."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import func, select

from hub.contracts.camera_event import CameraEvent, CameraEventKind
from patrol_console.camera_event.writing import CameraEvents
from patrol_console.console import Console
from patrol_console.tables.camera_record import CameraEventRow
from patrol_console.tables.outbox import OutboxRow
from tests.patrol_console.people import Person, Town
from tests.support.clock import START, FakeClock


def event(camera_id: str, number: int, kind: CameraEventKind = CameraEventKind.MOTION) -> CameraEvent:
    return CameraEvent(
        event_id=f"evt_{camera_id}_{number}",
        camera_id=camera_id,
        gateway_id="gateway-1",
        kind=kind,
        active=number % 2 == 0,
        topic="VideoSource/MotionAlarm",
        source="vs_1",
        at=START + timedelta(seconds=number),
    )


@pytest.fixture
def work(console: Console, clock: FakeClock) -> CameraEvents:
    return CameraEvents(clock, console.database, console.outbox, days=30)


async def kept(console: Console) -> int:
    async with console.database.reading() as reading:
        return int(await reading.scalar(select(func.count()).select_from(CameraEventRow)) or 0)


async def test_an_event_that_comes_twice_is_written_and_told_once(
    console: Console, town: Town, work: CameraEvents
) -> None:
    batch = [event(town.cameras["east"], number) for number in range(5)]
    await work.write(batch)
    await work.write([*batch, event("cam_never_ours", 1)])
    assert await kept(console) == 5
    async with console.database.reading() as reading:
        told = [str(row.body) for row in await reading.scalars(select(OutboxRow)) if "camera_event" in str(row.body)]
    assert len(told) == 1, "a page is told once a batch, and not of what it knows"


async def test_the_list_is_the_newest_first_page_by_page_and_by_kind(
    asgi: httpx.ASGITransport, console: Console, town: Town, work: CameraEvents
) -> None:
    await work.write([event(town.cameras["east"], number) for number in range(5)])
    await work.write([event(town.cameras["east"], 9, CameraEventKind.TAMPER), event(town.cameras["west"], 1)])
    operator = await Person.sign_in(asgi, "operator")
    way = f"/api/cameras/{town.cameras['east']}/events"
    first = (await operator.ask("GET", f"{way}?limit=4")).json()
    second = (await operator.ask("GET", f"{way}?limit=4&cursor={first['next']}")).json()
    numbers = [int(item["id"].rpartition("_")[2]) for item in (*first["items"], *second["items"])]
    assert numbers == [9, 4, 3, 2, 1, 0]
    assert second["next"] is None
    by_kind = (await operator.ask("GET", f"{way}?kind=tamper")).json()["items"]
    assert [item["kind"] for item in by_kind] == ["tamper"]
    assert (await operator.ask("GET", f"/api/cameras/{town.cameras['west']}/events")).status_code == 404


async def test_old_ones_and_too_many_are_forgotten(console: Console, town: Town, clock: FakeClock) -> None:
    work = CameraEvents(clock, console.database, console.outbox, days=30, most=3)
    await work.write([event(town.cameras["east"], number) for number in range(10)])
    await work.forget()
    assert await kept(console) == 3
    await clock.advance(31 * 86_400.0)
    await work.forget()
    assert await kept(console) == 0
