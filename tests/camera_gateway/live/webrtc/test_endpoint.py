"""The one UDP port: what the kernel cuts is what we would send one by one, strangers cost nothing, gone is gone."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from aioice import stun

from camera_gateway.live.webrtc.beneath import make_check
from camera_gateway.live.webrtc.endpoint import Endpoint
from camera_gateway.live.webrtc.peer import GONE_S, Peer, plain
from camera_gateway.live.webrtc.sdp import read_offer
from hub.errors import HubError
from tests.camera_gateway.live.webrtc.test_sdp import TEXT
from tests.support.clock import FakeClock
from tests.support.gateway import until
from tests.support.whep import identity


@pytest.fixture
def receiver() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.bind(("127.0.0.1", 0))
        made.settimeout(2)
        yield made


@pytest.mark.parametrize("last", [500, 37])
async def test_cut_by_the_kernel_or_by_us_the_same_datagrams_arrive(
    clock: FakeClock, receiver: socket.socket, last: int
) -> None:
    endpoint = Endpoint("127.0.0.1", 0, clock)
    run = memoryview(b"".join(bytes((n,)) * 500 for n in range(9)) + bytes(last))
    came = []
    try:
        for cuts in (True, False):
            endpoint.cuts_in_kernel = cuts
            assert endpoint.send_run(run, 500, receiver.getsockname())
            came.append([receiver.recv(2048) for _ in range(10)])
    finally:
        endpoint.close()
    assert came[0] == came[1]
    assert [len(one) for one in came[0]] == [500] * 9 + [last]
    assert endpoint.packets_sent == 20


async def test_where_the_kernel_does_not_cut_it_is_noticed_once_and_nothing_is_lost(
    clock: FakeClock, receiver: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = Endpoint("127.0.0.1", 0, clock)
    monkeypatch.setattr("camera_gateway.live.webrtc.endpoint._UDP_SEGMENT", 104)  # UDP_GRO: no such control message
    monkeypatch.setattr("camera_gateway.live.webrtc.endpoint._IPPROTO_UDP", socket.IPPROTO_UDP)
    endpoint._socket.close()
    endpoint._socket = _Uncut(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        assert endpoint.send_run(memoryview(bytes(900)), 400, receiver.getsockname())
        assert [len(receiver.recv(2048)) for _ in range(3)] == [400, 400, 100]
        assert not endpoint.cuts_in_kernel
    finally:
        endpoint._socket.close()


class _Uncut(socket.socket):
    def sendmsg(self, *given: object) -> int:
        raise OSError(5, "Input/output error")


async def test_a_full_socket_says_so(clock: FakeClock, receiver: socket.socket) -> None:
    class Full(socket.socket):
        def sendto(self, *given: object) -> int:
            raise BlockingIOError

    endpoint = Endpoint("127.0.0.1", 0, clock)
    ours, endpoint._socket = endpoint._socket, Full(socket.AF_INET, socket.SOCK_DGRAM)
    assert not endpoint.send_run(memoryview(b"x"), 1, receiver.getsockname())
    endpoint.send(b"x", receiver.getsockname())  # a control datagram: lost, and nobody minds
    assert endpoint.unsent == 1
    endpoint._socket.close()
    endpoint._socket = ours
    endpoint.close()


async def test_a_flood_of_strangers_leaves_no_state_and_gets_no_answer(
    clock: FakeClock, receiver: socket.socket
) -> None:
    endpoint = Endpoint("127.0.0.1", 0, clock)
    try:
        target = ("127.0.0.1", endpoint.port)
        for number in range(300):
            receiver.sendto(make_check(f"nobody{number}:x", "p" * 32, nominates=True), target)
            receiver.sendto(b"\x80" + bytes(100), target)
            if number % 50 == 49:
                await until(lambda wanted=2 * number + 2: endpoint.strangers == wanted)  # type: ignore[misc] # bound now
        assert endpoint._peers == {}
        assert endpoint._at == {}
        receiver.setblocking(False)
        with pytest.raises(BlockingIOError):
            receiver.recv(2048)
    finally:
        endpoint.close()


async def test_over_ipv6_a_check_is_answered_with_the_address_it_came_from(clock: FakeClock) -> None:
    try:
        endpoint = Endpoint("::1", 0, clock)
    except HubError:
        pytest.skip("no IPv6 on loopback here")
    peer = Peer(read_offer(TEXT), identity(), clock, endpoint.send)
    endpoint.add(peer)
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as asking:
        asking.bind(("::1", 0))
        asking.setblocking(False)
        asking.sendto(make_check(f"{peer.ufrag}:abcd", peer.password, nominates=True), ("::1", endpoint.port))
        await until(lambda: peer.address is not None)
        answer = stun.parse_message(asking.recv(2048))
        assert answer.attributes["XOR-MAPPED-ADDRESS"] == asking.getsockname()[:2]
    endpoint.forget(peer)
    assert endpoint._at == {}
    endpoint.close()


async def test_a_port_that_is_taken_is_told(clock: FakeClock, receiver: socket.socket) -> None:
    with pytest.raises(HubError) as told:
        Endpoint("127.0.0.1", receiver.getsockname()[1], clock)
    assert told.value.code == "camera_gateway.webrtc_port_taken"


def peer_of(clock: FakeClock) -> Peer:
    return Peer(read_offer(TEXT), identity(), clock, lambda data, address: None)


async def test_a_browser_that_neither_checks_nor_reports_is_gone_after_six_seconds(clock: FakeClock) -> None:
    peer = peer_of(clock)
    home = ("192.0.2.7", 40_000)
    for _ in range(4):
        await clock.advance(2.7)  # as seldom as a browser ever checks
        made = make_check(f"{peer.ufrag}:abcd", peer.password, nominates=True)
        assert peer.check(f"{peer.ufrag}:abcd", made, home) is not None
        assert not peer.tick()
    await clock.advance(GONE_S - 0.1)
    assert not peer.tick()
    await clock.advance(0.1)
    assert peer.tick()


async def test_checks_are_answered_so_many_a_second_and_addresses_are_few(clock: FakeClock) -> None:
    peer = peer_of(clock)
    name = f"{peer.ufrag}:abcd"
    made = make_check(name, peer.password, nominates=False)
    answered = [peer.check(name, made, ("192.0.2.7", port)) is not None for port in range(1000, 1200)]
    assert answered == [True] * 50 + [False] * 150
    assert len(peer.addresses) <= 4
    assert peer.address in peer.addresses, "the one it speaks from is not pushed out"
    peer.tick()
    assert peer.check(name, made, ("192.0.2.7", 1)) is not None


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (("192.0.2.1", 5), ("192.0.2.1", 5)),
        (("::ffff:192.0.2.1", 5, 0, 0), ("192.0.2.1", 5)),
        (("2001:db8::1", 5, 0, 0), ("2001:db8::1", 5)),
    ],
)
def test_a_browser_is_told_the_address_that_it_has(
    address: tuple[str, int] | tuple[str, int, int, int], expected: tuple[str, int]
) -> None:
    assert plain(address) == expected
