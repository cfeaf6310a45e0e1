"""The 20 digits that name a camera from village to province (GB/T 28181-2022, annex E). Pure.

Digits 1–8 are the centre (administrative division), 9–10 the trade, 11–13 the type of device, 14 the network, 15–20
the number. What cannot be such a code is refused; a type that is none of a camera's is told and taken: platforms in
the field write 131 and 132 as they like, and now and then that of the recorder.
"""

from __future__ import annotations

import re

from hub.errors import ErrorKind, HubError

DIGITS = 20
# The first two digits of GB/T 2260: provinces, autonomous regions, municipalities, special regions.
_PROVINCES = frozenset(
    (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82)
)
_OF_A_CAMERA = frozenset({"131", "132"})  # camera, network camera


def check(code: str) -> str:
    """The code itself. Raises HubError INVALID `national_code_digits` or `national_code_centre`."""
    if not re.fullmatch(r"[0-9]{20}", code):
        raise HubError(ErrorKind.INVALID, "patrol_console.national_code_digits", digits=DIGITS)
    if int(code[:2]) not in _PROVINCES:
        raise HubError(ErrorKind.INVALID, "patrol_console.national_code_centre", centre=code[:8])
    return code


def names_a_camera(code: str) -> bool:
    """Whether digits 11–13 are those of a camera; `code` is one that `check` took."""
    return code[10:13] in _OF_A_CAMERA
