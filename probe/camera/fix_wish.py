"""What the options of `probe camera fix` ask for, taken apart and checked before any camera hears of it. Pure."""

from __future__ import annotations

import re
from typing import Final, Literal

from pydantic import ValidationError

from hub.contracts.cure import FixWish, is_time_server
from hub.errors import ErrorKind, HubError

_SIZE: Final = re.compile(r"(\d{2,5})[x×*](\d{2,5})", re.I | re.A)
_SECONDS: Final = re.compile(r"(\d{1,3}(?:\.\d{1,2})?)s", re.I | re.A)
_BIT_RATE: Final = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)([km])(?:bit/s|bps)?", re.I | re.A)
_OPTIONS: Final = {
    "width_px": "--size", "height_px": "--size", "frame_rate": "--fps", "gop_s": "--gop", "bit_rate_kbps": "--bitrate",
    "ntp": "--ntp",
}  # fmt: skip


def wish_of(
    substream: Literal["h264", "h265"] | None,
    size: str | None,
    fps: float | None,
    gop: str | None,
    bitrate: str | None,
    ntp: str | None,
) -> FixWish:
    """The wish. Raises HubError INVALID that names the option which is wrong, `cure.nothing_asked` for none."""
    if ntp is not None and not is_time_server(ntp):
        raise HubError(ErrorKind.INVALID, "cure.no_time_server", host=ntp[:80])
    width, height = _size(size)
    given = {
        "codec": substream,
        "width_px": width,
        "height_px": height,
        "frame_rate": fps,
        "gop_s": _seconds(gop),
        "bit_rate_kbps": _kbps(bitrate),
        "ntp": ntp,
    }
    try:
        wish = FixWish.model_validate(given)
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        value = str(given.get(name))[:80]
        raise HubError(ErrorKind.INVALID, "cure.value_wrong", option=_OPTIONS.get(name, name), value=value) from error
    if wish.empty:
        raise HubError(ErrorKind.INVALID, "cure.nothing_asked")
    return wish


def _size(text: str | None) -> tuple[int | None, int | None]:
    if text is None:
        return None, None
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise HubError(ErrorKind.INVALID, "cure.size_wrong", value=text[:80])
    return int(found[1]), int(found[2])


def _seconds(text: str | None) -> float | None:
    """A bare number is refused: it might be meant as frames."""
    if text is None:
        return None
    found = _SECONDS.fullmatch(text.strip())
    if found is None:
        raise HubError(ErrorKind.INVALID, "cure.gop_wrong", value=text[:80])
    return float(found[1])


def _kbps(text: str | None) -> int | None:
    if text is None:
        return None
    found = _BIT_RATE.fullmatch(text.strip())
    if found is None:
        raise HubError(ErrorKind.INVALID, "cure.bitrate_wrong", value=text[:80])
    return round(float(found[1]) * (1000 if found[2] in "mM" else 1))
