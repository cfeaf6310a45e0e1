"""Every state of a camera is kept, for what the gateway says, for what the console knows, and for what time changes."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import httpx
from sqlalchemy import select

from hub.contracts.camera import CameraState, CameraStatus, Cause
from patrol_console.camera import history
from patrol_console.camera.status import Statuses
from patrol_console.console import Console
from patrol_console.tables.camera import CameraRow, CameraStateRow
from tests.patrol_console.people import Person, Town
from tests.support.clock import FakeClock

GRACE = timedelta(seconds=90)


async def say(
    console: Console, camera_id: str, state: CameraState, cause: Cause = Cause.NONE, since: datetime | None = None
) -> None:
    now = console.clock.now()
    status = CameraStatus(
        camera_id=camera_id, gateway_id="gateway-1", state=state, cause=cause, since=since or now, at=now
    )
    await Statuses(console.clock, console.database, console.outbox, GRACE).write([status])


async def kept(console: Console, camera_id: str) -> list[tuple[str, str, float, float | None]]:
    """(state, cause, since, until) in seconds after the beginning."""
    begun = console.clock.now() - timedelta(seconds=console.clock.monotonic() - 1000)
    async with console.database.reading() as session:
        rows = await session.scalars(
            select(CameraStateRow).where(CameraStateRow.camera_id == camera_id).order_by(CameraStateRow.seq)
        )
        return [
            (
                row.state,
                row.cause,
                (row.since - begun).total_seconds(),
                None if row.until is None else (row.until - begun).total_seconds(),
            )
            for row in rows
        ]


async def test_only_a_change_makes_a_row_and_rows_join_without_a_gap(
    console: Console, town: Town, clock: FakeClock
) -> None:
    east = town.cameras["east"]
    begun = clock.now()
    for _ in range(3):
        await say(console, east, CameraState.ONLINE, since=begun)
        await clock.advance(10)
    await say(console, east, CameraState.DEGRADED, Cause.NO_MEDIA, since=clock.now() - timedelta(seconds=4))
    await clock.advance(7)
    await say(console, east, CameraState.OFFLINE, Cause.NO_MEDIA)
    await clock.advance(5)
    await say(console, east, CameraState.OFFLINE, Cause.UNREACHABLE, since=clock.now() - timedelta(seconds=5))
    assert await kept(console, east) == [
        ("online", "none", 0, 26),
        ("degraded", "no_media", 26, 37),
        ("offline", "no_media", 37, 42),
        ("offline", "unreachable", 42, None),
    ]


async def test_a_gateway_whose_clock_is_ahead_or_behind_turns_no_row_around(
    console: Console, town: Town, clock: FakeClock
) -> None:
    east = town.cameras["east"]
    await say(console, east, CameraState.ONLINE)
    await clock.advance(10)
    await say(console, east, CameraState.OFFLINE, Cause.UNREACHABLE, since=clock.now() + timedelta(hours=1))
    await clock.advance(10)
    await say(console, east, CameraState.ONLINE, since=clock.now() - timedelta(hours=1))
    rows = await kept(console, east)
    assert [row[:2] for row in rows] == [("online", "none"), ("offline", "unreachable"), ("online", "none")]
    for before, after in pairwise(rows):
        assert before[2] < (before[3] or 0) == after[2]


async def test_what_the_console_knows_by_itself_counts_too(
    console: Console, town: Town, clock: FakeClock, asgi: httpx.ASGITransport
) -> None:
    east = town.cameras["east"]
    technician = await Person.sign_in(asgi, "technician")
    await say(console, east, CameraState.ONLINE)
    await clock.advance(10)
    await technician.ask("PATCH", f"/api/cameras/{east}", {"enabled": False})
    await clock.advance(10)
    await technician.ask("PATCH", f"/api/cameras/{east}", {"enabled": True})
    await clock.advance(10)
    until = (clock.now() + timedelta(seconds=15)).isoformat()
    consent = {"kind": "household", "consent_from": "2026-01-01T00:00:00Z", "consent_until": until}
    await technician.ask("PATCH", f"/api/cameras/{east}", consent)
    await clock.advance(20)
    await history.sweep(console.database, clock.now(), GRACE)
    assert await kept(console, east) == [
        ("online", "none", 0, 10),
        ("off", "disabled", 10, 20),
        ("online", "none", 20, 45),
        ("paused", "no_consent", 45, None),
    ]
    await clock.advance(5)
    assert (await technician.ask("DELETE", f"/api/cameras/{east}")).status_code == 204
    assert (await kept(console, east))[-1] == ("paused", "no_consent", 45, 55)


async def test_the_history_is_read_in_a_window(
    console: Console, town: Town, clock: FakeClock, asgi: httpx.ASGITransport
) -> None:
    east = town.cameras["east"]
    await say(console, east, CameraState.ONLINE)
    await clock.advance(3600)
    await say(console, east, CameraState.OFFLINE, Cause.UNREACHABLE)
    await clock.advance(3600)
    operator = await Person.sign_in(asgi, "operator")
    day = (await operator.ask("GET", f"/api/cameras/{east}/states")).json()
    assert [(row["state"], row["until"]) for row in day["items"]] == [
        ("online", day["items"][1]["since"]),
        ("offline", None),
    ]
    assert not day["cut"]
    window = f"from={(clock.now() - timedelta(minutes=30)).isoformat()}&to={clock.now().isoformat()}"
    late = (await operator.ask("GET", f"/api/cameras/{east}/states?{window.replace('+', '%2B')}")).json()
    assert [row["state"] for row in late["items"]] == ["offline"]
    for wrong in ("from=2026-03-02T02:00:00Z&to=2026-03-02T01:00:00Z", "from=2020-01-01T00:00:00Z"):
        answer = await operator.ask("GET", f"/api/cameras/{east}/states?{wrong}")
        assert answer.json()["code"] == "patrol_console.period"


async def test_what_is_older_than_it_is_kept_goes(console: Console, town: Town, clock: FakeClock) -> None:
    east = town.cameras["east"]
    await say(console, east, CameraState.ONLINE)
    await clock.advance(60)
    await say(console, east, CameraState.OFFLINE, Cause.UNREACHABLE)
    await clock.advance(86400)
    assert await history.forget(console.database, clock.now() - timedelta(days=2)) == 0
    assert await history.forget(console.database, clock.now() - timedelta(hours=1)) == 1
    assert [row[0] for row in await kept(console, east)] == ["offline"], "the open one stays, however old"


async def test_a_camera_dark_since_before_anything_was_kept_is_noted_once(console: Console, town: Town) -> None:
    now = console.clock.now()
    async with console.database.writing() as session:
        row = await session.get_one(CameraRow, town.cameras["east"])
        row.status_state, row.status_cause = "offline", "unreachable"
        row.status_since = now - timedelta(days=3)
    assert set(await history.sweep(console.database, now, GRACE)) == set(town.cameras.values())
    assert await history.sweep(console.database, now, GRACE) == []
    async with console.database.reading() as session:
        row = await session.get_one(CameraRow, town.cameras["east"])
        assert row.down_since == now - timedelta(days=3)
