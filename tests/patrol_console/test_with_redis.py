"""The console with a real Redis: alerts come in once, browsers hear of it, specs go out, viewings become lines."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from hub.bus import Bus, Topic
from hub.clock import SystemClock
from hub.contracts.alert import AlertRaised
from hub.contracts.camera import CameraState, CameraStatus, Cause, StreamFacts
from hub.contracts.severity import Severity
from hub.contracts.viewing import Viewing, ViewingMoment
from hub.secrets import MasterKey
from hub.settings import Settings
from patrol_console.app import create_app
from patrol_console.console import Console
from patrol_console.db import Database
from patrol_console.event.notice import Notice
from patrol_console.migrate import upgrade
from patrol_console.session.passwords import Passwords
from patrol_console.tables.alert import AlertEntryRow, AlertRow
from patrol_console.tables.outbox import OutboxRow
from tests.patrol_console.conftest import CHEAP
from tests.patrol_console.people import JPEG, Person, Town, settle
from tests.support.redis import OwnRedis

CLOCK = SystemClock()


@contextlib.asynccontextmanager
async def running(settings: Settings, *, fresh: bool = True) -> AsyncIterator[Console]:
    """A console with its tasks."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    key = MasterKey.load(settings.key_path, create=True)
    bus = await Bus.open(settings, CLOCK, check=False, claim_idle_ms=200)
    console = Console(settings, CLOCK, key, bus=bus, passwords=Passwords(CHEAP))
    if fresh:
        await upgrade(console.database)
    console.start()
    try:
        yield console
    finally:
        await console.stop()


@pytest.fixture
def settings(redis_settings: Settings, database_url: str) -> Settings:
    return redis_settings.model_copy(update={"database_url": SecretStr(database_url)})


@pytest.fixture
async def hub(settings: Settings) -> AsyncIterator[Console]:
    async with running(settings) as console:
        yield console


@pytest.fixture
async def place(hub: Console) -> Town:
    return await settle(hub)


@pytest.fixture
async def bus(settings: Settings) -> AsyncIterator[Bus]:
    """The other end: what a gateway and analytics see."""
    opened = await Bus.open(settings, CLOCK)
    yield opened
    await opened.close()


async def until(ask: Callable[[], Awaitable[bool]], limit_s: float = 8.0) -> None:
    """Ask again until it is so."""
    async with asyncio.timeout(limit_s):
        while not await ask():  # noqa: ASYNC110  # other processes have no event to wait for
            await asyncio.sleep(0.02)


async def count(database: Database, table: type[AlertRow] | type[AlertEntryRow] | type[OutboxRow]) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


def alert(alert_id: str, camera_id: str, **more: object) -> AlertRaised:
    now = CLOCK.now()
    fields = {
        "alert_id": alert_id,
        "camera_id": camera_id,
        "area_id": "a",
        "severity": Severity.RED,
        "rule_name": "water's edge",
        "episode_started_at": now,
        "captured_at": now,
        "raised_at": now,
    }
    return AlertRaised.model_validate(fields | more)


async def test_an_alert_comes_in_once_with_its_evidence(hub: Console, place: Town, bus: Bus) -> None:
    await bus.put_picture("evidence:1", JPEG, 60)
    sha256 = hashlib.sha256(JPEG).hexdigest()
    raised = alert("alert_new", place.cameras["east"], evidence_key="evidence:1", evidence_sha256=sha256)
    for _ in range(3):
        await bus.publish(Topic.ALERTS, raised)
    await bus.publish(Topic.ALERTS, alert("alert_last", place.cameras["east"]))

    async def written() -> bool:
        return await count(hub.database, AlertRow) == 4

    await until(written)
    transport = httpx.ASGITransport(create_app(hub))
    officer = await Person.sign_in(transport, "duty_officer")
    detail = (await officer.ask("GET", "/api/alerts/alert_new")).json()
    assert detail["evidence"] == "ready"
    assert [line["verb"] for line in detail["timeline"]] == ["raise"]
    assert (await officer.ask("GET", detail["evidence_url"])).content == JPEG
    assert (await officer.ask("GET", "/api/alerts/alert_last")).json()["evidence"] == "missing"
    assert await count(hub.database, AlertEntryRow) == 4


