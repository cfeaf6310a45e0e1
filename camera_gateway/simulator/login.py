"""The camera's side of Basic and Digest (RFC 7617, RFC 2617, RFC 7616): challenges, and whether an answer is right.

Pure save for the random nonces; time is given in. Written apart from the client's, so that one mistake does not hide
behind its twin. Keeps at most a thousand nonces.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

REALM: Final = "Simulated Camera"
_MOST_NONCES: Final = 1000
_PARAMETER: Final = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,]+))')


class LoginScheme(StrEnum):
    """What the camera asks for; real ones do each of these."""

    BASIC = "basic"
    DIGEST = "digest"  # MD5, no qop: most cameras
    DIGEST_QOP = "digest-qop"  # MD5, qop="auth"
    DIGEST_SHA256 = "digest-sha256"  # SHA-256 only, qop="auth"
    DIGEST_BOTH = "digest-both"  # two challenges: SHA-256, MD5; qop="auth", an answer without it is refused
    DIGEST_OR_BASIC = "digest-or-basic"  # two challenges: Digest, Basic


class Verdict(StrEnum):
    """What came of a login."""

    IN = "in"
    NO = "no"
    STALE = "stale"  # right password, but the nonce is too old


@dataclass(frozen=True, slots=True)
class _Digest:
    algorithm: str
    qop: bool


_DIGESTS: Final[dict[LoginScheme, tuple[_Digest, ...]]] = {
    LoginScheme.BASIC: (),
    LoginScheme.DIGEST: (_Digest("MD5", qop=False),),
    LoginScheme.DIGEST_QOP: (_Digest("MD5", qop=True),),
    LoginScheme.DIGEST_SHA256: (_Digest("SHA-256", qop=True),),
    LoginScheme.DIGEST_BOTH: (_Digest("SHA-256", qop=True), _Digest("MD5", qop=True)),
    LoginScheme.DIGEST_OR_BASIC: (_Digest("MD5", qop=False),),
}
_BASIC: Final = {LoginScheme.BASIC, LoginScheme.DIGEST_OR_BASIC}


class Login:
    """Who may in, and the nonces given out. `nonce_s`: how long one is good."""

    def __init__(self, username: str, password: str, scheme: LoginScheme, nonce_s: float = 300.0) -> None:
        self._username, self._password, self._scheme, self._nonce_s = username, password, scheme, nonce_s
        self._nonces: dict[str, float] = {}

    def challenges(self, now: float, *, stale: bool = False) -> list[str]:
        """Values of the WWW-Authenticate headers, one header each."""
        nonce = secrets.token_hex(16)
        if len(self._nonces) >= _MOST_NONCES:
            del self._nonces[next(iter(self._nonces))]
        self._nonces[nonce] = now + self._nonce_s
        out = []
        for digest in _DIGESTS[self._scheme]:
            text = f'Digest realm="{REALM}", nonce="{nonce}", stale="{str(stale).upper()}"'
            # A camera that knows only MD5 without qop does not name it either (RFC 2069 manner).
            out.append(text + (f', algorithm={digest.algorithm}, qop="auth"' if digest.qop else ""))
        if self._scheme in _BASIC:
            out.append(f'Basic realm="{REALM}"')
        return out

    def check(self, method: str, authorization: str | None, now: float) -> Verdict:
        """Whether the Authorization header of a `method` request lets its sender in at loop time `now`."""
        kind, _, rest = (authorization or "").partition(" ")
        if kind.lower() == "basic" and self._scheme in _BASIC:
            expected = base64.b64encode(f"{self._username}:{self._password}".encode()).decode()
            return Verdict.IN if hmac.compare_digest(rest.strip().encode(), expected.encode()) else Verdict.NO
        if kind.lower() == "digest":
            given = {key.lower(): quoted or plain for key, quoted, plain in _PARAMETER.findall(rest)}
            return self._check_digest(method, given, now)
        return Verdict.NO

    def _check_digest(self, method: str, given: dict[str, str], now: float) -> Verdict:
        algorithm = given.get("algorithm", "MD5").upper()
        digest = next((d for d in _DIGESTS[self._scheme] if d.algorithm == algorithm), None)
        if digest is None or given.get("realm") != REALM or given.get("username") != self._username:
            return Verdict.NO
        if digest.qop != (given.get("qop") == "auth"):
            return Verdict.NO
        hashed = hashlib.sha256 if algorithm == "SHA-256" else hashlib.md5

        def h(text: str) -> str:
            return hashed(text.encode()).hexdigest()

        nonce = given.get("nonce", "")
        middle = [given.get("nc", ""), given.get("cnonce", ""), "auth"] if digest.qop else []
        secret, asked = h(f"{self._username}:{REALM}:{self._password}"), h(f"{method}:{given.get('uri', '')}")
        expected = h(":".join([secret, nonce, *middle, asked]))
        if not hmac.compare_digest(expected.encode(), given.get("response", "").lower().encode()):
            return Verdict.NO
        return Verdict.IN if self._nonces.get(nonce, 0.0) > now else Verdict.STALE
