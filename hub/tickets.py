"""查看凭证, signed: what the console mints and the gateway checks, with one key between them and no call.

HMAC-SHA256 over the exact text (RFC 2104), compared in constant time. Pure; any thread. Single use is not known here:
the gateway asks `bus.use_once` for that.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from pydantic import ValidationError

from hub.clock import Clock
from hub.contracts.ticket import Ticket, TicketAction
from hub.errors import ErrorKind, HubError

_VERSION = "t1"
_LONGEST = 4096


class TicketSigner:
    """Signs and verifies; `key` is `MasterKey.derive(b"tickets")`."""

    def __init__(self, key: bytes, clock: Clock) -> None:
        self._key = key
        self._clock = clock

    def sign(self, ticket: Ticket) -> str:
        """The ticket as text that may stand in a URL: `t1.<payload>.<signature>`."""
        body = f"{_VERSION}.{_encode(ticket.model_dump_json(exclude_defaults=True).encode())}"
        return f"{body}.{self._signature(body)}"

    def verify(self, text: str, *, camera_id: str, action: TicketAction) -> Ticket:
        """The ticket, if it is ours, for this camera and action, and not over.

        Raises HubError FORBIDDEN `hub.ticket_invalid` (not ours, or changed), `hub.ticket_elsewhere` (another camera
        or another action), `hub.ticket_expired`.
        """
        ticket = self._opened(text)
        if ticket.camera_id != camera_id or ticket.action is not action:
            raise HubError(ErrorKind.FORBIDDEN, "hub.ticket_elsewhere")
        if self._clock.now() >= ticket.expires_at:
            raise HubError(ErrorKind.FORBIDDEN, "hub.ticket_expired")
        return ticket

    def _opened(self, text: str) -> Ticket:
        body, _, signature = text.rpartition(".")
        try:
            if len(text) > _LONGEST or not hmac.compare_digest(self._signature(body).encode(), signature.encode()):
                raise HubError(ErrorKind.FORBIDDEN, "hub.ticket_invalid")
            version, _, payload = body.partition(".")
            if version != _VERSION:
                raise HubError(ErrorKind.FORBIDDEN, "hub.ticket_invalid")
            return Ticket.model_validate_json(_decode(payload))
        except (ValidationError, binascii.Error, ValueError) as error:
            raise HubError(ErrorKind.FORBIDDEN, "hub.ticket_invalid") from error

    def _signature(self, body: str) -> str:
        return _encode(hmac.new(self._key, body.encode(), hashlib.sha256).digest())


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
