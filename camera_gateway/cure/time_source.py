"""Whose time a camera keeps: its time servers, and whether it goes by them. By its client, on its loop.

The time zone goes back as it was read. What is sent as a server is a host name or an IP address and nothing besides.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from camera_gateway.cure import tree
from camera_gateway.onvif.answer import Answer
from camera_gateway.onvif.client import OnvifClient
from camera_gateway.onvif.service import Service
from hub.contracts.cure import Change, Setting, UndoKind, UndoStep, is_time_server
from hub.errors import ErrorKind, HubError

DHCP: Final = "DHCP"
NTP: Final = "NTP"
_DEVICE: Final = "device"
_MOST_SERVERS: Final = 8


@dataclass(frozen=True, slots=True)
class TimeSource:
    """As a camera tells it."""

    ntp: Answer  # NTPInformation
    clock: Answer  # SystemDateAndTime

    @property
    def servers(self) -> str:
        """For people: `DHCP`, or the names."""
        if self.ntp.flag("FromDHCP"):
            return DHCP
        return " ".join(filter(None, (_server(one) for one in self.ntp.all("NTPManual")[:_MOST_SERVERS])))

    @property
    def kind(self) -> str | None:
        """`NTP` or `Manual`."""
        return self.clock.value("DateTimeType")

    @property
    def zone(self) -> str | None:
        """As the camera writes it."""
        return self.clock.value("TimeZone/TZ")

    def changes(self, host: str) -> tuple[Change, ...]:
        """What is to be done for `host`."""
        made = []
        if self.servers != host:
            made.append(Change(setting=Setting.NTP, before=self.servers or None, after=host))
        if self.kind != NTP:
            made.append(Change(setting=Setting.TIME_SOURCE, before=self.kind, after=NTP))
        return tuple(made)

    def undo(self, setting: Setting) -> UndoStep:
        """What puts that one back."""
        if setting is Setting.NTP:
            return UndoStep(kind=UndoKind.NTP, service=_DEVICE, before=tree.kept(self.ntp))
        return UndoStep(kind=UndoKind.TIME_SOURCE, service=_DEVICE, before=tree.kept(self.clock))


async def read_time_source(client: OnvifClient) -> TimeSource:
    """Raises HubError as `client.call`."""
    ntp = (await client.call(Service.DEVICE, "GetNTP")).at("NTPInformation")
    clock = (await client.call(Service.DEVICE, "GetSystemDateAndTime")).at("SystemDateAndTime")
    return TimeSource(ntp, clock)


async def set_server(client: OnvifClient, host: str) -> None:
    """This one server and no other."""
    await client.call(Service.DEVICE, "SetNTP", {"FromDHCP": False, "NTPManual": [_network_host(host)]})


async def set_kind(client: OnvifClient, kind: str, before: TimeSource, now: datetime) -> None:
    """Go by the servers, or by itself: then from `now`, as no other time is known."""
    params: dict[str, object] = {
        "DateTimeType": kind,
        "DaylightSavings": bool(before.clock.flag("DaylightSavings")),
    }
    if before.zone is not None:
        params["TimeZone"] = {"TZ": before.zone}
    if kind != NTP:
        params["UTCDateTime"] = _moment(now)
    try:
        await client.call(Service.DEVICE, "SetSystemDateAndTime", params)
    except HubError as error:
        # Some do not take the zone that they tell; without it the standard leaves it as it is.
        if error.kind is not ErrorKind.INVALID or "TimeZone" not in params:
            raise
        del params["TimeZone"]
        await client.call(Service.DEVICE, "SetSystemDateAndTime", params)
    await client.read_clock(anew=True)  # tokens are dated by it, and it may have jumped


async def put_back(client: OnvifClient, step: UndoStep, moment: datetime, *, dry_run: bool = False) -> Change | None:
    """As it was before; None where it is so already. Raises HubError as `client.call`, PROTOCOL `cure.ignored`."""
    now, told = await read_time_source(client), tree.given(step.before)
    if step.kind is UndoKind.NTP:
        before = TimeSource(told, now.clock)
        change = Change(setting=Setting.NTP, before=now.servers or None, after=before.servers or None)
        if before.servers == now.servers or dry_run:
            return change if before.servers != now.servers else None
        hosts = [] if before.servers == DHCP else before.servers.split()
        params: dict[str, object] = {"FromDHCP": before.servers == DHCP}
        if hosts:
            params["NTPManual"] = [_network_host(host) for host in hosts]
        await client.call(Service.DEVICE, "SetNTP", params)
    else:
        before = TimeSource(now.ntp, told)
        change = Change(setting=Setting.TIME_SOURCE, before=now.kind, after=before.kind)
        if before.kind == now.kind or before.kind is None or dry_run:
            return change if before.kind not in (now.kind, None) else None
        await set_kind(client, before.kind, before, moment)
    after = await read_time_source(client)
    if (after.servers, after.kind) != (before.servers, before.kind):
        raise HubError(ErrorKind.PROTOCOL, "cure.ignored", settings=step.kind.value)
    return change


def _server(told: Answer) -> str | None:
    """A name that is none is shown as nothing and never sent anywhere."""
    found = told.value("DNSname") or told.value("IPv4Address") or told.value("IPv6Address")
    return found if found is not None and is_time_server(found) else None


def _network_host(host: str) -> dict[str, str]:
    if not is_time_server(host):  # CVE-2024-8956: some cameras put it on a command line
        raise HubError(ErrorKind.INVALID, "cure.no_time_server", host=host[:80])
    try:
        version = ipaddress.ip_address(host).version
    except ValueError:
        return {"Type": "DNS", "DNSname": host}
    return {"Type": f"IPv{version}", f"IPv{version}Address": host}


def _moment(now: datetime) -> dict[str, object]:
    return {
        "Time": {"Hour": now.hour, "Minute": now.minute, "Second": now.second},
        "Date": {"Year": now.year, "Month": now.month, "Day": now.day},
    }
