"""A partner unit as a gateway's tests need it: its share of a camera, and its player written from the RFC."""

from __future__ import annotations

import hashlib
import socket

from hub.contracts.share import REALM, DigestAlgorithm, PartnerShare, seal_context
from hub.secrets import MasterKey
from tests.support.rtsp_talk import Answer, Talk, digest

PASSWORD = "Gx7-quite_long"


def share_of(key: MasterKey, unit_id: str = "unit_police", username: str = "police") -> PartnerShare:
    """A unit that may pull the cameras that carry this."""
    text = f"{username}:{REALM}:{PASSWORD}".encode()
    sha256, md5 = hashlib.sha256(text).hexdigest(), hashlib.md5(text).hexdigest()  # noqa: S324 - what RFC 7616 asks for
    return PartnerShare(
        unit_id=unit_id,
        unit_name="Police",
        username=username,
        sealed_sha256=key.seal(sha256, seal_context(unit_id, DigestAlgorithm.SHA_256)),
        sealed_md5=key.seal(md5, seal_context(unit_id, DigestAlgorithm.MD5)),
    )


def free_port() -> int:
    """A TCP port that nobody has."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Partner(Talk):
    """A player with a login; asks again with the challenge's answer where it gets a 401."""

    def __init__(self, url: str, username: str = "police", password: str = PASSWORD, challenge: int = 0) -> None:
        super().__init__(url)
        self.username, self.password = username, password
        self.taken = challenge  # which of the challenges it knows: 0 SHA-256, 1 MD5

    async def login(self, method: str, *headers: str, url: str | None = None) -> Answer:
        """One request, and once more with a login."""
        first = await self.ask(method, *headers, url=url)
        if first.status != 401:
            return first
        challenge = first.all("WWW-Authenticate")[self.taken]
        answer = digest(challenge, method, url or self.url, self.username, self.password)
        return await self.ask(method, *headers, answer, url=url)

    async def set_up(self, transport: str = "RTP/AVP/TCP;unicast;interleaved=0-1") -> Answer:
        """SETUP of the one track."""
        answer = await self.login("SETUP", f"Transport: {transport}", url=f"{self.url}/trackID=0")
        if answer.status == 200:
            self.session = answer.one("Session").partition(";")[0]
        return answer

    async def play(self, transport: str = "RTP/AVP/TCP;unicast;interleaved=0-1") -> Answer:
        """DESCRIBE, SETUP, PLAY; the first answer that is no 200, or the last."""
        answer = await self.login("DESCRIBE")
        if answer.status == 200:
            answer = await self.set_up(transport)
        return await self.login("PLAY") if answer.status == 200 else answer
