"""Fuzzing what devices say over ONVIF: SOAP answers with all that is read of them, and WS-Discovery's datagrams."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from random import Random

from camera_gateway.onvif.answer import Answer, parse_xml
from camera_gateway.onvif.choice import choose
from camera_gateway.onvif.device import mac_of, words
from camera_gateway.onvif.device_clock import read_clock
from camera_gateway.onvif.discovery import read_matches
from camera_gateway.onvif.faults import UnauthorisedError, response_of
from camera_gateway.onvif.location import RTSP, WEB, Location
from camera_gateway.onvif.profiles import read_profiles
from camera_gateway.onvif.service import Service
from camera_gateway.onvif.wire import Reply
from hub.address_url import parse
from hub.addresses import PinnedAddress
from hub.contracts.device import FoundBy
from hub.errors import HubError
from tests.support.clock import START

_NAMES = (
    'xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:tt="http://www.onvif.org/ver10/schema" '
    'xmlns:trt="http://www.onvif.org/ver10/media/wsdl" xmlns:tds="http://www.onvif.org/ver10/device/wsdl" '
    'xmlns:ter="http://www.onvif.org/ver10/error"'
)
_BODIES = (
    "<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>rtsp://10.1.1.1:554/user=a&onvif=0.sdp?real</tt:Uri></trt:MediaUri>"
    "</trt:GetStreamUriResponse>",
    '<trt:GetProfilesResponse><trt:Profiles token="p"><tt:Name>m</tt:Name><tt:VideoEncoderConfiguration token="e">'
    "<tt:Encoding>H264</tt:Encoding><tt:Resolution><tt:Width>1920</tt:Width><tt:Height>1080</tt:Height></tt:Resolution>"
    "<tt:RateControl><tt:FrameRateLimit>NAN</tt:FrameRateLimit><tt:BitrateLimit>4096</tt:BitrateLimit></tt:RateControl>"
    "<tt:H264><tt:GovLength>50</tt:GovLength></tt:H264></tt:VideoEncoderConfiguration></trt:Profiles>"
    "</trt:GetProfilesResponse>",
    "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:UTCDateTime>2024-08-17-12:30:45Z</tt:UTCDateTime>"
    "</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>",
    "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:NotAuthorized</s:Value></s:Subcode></s:Code>"
    "<s:Reason><s:Text>no</s:Text></s:Reason></s:Fault>",
)
_MATCH = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
    'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><s:Body><d:ProbeMatches><d:ProbeMatch>'
    "<a:EndpointReference><a:Address>urn:uuid:1</a:Address></a:EndpointReference><d:Types>dn:NetworkVideoTransmitter"
    "</d:Types><d:Scopes>onvif://www.onvif.org/name/a%20b onvif://www.onvif.org/location/x</d:Scopes><d:XAddrs>"
    "http://169.254.1.1/o http://[fe80::1]/o https://10.1.1.1:443/o</d:XAddrs></d:ProbeMatch></d:ProbeMatches></s:Body>"
    "</s:Envelope>"
)
_OPERATIONS = ("GetStreamUri", "GetProfiles", "GetSystemDateAndTime", "GetDeviceInformation", "PullMessages")


@cache
def answers() -> Sequence[bytes]:
    """Written here, and recorded ones where the material is."""
    written = [
        f'<?xml version="1.0"?><s:Envelope {_NAMES}><s:Body>{body}</s:Body></s:Envelope>'.encode() for body in _BODIES
    ]
    return [*written, *(path.read_bytes() for path in _recorded("captures/onvif_simple_server/*.xml"))]


@cache
def matches() -> Sequence[bytes]:
    """Datagrams of WS-Discovery."""
    return [_MATCH.encode(), *(path.read_bytes() for path in _recorded("captures/*ProbeMatch*.xml"))]


def _recorded(pattern: str) -> list[Path]:
    folder = os.environ.get("PROBE_MATERIAL")
    return sorted((Path(folder) / "onvif").glob(pattern)) if folder else []


def run_soap(data: bytes, rng: Random) -> None:
    """An answer to whatever was asked, through to addresses, profiles and a choice."""
    answer = _answer_to(data, rng)
    _is_bounded(answer, 0)
    clock = read_clock(answer, START)
    assert math.isfinite(clock.offset_s)
    profiles = [one for place in answer.deep("GetProfilesResponse") or [answer] for one in read_profiles(place)]
    choice = choose(profiles)
    assert choice.pull is None or choice.pulled is not None
    location = Location(PinnedAddress("http", "192.0.2.7", 80, "192.0.2.7", "/onvif/device_service"))
    for one in answer.deep("XAddr")[:3]:
        location.learn(one.text)
    for one in (answer.deep("Uri") + answer.deep("Address") + answer.deep("XAddr"))[:9]:
        for schemes in (RTSP, WEB):
            try:
                located = location.find(one.text, schemes)
            except HubError:
                continue
            assert located.address.ip == "192.0.2.7"
            assert parse(located.url, schemes).host == "192.0.2.7"
    for one in answer.deep("HwAddress")[:3]:
        assert mac_of(one.text) is None or len(mac_of(one.text) or "") == 17


def run_match(data: bytes, rng: Random) -> None:
    """A datagram from anybody: cameras on the address that it came from, or none."""
    sender = rng.choice(("192.0.2.7", "fe80::1"))
    for device in read_matches(data, sender, FoundBy.MULTICAST, rng.choice(("ProbeMatch", "Hello"))):
        host = f"[{sender}]" if ":" in sender else sender
        assert device.xaddr.startswith((f"http://{host}", f"https://{host}"))
        assert device.ip == sender
        assert len(device.endpoint) <= 132
        assert len(device.said_xaddrs) <= 16
        assert all(one is None or (len(one) <= 128 and one == words(one)) for one in (device.name, device.location))


def _is_bounded(answer: Answer, depth: int) -> None:
    assert depth < 64
    assert ":" not in answer.name
    for child in answer.children:
        _is_bounded(child, depth + 1)


def _answer_to(data: bytes, rng: Random) -> Answer:
    """What the client would have of it; or the tree alone, where that is a refusal."""
    reply = Reply(rng.choice((200, 400, 500)), data, "text/xml")
    subcode, params = "", {}
    try:
        return response_of(reply, Service.MEDIA, rng.choice(_OPERATIONS))
    except UnauthorisedError as error:
        subcode = error.subcode
    except HubError as error:
        params = dict(error.params)
    assert len(subcode) <= 64
    assert len(str(params)) < 2_000
    return parse_xml(data)
