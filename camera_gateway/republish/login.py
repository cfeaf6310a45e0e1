"""Digest login of partner units: the challenge, and whether an answer to it is right.

RFC 7616, and RFC 2069 for players without qop. Runs on the gateway's loop; pure but for the random nonce. One
`Challenge` a connection: an answer that was heard on one connection opens no other. Passwords are unknown here; the
digests that answers are checked by are opened for the moment of the check.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from camera_gateway.republish.path import camera_of
from camera_gateway.republish.request import Request
from camera_gateway.sources.rtsp.digest import Challenge as Parameters
from camera_gateway.sources.rtsp.digest import parse_challenges
from hub.contracts.share import REALM, DigestAlgorithm, PartnerShare

NONCE_S: Final = 60.0
_HASHES: Final = {DigestAlgorithm.SHA_256: hashlib.sha256, DigestAlgorithm.MD5: hashlib.md5}
_ANSWER_MOST: Final = 2_048  # characters of an Authorization header
_COUNT: Final = re.compile("[0-9a-fA-F]{8}")
_NOBODY: Final = "0" * 64

Find = Callable[[str], PartnerShare | None]
"""A unit by its user name, from any camera that is shared with it."""
Open = Callable[[PartnerShare, DigestAlgorithm], str]
"""The digest of a share, unsealed."""


class Verdict(StrEnum):
    """On one request's answer to the challenge."""

    RIGHT = "right"
    NONE = "none"  # it was not tried: the player does not know the challenge yet
    STALE = "stale"  # to a challenge that is over: it may well be right
    WRONG = "wrong"


class Challenge:
    """Of one connection; made anew when it is old."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._count = 0  # the highest nc that was taken
        self._renew()

    def headers(self, verdict: Verdict) -> list[tuple[str, str]]:
        """What a 401 says. SHA-256 first, MD5 last: players that know one only take the last that they see."""
        self._renew()
        stale = ", stale=true" if verdict is Verdict.STALE else ""
        return [
            (
                "WWW-Authenticate",
                f'Digest realm="{REALM}", nonce="{self._nonce}", algorithm={one.value}, qop="auth"{stale}',
            )
            for one in (DigestAlgorithm.SHA_256, DigestAlgorithm.MD5)
        ]

    def username(self, request: Request) -> str:
        """Whom the request says to come from; nothing is proven by it."""
        given = _parameters(request)
        return given.get("username") if given else ""

    def check(self, request: Request, find: Find, opened: Open) -> tuple[Verdict, PartnerShare | None]:
        """Whether the request carries a right answer, and whose."""
        given = _parameters(request)
        if given is None:
            return Verdict.NONE, None
        algorithm = _algorithm(given)
        if algorithm is None or given.get("realm") != REALM or camera_of(given.get("uri")) != camera_of(request.uri):
            return Verdict.WRONG, None
        if not _equal(given.get("nonce"), self._nonce) or self._now_s() - self._made_s > NONCE_S:
            return Verdict.STALE, None
        middle = given.get("nonce")
        if given.get("qop"):
            count = given.get("nc")
            if given.get("qop").lower() != "auth" or not _COUNT.fullmatch(count):
                return Verdict.WRONG, None
            if int(count, 16) <= self._count:  # said before
                return Verdict.STALE, None
            self._count = int(count, 16)
            middle = f"{middle}:{count}:{given.get('cnonce')}:{given.get('qop')}"
        share = find(given.get("username"))
        first = opened(share, algorithm) if share is not None else _NOBODY
        second = _digest(algorithm, f"{request.method}:{given.get('uri')}")
        right = _equal(given.get("response").lower(), _digest(algorithm, f"{first}:{middle}:{second}"))
        return (Verdict.RIGHT, share) if right and share is not None else (Verdict.WRONG, None)

    def _renew(self) -> None:
        self._nonce = secrets.token_urlsafe(24)
        self._made_s = self._now_s()
        self._count = 0


def _parameters(request: Request) -> Parameters | None:
    text = request.get("authorization")
    found = parse_challenges([text]) if 0 < len(text) <= _ANSWER_MOST else []
    return found[0] if found and found[0].scheme == "digest" else None


def _algorithm(given: Parameters) -> DigestAlgorithm | None:
    wanted = given.algorithm.upper()
    return next((one for one in DigestAlgorithm if one.value == wanted), None)


def _digest(algorithm: DigestAlgorithm, text: str) -> str:
    return _HASHES[algorithm](text.encode()).hexdigest()


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
