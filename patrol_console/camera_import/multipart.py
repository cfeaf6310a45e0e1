"""A form with one file (RFC 7578), as browsers and curl send it, taken apart strictly. Pure; bounded by its caller.

Only what an import's form has: a few short fields and one file. Nothing is written to a disk: the file holds passwords.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.message import Message
from typing import NoReturn

from hub.errors import ErrorKind, HubError

_MOST_PARTS = 16
_MOST_HEAD_BYTES = 4096
_MOST_FIELD_BYTES = 256
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")


@dataclass(frozen=True, slots=True)
class Form:
    """The fields by name, and the file with the name that its sender gave it."""

    fields: dict[str, str] = field(default_factory=dict)
    file_name: str = ""
    file: bytes | None = field(default=None, repr=False)


def boundary_of(content_type: str) -> bytes:
    """The boundary in a Content-Type. Raises HubError INVALID `camera_import.no_upload`."""
    header = Message()
    header["content-type"] = content_type[:512]
    boundary = header.get_boundary()
    if header.get_content_type() != "multipart/form-data" or boundary is None or not _BOUNDARY.fullmatch(boundary):
        _bad()
    return boundary.encode()


def form_in(body: bytes, boundary: bytes) -> Form:
    """The form. Raises HubError INVALID `camera_import.no_upload`."""
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary, _MOST_PARTS + 2)
    if len(pieces) < 3 or len(pieces) > _MOST_PARTS + 2 or not pieces[-1].startswith(b"--"):
        _bad()
    fields: dict[str, str] = {}
    file_name, file = "", None
    for piece in pieces[1:-1]:
        head, empty, content = piece.partition(b"\r\n\r\n")
        if not empty or not head.startswith(b"\r\n") or len(head) > _MOST_HEAD_BYTES:
            _bad()
        name, given_name = _names(head)
        if given_name is not None:
            if file is not None:
                _bad()
            file_name, file = given_name, content
        elif len(content) <= _MOST_FIELD_BYTES:
            fields[name] = content.decode("utf-8", "replace")
        else:
            _bad()
    return Form(fields, file_name, file)


def _names(head: bytes) -> tuple[str, str | None]:
    """The part's name, and its file name where it has one. Quoted as browsers do: %22 for a quote, UTF-8 as it is."""
    for line in head.decode("utf-8", "replace").split("\r\n"):
        key, colon, value = line.partition(":")
        if colon and key.strip().lower() == "content-disposition":
            found = dict(re.findall(r';\s*([a-z*]{1,16})="([^"]{0,512})"', value))
            if "name" in found:
                return found["name"], found.get("filename")
    raise HubError(ErrorKind.INVALID, "camera_import.no_upload")


def _bad() -> NoReturn:
    raise HubError(ErrorKind.INVALID, "camera_import.no_upload")
