"""Whether the login that a person typed is one that cameras leave the factory with. Pure.

It is compared with a list and never tried: guessing at a camera's password locks its account, and is an attack on a
camera that is not ours. The one thing that is asked of a camera without a password is whether it asks for one at all.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from camera_gateway.doctor.checks import Check, ok, unknown, warn
from hub.contracts.verdict import Verdict


class _Login(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    user: str
    password: str


def is_factory_login(username: str, password: str) -> bool:
    """Whether it stands in a manual; also a password that is the user's name."""
    return (username.lower(), password) in _known() or (bool(username) and username.lower() == password.lower())


def factory_login_verdict(username: str | None, password: str | None, *, taken: bool) -> Verdict:
    """UNKNOWN unless the camera took this login. The password is in no verdict."""
    if not username or not taken:
        return unknown(Check.DEFAULT_PASSWORD)
    if is_factory_login(username, password or ""):
        return warn(Check.DEFAULT_PASSWORD, "found_default_password", "remedy_default_password", user=username)
    return ok(Check.DEFAULT_PASSWORD, "found_own_password")


@cache
def _known() -> frozenset[tuple[str, str]]:
    text = Path(__file__).with_name("factory_logins.yaml").read_text("utf-8")
    logins = [_Login.model_validate(one) for one in yaml.safe_load(text)["logins"]]
    return frozenset((one.user.lower(), one.password) for one in logins)