async def test_damaged_evidence_and_strange_messages_do_not_stop_the_line(hub: Console, place: Town, bus: Bus) -> None:
    await bus.put_picture("evidence:2", JPEG, 60)
    camera = place.cameras["east"]
    await bus.publish(Topic.ALERTS, alert("alert_bad", camera, evidence_key="evidence:2", evidence_sha256="0" * 64))
    await bus.publish(Topic.ALERTS, alert("alert_unknown", "cam_never"))
    await bus.publish(Topic.ALERTS, Viewing(ticket_id="t", camera_id="c", user_id="u", purpose="wall",
                                            moment=ViewingMoment.OPENED, at=CLOCK.now()))  # fmt: skip
    await bus.publish(Topic.ALERTS, alert("x" * 500, camera, kind="k" * 500, rule_name="\0" + "r" * 500))
    await bus.publish(Topic.ALERTS, alert("alert_good", camera))

    async def written() -> bool:
        async with hub.database.reading() as session:
            return await session.get(AlertRow, "alert_good") is not None

    await until(written)
    async with hub.database.reading() as session:
        bad = await session.get_one(AlertRow, "alert_bad")
        assert bad.picture_id is None
        assert await session.get(AlertRow, "alert_unknown") is None


async def test_a_browser_hears_of_an_alert_within_a_tenth_of_a_second_of_its_commit(
    hub: Console, place: Town, bus: Bus
) -> None:
    with hub.changes.listening() as listener:
        for number in range(5):
            await bus.publish(Topic.ALERTS, alert(f"alert_{number}", place.cameras["east"]))
            async with asyncio.timeout(5):
                heard = await listener.queue.get()
            now = CLOCK.now()
            assert heard.notice.id == f"alert_{number}"
            async with hub.database.reading() as session:
                row = await session.get_one(AlertRow, heard.notice.id)
            assert (now - row.written_at).total_seconds() < 0.5  # 0.1 on a machine of its own


async def test_two_consoles_on_one_database_tell_each_others_browsers(
    hub: Console, place: Town, settings: Settings
) -> None:
    async with running(settings, fresh=False) as other:
        await until(_is(lambda: hub.leader.leads or other.leader.leads))
        follower = other if hub.leader.leads else hub
        leader = hub if hub.leader.leads else other
        with leader.changes.listening() as here, follower.changes.listening() as there:
            await asyncio.sleep(0.5)  # both listen by then
            officer = await Person.sign_in(httpx.ASGITransport(create_app(follower)), "duty_officer")
            await officer.ask("POST", f"/api/alerts/{place.alerts['east']}/acknowledge", {})
            for listener in (here, there):
                async with asyncio.timeout(5):
                    heard = await listener.queue.get()
                assert heard.notice == Notice.model_validate(
                    heard.notice.model_dump() | {"id": place.alerts["east"], "change": "updated"}
                )
            await asyncio.sleep(0.2)
            assert here.queue.empty()
            assert there.queue.empty()


def _is(ask: Callable[[], bool]) -> Callable[[], Awaitable[bool]]:
    async def answer() -> bool:
        return ask()

    return answer


async def test_a_status_is_shown_and_an_older_one_is_not(hub: Console, place: Town, bus: Bus) -> None:
    now = CLOCK.now()

    def status(state: CameraState, cause: Cause, age_s: float) -> CameraStatus:
        return CameraStatus(
            camera_id=place.cameras["east"],
            gateway_id="gateway-1",
            state=state,
            cause=cause,
            detail="camera_gateway.login_refused" if cause is Cause.LOGIN_REFUSED else None,
            since=now - timedelta(seconds=age_s),
            at=now - timedelta(seconds=age_s),
            facts=StreamFacts(codec="h264", width_px=1280, height_px=720),
        )

    with hub.changes.listening() as listener:
        await bus.publish(Topic.STATUS, status(CameraState.OFFLINE, Cause.LOGIN_REFUSED, -1))
        await bus.publish(Topic.STATUS, status(CameraState.ONLINE, Cause.NONE, 30))
        async with asyncio.timeout(5):
            heard = await listener.queue.get()
        assert heard.notice.id == place.cameras["east"]
        await asyncio.sleep(0.3)
        assert listener.queue.empty()
    operator = await Person.sign_in(httpx.ASGITransport(create_app(hub)), "operator")
    camera = (await operator.ask("GET", f"/api/cameras/{place.cameras['east']}")).json()
    assert (camera["state"], camera["cause"]) == ("offline", "login_refused")
    assert camera["cause_text_code"] == "camera_gateway.login_refused"
    assert camera["facts"]["width_px"] == 1280


