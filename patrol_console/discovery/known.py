"""Which cameras a found device is already: by the address of its service, by its host, by its MAC. Pure.

A device is matched by its own service where the camera has one on record. Of a camera that was added by its RTSP
address only the host is known: it counts where one device alone answers at that host (several behind one address are
forwarded ports). A device whose address changed is known by its MAC, which ends its endpoint's UUID (as most make it).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from hub.address_url import DEFAULT_PORTS, AddressUrl, parse
from hub.contracts.device import DiscoveredDevice
from hub.errors import HubError


@dataclass(frozen=True, slots=True)
class Registered:
    """What is known of a camera that is one of ours."""

    id: str
    name: str
    area_path: str
    url: str
    onvif_url: str | None
    mac: str | None


def known_of(devices: Iterable[DiscoveredDevice], cameras: Iterable[Registered]) -> dict[str, list[Registered]]:
    """The cameras of each device, by the address of its service (`xaddr`); devices that are none are left out."""
    found = list(devices)
    at_host = Counter(device.ip for device in found)
    by_service: dict[tuple[str, int], list[Registered]] = defaultdict(list)
    by_host: dict[str, list[Registered]] = defaultdict(list)
    by_mac: dict[str, list[Registered]] = defaultdict(list)
    for camera in cameras:
        if camera.onvif_url is not None and (service := _parts(camera.onvif_url)) is not None:
            by_service[service.host, service.port].append(camera)
        elif (stream := _parts(camera.url)) is not None:
            by_host[stream.host].append(camera)
        if camera.mac is not None and len(mac := _hex(camera.mac)) == 12:
            by_mac[mac].append(camera)
    known: dict[str, list[Registered]] = {}
    for device in found:
        there = _parts(device.xaddr)
        matched = [] if there is None else list(by_service[there.host, there.port])
        if not matched and at_host[device.ip] == 1:
            matched = list(by_host[device.ip])
        matched = matched or list(by_mac[_hex(device.endpoint)[-12:]])
        if matched:
            known[device.xaddr] = matched
    return known


def _parts(url: str) -> AddressUrl | None:
    try:
        return parse(url, tuple(DEFAULT_PORTS))
    except HubError:
        return None


def _hex(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter in "0123456789abcdef")
