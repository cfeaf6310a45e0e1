"""The device service (ONVIF Core, 8): what the camera is, where its services are, what time it has."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from camera_gateway.simulator.onvif.faults import OnvifFaultName
from camera_gateway.simulator.onvif.soap import NAMESPACES, Element, Node, SoapFault, el
from camera_gateway.simulator.onvif.state import CameraFace, Handler

# Answered before a login (ONVIF Core, 5.9.4.3: access class PRE_AUTH).
BEFORE_LOGIN: Final = frozenset(
    {"GetSystemDateAndTime", "GetServices", "GetCapabilities", "GetServiceCapabilities", "GetWsdlUrl", "GetHostname"}
)


def _time(camera: CameraFace, _: Node) -> Element:
    if OnvifFaultName.NO_CLOCK in camera.faults:
        raise SoapFault("ActionNotSupported", "GetSystemDateAndTime is not implemented", status=500)
    now = camera.told_now()
    time = el("tt:Time", el("tt:Hour", now.hour), el("tt:Minute", now.minute), el("tt:Second", now.second))
    date = el("tt:Date", el("tt:Year", now.year), el("tt:Month", now.month), el("tt:Day", now.day))
    kind = "NTP" if camera.ntp_followed else "Manual"
    told = el(
        "tds:SystemDateAndTime",
        el("tt:DateTimeType", kind),
        el("tt:DaylightSavings", False),
        el("tt:TimeZone", el("tt:TZ", "CST-8:00:00")),
        el("tt:UTCDateTime", time, date),
    )
    return el("tds:GetSystemDateAndTimeResponse", told)


def _set_time(camera: CameraFace, asked: Node) -> Element:
    camera.ntp_followed = asked.value("DateTimeType") == "NTP"
    if not camera.ntp_followed and asked.at("UTCDateTime"):
        camera.faults.drop(OnvifFaultName.CLOCK_OFF, OnvifFaultName.LOCAL_AS_UTC)  # set by hand: it is right now
    return el("tds:SetSystemDateAndTimeResponse")


def _services(camera: CameraFace) -> list[tuple[str, str, str]]:
    faults = camera.faults
    return [
        (prefix, path, version)
        for prefix, path, version, there in (
            ("tds", "device_service", "2.60", True),
            ("trt", "media_service", "2.60", OnvifFaultName.ONLY_MEDIA2 not in faults),
            ("tr2", "media2_service", "2.60", OnvifFaultName.ONLY_MEDIA1 not in faults),
            ("tptz", "ptz_service", "2.60", camera.camera.ptz),
            ("tev", "event_service", "2.60", True),
        )
        if there
    ]


def _get_services(camera: CameraFace, _: Node) -> Element:
    if OnvifFaultName.NO_SERVICES in camera.faults:
        raise SoapFault("ActionNotSupported", "GetServices is not implemented", status=500)
    told = []
    for prefix, path, version in _services(camera):
        major, _dot, minor = version.partition(".")
        told.append(
            el(
                "tds:Service",
                el("tds:Namespace", NAMESPACES[prefix]),
                el("tds:XAddr", camera.service_url(path)),
                el("tds:Version", el("tt:Major", major), el("tt:Minor", minor)),
            )
        )
    return el("tds:GetServicesResponse", *told)


def _get_capabilities(camera: CameraFace, _: Node) -> Element:
    there = {prefix: el("tt:XAddr", camera.service_url(path)) for prefix, path, _version in _services(camera)}
    parts = [el("tt:Device", there["tds"])]
    flags = (el(f"tt:{name}", True) for name in ("WSSubscriptionPolicySupport", "WSPullPointSupport"))
    parts.append(el("tt:Events", there["tev"], *flags, el("tt:WSPausableSubscriptionManagerInterfaceSupport", False)))
    if "trt" in there:
        streaming = (el("tt:RTPMulticast", False), el("tt:RTP_TCP", True), el("tt:RTP_RTSP_TCP", True))
        parts.append(el("tt:Media", there["trt"], el("tt:StreamingCapabilities", *streaming)))
    if "tptz" in there:
        parts.append(el("tt:PTZ", there["tptz"]))
    return el("tds:GetCapabilitiesResponse", el("tds:Capabilities", *parts))


def _device(camera: CameraFace, _: Node) -> Element:
    about = camera.camera
    return el(
        "tds:GetDeviceInformationResponse",
        el("tds:Manufacturer", about.manufacturer),
        el("tds:Model", about.model),
        el("tds:FirmwareVersion", about.firmware),
        el("tds:SerialNumber", about.serial),
        el("tds:HardwareId", "1.0"),
    )


def scopes_of(camera: CameraFace) -> list[str]:
    """The camera's scopes, words escaped as in a URI."""
    about = camera.camera
    pairs = (("name", about.name), ("hardware", about.model), ("location", "country/china"))
    kinds = ("type/video_encoder", "Profile/Streaming", "Profile/T", *(("type/ptz",) if about.ptz else ()))
    root = "onvif://www.onvif.org/"
    return [root + kind for kind in kinds] + [f"{root}{key}/{quote(value)}" for key, value in pairs]


