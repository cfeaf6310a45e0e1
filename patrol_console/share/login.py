"""A partner unit's login: made by us, told once. What is kept are its sealed digests, which answer a challenge and are
no password.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from hub.contracts.share import REALM, DigestAlgorithm, seal_context
from hub.secrets import MasterKey

_LETTERS = "abcdefghjkmnpqrstvwxyz"  # read aloud and typed without a doubt
_NAME_LETTERS, _PASSWORD_BYTES = 8, 18


@dataclass(frozen=True, slots=True)
class Login:
    """`password` leaves in one answer and is kept nowhere."""

    username: str
    password: str
    sealed_sha256: str
    sealed_md5: str


def new_login(key: MasterKey, unit_id: str) -> Login:
    """A name and a password that nobody chose: 144 bits, letters that an address takes as they are."""
    username = "".join(secrets.choice(_LETTERS) for _ in range(_NAME_LETTERS))
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    text = f"{username}:{REALM}:{password}".encode()
    sha256 = hashlib.sha256(text).hexdigest()
    md5 = hashlib.md5(text).hexdigest()  # noqa: S324 - many players know no other Digest (RFC 2069)
    return Login(
        username=username,
        password=password,
        sealed_sha256=key.seal(sha256, seal_context(unit_id, DigestAlgorithm.SHA_256)),
        sealed_md5=key.seal(md5, seal_context(unit_id, DigestAlgorithm.MD5)),
    )
