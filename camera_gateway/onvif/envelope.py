"""The SOAP 1.2 envelope around a request, with its WS-Security token and WS-Addressing headers. Pure but for chance.

PasswordDigest is Base64(SHA-1(nonce + created + password)) (WS-Security UsernameToken Profile 1.0). `Created` ends in
`Z`: Hikvision refuses `+00:00` (python-onvif-zeep-async#122).
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from camera_gateway.onvif.answer import Answer
from camera_gateway.onvif.wsdl import Written

_SOAP: Final = "http://www.w3.org/2003/05/soap-envelope"
_ADDRESSING: Final = "http://www.w3.org/2005/08/addressing"
_OASIS: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
_EXTENSION: Final = f"{_OASIS}-wssecurity-secext-1.0.xsd"
_UTILITY: Final = f"{_OASIS}-wssecurity-utility-1.0.xsd"
_PROFILE: Final = f"{_OASIS}-username-token-profile-1.0"
_BASE64: Final = f"{_OASIS}-soap-message-security-1.0#Base64Binary"


def envelope(written: Written, *headers: str) -> bytes:
    """The whole message."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="{_SOAP}"><s:Header>{"".join(headers)}</s:Header>'
        f"<s:Body>{written.body}</s:Body></s:Envelope>"
    ).encode()


def content_type(written: Written) -> str:
    """With the action (SOAP 1.2 part 2, 6.5.3)."""
    action = f"; action={quoteattr(written.action)}" if written.action else ""
    return f"application/soap+xml; charset=utf-8{action}"


def password_digest(username: str, password: str, at: datetime, nonce: bytes | None = None) -> str:
    """A token that shows the password without saying it, dated `at`."""
    nonce = nonce or secrets.token_bytes(16)
    created = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    # SHA-1 is what the profile says.
    digest = hashlib.sha1(nonce + created.encode() + password.encode(), usedforsecurity=False).digest()
    return _token(
        username,
        f'<w:Password Type="{_PROFILE}#PasswordDigest">{base64.b64encode(digest).decode()}</w:Password>'
        f'<w:Nonce EncodingType="{_BASE64}">{base64.b64encode(nonce).decode()}</w:Nonce>'
        f'<u:Created xmlns:u="{_UTILITY}">{created}</u:Created>',
    )


def password_text(username: str, password: str) -> str:
    """A token that says the password."""
    return _token(username, f'<w:Password Type="{_PROFILE}#PasswordText">{escape(password)}</w:Password>')


def _token(username: str, inner: str) -> str:
    return (
        f'<w:Security xmlns:w="{_EXTENSION}" s:mustUnderstand="1"><w:UsernameToken>'
        f"<w:Username>{escape(username)}</w:Username>{inner}</w:UsernameToken></w:Security>"
    )


def addressing(written: Written, to: str, reference: Iterable[Answer]) -> str:
    """Action, MessageID, To, and a subscription's own parameters given back (Axis knows its subscriptions by them)."""
    return (
        f'<a:Action xmlns:a="{_ADDRESSING}">{escape(written.action)}</a:Action>'
        f'<a:MessageID xmlns:a="{_ADDRESSING}">urn:uuid:{uuid.uuid4()}</a:MessageID>'
        f'<a:To xmlns:a="{_ADDRESSING}">{escape(to)}</a:To>' + "".join(_again(one) for one in reference)
    )


def _again(element: Answer) -> str:
    attributes = "".join(f" {name}={quoteattr(value)}" for name, value in element.attributes.items())
    inner = escape(element.text) + "".join(_again(child) for child in element.children)
    return f"<{element.name} xmlns={quoteattr(element.namespace)}{attributes}>{inner}</{element.name}>"
