"""WS-Discovery: who answers "is there a camera?", by multicast until nothing new comes, or asked one by one in a range.

Runs on its caller's loop; no thread, no bind to port 3702. A network answers with a random part of its devices (onvif/
specs#226), so it is asked again. What is no camera, and what makes no sense, is passed over.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from camera_gateway.onvif.answer import Answer, parse_xml
from camera_gateway.onvif.device import scope_value
from camera_gateway.onvif.interfaces import own_addresses
from camera_gateway.onvif.location import WEB, Location, split
from hub.addresses import AddressPolicy, PinnedAddress
from hub.clock import Clock
from hub.contracts.device import DiscoveredDevice, FoundBy
from hub.errors import ErrorKind, HubError

GROUP: Final = "239.255.255.250"
PORT: Final = 3702
MOST_ADDRESSES: Final = 4_096
MOST_DEVICES: Final = 8_192
RATE_PER_S: Final = 200  # addresses asked a second: 60 kB/s, and a /22 is through in five seconds
ROUND_S: Final = 2.0  # a device may take half a second and its datagram be lost (WS-Discovery 1.1, 3.1.3)
QUIET_ROUNDS: Final = 2
MOST_ROUNDS: Final = 10
_BURST: Final = 20
_DATAGRAMS_MAX: Final = 50_000
_TTL: Final = 4
_DISCOVERY: Final = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
_TYPES: Final = ("dn:NetworkVideoTransmitter", "", "tds:Device")  # some answer to one of them alone

Found = Callable[[DiscoveredDevice], None]


def addresses_of(text: str) -> list[str]:
    """The addresses of `192.168.1.0/24`, `192.168.1.10-192.168.1.99`, `192.168.1.10-99` or one; IPv4.

    Raises HubError INVALID `camera_gateway.range_malformed`, `range_too_large`.
    """
    try:
        first, dash, last = (part.strip() for part in text.partition("-"))
        if dash:
            begin = ipaddress.IPv4Address(first)
            end = ipaddress.IPv4Address(last if "." in last else f"{first.rpartition('.')[0]}.{last}")
            count = int(end) - int(begin) + 1
            addresses: Iterable[ipaddress.IPv4Address] = (begin + step for step in range(max(0, count)))
        else:
            network = ipaddress.IPv4Network(first, strict=False)
            count, addresses = network.num_addresses, network.hosts()
    except ValueError as error:
        raise HubError(ErrorKind.INVALID, "camera_gateway.range_malformed", range=text[:60]) from error
    if count < 1:
        raise HubError(ErrorKind.INVALID, "camera_gateway.range_malformed", range=text[:60])
    if count > MOST_ADDRESSES:
        raise HubError(ErrorKind.INVALID, "camera_gateway.range_too_large", count=count, most=MOST_ADDRESSES)
    return [str(one) for one in addresses]


async def discover(
    clock: Clock,
    *,
    interfaces: Sequence[str] | None = None,
    policy: AddressPolicy | None = None,
    found: Found = lambda device: None,
    group: tuple[str, int] = (GROUP, PORT),
    round_s: float = ROUND_S,
) -> list[DiscoveredDevice]:
    """Ask by multicast on each of `interfaces` (all of this machine) until two rounds bring nothing new.

    With `policy` devices whose address it forbids are left out. `found` is told of each as it comes. Raises HubError
    UNAVAILABLE `camera_gateway.no_network` where no interface takes a multicast.
    """
    gathered = _Gathered(FoundBy.MULTICAST, found)
    transports = await _open(own_addresses() if interfaces is None else interfaces, gathered)
    try:
        quiet = 0
        for _ in range(MOST_ROUNDS):
            before = gathered.count
            for types in _TYPES:
                for transport in transports:
                    with contextlib.suppress(OSError):
                        transport.sendto(probe_message(types), group)
                await clock.sleep(round_s / len(_TYPES))
            quiet = 0 if gathered.count > before else quiet + 1
            if quiet >= QUIET_ROUNDS:
                break
    finally:
        _close(transports)
    return await _allowed(gathered, policy)


async def discover_range(
    clock: Clock,
    addresses: Sequence[str],
    *,
    policy: AddressPolicy | None = None,
    found: Found = lambda device: None,
    asked: Callable[[int, int], None] = lambda done, total: None,
    rate_per_s: float = RATE_PER_S,
    port: int = PORT,
    wait_s: float = ROUND_S,
) -> list[DiscoveredDevice]:
    """Ask each address by itself, twice: networks that pass no multicast, and devices that ignore it.

    Raises HubError INVALID `camera_gateway.range_too_large`.
    """
    if len(addresses) > MOST_ADDRESSES:
        raise HubError(ErrorKind.INVALID, "camera_gateway.range_too_large", count=len(addresses), most=MOST_ADDRESSES)
    gathered = _Gathered(FoundBy.UNICAST, found)
    transports = await _open([""], gathered)
    try:
        for turn, types in enumerate(_TYPES[:2]):
            for number, address in enumerate(addresses):
                if address not in gathered.ips:
                    with contextlib.suppress(OSError):
                        transports[0].sendto(probe_message(types), (address, port))
                if number % _BURST == _BURST - 1:
                    asked((turn * len(addresses) + number) // 2, len(addresses))
                    await clock.sleep(_BURST / rate_per_s)
            await clock.sleep(wait_s)
    finally:
        _close(transports)
    return await _allowed(gathered, policy)


def probe_message(types: str) -> bytes:
    """A Probe with an id of its own: many devices answer the same id once."""
    wanted = f"<d:Types>{types}</d:Types>" if types else "<d:Types/>"
    return (
        '<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
        f'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="{_DISCOVERY}" '
        'xmlns:dn="http://www.onvif.org/ver10/network/wsdl" xmlns:tds="http://www.onvif.org/ver10/device/wsdl">'
        f"<s:Header><a:Action>{_DISCOVERY}/Probe</a:Action><a:MessageID>urn:uuid:{uuid.uuid4()}</a:MessageID>"
        "<a:ReplyTo><a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address></a:ReplyTo>"
        "<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header>"
        f"<s:Body><d:Probe>{wanted}<d:Scopes/></d:Probe></s:Body></s:Envelope>"
    ).encode()


def read_matches(data: bytes, sender: str, found_by: FoundBy, element: str = "ProbeMatch") -> list[DiscoveredDevice]:
    """The cameras in one datagram: each on the address that it came from. Empty for what is none or makes no sense."""
    try:
        root = parse_xml(data)
    except HubError:
        return []
    told = (_device(one, sender, found_by) for one in root.at("Body").deep(element)[:16])
    return [one for one in told if one is not None]


def endpoint_of(text: str) -> str:
    """A device's own name in one form: `uuid:…` and `urn:uuid:…` are the same, whatever their case."""
    name = "".join(text.split())[:128].lower()
    return f"urn:{name}" if name.startswith("uuid:") else name


