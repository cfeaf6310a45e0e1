"""A camera whose encoders and time source can really be set by ONVIF, and that misbehaves when told to.

It keeps what it is given word for word, as XML, so that a test sees whether anything was lost on the way. Runs on the
test's loop.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiohttp import web

from camera_gateway.cure.encoder import read_encoder
from camera_gateway.cure.sight import Seen
from camera_gateway.cure.stream_check import gop_s
from camera_gateway.onvif.answer import parse_xml
from camera_gateway.onvif.service import NAMESPACES, Service
from hub.errors import ErrorKind, HubError
from tests.support.clock import FakeClock
from tests.support.onvif_device import OnvifDevice, fault, soap

Made = TypeVar("Made")

UNKNOWN = '<v:Secret xmlns:v="http://maker.example/own" mode="7">kept &amp; whole</v:Secret>'


def media2(codec: str = "H265", size: str = "1280x720", gop: int = 100, fps: str = "25", kbps: int = 2048) -> str:
    """A configuration of Media2, attributes first, with an element that no schema knows."""
    width, height = size.split("x")
    return (
        f'token="TOKEN" GovLength="{gop}" Profile="Main"><tt:Name>sub &lt;1&gt;</tt:Name><tt:UseCount>1</tt:UseCount>'
        f"<tt:Encoding>{codec}</tt:Encoding><tt:Resolution><tt:Width>{width}</tt:Width><tt:Height>{height}</tt:Height>"
        f'</tt:Resolution><tt:RateControl ConstantBitRate="false"><tt:FrameRateLimit>{fps}</tt:FrameRateLimit>'
        f"<tt:BitrateLimit>{kbps}</tt:BitrateLimit></tt:RateControl><tt:Quality>4</tt:Quality>{UNKNOWN}"
    )


def media(codec: str = "H264", size: str = "1280x720", gop: int = 100, fps: str = "25", skip: int = 1) -> str:
    """A configuration of Media."""
    width, height = size.split("x")
    return (
        f'token="TOKEN"><tt:Name>sub</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>{codec}</tt:Encoding>'
        f"<tt:Resolution><tt:Width>{width}</tt:Width><tt:Height>{height}</tt:Height></tt:Resolution><tt:Quality>4"
        f"</tt:Quality><tt:RateControl><tt:FrameRateLimit>{fps}</tt:FrameRateLimit><tt:EncodingInterval>{skip}"
        "</tt:EncodingInterval><tt:BitrateLimit>2048</tt:BitrateLimit></tt:RateControl>"
        f"<tt:{codec}><tt:GovLength>{gop}</tt:GovLength><tt:{codec}Profile>Main</tt:{codec}Profile></tt:{codec}>"
        f"<tt:Multicast><tt:Port>0</tt:Port></tt:Multicast><tt:SessionTimeout>PT60S</tt:SessionTimeout>{UNKNOWN}"
    )


OPTIONS2 = "".join(
    f'<tr2:Options GovLengthRange="1 400" FrameRatesSupported="25 20 15 12.5 10" ProfilesSupported="{profiles}">'
    f"<tt:Encoding>{codec}</tt:Encoding>"
    "<tt:ResolutionsAvailable><tt:Width>1280</tt:Width><tt:Height>720</tt:Height></tt:ResolutionsAvailable>"
    "<tt:ResolutionsAvailable><tt:Width>704</tt:Width><tt:Height>576</tt:Height></tt:ResolutionsAvailable>"
    "<tt:ResolutionsAvailable><tt:Width>640</tt:Width><tt:Height>360</tt:Height></tt:ResolutionsAvailable>"
    "<tt:BitrateRange><tt:Min>64</tt:Min><tt:Max>4096</tt:Max></tt:BitrateRange></tr2:Options>"
    for codec, profiles in (("H264", "Baseline Main High"), ("H265", "Main"))
)
OPTIONS1 = (
    "<trt:Options><tt:H264><tt:ResolutionsAvailable><tt:Width>640</tt:Width><tt:Height>360</tt:Height>"
    "</tt:ResolutionsAvailable><tt:ResolutionsAvailable><tt:Width>1280</tt:Width><tt:Height>720</tt:Height>"
    "</tt:ResolutionsAvailable><tt:GovLengthRange><tt:Min>1</tt:Min><tt:Max>60</tt:Max></tt:GovLengthRange>"
    "<tt:FrameRateRange><tt:Min>1</tt:Min><tt:Max>25</tt:Max></tt:FrameRateRange><tt:H264ProfilesSupported>Main"
    "</tt:H264ProfilesSupported></tt:H264></trt:Options>"
)


@dataclass
class Curable(OnvifDevice):
    """`behaves`: obeys, ignores, refuses, rounds, other, closes, reboots, breaks-stream, ignores-undo."""

    service: Service = Service.MEDIA2
    behaves: str = "obeys"
    options: str | None = None  # None: the usual ones
    encoders: dict[str, str] = field(default_factory=dict)
    ntp: str = "<tt:FromDHCP>true</tt:FromDHCP>"
    time_type: str = "Manual"
    zone: str = "CST-8:00:00"
    zone_after: str | None = None  # what it makes of its zone when its time source is set
    refuses_zone: bool = False
    down_for: int = 0  # requests that it does not answer
    sets: list[str] = field(default_factory=list)  # names of all operations that set something
    met: Callable[[], None] = lambda: None  # called with each request, before anything comes of it

    def __post_init__(self) -> None:
        made = media2 if self.service is Service.MEDIA2 else media
        codec = "H265" if self.service is Service.MEDIA2 else "H264"
        self.encoders = self.encoders or {"main": made(codec, "2560x1440"), "sub": made(codec)}
        self.answers |= {
            "GetServices": self._services,
            "GetProfiles": self._profiles,
            "GetStreamUri": self._stream,
            "GetVideoEncoderConfigurations": self._all,
            "GetVideoEncoderConfigurationOptions": self._options,
            "SetVideoEncoderConfiguration": self._set,
            "GetNTP": lambda _: soap(
                f"<tds:GetNTPResponse><tds:NTPInformation>{self.ntp}</tds:NTPInformation></tds:GetNTPResponse>"
            ),
            "SetNTP": self._set_ntp,
            "GetSystemDateAndTime": self._clock,
            "SetSystemDateAndTime": self._set_clock,
        }

    @property
    def prefix(self) -> str:
        return "tr2" if self.service is Service.MEDIA2 else "trt"

    async def handle(self, request: web.Request) -> web.Response:
        self.met()
        if self.down_for:
            self.down_for -= 1
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        answer = await super().handle(request)
        if self.asked[-1] == "SetVideoEncoderConfiguration" and self.behaves in ("closes", "reboots"):
            self.down_for = 0 if self.behaves == "closes" else 4
            assert request.transport is not None
            request.transport.abort()
        return answer

    async def look(self, url: str, _: float) -> Seen:
        """Its stream, which is as its configuration says, or none at all."""
        assert url.endswith("/sub")
        if self.behaves == "breaks-stream" and self.sets:
            raise HubError(ErrorKind.TIMEOUT, "camera_gateway.no_media")
        told = parse_xml(soap(f"<tr2:C {self.encoders['sub']}</tr2:C>")).at("Body/C")
        now = read_encoder(told, self.service)
        assert now.codec is not None
        assert now.size is not None
        return Seen(now.codec, now.size, gop_s(now) or 1.0)

    def _services(self, _: str) -> bytes:
        told = "".join(
            f"<tds:Service><tds:Namespace>{NAMESPACES[one]}</tds:Namespace><tds:XAddr>{self.url}</tds:XAddr></tds:Service>"
            for one in (Service.DEVICE, self.service)
        )
        return soap(f"<tds:GetServicesResponse>{told}</tds:GetServicesResponse>")

    def _profiles(self, _: str) -> bytes:
        element = "tr2:Configurations><tr2:VideoEncoder" if self.prefix == "tr2" else "tt:VideoEncoderConfiguration"
        end = "tr2:VideoEncoder></tr2:Configurations" if self.prefix == "tr2" else "tt:VideoEncoderConfiguration"
        told = "".join(
            f'<{self.prefix}:Profiles token="p_{token}"><tt:Name>{token}</tt:Name><{element} {inner}</{end}>'
            f"</{self.prefix}:Profiles>"
            for token, inner in self._configurations()
        )
        return soap(f"<{self.prefix}:GetProfilesResponse>{told}</{self.prefix}:GetProfilesResponse>")

    def _stream(self, body: str) -> bytes:
        token = "sub" if "p_sub" in body else "main"
        inner = f"<{self.prefix}:Uri>rtsp://127.0.0.1:1/{token}</{self.prefix}:Uri>"
        return soap(f"<{self.prefix}:GetStreamUriResponse>{inner}</{self.prefix}:GetStreamUriResponse>")

    def _all(self, _: str) -> bytes:
        name, p = "GetVideoEncoderConfigurationsResponse", self.prefix
        told = "".join(f"<{p}:Configurations {inner}</{p}:Configurations>" for _, inner in self._configurations())
        return soap(f"<{p}:{name}>{told}</{p}:{name}>")

    def _configurations(self) -> list[tuple[str, str]]:
        return [(token, inner.replace("TOKEN", token)) for token, inner in self.encoders.items()]

    def _options(self, _: str) -> bytes:
        if self.options == "none":
            return fault("ActionNotSupported")
        told = self.options or (OPTIONS2 if self.prefix == "tr2" else OPTIONS1)
        name, p = "GetVideoEncoderConfigurationOptionsResponse", self.prefix
        return soap(f"<{p}:{name}>{told}</{p}:{name}>")

    def _set(self, body: str) -> bytes:
        first = "SetVideoEncoderConfiguration" not in self.sets
        self.sets.append("SetVideoEncoderConfiguration")
        found = re.search(r"<q:Configuration (.*?)</q:Configuration>", body, re.S)
        assert found is not None
        inner = found[1]
        token = re.search(r'token="(\w+)"', inner)
        assert token is not None
        if self.behaves == "refuses":
            return fault("ConfigModify", "cannot be set")
        if self.behaves == "rounds":
            inner = re.sub(r"(BitrateLimit>)\d+", r"\g<1>500", inner)
        if self.behaves == "other":
            inner = re.sub(r"(Width>)\d+", r"\g<1>352", inner) if first else inner
        ignored = self.behaves == "ignores" or (self.behaves == "ignores-undo" and not first)
        if not ignored and not (self.behaves == "closes" and first):
            self.encoders[token[1]] = inner
        p = self.prefix
        return soap(f"<{p}:SetVideoEncoderConfigurationResponse/>")

    def _set_ntp(self, body: str) -> bytes:
        self.sets.append("SetNTP")
        dhcp = re.search(r"FromDHCP>(\w+)<", body)
        hosts = re.findall(r"<[\w:]*(DNSname|IPv4Address|IPv6Address)[^>]*>([^<]+)<", body)
        assert dhcp is not None
        if self.behaves != "ignores":
            told = "".join(f"<tt:NTPManual><tt:{kind}>{host}</tt:{kind}></tt:NTPManual>" for kind, host in hosts)
            self.ntp = f"<tt:FromDHCP>{dhcp[1]}</tt:FromDHCP>{told}"
        return soap("<tds:SetNTPResponse/>")

    def _clock(self, _: str) -> bytes:
        at = self.world
        return soap(
            f"<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>{self.time_type}"
            f"</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings><tt:TimeZone><tt:TZ>{self.zone}</tt:TZ>"
            f"</tt:TimeZone><tt:UTCDateTime><tt:Time><tt:Hour>{at.hour}</tt:Hour><tt:Minute>{at.minute}</tt:Minute>"
            f"<tt:Second>{at.second}</tt:Second></tt:Time><tt:Date><tt:Year>{at.year}</tt:Year><tt:Month>{at.month}"
            f"</tt:Month><tt:Day>{at.day}</tt:Day></tt:Date></tt:UTCDateTime></tds:SystemDateAndTime>"
            "</tds:GetSystemDateAndTimeResponse>"
        )

    def _set_clock(self, body: str) -> bytes:
        self.sets.append("SetSystemDateAndTime")
        kind = re.search(r"DateTimeType>(\w+)<", body)
        zone = re.search(r"TZ[^>]*>([^<]+)<", body)
        assert kind is not None
        if zone is not None and self.refuses_zone:
            return fault("InvalidTimeZone")
        self.time_type = kind[1]
        self.zone = self.zone_after or (zone[1] if zone else self.zone)
        return soap("<tds:SetSystemDateAndTimeResponse/>")


async def hurried(clock: FakeClock, work: Coroutine[Any, Any, Made]) -> Made:
    """Do it, the clock running on whenever it sleeps."""
    task = asyncio.ensure_future(work)
    while not task.done():
        await asyncio.wait({task}, timeout=0.02)
        if clock.sleepers:
            await clock.advance(1.0)
    return task.result()
