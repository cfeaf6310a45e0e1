"""Passwords: Argon2id in a thread, at most two at a time, and the same work for a person who does not exist."""

from __future__ import annotations

import asyncio
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's smallest Argon2id profile with 19 MiB: a township's server has little memory and few people.
_TIME_COST, _MEMORY_KIB, _LANES = 2, 19456, 1
_LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that are read for one another
LEAST_LENGTH = 10


class Passwords:
    """Makes and checks hashes. Called on the event loop; the work is done in threads of the default executor."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher(_TIME_COST, _MEMORY_KIB, _LANES)
        self._slots = asyncio.Semaphore(2)  # a flood of sign-ins must not take both processors and all memory
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """The text to keep: Argon2id with its parameters and its salt."""
        async with self._slots:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, kept: str | None, password: str) -> bool:
        """Whether the password is the one; for `kept` None it takes as long and is False."""
        if self._nobody is None:
            self._nobody = await self.hash(secrets.token_urlsafe())
        async with self._slots:
            right = await asyncio.to_thread(self._verify, kept or self._nobody, password)
        return right and kept is not None

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False


def random_password() -> str:
    """Sixteen letters and digits in groups of four: 93 bits, and can be read aloud."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(16))
    return "-".join(letters[i : i + 4] for i in range(0, 16, 4))
