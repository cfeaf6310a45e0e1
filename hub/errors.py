"""The one error that crosses our own borders: a kind, a code, and what a person can do about it.

The kind says what sort of failure it is (the edge makes an HTTP status or an exit status of it); the code names
the sentence in `hub/messages`, so that the words are in the reader's language. Never carries a password: arguments are
redacted where they are made (see `hub.log.redact`).
"""

from __future__ import annotations

from enum import StrEnum

from hub import i18n


class ErrorKind(StrEnum):
    """What sort of failure; the edge makes a status from it."""

    INVALID = "invalid"  # what was asked is wrong in itself
    UNAUTHENTICATED = "unauthenticated"  # nobody is signed in
    FORBIDDEN = "forbidden"  # somebody is, and may not
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"  # another was faster, or the state does not allow it
    LIMITED = "limited"  # too often, too much, too many
    REFUSED = "refused"  # the other side said no (a camera's login)
    UNREACHABLE = "unreachable"  # no connection
    TIMEOUT = "timeout"  # connected, but too slow
    PROTOCOL = "protocol"  # the other side does not speak what it should
    UNSUPPORTED = "unsupported"  # it speaks something that we do not
    UNAVAILABLE = "unavailable"  # a part of our own is down for now
    BROKEN = "broken"  # our own fault


class HubError(Exception):
    """A failure that a person can act on.

    `code` is `<package>.<name>`, e.g. `camera_gateway.login_refused`, a key of `hub/messages/<lang>/<package>.yaml`;
    `params` fill the braces of that sentence.
    """

    def __init__(self, kind: ErrorKind, code: str, /, **params: object) -> None:
        super().__init__(code)
        self.kind = kind
        self.code = code
        self.params = params

    def text(self, lang: str = "zh") -> str:
        """The sentence for a person, in `lang` (`zh` or `en`)."""
        return i18n.text(self.code, lang, **self.params)

    def __str__(self) -> str:
        return f"{self.code}: {self.text('en')}"
