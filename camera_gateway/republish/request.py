"""What a partner's player sends: requests, and interleaved packets that are passed over. RFC 2326, 4, 6 and 10.12.

Pure: bytes in, requests out, in any chunks. Takes only what is well-formed and short; keeps at most one head. Bodies
(of GET_PARAMETER) and RTCP are counted off and thrown away.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from hub.errors import ErrorKind, HubError

HEAD_MAX_BYTES: Final = 8_192  # real players stay under 1 kB
BODY_MAX_BYTES: Final = 4_096
HEADERS_MAX: Final = 64
_LINE: Final = re.compile(r"([A-Z_]{3,20}) ([!-~]{1,1024}) RTSP/1\.0")
_HEADER: Final = re.compile(r"([A-Za-z0-9-]{1,64}):[ \t]*([ -~\t]*)")
_DOLLAR: Final = 0x24
_END: Final = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Request:
    """A head; the names of headers in lower case, in the order of arrival."""

    method: str
    uri: str
    sequence: str
    headers: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str:
        """The first header called `name` (in lower case); empty where there is none."""
        return next((value for key, value in self.headers if key == name), "")


class RequestReader:
    """Of one connection."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self._passed_over = 0  # bytes still to come that nobody reads

    def feed(self, data: bytes) -> list[Request]:
        """The requests that are whole now. Raises HubError PROTOCOL `camera_gateway.request_garbled`."""
        kept = self._kept
        kept += data
        found: list[Request] = []
        while kept:
            if self._passed_over:
                gone = min(self._passed_over, len(kept))
                del kept[:gone]
                self._passed_over -= gone
            elif kept[0] == _DOLLAR:
                if len(kept) < 4:
                    break
                self._passed_over = 4 + int.from_bytes(kept[2:4], "big")
            elif kept[:2] == b"\r\n":  # between messages
                del kept[:2]
            else:
                end = kept.find(_END, 0, HEAD_MAX_BYTES)
                if end < 0:
                    if len(kept) >= HEAD_MAX_BYTES:
                        raise _garbled()
                    break
                request, self._passed_over = _head(bytes(kept[:end]))
                del kept[: end + len(_END)]
                found.append(request)
        return found


def _head(head: bytes) -> tuple[Request, int]:
    """A request, and how many bytes of body follow it."""
    try:
        first, *lines = head.decode("ascii").split("\r\n")
    except UnicodeDecodeError as error:
        raise _garbled() from error
    matched = _LINE.fullmatch(first)
    if matched is None or len(lines) > HEADERS_MAX:
        raise _garbled()
    headers: list[tuple[str, str]] = []
    for line in lines:
        header = _HEADER.fullmatch(line)
        if header is None:
            raise _garbled()
        headers.append((header[1].lower(), header[2].strip()))
    request = Request(matched[1], matched[2], _number(headers, "cseq", 9), tuple(headers))
    length = int(_number(headers, "content-length", 6) if any(key == "content-length" for key, _ in headers) else "0")
    if length > BODY_MAX_BYTES:
        raise _garbled()
    return request, length


def _number(headers: list[tuple[str, str]], name: str, digits: int) -> str:
    """The one header called `name`: twice is a forgery."""
    values = [value for key, value in headers if key == name]
    if len(values) != 1 or not 0 < len(values[0]) <= digits or not values[0].isdigit():
        raise _garbled()
    return values[0]


def _garbled() -> HubError:
    return HubError(ErrorKind.PROTOCOL, "camera_gateway.request_garbled")
