"""One RTSP session: its name and time-out as the camera told them, where requests about the whole of it go.

Plain data of one source. A session is kept alive by requests that name it (RFC 2326, 12.37).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from camera_gateway.sources.rtsp.message import Message

SESSION_TIMEOUT_S: Final = 60.0  # where the camera names none (RFC 2326, 12.37)
_TIMEOUT: Final = re.compile(r"timeout\s*=\s*(\d{1,6})", re.IGNORECASE)


@dataclass(slots=True)
class Session:
    """`began`: a SETUP was answered, so there is something to take leave of."""

    url: str  # of the whole: PLAY, keep-alive, TEARDOWN
    identity: str = ""
    timeout_s: float = SESSION_TIMEOUT_S
    began: bool = False

    def set_up(self, message: Message) -> None:
        """Take what the answer to a SETUP says."""
        self.began = True
        identity, _, rest = (message.get("session") or "").partition(";")
        self.identity = identity.strip() or self.identity
        told = _TIMEOUT.search(rest)
        if told and int(told[1]) > 0:
            self.timeout_s = float(told[1])

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """What each request of the session carries."""
        return (("Session", self.identity),) if self.identity else ()

    def keep_alive_s(self, longest_s: float) -> float:
        """How often to show that we are there: twice within the time-out."""
        return min(max(self.timeout_s / 2, 1.0), longest_s)
