"""Guessing passwords: the one who guesses waits, and nobody else is locked out by it."""

from __future__ import annotations

import pytest

from hub.errors import HubError
from hub.peer import client_address, is_this_machine
from patrol_console.console import Console
from patrol_console.session.throttle import Throttle
from tests.patrol_console.people import PASSWORD, Town
from tests.support.clock import FakeClock


def guess(throttle: Throttle, account: str, address: str, times: int) -> None:
    for _ in range(times):
        throttle.begin(account, address)


def test_who_guesses_locks_out_neither_the_owner_at_the_usual_desk_nor_a_colleague() -> None:
    throttle = Throttle(FakeClock(), 5, 60)
    throttle.begin("admin", "10.0.0.5")
    throttle.was_right("admin", "10.0.0.5")
    for host in range(30):
        try:
            guess(throttle, "admin", f"10.6.6.{host}", 5)
        except HubError:
            break
    throttle.begin("admin", "10.0.0.5")
    throttle.begin("operator", "10.0.0.6")


def test_guesses_from_many_addresses_are_counted_together() -> None:
    throttle = Throttle(FakeClock(), 5, 60)
    for host in range(50):
        throttle.begin("admin", f"10.6.6.{host}")
    with pytest.raises(HubError, match="too_many_tries"):
        throttle.begin("admin", "10.6.6.99")


def test_a_right_password_of_ones_own_buys_no_more_guesses_of_anothers() -> None:
    throttle = Throttle(FakeClock(), 5, 60)
    for _ in range(5):
        throttle.begin("admin", "10.6.6.6")
        throttle.begin("attacker", "10.6.6.6")
        throttle.was_right("attacker", "10.6.6.6")
    with pytest.raises(HubError, match="too_many_tries"):
        throttle.begin("admin", "10.6.6.6")


async def test_wrong_passwords_of_one_person_make_no_other_wait_for_a_change(console: Console, town: Town) -> None:
    sessions = console.sessions

    async def change(name: str, current: str) -> None:
        async with console.database.writing() as session:
            opened = await sessions.open(session, name, PASSWORD, "10.0.0.5")
        async with console.database.reading() as session:
            actor = await sessions.actor(session, opened.cookie)
        async with console.database.writing() as session:
            await sessions.change_password(session, actor, current, PASSWORD + "!")

    for name in ("operator", "technician", "duty_officer", "east_admin", "west_operator"):
        for _ in range(5):
            with pytest.raises(HubError, match="wrong_password"):
                await change(name, "wrong")
    await change("admin", PASSWORD)


def test_only_a_named_proxy_is_believed() -> None:
    assert client_address("10.0.0.9", "1.2.3.4", ()) == "10.0.0.9"
    assert client_address("10.0.0.9", "1.2.3.4", ("127.0.0.1",)) == "10.0.0.9"
    assert client_address("127.0.0.1", "9.9.9.9, 1.2.3.4", ("127.0.0.1",)) == "1.2.3.4"
    assert client_address("127.0.0.1", "1.2.3.4, 10.1.0.2", ("127.0.0.1", "10.1.0.0/24")) == "1.2.3.4"
    assert client_address("127.0.0.1", "", ("127.0.0.1",)) == "127.0.0.1"
    assert client_address("127.0.0.1", "<script>", ("127.0.0.1",)) == "127.0.0.1"
    assert client_address("unix", "1.2.3.4", ("127.0.0.1",)) == "unix"


@pytest.mark.parametrize(
    ("peer", "headers", "here"),
    [
        ("127.0.0.1", ["Host", "Accept"], True),
        ("::1", [], True),
        ("127.0.0.1", ["X-Forwarded-For"], False),
        ("127.0.0.1", ["x-real-ip"], False),
        ("127.0.0.1", ["Via"], False),
        ("10.0.0.9", [], False),
        ("::ffff:10.0.0.9", [], False),
        ("localhost", [], False),
        (None, [], False),
    ],
)
def test_loopback_is_this_machine_only_where_no_proxy_stands_between(
    peer: str | None, headers: list[str], here: bool
) -> None:
    assert is_this_machine(peer, headers) is here
