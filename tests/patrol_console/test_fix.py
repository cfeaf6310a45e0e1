"""A cure through the console: what stood there is in the record before the camera hears of it, and is put back."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from hub.contracts.cure import Change, FixOrder, FixResult, Outcome, Setting, UndoKind, UndoStep, XmlTree
from hub.contracts.device import Reason
from patrol_console.console import Console
from patrol_console.gateway import Gateway
from patrol_console.tables.camera import CameraRow
from patrol_console.tables.camera_record import CameraRepairRow
from tests.patrol_console.people import Person, Town
from tests.support.clock import FakeClock

STEP = UndoStep(kind=UndoKind.ENCODER, service="media2", token="e2", before=XmlTree(name="Configurations"))
CHANGE = Change(setting=Setting.CODEC, before="h265", after="h264")
PLAN = FixResult(outcome=Outcome.PLANNED, changes=(CHANGE,), undo=(STEP,))
DONE = FixResult(outcome=Outcome.DONE, changes=(CHANGE,), undo=(STEP,), notes=(Reason(code="cure.smart_codec"),))
WISH = {"codec": "h264"}


class Gateways:
    """Plays the gateway: `plan` to a dry run, `result` (or a refusal) to the rest; looks into the record meanwhile."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.plan, self.result, self.undone = PLAN, DONE, FixResult(outcome=Outcome.DONE, changes=(CHANGE,))
        self.refusal: httpx.Response | Exception | None = None
        self.orders: list[FixOrder] = []
        self.record_meanwhile: list[CameraRepairRow] = []
        console.gateway = Gateway(console.settings, httpx.MockTransport(self.answer))

    async def answer(self, request: httpx.Request) -> httpx.Response:
        order = FixOrder.model_validate_json(request.content)
        self.orders.append(order)
        self.record_meanwhile = await repairs(self.console)
        if order.dry_run:
            return httpx.Response(200, text=self.plan.model_dump_json())
        if isinstance(self.refusal, Exception):
            raise self.refusal
        if self.refusal is not None:
            return self.refusal
        return httpx.Response(200, text=(self.undone if order.undo else self.result).model_dump_json())


async def repairs(console: Console) -> list[CameraRepairRow]:
    async with console.database.reading() as reading:
        return list(await reading.scalars(select(CameraRepairRow).order_by(CameraRepairRow.seq)))


@pytest.fixture
def gateways(console: Console, town: Town) -> Gateways:
    return Gateways(console)


async def asked(asgi: httpx.ASGITransport, way: str, body: Any, who: str = "technician") -> httpx.Response:
    person = await Person.sign_in(asgi, who)
    return await person.ask("POST", f"/api/cameras/{way}", body)


async def test_what_stood_there_is_kept_before_the_change_and_what_is_after(
    asgi: httpx.ASGITransport, console: Console, town: Town, gateways: Gateways
) -> None:
    answer = await asked(asgi, f"{town.cameras['east']}/fix", WISH)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["outcome"], told["can_undo"]) == ("done", True)
    assert told["notes"][0]["text"].startswith("A smart codec")
    assert "undo" not in told
    (meanwhile,) = gateways.record_meanwhile
    assert (meanwhile.kind, meanwhile.outcome) == ("fix", None)
    assert [UndoStep.model_validate(step) for step in meanwhile.undo] == [STEP]
    (after,) = await repairs(console)
    assert (after.outcome, after.user_name) == ("done", "Technician")
    assert [Change.model_validate(change) for change in after.changes] == [CHANGE]
    assert [order.dry_run for order in gateways.orders] == [True, False]


async def test_a_dry_run_and_a_camera_that_is_right_already_leave_no_entry(
    asgi: httpx.ASGITransport, console: Console, town: Town, gateways: Gateways
) -> None:
    way = f"{town.cameras['east']}/fix"
    assert (await asked(asgi, way, {**WISH, "dry_run": True})).json()["outcome"] == "planned"
    gateways.plan = FixResult(outcome=Outcome.UNCHANGED)
    assert (await asked(asgi, way, WISH)).json()["outcome"] == "unchanged"
    assert all(order.dry_run for order in gateways.orders)
    assert await repairs(console) == []


