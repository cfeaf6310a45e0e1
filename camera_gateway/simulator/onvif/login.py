"""Who may ask a simulated camera something by ONVIF: WS-UsernameToken (digest, text) and HTTP Digest.

Pure save for the nonces it remembers (a thousand at most). A digest's Created is held against the camera's own clock,
as real ones do, and a nonce counts once.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections import OrderedDict
from datetime import datetime
from enum import StrEnum
from typing import Final

from camera_gateway.simulator.login import Login, LoginScheme, Verdict
from camera_gateway.simulator.onvif.soap import Node

WINDOW_S: Final = 300.0  # OpenIPC's; the fault `strict-clock` narrows it
_MOST_NONCES: Final = 1000


class OnvifLogin(StrEnum):
    """What the camera takes."""

    ANY = "any"  # a token of either kind, or HTTP Digest
    TOKEN_DIGEST = "token-digest"  # noqa: S105 - the name of a scheme
    TOKEN_TEXT = "token-text"  # noqa: S105 - the name of a scheme
    HTTP_DIGEST = "http-digest"


class OnvifDoor:
    """One camera's user."""

    def __init__(self, username: str, password: str, login: OnvifLogin) -> None:
        self._username, self._password, self.login = username, password, login
        self._http = Login(username, password, LoginScheme.DIGEST_QOP)
        self._seen: OrderedDict[str, None] = OrderedDict()

    def challenges(self, loop_s: float, *, always: bool = False) -> list[str]:
        """WWW-Authenticate, where HTTP Digest is taken; `always`: for what is no SOAP, a snapshot."""
        takes = always or self.login in (OnvifLogin.ANY, OnvifLogin.HTTP_DIGEST)
        return self._http.challenges(loop_s) if takes else []

    def http(self, authorization: str | None, method: str, loop_s: float) -> bool:
        """Whether an Authorization header is right."""
        return self._http.check(method, authorization, loop_s) is Verdict.IN

    def lets_in(
        self, header: Node, authorization: str | None, method: str, now: datetime, window_s: float, loop_s: float
    ) -> bool:
        """Whether the token in the SOAP header, or the HTTP header, is right at the camera's time `now`."""
        if authorization and self.login in (OnvifLogin.ANY, OnvifLogin.HTTP_DIGEST):
            return self.http(authorization, method, loop_s)
        token = header.at("Security/UsernameToken")
        if not token or token.value("Username") != self._username:
            return False
        kind = (token.attribute("Type", "Password") or "").rpartition("#")[2]
        if kind == "PasswordDigest":
            return self.login in (OnvifLogin.ANY, OnvifLogin.TOKEN_DIGEST) and self._digest(token, now, window_s)
        return self.login in (OnvifLogin.ANY, OnvifLogin.TOKEN_TEXT) and hmac.compare_digest(
            (token.value("Password") or "").encode(), self._password.encode()
        )

    def _digest(self, token: Node, now: datetime, window_s: float) -> bool:
        """SHA-1 of nonce, Created and password (OASIS Username Token Profile 1.0, 3.1)."""
        created, nonce = token.value("Created") or "", token.value("Nonce") or ""
        try:
            raw = base64.b64decode(nonce, validate=True)
            at = datetime.fromisoformat(created)
        except (binascii.Error, ValueError):
            return False
        if not created.endswith("Z") or abs((now - at).total_seconds()) > window_s or nonce in self._seen:
            return False
        secret = hashlib.sha1(raw + created.encode() + self._password.encode(), usedforsecurity=False).digest()
        expected = base64.b64encode(secret)
        if not hmac.compare_digest(expected, (token.value("Password") or "").encode()):
            return False
        self._seen[nonce] = None
        if len(self._seen) > _MOST_NONCES:
            self._seen.popitem(last=False)
        return True
