"""What a device says it is: maker, model, firmware, serial number, MAC, scopes. Asks by its client, on its loop."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote

from camera_gateway.onvif.client import OnvifClient
from camera_gateway.onvif.service import Service
from hub.contracts.device import DeviceFacts
from hub.errors import ErrorKind, HubError
from hub.plain import plain

TEXT_MAX: Final = 128
_SCOPE: Final = "onvif://www.onvif.org/"
_MAC: Final = re.compile(r"[0-9a-f]{12}", re.I)
_NOT_HEX: Final = re.compile(r"[^0-9a-f]", re.I)
_MOST_SCOPES: Final = 64
# A camera that is away or refuses the login is no better asked for the rest.
_FINAL: Final = frozenset({ErrorKind.UNREACHABLE, ErrorKind.TIMEOUT, ErrorKind.REFUSED})


async def device_facts(client: OnvifClient) -> DeviceFacts:
    """GetDeviceInformation, and the MAC where it tells one. Raises HubError as `client.call` does for the first."""
    told = await client.call(Service.DEVICE, "GetDeviceInformation")
    return DeviceFacts(
        manufacturer=words(told.value("Manufacturer")),
        model=words(told.value("Model")),
        firmware=words(told.value("FirmwareVersion")),
        serial=words(told.value("SerialNumber")),
        mac=await _mac(client),
    )


async def _mac(client: OnvifClient) -> str | None:
    try:
        told = await client.call(Service.DEVICE, "GetNetworkInterfaces")
    except HubError as error:
        if error.kind in (ErrorKind.UNREACHABLE, ErrorKind.TIMEOUT):
            raise
        return None
    return next(filter(None, (mac_of(one.text) for one in told.deep("HwAddress"))), None)


def mac_of(text: str) -> str | None:
    """`aa:bb:cc:dd:ee:ff` of any way to write it; None for an empty or a zero one (onvif_simple_server)."""
    digits = _NOT_HEX.sub("", text) if len(text) <= 32 else ""
    if not _MAC.fullmatch(digits) or not int(digits, 16):
        return None
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2)).lower()


async def scopes(client: OnvifClient) -> tuple[str, ...]:
    """GetScopes; empty where the device tells none."""
    try:
        told = await client.call(Service.DEVICE, "GetScopes")
    except HubError as error:
        if error.kind in _FINAL:
            raise
        return ()
    return tuple(one.text[:256] for one in told.deep("ScopeItem")[:_MOST_SCOPES] if one.text)


def scope_value(all_scopes: Iterable[str], name: str) -> str | None:
    """What stands behind `onvif://www.onvif.org/<name>/`; several are joined. None for none."""
    head = f"{_SCOPE}{name}/".lower()
    found = [unquote(scope[len(head) :]) for scope in all_scopes if scope.lower().startswith(head)]
    return words(" ".join(one for one in found if one))


def words(text: str | None) -> str | None:
    """A device's own words, fit to be shown and kept; None for none."""
    made = plain(" ".join(text.split()))[:TEXT_MAX].strip() if text else ""
    return made or None
