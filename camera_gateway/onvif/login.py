"""How a device lets us in: which way was taken, which is tried next, and when to ask no more. Belongs to its client.

Accounts lock after about five wrong passwords, most for half an hour: a try that is refused is counted whatever way it
took, three end the climb, and then nobody is asked again before `REST_S`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from camera_gateway.sources.rtsp.digest import Login as HttpLogin
from camera_gateway.sources.rtsp.digest import parse_challenges
from hub.clock import Clock
from hub.errors import ErrorKind, HubError

MOST_REFUSALS: Final = 3
REST_S: Final = 1_800.0
CLOCKS_DIFFER_S: Final = 5.0  # a camera wants its token no older (lumeohq/onvif-rs#79)


class LoginKind(StrEnum):
    """The ways, in the order in which they are tried."""

    NONE = "none"
    DIGEST = "password_digest"  # dated by the device's clock
    DIGEST_OUR_TIME = "password_digest_our_time"  # its "UTC" was local time, or its clock could not be read
    TEXT = "password_text"
    HTTP = "http"  # Digest or Basic of HTTP


class LoginState:
    """What is known of one device's login."""

    def __init__(self, clock: Clock, username: str | None, password: str | None) -> None:
        self._clock = clock
        self.username = username or ""
        self.password = password or ""
        self.http = HttpLogin(username, password)  # refuses control characters
        self.kind = LoginKind.NONE
        self.proven = False  # the device has taken it for something that it does not give to anybody
        self._refusals = 0
        self._rest_until_s = float("-inf")

    @property
    def label(self) -> str:
        """For a person: `PasswordDigest`, `HTTP Digest SHA-256`; empty before any was taken."""
        if not self.proven:
            return ""
        match self.kind:
            case LoginKind.HTTP:
                return f"HTTP {self.http.label or ''}".strip()
            case LoginKind.TEXT:
                return "PasswordText"
            case LoginKind.NONE:
                return ""
            case _:
                return "PasswordDigest"

    def is_proven(self) -> bool:
        """`proven`, asked anew after waiting for another's climb."""
        return self.proven

    def may_try(self) -> None:
        """Raises HubError REFUSED `login_needed` without a user name, `login_refused` while it rests."""
        if not self.username:
            raise HubError(ErrorKind.REFUSED, "camera_gateway.login_needed")
        if self._clock.monotonic() < self._rest_until_s:
            raise HubError(ErrorKind.REFUSED, "camera_gateway.login_refused")

    def taken(self, kind: LoginKind) -> None:
        """It let us in."""
        self.kind, self.proven, self._refusals = kind, True, 0

    def held(self) -> None:
        """It let us in again."""
        self._refusals = 0

    def refused(self) -> None:
        """It did not. Raises HubError REFUSED `login_refused` when that is enough."""
        self._refusals += 1
        if self._refusals >= MOST_REFUSALS:
            raise self.given_up()

    def given_up(self) -> HubError:
        """No way is left: it is not asked again for a while."""
        self._refusals = 0
        self.proven = False
        self.http = HttpLogin(self.username or None, self.password)
        self._rest_until_s = self._clock.monotonic() + REST_S
        return HubError(ErrorKind.REFUSED, "camera_gateway.login_refused")

    def ways(self, offset_s: float) -> list[LoginKind]:
        """Those that a token can go, for a device whose clock is so far from ours."""
        ways = [LoginKind.DIGEST, LoginKind.TEXT]
        if abs(offset_s) > CLOCKS_DIFFER_S:
            ways.insert(1, LoginKind.DIGEST_OUR_TIME)
        return ways


def offers_digest(challenges: tuple[str, ...]) -> bool:
    """Whether HTTP Digest is among them."""
    return any(challenge.scheme == "digest" for challenge in parse_challenges(challenges))


def offers_any(challenges: tuple[str, ...]) -> bool:
    """Whether there is a way of HTTP that we can go."""
    return any(challenge.strength for challenge in parse_challenges(challenges))
