"""The address of a shared camera: `rtsp://hub:8554/{camera_id}`, its one track below it. Pure."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

TRACK: Final = "trackID=0"
_PATH: Final = re.compile(rf"/([A-Za-z0-9_-]{{1,64}})/?(?:{TRACK})?/?")


def camera_of(uri: str) -> str | None:
    """The camera that a request is about; None: about none."""
    try:
        matched = _PATH.fullmatch(urlsplit(uri).path)
    except ValueError:  # brackets that enclose no address
        return None
    return matched[1] if matched else None
