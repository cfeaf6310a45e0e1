"""Tickets at the gateway's door: once, in time, not withdrawn; also while Redis is away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from camera_gateway.admission import Admission
from hub.contracts.spec import Revoked
from hub.contracts.ticket import Ticket, TicketAction
from hub.errors import ErrorKind, HubError
from hub.tickets import TicketSigner
from tests.support.clock import FakeClock

KEY = bytes(32)


class Once:
    """What of a bus is asked here; `away` as Redis may be."""

    def __init__(self) -> None:
        self.used: set[str] = set()
        self.away = False

    async def use_once(self, key: str, ttl_s: float) -> bool:
        if self.away:
            raise HubError(ErrorKind.UNAVAILABLE, "hub.bus_unreachable", where="durable")
        first = key not in self.used
        self.used.add(key)
        return first


class Door:
    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.once = Once()
        self.signer = TicketSigner(KEY, clock)
        self.admission = self.anew()

    def anew(self) -> Admission:
        return Admission(self.signer, self.once, self.clock, 60.0)  # type: ignore[arg-type]

    def ticket(self, number: int = 1, user: str = "usr_1") -> str:
        expires = self.clock.now() + timedelta(seconds=60)
        return self.signer.sign(
            Ticket(ticket_id=f"tkt_{number}", user_id=user, camera_id="cam_1", purpose="wall", expires_at=expires)
        )

    async def code(self, text: str, admission: Admission | None = None) -> str:
        """Of the refusal; empty when admitted."""
        try:
            await (admission or self.admission).admit(text, "cam_1", TicketAction.LIVE)
        except HubError as error:
            return error.code
        return ""


@pytest.fixture
def door(clock: FakeClock) -> Door:
    return Door(clock)


async def test_a_ticket_opens_once(door: Door) -> None:
    ticket = door.ticket()
    assert await door.code(ticket) == ""
    assert await door.code(ticket) == "camera_gateway.ticket_used"


async def test_a_ticket_used_before_a_restart_opens_nothing_after(door: Door) -> None:
    ticket = door.ticket()
    assert await door.code(ticket) == ""
    assert await door.code(ticket, door.anew()) == "camera_gateway.ticket_used"


async def test_while_redis_is_away_a_new_ticket_opens_once_and_an_older_one_not_at_all(door: Door) -> None:
    older = door.ticket(1)
    await door.clock.advance(5)
    anew = door.anew()
    await door.clock.advance(1)
    newer = door.ticket(2)
    door.once.away = True
    assert await door.code(older, anew) == "hub.bus_unreachable"
    assert await door.code(newer, anew) == ""
    assert await door.code(newer, anew) == "camera_gateway.ticket_used"


NAMES: list[Callable[[FakeClock], Revoked]] = [
    lambda clock: Revoked(camera_id="cam_1", at=clock.now()),
    lambda clock: Revoked(user_id="usr_1", at=clock.now()),
    lambda clock: Revoked(ticket_id="tkt_1", at=clock.now()),
]


@pytest.mark.parametrize("named", NAMES)
async def test_tickets_made_before_a_revocation_open_no_more_and_later_ones_do(
    door: Door, named: Callable[[FakeClock], Revoked]
) -> None:
    older = door.ticket(1)
    await door.clock.advance(1)
    door.admission.revoke(named(door.clock))
    assert await door.code(older) == "camera_gateway.ticket_revoked"
    await door.clock.advance(1)
    assert await door.code(door.ticket(3)) == ""


async def test_another_persons_ticket_is_untouched_by_a_revocation(door: Door) -> None:
    ticket = door.ticket(1, user="usr_2")
    door.admission.revoke(Revoked(user_id="usr_1", at=door.clock.now()))
    assert await door.code(ticket) == ""


async def test_refusals_and_admissions_are_counted(door: Door) -> None:
    ticket = door.ticket()
    for _ in range(3):
        await door.code(ticket)
    assert (door.admission.admitted, door.admission.refused) == (1, 2)
