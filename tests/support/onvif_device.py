"""A camera's ONVIF over real HTTP: recorded answers or written ones, any way of login, and faults on request.

It counts wrong passwords as a camera does that locks its account. Runs on the test's loop.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web

from camera_gateway.onvif.client import OnvifClient
from camera_gateway.onvif.wire import OnvifWire
from hub.addresses import AddressPolicy
from tests.support.clock import START, FakeClock

SOAP = "http://www.w3.org/2003/05/soap-envelope"
PRE_AUTH = frozenset({"GetSystemDateAndTime", "GetServices", "GetCapabilities"})
USER, PASSWORD = "admin", "se/cr:et@#%1"
NAMES = (
    'xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:tt="http://www.onvif.org/ver10/schema" '
    'xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl" '
    'xmlns:tr2="http://www.onvif.org/ver20/media/wsdl" xmlns:tptz="http://www.onvif.org/ver20/ptz/wsdl" '
    'xmlns:tev="http://www.onvif.org/ver10/events/wsdl" xmlns:ter="http://www.onvif.org/ver10/error" '
    'xmlns:wsa="http://www.w3.org/2005/08/addressing" xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2"'
)


def soap(inner: str) -> bytes:
    """An envelope with the usual prefixes declared."""
    return f'<?xml version="1.0"?><s:Envelope {NAMES}><s:Body>{inner}</s:Body></s:Envelope>'.encode()


def fault(subcode: str, words: str = "") -> bytes:
    """A SOAP fault as ONVIF has it."""
    return soap(
        "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:InvalidArgVal</s:Value><s:Subcode>"
        f"<s:Value>ter:{subcode}</s:Value></s:Subcode></s:Subcode></s:Code><s:Reason><s:Text>{words}</s:Text></s:Reason>"
        "</s:Fault>"
    )


def clock_answer(at: datetime, zone: str = "CST-8:00:00") -> bytes:
    """GetSystemDateAndTime."""
    return soap(
        "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType>"
        f"<tt:TimeZone><tt:TZ>{zone}</tt:TZ></tt:TimeZone><tt:UTCDateTime><tt:Time><tt:Hour>{at.hour}</tt:Hour>"
        f"<tt:Minute>{at.minute}</tt:Minute><tt:Second>{at.second}</tt:Second></tt:Time><tt:Date><tt:Year>{at.year}"
        f"</tt:Year><tt:Month>{at.month}</tt:Month><tt:Day>{at.day}</tt:Day></tt:Date></tt:UTCDateTime>"
        "</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
    )


def recorded(folder: Path) -> dict[str, bytes]:
    """The answers of a folder of captures, by operation; `media.GetOSDOptions.xml` stands for GetOSDOptions."""
    found: dict[str, bytes] = {}
    for path in sorted(folder.iterdir()):
        name = path.name.removesuffix(".xml").rpartition(".")[2].partition("_")[0]
        found.setdefault(name, path.read_bytes())
    return found


Reply = bytes | web.Response | Callable[[str], bytes | web.Response]


@dataclass
class OnvifDevice:
    """What it answers and how it misbehaves; read by the tests afterwards."""

    answers: dict[str, Reply] = field(default_factory=dict)
    login: str = "none"  # none, digest, text, http-md5, http-sha256, basic
    refuses_by: str = "401"  # or "400": a fault ter:NotAuthorized (onvif_simple_server)
    time_error: timedelta = timedelta()  # its clock against the world's
    tells_local_time: timedelta = timedelta()  # added to what it tells, not to what it goes by
    token_window_s: float = 5.0
    open_to_all: frozenset[str] = PRE_AUTH
    world: datetime = START
    asked: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    wrong_passwords: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        """What a technician types."""
        return f"http://127.0.0.1:{self.port}/onvif/device_service"

    async def handle(self, request: web.Request) -> web.Response:
        body = (await request.read()).decode()
        found = re.search(r"Body[^>]*>\s*<(?:[\w-]+:)?(\w+)", body)
        operation = found[1] if found else ""
        self.asked.append(operation)
        self.bodies.append(body)
        if operation not in self.open_to_all and not self._lets_in(request, body):
            return self._refusal()
        answer = self.answers.get(operation)
        if answer is None and operation == "GetSystemDateAndTime":
            answer = clock_answer(self.world + self.time_error + self.tells_local_time)
        if callable(answer):
            answer = answer(body)
        if answer is None:
            return web.Response(status=400, body=fault("ActionNotSupported"), content_type="application/soap+xml")
        return answer if isinstance(answer, web.Response) else web.Response(body=answer, content_type="text/xml")

    def _lets_in(self, request: web.Request, body: str) -> bool:
        authorization = request.headers.get("Authorization", "")
        has_token = "UsernameToken" in body
        if self.login == "none":
            return True
        right = False
        if self.login == "digest" and has_token:
            right = self._right_digest(body)
        elif self.login == "text" and has_token:
            right = f'#PasswordText">{PASSWORD.replace("&", "&amp;")}<' in body
        elif self.login == "basic" and authorization:
            right = authorization == "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        elif self.login.startswith("http-") and authorization:
            right = self._right_http(request, authorization)
        if not right and (has_token or authorization):
            self.wrong_passwords += 1
        return right

    def _right_digest(self, body: str) -> bool:
        parts = [
            re.search(pattern, body)
            for pattern in (r"Digest\">([^<]+)<", r"Nonce[^>]*>([^<]+)<", r"Created[^>]*>([^<]+)<")
        ]
        if not all(parts):
            return False
        digest, nonce, created = (part[1] for part in parts if part)
        wanted = hashlib.sha1(base64.b64decode(nonce) + created.encode() + PASSWORD.encode()).digest()  # noqa: S324
        dated = datetime.strptime(created, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        off = abs((dated - self.world - self.time_error).total_seconds())
        return base64.b64encode(wanted).decode() == digest and off <= self.token_window_s

    def _right_http(self, request: web.Request, authorization: str) -> bool:
        given = dict(re.findall(r'(\w+)="?([^",]+)"?', authorization))
        make = hashlib.sha256 if self.login == "http-sha256" else hashlib.md5
        first = make(f"{USER}:{given.get('realm')}:{PASSWORD}".encode()).hexdigest()
        second = make(f"{request.method}:{request.path_qs}".encode()).hexdigest()
        middle = f"{given.get('nonce')}:{given.get('nc')}:{given.get('cnonce')}:auth"
        return given.get("response") == make(f"{first}:{middle}:{second}".encode()).hexdigest()

    def _refusal(self) -> web.Response:
        if self.login.startswith("http-"):
            algorithm = "SHA-256" if self.login == "http-sha256" else "MD5"
            told = f'Digest realm="camera", nonce="abc", qop="auth", algorithm={algorithm}'
            return web.Response(status=401, headers={"WWW-Authenticate": told}, text="<html>no</html>")
        if self.login == "basic":
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="camera"'})
        body = fault("NotAuthorized", "Sender not Authorized")
        return web.Response(status=int(self.refuses_by), body=body, content_type="application/soap+xml")


@asynccontextmanager
async def serving(device: OnvifDevice) -> AsyncIterator[OnvifDevice]:
    """The device, reachable on loopback."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", device.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        device.port = runner.addresses[0][1]
        yield device
    finally:
        await runner.cleanup()


@asynccontextmanager
async def client_of(
    device: OnvifDevice, username: str | None = USER, password: str | None = PASSWORD, clock: FakeClock | None = None
) -> AsyncIterator[OnvifClient]:
    """A client of a device that is served now."""
    async with serving(device), OnvifWire() as wire:
        yield await OnvifClient.open(
            device.url, username, password, wire=wire, policy=AddressPolicy(["127.0.0.0/8"]), clock=clock or FakeClock()
        )
