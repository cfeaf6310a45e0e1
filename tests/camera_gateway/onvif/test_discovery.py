"""Who answers: by multicast until nothing new comes, in a range at a bounded rate; what is no camera is passed over."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from collections.abc import AsyncIterator, Callable
from typing import cast

import pytest

from camera_gateway.onvif import discovery
from camera_gateway.onvif.discovery import addresses_of, discover, discover_range, endpoint_of, read_matches
from camera_gateway.onvif.hello import EVERY_S, HelloListener
from hub.addresses import AddressPolicy
from hub.clock import SystemClock
from hub.contracts.device import DiscoveredDevice, FoundBy
from hub.errors import HubError
from tests.support.clock import FakeClock
from tests.support.material import material_file

HEAD = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/'
    'addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><s:Body>'
)


def match(number: int, xaddrs: str = "http://10.9.9.9/onvif/device_service", element: str = "ProbeMatch") -> bytes:
    """A camera's answer."""
    return (
        f"{HEAD}<d:{element}es><d:{element}><a:EndpointReference><a:Address>uuid:{number:04}</a:Address>"
        "</a:EndpointReference><d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>onvif://www.onvif.org/name/"
        f"Cam%20{number} onvif://www.onvif.org/hardware/DS-1 onvif://www.onvif.org/location/country/china</d:Scopes>"
        f"<d:XAddrs>{xaddrs}</d:XAddrs></d:{element}></d:{element}es></s:Body></s:Envelope>"
    ).encode()


class Network(asyncio.DatagramProtocol):
    """Cameras behind one port: which of them answer the n-th probe is the test's."""

    def __init__(self, answers: Callable[[int, str], list[bytes]]) -> None:
        self._answers = answers
        self._transport: asyncio.DatagramTransport | None = None
        self.probes: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        assert self._transport is not None
        text = data.decode()
        self.probes.append(text)
        for answer in self._answers(len(self.probes), text):
            self._transport.sendto(answer, addr)


@contextlib.asynccontextmanager
async def network(
    answers: Callable[[int, str], list[bytes]], host: str = "127.0.0.1"
) -> AsyncIterator[tuple[Network, int]]:
    transport, protocol = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Network(answers), local_addr=(host, 0)
    )
    try:
        yield protocol, transport.get_extra_info("sockname")[1]
    finally:
        transport.close()


async def test_a_network_that_answers_in_parts_is_asked_until_nothing_new_comes() -> None:
    # Each probe is answered by the next seven of 36 (onvif/specs#226), and by a printer and noise.
    noise = [
        b"\x00\xff",
        HEAD.encode(),
        match(99).replace(b"dn:NetworkVideoTransmitter", b"p:Printer").replace(b"onvif", b"printer"),
    ]

    def some(count: int, probe: str) -> list[bytes]:
        return noise + [match(number) for number in range((count - 1) * 7, min(36, count * 7))]

    async with network(some) as (cameras, port):
        told: list[DiscoveredDevice] = []
        found = await discover(
            SystemClock(), interfaces=["127.0.0.1"], group=("127.0.0.1", port), round_s=0.09, found=told.append
        )
    assert len(found) == len(told) == 36
    assert {one.xaddr for one in found} == {"http://127.0.0.1/onvif/device_service"}
    assert found[0].said_xaddrs == ("http://10.9.9.9/onvif/device_service",)
    assert {one.name for one in found} >= {"Cam 0", "Cam 35"}
    assert found[0].location == "country/china"
    identities = [re.search("MessageID>([^<]+)", probe) for probe in cameras.probes]
    assert len({one[1] for one in identities if one}) == len(cameras.probes)
    assert len(cameras.probes) < 3 * discovery.MOST_ROUNDS


async def test_a_real_multicast_reaches_a_device_that_listens_for_one() -> None:
    listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        listening.setblocking(False)
        listening.bind(("", 0))
        member = socket.inet_aton(discovery.GROUP) + socket.inet_aton("127.0.0.1")
        listening.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
    except OSError as error:
        listening.close()
        pytest.skip(f"no multicast on loopback here: {error}")
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: Network(lambda count, probe: [match(1)]), sock=listening)
    try:
        group = (discovery.GROUP, int(transport.get_extra_info("sockname")[1]))
        found = await discover(SystemClock(), interfaces=["127.0.0.1"], group=group, round_s=0.09)
    finally:
        transport.close()
    assert [one.name for one in found] == ["Cam 1"]


async def test_devices_at_addresses_that_may_not_be_joined_are_left_out() -> None:
    async with network(lambda count, probe: [match(1)]) as (_, port):
        given = {"interfaces": ["127.0.0.1"], "group": ("127.0.0.1", port), "round_s": 0.03}
        assert await discover(SystemClock(), policy=AddressPolicy(), **given) == []  # type: ignore[arg-type]
        allowed = AddressPolicy(["127.0.0.0/8"])
        assert len(await discover(SystemClock(), policy=allowed, **given)) == 1  # type: ignore[arg-type]


