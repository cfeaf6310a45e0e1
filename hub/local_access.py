"""The terminal's way in: whoever can read the master key's file administers this hub, without a password.

A token of five minutes, made by the command line and checked by the console with a key derived from the master key.
Pure; any thread. Loopback is no identity: the key is.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from hub.clock import Clock
from hub.errors import ErrorKind, HubError
from hub.secrets import MasterKey

PREFIX = "local."
LIFE_S = 300
_SKEW_S = 30  # command and console stand on one machine, or on two with NTP


def mint(key: MasterKey, clock: Clock) -> str:
    """A bearer token, good for five minutes: `local.<expiry>.<nonce>.<signature>`."""
    body = f"{PREFIX}{int(clock.now().timestamp()) + LIFE_S}.{secrets.token_hex(8)}"
    return f"{body}.{_signature(key, body)}"


def verify(key: MasterKey, text: str, clock: Clock) -> None:
    """Return if the token is ours and not over; else raise HubError UNAUTHENTICATED `hub.local_access_refused`."""
    body, _, signature = text.rpartition(".")
    genuine = hmac.compare_digest(_signature(key, body).encode(), signature.encode())
    if not (genuine and body.startswith(PREFIX)):
        raise HubError(ErrorKind.UNAUTHENTICATED, "hub.local_access_refused")
    left_s = int(body.split(".")[1]) - clock.now().timestamp()
    if not 0 < left_s <= LIFE_S + _SKEW_S:
        raise HubError(ErrorKind.UNAUTHENTICATED, "hub.local_access_refused")


def _signature(key: MasterKey, body: str) -> str:
    raw = hmac.new(key.derive(b"local-access"), body.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
