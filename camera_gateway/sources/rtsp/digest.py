"""Basic and Digest login (RFC 7617, 7616, 2069): which challenge to take, what to answer, when to stop asking.

One Login a connection; pure but for its counter. The password never leaves it save inside an answer.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from hub.errors import ErrorKind, HubError

_TOKEN: Final = re.compile(r"([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(\"(?:[^\"\\]|\\.)*\"|[^\s,]*))?")
_HASHES: Final = {"md5": hashlib.md5, "sha-256": hashlib.sha256}
_STRENGTH: Final = {"md5": 2, "md5-sess": 2, "sha-256": 3, "sha-256-sess": 3}


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way to log in that the camera offers."""

    scheme: str  # lower case: "digest", "basic"
    raw: tuple[tuple[str, str], ...]  # parameters as written, quotes kept; names in lower case

    def get(self, name: str) -> str:
        """A parameter without its quotes; empty where absent."""
        for key, value in self.raw:
            if key == name:
                return re.sub(r"\\(.)", r"\1", value[1:-1]) if value[:1] == '"' else value
        return ""

    @property
    def algorithm(self) -> str:
        """In lower case; MD5 where the camera names none (RFC 7616, 3.3)."""
        return self.get("algorithm").lower() or "md5"

    @property
    def qualities(self) -> tuple[str, ...]:
        """The offered qop values; empty for RFC 2069."""
        return tuple(value.strip().lower() for value in self.get("qop").split(",") if value.strip())

    @property
    def stale(self) -> bool:
        """The password was right, only the nonce was old. Hikvision quotes it: `stale="FALSE"`."""
        return self.get("stale").lower() == "true"

    @property
    def strength(self) -> int:
        """Greater is better; 0: not one of ours."""
        if self.scheme == "basic":
            return 1
        if self.scheme != "digest" or (self.qualities and "auth" not in self.qualities):
            return 0
        return _STRENGTH.get(self.algorithm, 0)

    @property
    def label(self) -> str:
        """For a person: `Digest SHA-256`."""
        return f"Digest {self.algorithm.upper()}" if self.scheme == "digest" else self.scheme.capitalize()


def parse_challenges(headers: Iterable[str]) -> list[Challenge]:
    """All challenges of all WWW-Authenticate headers; several may stand in one header (RFC 9110, 11.6.1)."""
    found: list[Challenge] = []
    for header in headers:
        scheme, parameters = "", list[tuple[str, str]]()
        for match in _TOKEN.finditer(header):
            name, value = match.group(1), match.group(2)
            if value is not None:
                parameters.append((name.lower(), value))
                continue
            if scheme:
                found.append(Challenge(scheme, tuple(parameters)))
            scheme, parameters = name.lower(), []
        if scheme:
            found.append(Challenge(scheme, tuple(parameters)))
    return found


class Login:
    """What we say of ourselves on one connection, and how often. Never goes back from Digest to Basic."""

    def __init__(
        self, username: str | None, password: str | None, *, cnonce: Callable[[], str] = lambda: secrets.token_hex(8)
    ) -> None:
        self._username = username
        self._password = password or ""
        self._make_cnonce = cnonce
        self._challenge: Challenge | None = None
        self._cnonce = ""
        self._count = 0  # nc of this nonce
        self._proven = False  # the camera has taken an answer to this challenge
        self._again = 0  # further challenges in a row
        self.refused = False  # the camera asked for a login, was given it, and did not take it
        if any(not character.isprintable() for character in (username or "") + self._password):
            raise HubError(ErrorKind.INVALID, "camera_gateway.login_characters")

    @property
    def label(self) -> str | None:
        """The kind in use, `Digest MD5`; None: the camera asked for none."""
        return self._challenge.label if self._challenge else None

    @property
    def realm(self) -> str | None:
        """What the camera calls itself in its challenge; many makers are told by it."""
        return (self._challenge.get("realm")[:80] or None) if self._challenge else None

    def accepted(self) -> None:
        """The camera did not answer 401."""
        self._proven = self._challenge is not None
        self._again, self.refused = 0, False

    def challenged(self, headers: Iterable[str]) -> None:
        """Take the challenges of a 401; returns when the request is worth repeating.

        A nonce that was good before may be renewed once, and once where the camera says that only the nonce was
        old; more would lock the account of many cameras. Raises HubError REFUSED login_needed | login_refused,
        UNSUPPORTED login_unsupported.
        """
        offered = parse_challenges(headers)
        best = max(offered, key=lambda challenge: challenge.strength, default=None)
        if not self._username:
            raise HubError(ErrorKind.REFUSED, "camera_gateway.login_needed")
        before = self._challenge
        if best is None or best.strength == 0:
            if before is not None or not offered:
                raise HubError(ErrorKind.REFUSED, "camera_gateway.login_refused")
            names = ", ".join(sorted({challenge.label for challenge in offered}))[:80]
            raise HubError(ErrorKind.UNSUPPORTED, "camera_gateway.login_unsupported", offered=names)
        if before is not None:
            renewed = best.scheme == "digest" == before.scheme and (self._proven or best.stale)
            if not renewed or self._again:
                self.refused = True
                raise HubError(ErrorKind.REFUSED, "camera_gateway.login_refused")
            self._again += 1
        self._challenge, self._proven, self._count = best, False, 0
        self._cnonce = self._make_cnonce()

    def header(self, method: str, uri: str) -> str | None:
        """The Authorization header for a request; None before any challenge."""
        challenge = self._challenge
        if challenge is None:
            return None
        if challenge.scheme == "basic":
            return "Basic " + base64.b64encode(_bytes(f"{self._username}:{self._password}")).decode()
        self._count += 1
        return "Digest " + self._digest(challenge, method, uri, f"{self._count:08x}")

    def _digest(self, challenge: Challenge, method: str, uri: str, count: str) -> str:
        realm, nonce = challenge.get("realm"), challenge.get("nonce")
        make = _HASHES[challenge.algorithm.removesuffix("-sess")]

        def digest(text: str) -> str:
            return make(_bytes(text)).hexdigest()

        first = digest(f"{self._username}:{realm}:{self._password}")
        if challenge.algorithm.endswith("-sess"):
            first = digest(f"{first}:{nonce}:{self._cnonce}")
        second = digest(f"{method}:{uri}")
        middle = f"{nonce}:{count}:{self._cnonce}:auth" if challenge.qualities else nonce
        fields = [
            f"username={_quoted(self._username or '')}",
            f"realm={_quoted(realm)}",
            f"nonce={_quoted(nonce)}",
            f"uri={_quoted(uri)}",
            f'response="{digest(f"{first}:{middle}:{second}")}"',
        ]
        # `algorithm` goes back as the camera wrote it: some compare the text, quotes included.
        fields += [f"{name}={value}" for name, value in challenge.raw if name in {"algorithm", "opaque"}]
        if challenge.qualities:
            fields += ["qop=auth", f"nc={count}", f'cnonce="{self._cnonce}"']
        elif challenge.algorithm.endswith("-sess"):
            fields.append(f'cnonce="{self._cnonce}"')
        return ", ".join(fields)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
