"""Tickets: whoever changes, keeps or carries one elsewhere gets nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.contracts.ticket import Ticket, TicketAction
from hub.errors import ErrorKind, HubError
from hub.log import redact
from hub.tickets import TicketSigner
from tests.support.clock import START, FakeClock

KEY = b"k" * 32


def ticket(**changes: object) -> Ticket:
    base: dict[str, object] = {
        "ticket_id": "tk_1", "user_id": "usr_1", "unit_id": "unit_1", "camera_id": "cam_1", "purpose": "wall",
        "reference": "巡查", "expires_at": START + timedelta(seconds=60),
    }  # fmt: skip
    return Ticket.model_validate(base | changes)


def refusal(signer: TicketSigner, text: str, camera_id: str = "cam_1", action: TicketAction = TicketAction.LIVE) -> str:
    with pytest.raises(HubError) as caught:
        signer.verify(text, camera_id=camera_id, action=action)
    assert caught.value.kind is ErrorKind.FORBIDDEN
    return caught.value.code


def test_what_was_signed_is_what_is_read(clock: FakeClock) -> None:
    signer = TicketSigner(KEY, clock)
    text = signer.sign(ticket())
    assert signer.verify(text, camera_id="cam_1", action=TicketAction.LIVE) == ticket()
    assert all(character.isalnum() or character in "-_." for character in text)
    assert text not in redact(f"GET /mse/cam_1?ticket={text} HTTP/1.1")


async def test_it_is_over_at_its_minute_and_not_before(clock: FakeClock) -> None:
    signer = TicketSigner(KEY, clock)
    text = signer.sign(ticket())
    await clock.advance(59.999)
    signer.verify(text, camera_id="cam_1", action=TicketAction.LIVE)
    await clock.advance(0.001)
    assert refusal(signer, text) == "hub.ticket_expired"


def test_it_opens_no_other_camera_and_no_other_thing(clock: FakeClock) -> None:
    signer = TicketSigner(KEY, clock)
    text = signer.sign(ticket())
    assert refusal(signer, text, camera_id="cam_2") == "hub.ticket_elsewhere"
    assert refusal(signer, text, action=TicketAction.SNAPSHOT) == "hub.ticket_elsewhere"


def test_another_key_signs_nothing_here(clock: FakeClock) -> None:
    text = TicketSigner(b"x" * 32, clock).sign(ticket())
    assert refusal(TicketSigner(KEY, clock), text) == "hub.ticket_invalid"


def test_no_single_character_can_be_changed(clock: FakeClock) -> None:
    signer = TicketSigner(KEY, clock)
    text = signer.sign(ticket())
    for position, character in enumerate(text):
        other = "A" if character != "A" else "B"
        assert refusal(signer, text[:position] + other + text[position + 1 :]) == "hub.ticket_invalid"


@pytest.mark.parametrize("change", ["", ".", "t1..", "t1.e30.", "=", "\u00e9", "x" * 5000])
def test_no_nonsense_is_a_ticket(clock: FakeClock, change: str) -> None:
    signer = TicketSigner(KEY, clock)
    assert refusal(signer, change) == "hub.ticket_invalid"
    assert refusal(signer, signer.sign(ticket()) + change + " ") == "hub.ticket_invalid"


@given(st.text(max_size=200))
def test_no_text_at_all_does_more_than_be_refused(text: str) -> None:
    assert refusal(TicketSigner(KEY, FakeClock()), text) == "hub.ticket_invalid"
