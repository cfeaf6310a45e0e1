"""Text of others (a camera's words, a header) made fit for a terminal, a log and a page. Pure; any thread."""

from __future__ import annotations

import re

# Control characters but tab and line end; what breaks a line or turns the direction of writing (Unicode UTS 55); halves
# of a pair that no encoding takes.
_NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(text: str) -> str:
    """`text` with U+FFFD for each character that is none to read."""
    return _NO_TEXT.sub("\ufffd", text)
