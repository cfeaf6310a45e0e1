"""The font that pictures are written on with: one with Chinese, from the set-up or the system, else Latin, warned of.

`font` is cached by size and shared: for one thread of a process, the judge's drawing. `own_font` makes one for the
caller alone: a FreeType face is not to be touched by two threads.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

from PIL import ImageFont

from hub import log

OWN = "NotoSansSC-Regular.ttf"
"""In `hub/fonts`, put there by `make setup` (OFL-1.1); not in git."""

SYSTEM = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "C:/Windows/Fonts/msyh.ttc",
)
_logger = log.get("hub.font")

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@cache
def font(size_px: int) -> Font:
    """The shared font at a size."""
    return own_font(size_px)


def own_font(size_px: int) -> Font:
    """A font at a size, nobody else's; the first call without any Chinese font logs a warning."""
    file = chinese_font()
    if file is None:
        return ImageFont.load_default(size_px)
    return ImageFont.truetype(str(file), size_px)


@cache
def chinese_font() -> Path | None:
    """Where a usable font with Chinese lies, or None."""
    own = Path(str(resources.files("hub").joinpath("fonts", OWN)))
    for file in (own, *map(Path, SYSTEM)):
        if not file.is_file():
            continue
        try:
            ImageFont.truetype(str(file), 12)
        except OSError as error:
            _logger.warning("font.unreadable", path=str(file), reason=str(error))
            continue
        return file
    _logger.warning("font.no_chinese", remedy="run `make setup`, or install fonts-noto-cjk")
    return None
