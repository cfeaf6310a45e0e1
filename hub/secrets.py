"""The master key: one file of 32 random bytes from which every other secret at rest is sealed or derived.

AES-256-GCM (NIST SP 800-38D) under keys derived by HKDF-SHA256 (RFC 5869). The key lies outside the database and its
back-ups. Pure apart from `load`; any thread. Never logs, never shows the key in a repr.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import secrets
import stat
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hub.errors import ErrorKind, HubError

_KEY_BYTES = 32
_NONCE_BYTES = 12
_SEALED = "s1."


class MasterKey:
    """Seals and opens small texts, and makes keys for other uses."""

    def __init__(self, key: bytes) -> None:
        if len(key) != _KEY_BYTES:
            raise HubError(ErrorKind.INVALID, "hub.key_malformed", path="-")
        self._key = key
        self._aead = AESGCM(self.derive(b"seal"))

    @classmethod
    def load(cls, path: Path, create: bool = False) -> MasterKey:
        """Read the key file; with `create`, make it where there is none (mode 0600).

        Raises HubError `hub.key_missing`, `hub.key_loose` (others may read it), `hub.key_malformed`,
        `hub.key_unreadable`.
        """
        try:
            if create and not path.exists():
                _make(path)
            with path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                text = file.read(1024)
        except FileNotFoundError as error:
            raise HubError(ErrorKind.NOT_FOUND, "hub.key_missing", path=str(path)) from error
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise HubError(ErrorKind.INVALID, "hub.key_unreadable", path=str(path), reason=reason) from error
        if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
            raise HubError(ErrorKind.INVALID, "hub.key_loose", path=str(path), mode=f"{stat.S_IMODE(mode):04o}")
        try:
            key = base64.b64decode(text.strip(), validate=True)
        except binascii.Error as error:
            raise HubError(ErrorKind.INVALID, "hub.key_malformed", path=str(path)) from error
        if len(key) != _KEY_BYTES:
            raise HubError(ErrorKind.INVALID, "hub.key_malformed", path=str(path))
        return cls(key)

    def seal(self, plain: str, context: str) -> str:
        """`plain` sealed for `context` (a camera's id): the same text opens nowhere else."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + self._aead.encrypt(nonce, plain.encode(), context.encode())
        return _SEALED + base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def open(self, sealed: str, context: str) -> str:
        """What `seal` sealed for the same `context`; raises HubError BROKEN `hub.secret_unreadable`."""
        try:
            if not sealed.startswith(_SEALED):
                raise ValueError("not sealed by this version")
            text = sealed.removeprefix(_SEALED)
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            return self._aead.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], context.encode()).decode()
        except (ValueError, InvalidTag) as error:
            raise HubError(ErrorKind.BROKEN, "hub.secret_unreadable", context=context) from error

    def derive(self, purpose: bytes, length: int = 32) -> bytes:
        """A key of its own for `purpose` (`b"tickets"`); knowing it does not tell the master key."""
        return HKDF(algorithm=SHA256(), length=length, salt=None, info=b"probe-patrol/" + purpose).derive(self._key)

    def __repr__(self) -> str:
        return "MasterKey(***)"


def _make(path: Path) -> None:
    """Write a new key beside the path and link it there: another process never reads half of one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(_KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another process was faster: its key is the key
            path.hardlink_to(draft)
    finally:
        draft.unlink()