def _device(told: Answer, sender: str, found_by: FoundBy) -> DiscoveredDevice | None:
    scopes = told.at("Scopes").text.split()[:64]
    types = told.at("Types").text
    if "NetworkVideo" not in types and not any("onvif" in scope.lower() for scope in scopes):
        return None  # a printer, a Windows machine
    xaddrs = told.at("XAddrs").text
    host = f"[{sender}]" if ":" in sender else sender
    here = Location(PinnedAddress("http", sender, 80, sender, "/onvif/device_service"))
    try:
        xaddr = here.find(xaddrs, WEB).url
    except HubError:
        xaddr = f"http://{host}/onvif/device_service"
    return DiscoveredDevice(
        endpoint=endpoint_of(told.at("EndpointReference/Address").text),
        ip=sender,
        xaddr=xaddr,
        said_xaddrs=tuple(one[:256] for one in split(xaddrs)),
        name=scope_value(scopes, "name"),
        hardware=scope_value(scopes, "hardware"),
        location=scope_value(scopes, "location"),
        found_by=found_by,
    )


class _Gathered(asyncio.DatagramProtocol):
    """Answers to our probes; belongs to the loop."""

    def __init__(self, found_by: FoundBy, found: Found) -> None:
        self._found_by, self._found = found_by, found
        self._devices: dict[tuple[str, str], DiscoveredDevice] = {}
        self._datagrams = 0
        self.ips: set[str] = set()

    @property
    def count(self) -> int:
        return len(self._devices)

    @property
    def devices(self) -> list[DiscoveredDevice]:
        return sorted(self._devices.values(), key=lambda one: (ipaddress.ip_address(one.ip), one.xaddr))

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._datagrams += 1
        if self._datagrams > _DATAGRAMS_MAX:
            return
        for device in read_matches(data, addr[0], self._found_by):
            # By address as well: cheap cameras of one batch have all the same id.
            key = (device.ip, device.endpoint or device.xaddr)
            if key not in self._devices and len(self._devices) < MOST_DEVICES:
                self._devices[key] = device
                self.ips.add(device.ip)
                self._found(device)

    def error_received(self, exc: Exception) -> None:
        """Nothing listens there: most of a range is so."""


async def _open(addresses: Iterable[str], gathered: _Gathered) -> list[asyncio.DatagramTransport]:
    opened: list[asyncio.DatagramTransport] = []
    for address in addresses:
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            one.setblocking(False)
            one.bind((address, 0))
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            if address:
                one.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, _TTL)
                one.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
            transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: gathered, sock=one)
        except OSError:
            one.close()
            continue
        opened.append(transport)
    if not opened:
        raise HubError(ErrorKind.UNAVAILABLE, "camera_gateway.no_network")
    return opened


def _close(transports: Iterable[asyncio.DatagramTransport]) -> None:
    for transport in transports:
        transport.close()


async def _allowed(gathered: _Gathered, policy: AddressPolicy | None) -> list[DiscoveredDevice]:
    if policy is None:
        return gathered.devices
    allowed = []
    for device in gathered.devices:
        with contextlib.suppress(HubError):
            await policy.resolve(device.xaddr, schemes=WEB)
            allowed.append(device)
    return allowed
