"""A bare ONVIF caller for the simulator's tests, from the standard; it shares nothing with the product's client."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp

_ENVELOPE = "http://www.w3.org/2003/05/soap-envelope"
_SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
_UTILITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
_KINDS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0"
WSDL = {
    "device_service": "http://www.onvif.org/ver10/device/wsdl",
    "media_service": "http://www.onvif.org/ver10/media/wsdl",
    "media2_service": "http://www.onvif.org/ver20/media/wsdl",
    "ptz_service": "http://www.onvif.org/ver20/ptz/wsdl",
    "event_service": "http://www.onvif.org/ver10/events/wsdl",
    "Subscription": "http://www.onvif.org/ver10/events/wsdl",
}


@dataclass(frozen=True)
class Told:
    status: int
    text: str
    challenges: tuple[str, ...] = ()

    def all(self, name: str) -> list[str]:
        """What stands in the elements of this local name."""
        return [text.strip() for text in re.findall(rf"<(?:\w+:)?{name}(?: [^>]*)?>([^<]*)<", self.text)]

    def one(self, name: str) -> str:
        return self.all(name)[0]


def token(username: str, password: str, *, text: bool = False, at: datetime | None = None) -> str:
    created = (at or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
    nonce = os.urandom(16)
    if text:
        kind, secret = "PasswordText", password
    else:
        kind = "PasswordDigest"
        hashed = hashlib.sha1(nonce + created.encode() + password.encode(), usedforsecurity=False)
        secret = base64.b64encode(hashed.digest()).decode()
    return (
        f'<w:Security xmlns:w="{_SECURITY}" xmlns:u="{_UTILITY}"><w:UsernameToken><w:Username>{username}</w:Username>'
        f'<w:Password Type="{_KINDS}#{kind}">{secret}</w:Password><w:Nonce>{base64.b64encode(nonce).decode()}</w:Nonce>'
        f"<u:Created>{created}</u:Created></w:UsernameToken></w:Security>"
    )


async def ask(url: str, operation: str, inside: str = "", *, header: str = "", auth: str | None = None) -> Told:
    """`url` is the device service or a subscription; `operation` as `ptz_service:Stop` or `Stop` of that url."""
    service, colon, name = operation.rpartition(":")
    address = url.rpartition("/")[0] + "/" + service if colon else url
    service = service or address.rpartition("/")[2].partition("?")[0]
    body = (
        f'<e:Envelope xmlns:e="{_ENVELOPE}" xmlns:tt="http://www.onvif.org/ver10/schema"><e:Header>{header}</e:Header>'
        f'<e:Body><{name} xmlns="{WSDL[service]}">{inside}</{name}></e:Body></e:Envelope>'
    )
    headers = {"Content-Type": "application/soap+xml"} | ({"Authorization": auth} if auth else {})
    async with (
        aiohttp.ClientSession() as session,
        session.post(address, data=body.encode(), headers=headers) as answer,
    ):
        return Told(answer.status, await answer.text(), tuple(answer.headers.getall("WWW-Authenticate", [])))
