"""What a status that is not 200 means to the camera's owner (RFC 2326, 11). Pure.

A refusal that another session may have caused says how soon another try is worth it: a gateway that was killed leaves
its session behind in the camera, which holds it until its time-out and serves nobody else meanwhile.
"""

from __future__ import annotations

from typing import Final

from camera_gateway.sources.base import SessionLimitError
from camera_gateway.sources.rtsp.message import Message
from hub.errors import ErrorKind, HubError

# Without a word of the camera's: a session left behind ends after 60 s where none is named (RFC 2326, 12.37); so it
# is found ended at most a quarter of that later, at four tries a minute.
RETRY_AFTER_S: Final = 15.0
RETRY_AFTER_MAX_S: Final = 300.0
_BUSY: Final = frozenset({453, 503})
# What cameras of one session say to a second SETUP; live555 with a stale session: moonfire#209.
_BUSY_AT_SETUP: Final = frozenset({406, 454, 455, 500})


def refusal(method: str, message: Message) -> HubError:
    """The error that a refused request ends its source with."""
    status = message.status
    if status in {404, 410}:
        return HubError(ErrorKind.NOT_FOUND, "camera_gateway.path_not_found")
    if status == 403:
        return HubError(ErrorKind.REFUSED, "camera_gateway.not_permitted")
    if status in _BUSY:
        return SessionLimitError("camera_gateway.camera_busy", retry_after_s=retry_after_s(message))
    if method == "SETUP" and status in _BUSY_AT_SETUP:
        return SessionLimitError("camera_gateway.session_refused", retry_after_s=retry_after_s(message), status=status)
    if method == "PLAY" and status in {454, 455}:
        return HubError(ErrorKind.UNREACHABLE, "camera_gateway.session_gone")
    if status == 461:
        return HubError(ErrorKind.UNSUPPORTED, "camera_gateway.transport_unsupported")
    if 300 <= status < 400:
        return HubError(ErrorKind.FORBIDDEN, "camera_gateway.redirected")
    return HubError(ErrorKind.PROTOCOL, "camera_gateway.camera_refused", method=method, status=status)


def retry_after_s(message: Message) -> float:
    """Seconds as the camera says (Retry-After; RFC 2326, 12.31), bounded; a date is not read."""
    told = (message.get("retry-after") or "").strip()
    if told.isascii() and told.isdigit() and len(told) < 10 and int(told) > 0:
        return min(float(told), RETRY_AFTER_MAX_S)
    return RETRY_AFTER_S