async def test_undo_is_of_the_last_fix_that_was_not_undone(
    asgi: httpx.ASGITransport, console: Console, town: Town, gateways: Gateways
) -> None:
    camera = town.cameras["east"]
    await asked(asgi, f"{camera}/fix", WISH)
    gateways.plan = PLAN.model_copy(update={"undo": (STEP.model_copy(update={"token": "later"}),)})
    await asked(asgi, f"{camera}/fix", {"frame_rate": 15})
    for token in ("later", "e2"):
        assert (await asked(asgi, f"{camera}/fix/undo", {})).status_code == 200
        assert [step.token for step in gateways.orders[-1].undo] == [token]
    none = await asked(asgi, f"{camera}/fix/undo", {})
    assert (none.status_code, none.json()["code"]) == (409, "cure.no_record_to_undo")
    assert [row.kind for row in await repairs(console)] == ["fix", "fix", "undo", "undo"]


@pytest.mark.parametrize(
    ("refusal", "status", "can_undo"),
    [
        (httpx.Response(409, json={"code": "cure.at_work"}), 409, False),  # nothing was begun
        (httpx.ReadTimeout("slow"), 504, True),  # nobody knows what became of the camera
        (httpx.ReadError("gone"), 503, True),
    ],
)
async def test_an_answer_that_never_comes_leaves_the_undo(
    refusal: httpx.Response | Exception,
    status: int,
    can_undo: bool,
    asgi: httpx.ASGITransport,
    console: Console,
    town: Town,
    gateways: Gateways,
) -> None:
    gateways.refusal = refusal
    assert (await asked(asgi, f"{town.cameras['east']}/fix", WISH)).status_code == status
    (row,) = await repairs(console)
    assert bool(row.undo) is can_undo
    assert row.outcome == (None if can_undo else "failed")


async def test_what_was_put_back_at_once_is_in_the_record_with_its_reason(
    asgi: httpx.ASGITransport, console: Console, town: Town, gateways: Gateways
) -> None:
    problem = Reason(code="cure.took_other", params={"setting": "size", "wanted": "640x360", "found": "352x288"})
    gateways.result = FixResult(outcome=Outcome.PUT_BACK, problem=problem)
    told = (await asked(asgi, f"{town.cameras['east']}/fix", WISH)).json()
    assert told["problem"]["text"].startswith("The camera did not take the value: size should be 640x360")
    (row,) = await repairs(console)
    assert (row.outcome, row.undo, row.problem) == ("put_back", [], problem.model_dump(mode="json"))


async def test_a_households_camera_is_mended_within_its_consent_alone(
    asgi: httpx.ASGITransport, console: Console, town: Town, gateways: Gateways, clock: FakeClock
) -> None:
    async with console.database.writing() as writing:
        camera = await writing.get_one(CameraRow, town.cameras["east"])
        camera.kind, camera.consent_until = "household", clock.now() - timedelta(days=1)
    answer = await asked(asgi, f"{town.cameras['east']}/fix", WISH)
    assert (answer.status_code, answer.json()["code"]) == (409, "patrol_console.live_no_consent")
    assert gateways.orders == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"ntp": "10.0.0.1;reboot"},
        {"ntp": "$(reboot)"},
        {"width_px": 640},
        {"codec": "mjpeg"},
        {"frame_rate": 1e9},
        {"codec": "h264", "undo": []},
        {"codec": "h264", "url": "http://10.0.0.1"},
    ],
)
async def test_what_makes_no_sense_never_reaches_a_gateway(
    body: dict[str, Any], asgi: httpx.ASGITransport, town: Town, gateways: Gateways
) -> None:
    answer = await asked(asgi, f"{town.cameras['east']}/fix", body)
    assert answer.status_code in (400, 422), answer.text
    assert gateways.orders == []


async def test_a_gateways_answer_that_is_none_is_a_sentence(
    asgi: httpx.ASGITransport, town: Town, gateways: Gateways
) -> None:
    gateways.refusal = httpx.Response(200, text=json.dumps({"outcome": "splendid"}))
    answer = await asked(asgi, f"{town.cameras['east']}/fix", WISH)
    assert (answer.status_code, answer.json()["code"]) == (503, "patrol_console.gateway_answer")
