"""What of a camera is handed to a partner unit (单位共享), and by which login. Travels with the camera's spec."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from hub.contracts.base import Contract

REALM: Final = "probe-patrol"
"""Of every login: the digests that are kept are made with it and open nothing elsewhere."""


class DigestAlgorithm(StrEnum):
    """Of RFC 7616, as it stands in a challenge."""

    SHA_256 = "SHA-256"
    MD5 = "MD5"


class PartnerShare(Contract):
    """One unit that may pull the camera; both digests are of `username:REALM:password`, sealed, and no password."""

    unit_id: Annotated[str, Field(max_length=64)]
    unit_name: Annotated[str, Field(max_length=64)]
    username: Annotated[str, Field(max_length=32)]
    sealed_sha256: Annotated[str, Field(repr=False)]
    sealed_md5: Annotated[str, Field(repr=False)]

    def sealed(self, algorithm: DigestAlgorithm) -> str:
        """The one that answers a challenge of this kind."""
        return self.sealed_sha256 if algorithm is DigestAlgorithm.SHA_256 else self.sealed_md5


def seal_context(unit_id: str, algorithm: DigestAlgorithm) -> str:
    """What a digest is sealed for: it opens for no other unit and no other algorithm."""
    return f"partner {unit_id} {algorithm.value}"
