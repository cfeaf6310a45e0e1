"""The services of an ONVIF device that are spoken here, by the names of its specifications. Pure data."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Service(StrEnum):
    """What a call is addressed to. PULLPOINT and SUBSCRIPTION live where a subscription says they do."""

    DEVICE = "device"
    MEDIA = "media"
    MEDIA2 = "media2"
    PTZ = "ptz"
    IMAGING = "imaging"
    EVENTS = "events"
    PULLPOINT = "pullpoint"
    SUBSCRIPTION = "subscription"
    ANALYTICS = "analytics"
    DEVICE_IO = "device_io"

    @property
    def namespace(self) -> str:
        """As GetServices names it."""
        return NAMESPACES[self]


_EVENTS: Final = "http://www.onvif.org/ver10/events/wsdl"
NAMESPACES: Final = {
    Service.DEVICE: "http://www.onvif.org/ver10/device/wsdl",
    Service.MEDIA: "http://www.onvif.org/ver10/media/wsdl",
    Service.MEDIA2: "http://www.onvif.org/ver20/media/wsdl",
    Service.PTZ: "http://www.onvif.org/ver20/ptz/wsdl",
    Service.IMAGING: "http://www.onvif.org/ver20/imaging/wsdl",
    Service.EVENTS: _EVENTS,
    Service.PULLPOINT: _EVENTS,
    Service.SUBSCRIPTION: _EVENTS,
    Service.ANALYTICS: "http://www.onvif.org/ver20/analytics/wsdl",
    Service.DEVICE_IO: "http://www.onvif.org/ver10/deviceIO/wsdl",
}
SCHEMA: Final = "http://www.onvif.org/ver10/schema"
BY_SUBSCRIPTION: Final = frozenset({Service.PULLPOINT, Service.SUBSCRIPTION})
# Answered to anybody (ONVIF Core, access class PRE_AUTH): asked without a token, so that no wrong password is spent.
PRE_AUTH: Final = frozenset(
    {"GetSystemDateAndTime", "GetServices", "GetCapabilities", "GetServiceCapabilities", "GetHostname", "GetWsdlUrl"}
)
