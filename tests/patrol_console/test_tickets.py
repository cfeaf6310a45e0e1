"""What a ticket for the live picture says: by which ways it opens, and whether sound comes with it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from hub.contracts.ticket import TicketAction
from patrol_console.camera import looking
from patrol_console.camera.spec import spec_of
from patrol_console.console import Console
from tests.patrol_console.people import Person, Town


async def ticket(asgi: httpx.ASGITransport, town: Town, role: str, **wish: Any) -> dict[str, Any]:
    person = await Person.sign_in(asgi, role)
    answer = await person.ask("POST", f"/api/cameras/{town.cameras['east']}/tickets", {"purpose": "wall", **wish})
    assert answer.status_code == 201, answer.text
    given: dict[str, Any] = answer.json()
    return given


def set_to(console: Console, section: str, **changes: object) -> None:
    one = getattr(console.settings, section).model_copy(update=changes)
    console.settings = console.settings.model_copy(update={section: one})


async def test_a_ticket_opens_by_webrtc_or_by_mse(asgi: httpx.ASGITransport, town: Town) -> None:
    given = await ticket(asgi, town, "operator")
    assert given["whep_url"].startswith(f"http://console:8601/whep/{town.cameras['east']}?ticket=t1.")
    assert given["whep_url"].partition("=")[2] == given["mse_url"].partition("=")[2]  # one ticket, one opening
    assert given["stun_servers"] == []


async def test_without_webrtc_there_is_no_address_for_it(
    asgi: httpx.ASGITransport, town: Town, console: Console
) -> None:
    set_to(console, "gateway", webrtc_port=0)
    set_to(console, "console", stun_servers=("stun:10.0.0.1:3478",))
    given = await ticket(asgi, town, "operator")
    assert given["whep_url"] is None
    assert given["stun_servers"] == ["stun:10.0.0.1:3478"]


@pytest.mark.parametrize(
    ("role", "wished", "has_sound", "hears"),
    [
        ("duty_officer", True, True, True),
        ("duty_officer", False, True, False),  # off unless asked for
        ("duty_officer", True, False, False),  # the camera's is off
        ("operator", True, True, False),  # a right of its own
        ("technician", True, True, False),
    ],
)
async def test_sound_comes_to_those_who_may_hear_and_asked(
    role: str,
    wished: bool,
    has_sound: bool,
    hears: bool,
    asgi: httpx.ASGITransport,
    town: Town,
    console: Console,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(looking, "spec_of", lambda *of: spec_of(*of).model_copy(update={"audio": has_sound}))
    given = await ticket(asgi, town, role, audio=wished)
    assert given["audio"] is hears
    signed = given["whep_url"].partition("ticket=")[2]
    opened = console.signer.verify(signed, camera_id=town.cameras["east"], action=TicketAction.LIVE)
    assert opened.audio is hears
