"""一机一档: what was found of a camera, done to it and reported by it is in one place, for those who may see it."""

from __future__ import annotations

from datetime import timedelta

import httpx

from hub.contracts.camera_event import CameraEventKind
from patrol_console.camera.schemas import Verdict
from patrol_console.console import Console
from patrol_console.record import service
from patrol_console.record.schemas import SettingChange
from patrol_console.rights import Actor
from patrol_console.tables.camera import CameraStateRow
from patrol_console.tables.camera_record import CameraEventRow
from tests.patrol_console.people import Person, Town
from tests.support.clock import FakeClock


def way(town: Town, rest: str = "record") -> str:
    return f"/api/cameras/{town.cameras['east']}/{rest}"


async def test_a_note_stands_in_the_record_with_its_writer(asgi: httpx.ASGITransport, town: Town) -> None:
    technician = await Person.sign_in(asgi, "technician")
    written = await technician.ask("POST", way(town, "repairs"), {"note": "擦了镜头"})
    assert written.status_code == 201, written.text
    record = (await technician.ask("GET", way(town))).json()
    (repair,) = record["repairs"]
    assert (repair["kind"], repair["note"], repair["user_name"]) == ("note", "擦了镜头", "Technician")
    assert record["camera"]["id"] == town.cameras["east"]
    assert record["area_path"] == ["East"], "what lies above stays unnamed"
    for wrong in ("", "x" * 501, "a\x00b"):
        assert (await technician.ask("POST", way(town, "repairs"), {"note": wrong})).status_code == 422
    operator = await Person.sign_in(asgi, "operator")
    assert (await operator.ask("POST", way(town, "repairs"), {"note": "x"})).status_code == 403


async def test_each_test_of_a_camera_is_kept_and_of_them_the_newest_fifty(
    console: Console, asgi: httpx.ASGITransport, town: Town
) -> None:
    technician = await Person.sign_in(asgi, "technician")
    assert (await technician.ask("POST", way(town, "test"))).status_code == 200
    (first,) = (await technician.ask("GET", way(town))).json()["examinations"]
    assert (first["worst"], first["verdicts"][0]["check"]) == ("ok", "login")
    for number in range(55):
        async with console.database.writing() as writing:
            verdicts = [Verdict(check=f"n{number}", status="fail"), Verdict(check="b", status="ok")]
            await service.keep_verdicts(console, writing, None, town.cameras["east"], verdicts)
    kept = (await technician.ask("GET", way(town) + "?limit=200")).json()["examinations"]
    assert len(kept) == 50
    assert (kept[0]["verdicts"][0]["check"], kept[0]["worst"]) == ("n54", "fail")


async def test_what_was_found_is_said_in_the_language_of_who_reads_it(
    console: Console, asgi: httpx.ASGITransport, town: Town
) -> None:
    async with console.database.writing() as writing:
        verdict = Verdict(
            check="login",
            name="登录",
            status="fail",
            detail="不对",
            detail_code="patrol_console.period",
            params={"days": 3},
        )
        await service.keep_verdicts(console, writing, None, town.cameras["east"], [verdict])
    technician = await Person.sign_in(asgi, "technician")
    technician.client.headers["Accept-Language"] = "en"
    (kept,) = (await technician.ask("GET", way(town))).json()["examinations"]
    assert "3 days" in kept["verdicts"][0]["detail"]
    assert kept["verdicts"][0]["name"] == "Login"


async def test_verdicts_and_addresses_are_for_technicians(
    console: Console, asgi: httpx.ASGITransport, town: Town
) -> None:
    operator = await Person.sign_in(asgi, "operator")
    record = (await operator.ask("GET", way(town))).json()
    assert record["examinations"] is None
    assert record["camera"]["url"] is None


async def test_faults_are_the_times_it_was_not_well_with_their_outage(
    console: Console, asgi: httpx.ASGITransport, town: Town, clock: FakeClock
) -> None:
    now = clock.now()
    async with console.database.writing() as writing:
        for hours, state, cause in (
            (9, "offline", "starting"),
            (8, "online", "none"),
            (7, "offline", "unreachable"),
            (6, "paused", "no_consent"),
            (5, "offline", "resting"),
            (4, "degraded", "clock"),
            (0, "offline", "unreachable"),  # when the outage of the town began
        ):
            since = now - timedelta(hours=hours)
            writing.add(
                CameraStateRow(
                    camera_id=town.cameras["east"], state=state, cause=cause, since=since, until=since + timedelta(1)
                )
            )
    operator = await Person.sign_in(asgi, "operator")
    faults = (await operator.ask("GET", way(town))).json()["faults"]
    assert [(fault["state"], fault["cause"]) for fault in faults] == [
        ("offline", "unreachable"),
        ("degraded", "clock"),
        ("offline", "unreachable"),
    ]
    assert faults[0]["outage_id"] == town.outages["east"]


async def test_a_cure_writes_what_it_changed_and_events_are_told_with_their_kind(
    console: Console, asgi: httpx.ASGITransport, town: Town
) -> None:
    actor = Actor("local", "local", "本机终端", None, "zh", ())
    async with console.database.writing() as writing:
        change = SettingChange(setting="codec", before="h265", after="h264")
        await service.note_repair(console, writing, actor, town.cameras["east"], kind="fix", changes=[change])
        for number, kind in enumerate((CameraEventKind.TAMPER.value, "of_a_later_one")):
            writing.add(
                CameraEventRow(
                    id=f"e{number}", camera_id=town.cameras["east"], kind=kind, topic="t", at=console.clock.now()
                )
            )
    operator = await Person.sign_in(asgi, "operator")
    record = (await operator.ask("GET", way(town))).json()
    assert record["repairs"][0]["changes"] == [{"setting": "codec", "before": "h265", "after": "h264"}]
    assert {event["kind"] for event in record["events"]} == {"tamper", "other"}