async def test_a_range_is_asked_one_by_one_at_a_bounded_rate_and_dead_addresses_do_no_harm() -> None:
    clock = FakeClock()
    async with network(lambda count, probe: [match(count)]) as (cameras, port):
        asking = asyncio.ensure_future(
            discover_range(clock, [f"127.0.0.{n}" for n in range(1, 201)], rate_per_s=100.0, port=port)
        )
        waited = 0.0
        while not asking.done():
            await asyncio.sleep(0.001)
            if clock.sleepers:
                await clock.advance(0.1)
                waited += 0.1
        found = await asking
    assert waited >= 2 * 200 / 100.0
    assert [one.ip for one in found] == ["127.0.0.1"]
    assert found[0].found_by is FoundBy.UNICAST
    assert len(cameras.probes) == 1  # the second pass leaves out who has answered


@pytest.mark.parametrize(
    ("text", "count", "first"),
    [
        ("192.168.1.0/24", 254, "192.168.1.1"),
        ("192.168.1.10-192.168.1.99", 90, "192.168.1.10"),
        ("192.168.1.10-99", 90, "192.168.1.10"),
        ("192.168.1.7", 1, "192.168.1.7"),
        ("10.0.0.5/22", 1022, "10.0.0.1"),
    ],
)
def test_a_range_is_read(text: str, count: int, first: str) -> None:
    addresses = addresses_of(text)
    assert (len(addresses), addresses[0]) == (count, first)


@pytest.mark.parametrize(
    "text", ["10.0.0.0/8", "10.0.0.1-10.1.0.1", "10.0.0.9-10.0.0.1", "cam", "", "::1/64", "1.2.3.4-x"]
)
def test_a_range_that_is_none_or_too_large_is_refused(text: str) -> None:
    with pytest.raises(HubError, match="range_"):
        addresses_of(text)


def test_names_of_devices_are_compared_in_one_form() -> None:
    assert endpoint_of(" uuid:ABC-1\n") == endpoint_of("urn:uuid:abc-1") == "urn:uuid:abc-1"


@pytest.mark.material
@pytest.mark.parametrize(
    ("file", "name", "port"),
    [
        ("captures/agsh_mock_ProbeMatch_whitespace_XAddrs.xml", "PREDATOR", 10101),
        ("captures/daniela_ProbeMatch_multiline_scopes.xml", "Cardinal", 8082),
        ("captures/onvif_simple_server/ProbeMatch.xml", "SimCam-1", 8081),
        ("fixtures/agsh_v0x/test/serverMockup/Probe.xml", None, None),
    ],
)
def test_recorded_matches_are_read_on_the_address_that_they_came_from(
    file: str, name: str | None, port: int | None
) -> None:
    (one,) = read_matches(material_file(f"onvif/{file}").read_bytes(), "192.168.7.7", FoundBy.MULTICAST)
    assert one.xaddr.startswith("http://192.168.7.7")
    assert name is None or one.name == name
    assert port is None or f":{port}/" in one.xaddr
    assert one.said_xaddrs
    assert one.endpoint.startswith("urn:uuid:")


async def test_a_device_that_announces_itself_is_told_of_once_and_again_when_it_is_time() -> None:
    clock, told, came = FakeClock(), list[DiscoveredDevice](), asyncio.Event()

    def tell(device: DiscoveredDevice) -> None:
        told.append(device)
        came.set()

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    listener = HelloListener(clock, tell, port=port, interfaces=[])
    await listener.open()
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as camera:
            hello = match(3, "", element="Hello").replace(b"d:Helloes", b"d:Outer")
            for _ in range(5):
                camera.sendto(hello, ("127.0.0.1", port))
            camera.sendto(b"noise", ("127.0.0.1", port))
            async with asyncio.timeout(5):
                await came.wait()
            await asyncio.sleep(0.05)
            came.clear()
            assert [(one.endpoint, one.found_by) for one in told] == [("urn:uuid:0003", FoundBy.HELLO)]
            assert told[0].xaddr == "http://127.0.0.1/onvif/device_service"
            await clock.advance(EVERY_S + 1)
            camera.sendto(hello, ("127.0.0.1", port))
            async with asyncio.timeout(5):
                await came.wait()
            assert len(told) == 2
    finally:
        listener.close()


async def test_a_flood_of_announcements_is_parsed_at_a_bounded_rate() -> None:
    told: list[DiscoveredDevice] = []
    listener = HelloListener(FakeClock(), told.append)
    for number in range(1_000):
        listener.datagram_received(match(number, element="Hello").replace(b"d:Helloes", b"d:Outer"), ("10.0.0.1", 1))
    assert (len(told), listener.dropped) == (200, 800)
