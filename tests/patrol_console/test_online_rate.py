"""The online rate: what counts, at the borders of days, on the wall's clock; and what a person gets of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from hub.contracts.camera import CameraState, Cause
from patrol_console.console import Console
from patrol_console.report.online import Share, Stretch, days_of, shares
from patrol_console.tables.area import AreaRow
from patrol_console.tables.camera import CameraStateRow
from tests.patrol_console.people import Person, Town, camera_row

SHANGHAI = ZoneInfo("Asia/Shanghai")
MIDNIGHT = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)  # of 2 March in Shanghai
ON, SICK, OFFLINE, PAUSED, OFF = CameraState


def at(hours: float) -> datetime:
    """Hours after the midnight that begins 2 March there."""
    return MIDNIGHT + timedelta(hours=hours)


def stretch(state: CameraState, begin: float, end: float | None, cause: Cause = Cause.NONE) -> Stretch:
    return Stretch(state, cause, at(begin), None if end is None else at(end))


def hours(stretches: list[Stretch], now: float, first: date, last: date) -> list[tuple[float, float]]:
    """(hours due, hours online) of each day."""
    days = days_of(first, last, SHANGHAI)
    sums = [Share() for _ in days]
    for number, share in shares(stretches, days, at(now)):
        sums[number].add(share)
    return [(each.due / timedelta(hours=1), each.online / timedelta(hours=1)) for each in sums]


MARCH_1, MARCH_2, MARCH_3 = date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)
TEN_S, ELEVEN_S = 10 / 3600, 11 / 3600


@pytest.mark.parametrize(
    ("stretches", "now", "expected"),
    [
        # a whole day, and nothing of the days beside it
        ([stretch(ON, 0, 24)], 48, [(24, 24)]),
        # begun the day before, still open, and it is ten o'clock: ten hours
        ([stretch(ON, -5, None)], 10, [(10, 10)]),
        # what is told ahead of our clock is not counted before it has passed
        ([stretch(ON, 0, 12)], 10, [(10, 10)]),
        # dark over midnight: each day has its own part
        ([stretch(OFFLINE, -2, 3, Cause.UNREACHABLE), stretch(ON, 3, 24)], 48, [(24, 21)]),
        # added at noon, taken away at six
        ([stretch(ON, 12, 18)], 48, [(6, 6)]),
        # paused by the owner and switched off: nobody waits for it
        ([stretch(ON, 0, 6), stretch(PAUSED, 6, 12, Cause.NO_CONSENT), stretch(OFF, 12, 24, Cause.DISABLED)], 48,
         [(6, 6)]),
        # its first connection does not count either way
        ([stretch(OFFLINE, 0, 1, Cause.STARTING), stretch(ON, 1, 24)], 48, [(23, 23)]),
        # at rest: reachable, and not pulled by intent
        ([stretch(ON, 0, 24, Cause.RESTING)], 48, [(24, 24)]),
        # waiting for a place on its line: it should be seen, and is not
        ([stretch(OFFLINE, 0, 6, Cause.WAITING), stretch(ON, 6, 24)], 48, [(24, 18)]),
        # a wrong clock: pictures come
        ([stretch(SICK, 0, 24, Cause.CLOCK)], 48, [(24, 24)]),
        # no pictures for ten seconds is a blip, for eleven it is not
        ([stretch(SICK, 0, TEN_S, Cause.NO_MEDIA), stretch(ON, TEN_S, 24)], 48, [(24, 24)]),
        ([stretch(SICK, 0, ELEVEN_S, Cause.NO_MEDIA), stretch(ON, ELEVEN_S, 24)], 48, [(24, 24 - ELEVEN_S)]),
        # no pictures since a moment, and still none: not online
        ([stretch(ON, 0, 10 - TEN_S / 2), stretch(SICK, 10 - TEN_S / 2, None, Cause.NO_MEDIA)], 10,
         [(10, 10 - TEN_S / 2)]),
        # a gateway that says nothing: nobody knows, and nobody saw
        ([stretch(OFFLINE, 0, 6, Cause.GATEWAY_SILENT), stretch(ON, 6, 24)], 48, [(24, 18)]),
        # nothing was kept of that day
        ([stretch(ON, 24, 48)], 48, [(0, 0)]),
    ],
)  # fmt: skip
def test_what_counts(stretches: list[Stretch], now: float, expected: list[tuple[float, float]]) -> None:
    found = hours(stretches, now, MARCH_2, MARCH_2)
    assert found == [pytest.approx(each) for each in expected]


def test_each_day_of_several_has_its_own_part() -> None:
    found = hours([stretch(ON, -4, 2), stretch(OFFLINE, 2, 25), stretch(ON, 25, None)], 30, MARCH_1, MARCH_3)
    assert found == [pytest.approx((4, 4)), pytest.approx((24, 2)), pytest.approx((6, 5))]


def test_days_are_those_of_the_wall() -> None:
    """China puts no clock; where one is put, a day has 23 or 25 hours and the rate is of those."""
    spring = days_of(date(2026, 3, 28), date(2026, 3, 30), ZoneInfo("Europe/Berlin"))
    assert [(day.end - day.begin) / timedelta(hours=1) for day in spring] == [24, 23, 24]
    (day,) = days_of(MARCH_2, MARCH_2, SHANGHAI)
    assert (day.begin, day.end) == (at(0), at(24))


async def keep(console: Console, camera_id: str, state: str, since: datetime, until: datetime | None) -> None:
    async with console.database.writing() as session:
        session.add(CameraStateRow(camera_id=camera_id, state=state, cause="none", since=since, until=until))


async def test_an_area_has_what_lies_below_it_and_the_worst_comes_first(
    asgi: httpx.ASGITransport, town: Town, console: Console
) -> None:
    now = console.clock.now()
    day = now - timedelta(hours=9)  # today's midnight there
    await keep(console, town.cameras["east"], "offline", day, None)
    await keep(console, town.cameras["west"], "online", day, None)
    admin = await Person.sign_in(asgi, "admin")
    report = (await admin.ask("GET", "/api/reports/online?from=2026-03-02&to=2026-03-02")).json()
    assert (report["area"]["cameras"], report["area"]["due_min"], report["area"]["online_min"]) == (2, 1080, 540)
    assert report["area"]["rate"] == 0.5
    assert [(area["name"], area["rate"]) for area in report["areas"]] == [("East", 0.0), ("West", 1.0)]
    assert report["areas"][0]["days"] == [
        {"day": "2026-03-02", "cameras": 1, "due_min": 540, "online_min": 0, "rate": 0.0}
    ]
    operator = await Person.sign_in(asgi, "operator")
    mine = (await operator.ask("GET", "/api/reports/online")).json()
    assert (mine["area"]["name"], mine["area"]["cameras"], mine["areas"]) == ("East", 1, [])
    assert mine["area"]["days"][0]["rate"] is None, "nothing was due before it was there"


async def test_a_camera_taken_away_keeps_its_days(asgi: httpx.ASGITransport, town: Town, console: Console) -> None:
    now = console.clock.now()
    await keep(console, town.cameras["east"], "online", now - timedelta(hours=2), None)
    technician = await Person.sign_in(asgi, "technician")
    assert (await technician.ask("DELETE", f"/api/cameras/{town.cameras['east']}")).status_code == 204
    report = (await technician.ask("GET", "/api/reports/online")).json()
    assert (report["area"]["due_min"], report["area"]["online_min"]) == (120, 120)


@pytest.mark.parametrize(
    "query", ["from=2026-03-03&to=2026-03-02", "from=2026-01-01&to=2026-02-01", "from=0001-01-01", "to=9999-12-31"]
)
async def test_a_period_has_an_end_and_a_limit(query: str, asgi: httpx.ASGITransport, town: Town) -> None:
    operator = await Person.sign_in(asgi, "operator")
    answer = await operator.ask("GET", f"/api/reports/online?{query}")
    assert answer.status_code == 422 or answer.json()["code"] == "patrol_console.period", answer.text


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)"])
async def test_a_name_is_no_formula_of_a_spreadsheet(
    name: str, asgi: httpx.ASGITransport, town: Town, console: Console
) -> None:
    async with console.database.writing() as session:
        (await session.get_one(AreaRow, town.east)).name = name
        session.add(camera_row("cam_more", town.east, console.clock.now()))
    operator = await Person.sign_in(asgi, "operator")
    operator.client.headers["Accept-Language"] = "zh"
    answer = await operator.ask("GET", "/api/reports/online.csv?from=2026-03-02&to=2026-03-02")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="online-2026-03-02-2026-03-02.csv"'
    head, line = answer.content.decode("utf-8-sig").splitlines()
    assert head == "区域,日期,摄像机,应在线分钟,在线分钟,在线率"
    assert line == f"'{name},2026-03-02,0,0,0,"