def _scopes(camera: CameraFace, _: Node) -> Element:
    told = [el("tds:Scopes", el("tt:ScopeDef", "Fixed"), el("tt:ScopeItem", scope)) for scope in scopes_of(camera)]
    return el("tds:GetScopesResponse", *told)


def _interfaces(camera: CameraFace, _: Node) -> Element:
    address = el("tt:Manual", el("tt:Address", camera.host), el("tt:PrefixLength", 24))
    told = el(
        "tds:NetworkInterfaces",
        el("tt:Enabled", True),
        el("tt:Info", el("tt:Name", "eth0"), el("tt:HwAddress", camera.camera.mac), el("tt:MTU", 1500)),
        el("tt:IPv4", el("tt:Enabled", True), el("tt:Config", address, el("tt:DHCP", False))),
        token="eth0",  # noqa: S106 - the interface's name
    )
    return el("tds:GetNetworkInterfacesResponse", told)


def _ntp(camera: CameraFace, _: Node) -> Element:
    manual = []
    if camera.ntp is not None:
        ip = camera.ntp.replace(".", "").isdigit()
        kind, tag = ("IPv4", "tt:IPv4Address") if ip else ("DNS", "tt:DNSname")
        manual = [el("tt:NTPManual", el("tt:Type", kind), el(tag, camera.ntp))]
    told = el("tds:NTPInformation", el("tt:FromDHCP", False), *manual)
    return el("tds:GetNTPResponse", told)


def _set_ntp(camera: CameraFace, asked: Node) -> Element:
    manual = asked.at("NTPManual")
    camera.ntp = manual.value("IPv4Address") or manual.value("DNSname")
    return el("tds:SetNTPResponse")


def forget_all(camera: CameraFace) -> None:
    """What a start anew costs: no subscription outlives it."""
    camera.booted += 1
    for subscription in list(camera.subscriptions.values()):
        subscription.forget()
    camera.subscriptions.clear()


def _reboot(camera: CameraFace, _: Node) -> Element:
    forget_all(camera)
    return el("tds:SystemRebootResponse", el("tds:Message", "Rebooting in 1 s"))


def _service_capabilities(_: CameraFace, __: Node) -> Element:
    security = el("tds:Security", UsernameToken=True, HttpDigest=True)
    parts = (el("tds:Network", NTP=1), security, el("tds:System", DiscoveryBye=True))
    return el("tds:GetServiceCapabilitiesResponse", el("tds:Capabilities", *parts))


def _hostname(camera: CameraFace, _: Node) -> Element:
    told = el("tds:HostnameInformation", el("tt:FromDHCP", False), el("tt:Name", f"camera-{camera.number}"))
    return el("tds:GetHostnameResponse", told)


OPERATIONS: Final[dict[str, Handler]] = {
    "GetSystemDateAndTime": _time,
    "SetSystemDateAndTime": _set_time,
    "GetServices": _get_services,
    "GetCapabilities": _get_capabilities,
    "GetServiceCapabilities": _service_capabilities,
    "GetDeviceInformation": _device,
    "GetScopes": _scopes,
    "GetNetworkInterfaces": _interfaces,
    "GetHostname": _hostname,
    "GetNTP": _ntp,
    "SetNTP": _set_ntp,
    "SystemReboot": _reboot,
}
