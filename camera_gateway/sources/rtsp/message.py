"""One RTSP message: its head parsed with patience, a request written with care (RFC 2326, 4, 6 and 7).

Pure functions of bytes. Refuses what has no bound; never judges a status.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hub.errors import ErrorKind, HubError

HEAD_MAX_BYTES: Final = 65_536  # real cameras stay under 2 kB
BODY_MAX_BYTES: Final = 1_048_576  # an SDP body is a few kB
HEADERS_MAX: Final = 200
USER_AGENT: Final = "probe-patrol"
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Message:
    """An answer, or a request that the camera sends to us."""

    start_line: str
    headers: tuple[tuple[str, str], ...]  # names in lower case, in the order of arrival, repeated ones kept
    body: bytes = b""

    @property
    def is_answer(self) -> bool:
        """False: the camera asks something of us."""
        return self.start_line.startswith("RTSP/")

    @property
    def status(self) -> int:
        """The status code of an answer; 0 where there is none to read (mediamtx#423: `RTSP/1.0 0 `)."""
        words = self.start_line.split(None, 2)
        return int(words[1]) if len(words) > 1 and re.fullmatch("[0-9]{1,4}", words[1]) else 0

    @property
    def method(self) -> str:
        """The method of a request."""
        return self.start_line.split(" ", 1)[0]

    def get(self, name: str) -> str | None:
        """The first header called `name` (in lower case)."""
        for key, value in self.headers:
            if key == name:
                return value
        return None

    def all(self, name: str) -> list[str]:
        """Every header called `name` (in lower case)."""
        return [value for key, value in self.headers if key == name]

    @property
    def sequence(self) -> int | None:
        """The CSeq; None where it is absent or no number."""
        value = (self.get("cseq") or "").strip()
        return int(value) if value.isascii() and value.isdigit() and len(value) < 12 else None


def parse_head(head: bytes) -> tuple[Message, int]:
    """A message without its body, and the length of that body in bytes. Any line end is taken.

    Raises HubError PROTOCOL `camera_gateway.answer_too_large` where the body or the number of headers has no bound.
    """
    lines = head.decode("utf-8", "surrogateescape").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(lines) > HEADERS_MAX:
        raise HubError(ErrorKind.PROTOCOL, "camera_gateway.answer_too_large")
    headers: list[tuple[str, str]] = []
    for line in lines[1:]:
        if line[:1] in (" ", "\t") and headers:  # folded (RFC 2326, 4.2)
            headers[-1] = (headers[-1][0], f"{headers[-1][1]} {line.strip()}")
            continue
        name, colon, value = line.partition(":")
        if colon:
            headers.append((name.strip().lower(), value.strip()))
    message = Message(lines[0].strip(), tuple(headers))
    return message, _body_length(message)


def _body_length(message: Message) -> int:
    text = (message.get("content-length") or "0").strip()
    if not (text.isascii() and text.isdigit()):
        return 0
    if len(text) > 9 or int(text) > BODY_MAX_BYTES:
        raise HubError(ErrorKind.PROTOCOL, "camera_gateway.answer_too_large")
    return int(text)


def request(method: str, uri: str, sequence: int, headers: Sequence[tuple[str, str]] = ()) -> bytes:
    """A request as it goes on the wire. Raises ValueError for a blank or a line break that would forge a line of it."""
    lines = [f"{method} {uri} RTSP/1.0", f"CSeq: {sequence}", f"User-Agent: {USER_AGENT}"]
    lines += [f"{name}: {value}" for name, value in headers]
    if " " in uri:
        raise ValueError("a blank in an RTSP address")
    if any(map(_CONTROL.search, lines)):
        raise ValueError("a control character in an RTSP request")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape")


def answer(status: str, sequence: int | None) -> bytes:
    """An answer to a camera that asks something of us."""
    return f"RTSP/1.0 {status}\r\nCSeq: {sequence or 0}\r\n\r\n".encode()
