"""Dark cameras become alerts and outages, written once, and end; by the gateway's word, on a real database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import pytest
from sqlalchemy import select

from hub.contracts.camera import CameraState, CameraStatus, Cause
from patrol_console.camera.status import Statuses
from patrol_console.console import Console
from patrol_console.outage.watch import OutageWatch
from patrol_console.tables.alert import AlertEntryRow, AlertRow
from patrol_console.tables.camera import CameraRow, CameraStateRow
from patrol_console.tables.outage import OutageCameraRow, OutageRow
from tests.patrol_console.people import Town, camera_row
from tests.support.clock import FakeClock


class Village:
    """Cameras of the east that a gateway speaks of; every second something may be said, every two it is looked at."""

    def __init__(self, console: Console, clock: FakeClock, ids: list[str]) -> None:
        self.console, self.clock, self.ids = console, clock, ids
        self.mute = False
        self.said: dict[str, tuple[CameraState, Cause, datetime]] = {}
        self.open()
        self.say(ids, CameraState.ONLINE)

    def open(self) -> None:
        """A console that starts: nothing of the one before is left but the database."""
        console = self.console
        self.statuses = Statuses(self.clock, console.database, console.outbox, console.restart_grace)
        self.watch = OutageWatch(
            console.settings, self.clock, console.database, console.outbox, console.leader, self.statuses
        )

    def say(self, ids: Iterable[str], state: CameraState, cause: Cause = Cause.NONE) -> None:
        """From the next second on."""
        for camera_id in ids:
            self.said[camera_id] = (state, cause, self.clock.now())

    def dark(self, ids: Iterable[str], cause: Cause = Cause.UNREACHABLE) -> None:
        self.say(ids, CameraState.OFFLINE, cause)

    def bright(self, ids: Iterable[str]) -> None:
        self.say(ids, CameraState.ONLINE)

    async def tell(self, ids: Iterable[str] | None = None) -> None:
        """What the gateway says now."""
        now = self.clock.now()
        await self.statuses.write(
            [
                CameraStatus(camera_id=camera_id, gateway_id="gateway-1", state=state, cause=cause, since=since, at=now)
                for camera_id, (state, cause, since) in self.said.items()
                if ids is None or camera_id in set(ids)
            ]
        )

    async def run(self, seconds: int) -> None:
        """A look every two seconds, every ten where nothing happens for long."""
        step = 2 if seconds < 100 else 10
        for second in range(0, seconds, step):
            await self.clock.advance(step)
            if not self.mute and (second % 20 == 0 or second < 2):
                await self.tell()
            await self.watch.once()

    async def alerts(self, kind: str) -> list[AlertRow]:
        async with self.console.database.reading() as session:
            question = select(AlertRow).where(AlertRow.kind == kind).order_by(AlertRow.raised_at, AlertRow.id)
            return list(await session.scalars(question))

    async def entries(self, alert_id: str) -> list[tuple[str, str, str | None]]:
        async with self.console.database.reading() as session:
            rows = await session.scalars(
                select(AlertEntryRow).where(AlertEntryRow.alert_id == alert_id).order_by(AlertEntryRow.seq)
            )
            return [(row.verb, row.to_state, row.detail) for row in rows]

    async def outages(self) -> list[tuple[OutageRow, list[OutageCameraRow]]]:
        async with self.console.database.reading() as session:
            told = OutageRow.id.not_in(["outage_east", "outage_west"])  # the town's own, long over
            rows = list(await session.scalars(select(OutageRow).where(told).order_by(OutageRow.opened_at)))
            return [
                (row, list(await session.scalars(select(OutageCameraRow).where(OutageCameraRow.outage_id == row.id))))
                for row in rows
            ]


@pytest.fixture
async def village(console: Console, town: Town, clock: FakeClock) -> Village:
    """Twelve of the east in one subnet, eight in another, and the two of the town, all online."""
    now = clock.now()
    async with console.database.writing() as session:
        for number in range(20):
            row = camera_row(f"cam_{number:02}", town.east, now)
            row.subnet = "192.168.3.0/24" if number < 12 else "192.168.4.0/24"
            session.add(row)
    made = Village(console, clock, [*sorted(town.cameras.values()), *(f"cam_{number:02}" for number in range(20))])
    await made.run(2)
    return made


def some(*numbers: int) -> list[str]:
    return [f"cam_{number:02}" for number in numbers]


THREE = some(*range(12))


async def test_one_camera_that_stays_dark_is_one_alert_and_its_return_is_told(village: Village) -> None:
    village.dark(some(1))
    await village.run(290)
    assert await village.alerts("camera_offline") == []
    await village.run(20)
    (alert,) = await village.alerts("camera_offline")
    assert (alert.camera_id, alert.severity, alert.state) == ("cam_01", "yellow", "raised")
    await village.run(600)
    assert len(await village.alerts("camera_offline")) == 1, "told once, however long it lasts"
    village.bright(some(1))
    await village.run(4)
    (alert,) = await village.alerts("camera_offline")
    assert alert.state == "closed", "nobody had touched it"
    said = await village.entries(alert.id)
    assert [verb for verb, _, _ in said] == ["raise", "recover"]
    assert said[0][2] == "离线超过 5 分，原因：网络不通"
    assert said[1][2] == "已恢复在线，持续 15 分"
    village.dark(some(1))
    await village.run(310)
    assert len(await village.alerts("camera_offline")) == 2, "another darkness is another alert"


async def test_what_somebody_has_in_hand_stays_in_hand(village: Village) -> None:
    village.dark(some(1))
    await village.run(310)
    async with village.console.database.writing() as session:
        (alert,) = await session.scalars(select(AlertRow).where(AlertRow.kind == "camera_offline"))
        alert.state = "acknowledged"
    village.bright(some(1))
    await village.run(10)
    (alert,) = await village.alerts("camera_offline")
    assert alert.state == "acknowledged"
    assert [entry[:2] for entry in await village.entries(alert.id)] == [
        ("raise", "raised"),
        ("recover", "acknowledged"),
    ]


async def test_a_place_of_another_importance_waits_as_long_as_that_says(village: Village) -> None:
    async with village.console.database.writing() as session:
        (await session.get_one(CameraRow, "cam_01")).importance = "red"
    after = village.console.settings.console.offline_alert_s.model_copy(update={"red": 60.0})
    console = village.console.settings.console.model_copy(update={"offline_alert_s": after})
    village.console.settings = village.console.settings.model_copy(update={"console": console})
    village.open()
    village.dark(some(1, 2))
    await village.run(70)
    (alert,) = await village.alerts("camera_offline")
    assert (alert.camera_id, alert.severity) == ("cam_01", "red")


@pytest.mark.parametrize(
    ("state", "cause"),
    [
        (CameraState.PAUSED, Cause.NO_CONSENT),
        (CameraState.OFF, Cause.DISABLED),
        (CameraState.OFFLINE, Cause.WAITING),
        (CameraState.OFFLINE, Cause.RESTING),
        (CameraState.ONLINE, Cause.RESTING),
        (CameraState.DEGRADED, Cause.CLOCK),
    ],
)
async def test_what_is_not_dark_is_never_alerted(village: Village, state: CameraState, cause: Cause) -> None:
    village.say(village.ids, state, cause)
    await village.run(400)
    assert await village.alerts("camera_offline") == []
    assert await village.outages() == []


async def test_a_camera_switched_off_while_dark_is_set_aside(village: Village) -> None:
    village.dark(some(1))
    await village.run(310)
    village.say(some(1), CameraState.OFF, Cause.DISABLED)
    await village.run(4)
    (alert,) = await village.alerts("camera_offline")
    assert (await village.entries(alert.id))[-1][2] == (
        "摄像机已停用、暂停、移走或改为按需取流，不再计为离线；离线持续 5 分"
    )


async def test_many_at_once_are_one_outage_one_alert_and_one_recovery(village: Village) -> None:
    for first in range(0, 12, 3):
        village.dark(THREE[first : first + 3])
        await village.run(4)
    await village.run(20)
    ((outage, cameras),) = await village.outages()
    assert (outage.scope, outage.ref, outage.whole, outage.silent) == ("subnet", "192.168.3.0/24", True, False)
    assert sorted(row.camera_id for row in cameras) == THREE
    (alert,) = await village.alerts("outage")
    assert outage.alert_id == alert.id
    await village.run(600)
    assert await village.alerts("camera_offline") == [], "theirs are suppressed"
    village.bright(THREE)
    await village.run(40)
    ((outage, cameras),) = await village.outages()
    assert outage.recovered_at is not None
    assert all(row.back_at is not None for row in cameras)
    (alert,) = await village.alerts("outage")
    assert alert.state == "closed"
    said = await village.entries(alert.id)
    assert [entry[2] for entry in said] == ["同一网段 192.168.3.0/24 的全部 12 台", "已恢复在线，持续 10 分"]
    await village.run(400)
    assert len(await village.outages()) == 1
    assert await village.alerts("camera_offline") == []


async def test_late_ones_join_and_nothing_is_told_twice(village: Village) -> None:
    village.dark(THREE[:6])
    await village.run(30)
    assert len(await village.alerts("outage")) == 1
    village.dark(THREE[6:8])
    await village.run(20)
    ((_, cameras),) = await village.outages()
    assert len(cameras) == 8
    (alert,) = await village.alerts("outage")
    assert [verb for verb, _, _ in await village.entries(alert.id)] == ["raise", "join"]
    await village.run(100)
    village.dark(THREE[8:9])
    await village.run(330)
    assert len((await village.outages())[0][1]) == 8, "gone long after: another matter"
    (single,) = await village.alerts("camera_offline")
    assert single.camera_id == THREE[8]


async def test_those_left_behind_get_alerts_of_their_own(village: Village) -> None:
    village.dark(THREE)
    await village.run(400)
    village.bright(THREE[:10])
    await village.run(60)
    assert (await village.outages())[0][0].recovered_at is None, "ten of twelve are not nine tenths"
    village.bright(THREE[10:11])
    await village.run(60)
    ((outage, _),) = await village.outages()
    assert outage.recovered_at is not None
    (single,) = await village.alerts("camera_offline")
    assert single.camera_id == THREE[11]
    (alert,) = await village.alerts("outage")
    assert (await village.entries(alert.id))[-1][2] == "已恢复在线，持续 7 分；仍有 1 台离线：gate cam_11"


async def test_flapping_is_neither_a_recovery_nor_another_outage(village: Village) -> None:
    village.dark(THREE)
    await village.run(40)
    for _ in range(5):
        village.bright(THREE)
        await village.run(12)
        village.dark(THREE)
        await village.run(12)
    assert len(await village.outages()) == 1
    assert len(await village.alerts("outage")) == 1
    (alert,) = await village.alerts("outage")
    assert [verb for verb, _, _ in await village.entries(alert.id)] == ["raise"]
    await village.run(400)
    assert await village.alerts("camera_offline") == []


async def test_two_outages_at_once_are_two(village: Village) -> None:
    east = some(*range(12, 18))
    village.dark([*THREE[:8], *east])
    await village.run(30)
    found = [(outage.ref, len(cameras)) for outage, cameras in await village.outages()]
    assert sorted(found) == [("192.168.3.0/24", 8), ("192.168.4.0/24", 6)]
    village.bright(east)
    await village.run(60)
    over = {outage.ref: outage.recovered_at is not None for outage, _ in await village.outages()}
    assert over == {"192.168.3.0/24": False, "192.168.4.0/24": True}


async def test_messages_in_any_order_and_twice_make_the_same_outage(village: Village) -> None:
    village.dark(THREE)
    since = village.clock.now()
    await village.clock.advance(1)
    for camera_id in reversed(THREE):
        await village.tell([camera_id])
        await village.tell([camera_id])
        await village.watch.once()
        await village.clock.advance(1)
    await village.run(20)
    ((outage, cameras),) = await village.outages()
    assert outage.began_at == since
    assert len(cameras) == 12
    assert len(await village.alerts("outage")) == 1


async def test_a_console_that_starts_in_the_middle_goes_on(village: Village) -> None:
    village.dark(THREE[:6])
    await village.run(6)
    village.open()
    await village.run(30)
    village.open()
    village.dark(THREE[6:7])
    await village.run(20)
    village.open()
    ((_, cameras),) = await village.outages()
    assert len(cameras) == 7
    assert len(await village.alerts("outage")) == 1
    village.bright(THREE)
    await village.run(4)
    village.open()
    await village.run(40)
    assert (await village.outages())[0][0].recovered_at is not None


async def test_a_gateway_that_falls_silent_is_one_outage_of_all_its_cameras(village: Village) -> None:
    village.dark(some(3))
    await village.run(200)
    village.mute = True
    await village.run(60)
    assert await village.outages() == []
    await village.run(60)
    ((outage, cameras),) = await village.outages()
    assert (outage.scope, outage.silent) == ("gateway", True)
    assert len(cameras) == len(village.ids) - 1, "the one that was dark before is another matter"
    await village.run(300)
    assert [alert.camera_id for alert in await village.alerts("camera_offline")] == ["cam_03"]
    village.mute = False
    await village.run(60)
    assert (await village.outages())[0][0].recovered_at is not None
    assert len(await village.outages()) == 1


async def test_a_gateway_that_starts_again_within_its_grace_leaves_no_mark(village: Village) -> None:
    village.dark(some(3))
    await village.run(10)
    async with village.console.database.reading() as session:
        before = list(await session.scalars(select(CameraStateRow.seq).order_by(CameraStateRow.seq)))
    village.mute = True
    await village.run(45)
    village.mute = False
    village.dark(village.ids, Cause.STARTING)
    await village.run(20)
    village.bright(village.ids)
    village.dark(some(3))
    await village.run(60)
    async with village.console.database.reading() as session:
        after = list(await session.scalars(select(CameraStateRow.seq).order_by(CameraStateRow.seq)))
        still = await session.get_one(CameraRow, "cam_03")
    assert after == before
    assert still.down_since is not None
    assert await village.outages() == []


async def test_a_camera_that_is_starting_for_longer_than_the_grace_is_seen(village: Village) -> None:
    begun = village.clock.now()
    village.dark(some(1), Cause.STARTING)
    await village.run(100)
    async with village.console.database.reading() as session:
        rows = list(
            await session.scalars(
                select(CameraStateRow).where(CameraStateRow.camera_id == "cam_01").order_by(CameraStateRow.seq)
            )
        )
    assert [(row.state, row.cause) for row in rows] == [("online", "none"), ("offline", "starting")]
    assert rows[1].since == begun, "it is told of the whole time"
    assert rows[0].until == begun