async def test_the_register_takes_moments_twice_and_in_any_order(hub: Console, place: Town, bus: Bus) -> None:
    begun = CLOCK.now()

    def moment(kind: ViewingMoment, after_s: float, frames: int) -> Viewing:
        return Viewing(
            ticket_id="tkt_1",
            camera_id=place.cameras["east"],
            user_id=place.users["operator"],
            purpose="wall",
            audio=True,
            moment=kind,
            at=begun + timedelta(seconds=after_s),
            frames_sent=frames,
            closed_because="viewer" if kind is ViewingMoment.CLOSED else None,
        )

    closed = moment(ViewingMoment.CLOSED, 12, 300)
    for each in (closed, moment(ViewingMoment.SAMPLE, 10, 250), moment(ViewingMoment.OPENED, 0, 0), closed):
        await bus.publish(Topic.VIEWINGS, each)
    officer = await Person.sign_in(httpx.ASGITransport(create_app(hub)), "duty_officer")
    lines: list[dict[str, object]] = []

    async def complete() -> bool:
        nonlocal lines
        lines = (await officer.ask("GET", f"/api/cameras/{place.cameras['east']}/viewings")).json()["items"]
        return bool(lines) and lines[0]["seconds"] == 12.0

    await until(complete)
    assert len(lines) == 1
    assert lines[0]["user_name"] == "Operator"
    assert lines[0]["audio"] is True
    assert lines[0]["frames_sent"] == 300
    assert lines[0]["closed_at"] is not None


async def test_specs_follow_the_database_with_their_passwords_sealed(hub: Console, place: Town, bus: Bus) -> None:
    admin = await Person.sign_in(httpx.ASGITransport(create_app(hub)), "admin")
    hub.addresses = type(hub.addresses)(("127.0.0.1",))
    body = {"name": "n", "area_id": place.east, "url": "rtsp://u:secret-word@127.0.0.1:8554/x"}
    camera_id = (await admin.ask("POST", "/api/cameras", body)).json()["id"]
    await admin.ask("PUT", f"/api/cameras/{camera_id}/masks", {"masks": [[[0, 0], [1, 0], [1, 1]]]})

    async def published() -> bool:
        specs, _ = await bus.specs()
        return camera_id in specs and specs[camera_id].revision == 2

    await until(published)
    spec = (await bus.specs())[0][camera_id]
    assert spec.sealed_password is not None
    assert "secret-word" not in spec.model_dump_json()
    assert hub.key.open(spec.sealed_password, camera_id) == "secret-word"
    assert spec.area_path == (place.root, place.east)

    async def revoked() -> bool:
        return camera_id in [each.camera_id for each in await bus.recent_revocations(CLOCK.now() - timedelta(hours=1))]

    await until(revoked)
    await admin.ask("DELETE", f"/api/cameras/{camera_id}")

    async def removed() -> bool:
        return camera_id not in (await bus.specs())[0]

    await until(removed)


async def test_what_is_committed_while_redis_is_away_is_told_when_it_is_back(tmp_path: Path, database_url: str) -> None:
    with OwnRedis(tmp_path / "durable") as durable, OwnRedis(tmp_path / "frames", durable=False) as frames:
        settings = Settings.model_validate(
            {
                "data_dir": tmp_path / "data",
                "database_url": database_url,
                "redis_url": durable.url,
                "frames_redis_url": frames.url,
                "addresses": {"allow": ["127.0.0.1"]},
            }
        )
        async with running(settings) as hub:
            place = await settle(hub)
            admin = await Person.sign_in(httpx.ASGITransport(create_app(hub)), "admin")
            durable.kill()
            frames.kill()
            with hub.changes.listening() as listener:
                body = {"name": "n", "area_id": place.east, "url": "rtsp://127.0.0.1:8554/x"}
                camera_id = (await admin.ask("POST", "/api/cameras", body)).json()["id"]
                async with asyncio.timeout(5):
                    heard = await listener.queue.get()
                assert heard.notice.id == camera_id, "browsers of this console hear it without Redis"
            durable.start()
            frames.start()
            bus = await Bus.open(settings, CLOCK)

            async def published() -> bool:
                return camera_id in (await bus.specs())[0]

            await until(published, 20)
            await until(_emptied(hub), 10)
            await bus.close()


def _emptied(hub: Console) -> Callable[[], Awaitable[bool]]:
    async def answer() -> bool:
        return await count(hub.database, OutboxRow) == 0

    return answer
