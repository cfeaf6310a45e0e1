"""Pictures that the gateway draws anew, as the console gives them out: masks, and who is written on the picture."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import select

from hub.contracts.ticket import Ticket, TicketAction
from patrol_console.console import Console
from patrol_console.tables.area import UnitRow
from patrol_console.tables.camera import CameraRow
from patrol_console.tables.outbox import OutboxRow
from patrol_console.tables.user import UserRow
from tests.patrol_console.people import Person, Town

SQUARE = [[0, 0], [0.5, 0], [0.5, 0.5]]
OTHER = [[0.5, 0.5], [1, 0.5], [1, 1]]


def set_to(console: Console, *, watermark: str = "none", mpixel_s: float = 30.0) -> None:
    settings = console.settings
    console.settings = settings.model_copy(
        update={
            "console": settings.console.model_copy(update={"watermark": watermark}),
            "gateway": settings.gateway.model_copy(update={"transcode_mpixel_s": mpixel_s}),
        }
    )


async def ticket_of(console: Console, person: Person, camera_id: str) -> Ticket:
    answer = await person.ask("POST", f"/api/cameras/{camera_id}/tickets", {"purpose": "wall"})
    assert answer.status_code == 201, answer.text
    text = parse_qs(urlsplit(answer.json()["mse_url"]).query)["ticket"][0]
    return console.signer.verify(text, camera_id=camera_id, action=TicketAction.LIVE)


async def test_without_a_transcoding_budget_a_camera_with_masks_is_not_shown_live(
    asgi: httpx.ASGITransport, town: Town, console: Console
) -> None:
    way = f"/api/cameras/{town.cameras['east']}"
    technician = await Person.sign_in(asgi, "technician")
    for mpixel_s, live in ((0.0, ("off", "masks")), (0.5, ("masked", None))):
        set_to(console, mpixel_s=mpixel_s)
        camera = (await technician.ask("PUT", f"{way}/masks", {"masks": [SQUARE]})).json()
        assert (camera["live"], camera["live_reason"]) == live
        ticket = await technician.ask("POST", f"{way}/tickets", {"purpose": "wall"})
        assert ticket.status_code == (201 if mpixel_s else 409)
    assert (await technician.ask("PUT", f"{way}/masks", {"masks": []})).json()["live"] == "on"


async def test_the_first_mask_ends_what_is_open_and_another_is_drawn_on_it(
    asgi: httpx.ASGITransport, town: Town, console: Console
) -> None:
    technician = await Person.sign_in(asgi, "technician")
    ended = []
    for masks in ([SQUARE], [SQUARE, OTHER], [OTHER], [], [], [OTHER]):
        before = await revocations(console, town.cameras["east"])
        await technician.ask("PUT", f"/api/cameras/{town.cameras['east']}/masks", {"masks": masks})
        ended.append(await revocations(console, town.cameras["east"]) - before)
    assert ended == [1, 0, 0, 0, 0, 1]


async def revocations(console: Console, camera_id: str) -> int:
    async with console.database.reading() as session:
        rows = list(await session.scalars(select(OutboxRow)))
    return sum(row.body.get("revoked", {}).get("camera_id") == camera_id for row in rows)


@pytest.mark.parametrize(
    ("policy", "kind", "is_marked"),
    [
        ("none", "household", False),
        ("household", "household", True),
        ("household", "partner", False),
        ("household", "public", False),
        ("all", "public", True),
        ("all", "household", True),
    ],
)
async def test_a_ticket_says_who_looks_where_the_policy_wants_it_on_the_picture(
    policy: str, kind: str, is_marked: bool, asgi: httpx.ASGITransport, town: Town, console: Console
) -> None:
    set_to(console, watermark=policy)
    async with console.database.writing() as session:
        camera = await session.get_one(CameraRow, town.cameras["east"])
        camera.kind, camera.consent_from = kind, console.clock.now()
    ticket = await ticket_of(console, await Person.sign_in(asgi, "operator"), town.cameras["east"])
    assert ticket.watermark == ("Operator · operator" if is_marked else None)


async def test_the_unit_is_named_and_nothing_is_too_long_for_a_ticket(
    asgi: httpx.ASGITransport, town: Town, console: Console
) -> None:
    set_to(console, watermark="all")
    async with console.database.writing() as session:
        session.add(UnitRow(id="unit_1", name="东湖街道综治中心", area_id=town.root))
        await session.flush()
        user = await session.get_one(UserRow, town.users["operator"])
        user.display_name, user.unit_id = "王小明", "unit_1"
        other = await session.get_one(UserRow, town.users["duty_officer"])
        other.display_name, other.unit_id = "长" * 64, "unit_1"
    ticket = await ticket_of(console, await Person.sign_in(asgi, "operator"), town.cameras["east"])
    assert ticket.watermark == "王小明 · 东湖街道综治中心"
    ticket = await ticket_of(console, await Person.sign_in(asgi, "duty_officer"), town.cameras["east"])
    assert ticket.watermark is not None
    assert ticket.watermark.startswith("长" * 64)
    assert len(ticket.watermark) <= 80
