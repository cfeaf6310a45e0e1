"""取证图: the picture kept with an alert: the zone, the boxes that count, and a band that says what, where and when.

Pure functions that block (about 20 ms); the judge calls them in its drawing thread. The picture comes masked and leaves
masked. Drawing never decides: what is drawn is what the rule already found.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime, tzinfo

import numpy as np
from PIL import Image, ImageDraw, UnidentifiedImageError

from hub import i18n
from hub.contracts.base import Polygon
from hub.contracts.look import Box
from hub.contracts.severity import Severity
from hub.errors import ErrorKind, HubError
from hub.font import Font, font
from hub.picture import blacken

LONGEST_SIDE_PX = 1280
"""Larger pictures are shrunk: evidence is looked at on a phone and kept for months."""
JPEG_QUALITY = 85

_COLOURS = {
    Severity.RED: (245, 63, 63),
    Severity.ORANGE: (255, 125, 0),
    Severity.YELLOW: (247, 186, 30),
    Severity.BLUE: (52, 145, 250),
}
_ZONE = (64, 196, 255)
_BAND = (16, 22, 34)
_TEXT = (240, 244, 250)
_QUIET = (150, 164, 184)


@dataclass(frozen=True, slots=True)
class Caption:
    """What the band says; `local` is the centre's time zone, `language` `zh` or `en`."""

    camera_name: str
    rule_name: str
    zone_name: str
    captured_at: datetime
    local: tzinfo
    severity: Severity
    simulated: bool
    language: str


def draw_evidence(
    jpeg: bytes, polygon: Polygon, boxes: tuple[Box, ...], caption: Caption, masks: tuple[Polygon, ...] = ()
) -> bytes:
    """The drawn JPEG; `masks` are all of the camera's, and nothing is drawn on them either.

    Raises HubError PROTOCOL `analytics.evidence_unreadable` where `jpeg` is no picture, BROKEN
    `analytics.evidence_undrawn` where drawing failed.
    """
    try:
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as opened:
            opened.draft("RGB", (LONGEST_SIDE_PX, LONGEST_SIDE_PX))
            picture = opened.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise HubError(ErrorKind.PROTOCOL, "analytics.evidence_unreadable", reason=error) from error
    try:
        return _drawn(_masked(picture, masks), polygon, boxes, caption, masks)
    except (OSError, ValueError) as error:  # FreeType and Pillow raise these: an alert must not be lost for a caption
        raise HubError(ErrorKind.BROKEN, "analytics.evidence_undrawn", reason=error) from error


def _masked(picture: Image.Image, masks: tuple[Polygon, ...]) -> Image.Image:
    if not masks:
        return picture
    pixels = np.array(picture)
    blacken(pixels, masks)
    return Image.fromarray(pixels)


def label_name(label: str, language: str) -> str:
    """人, 车 …; the label itself where there is no word for it."""
    code = f"analytics.label_{label.replace(' ', '_')}"
    word = i18n.text(code, language)
    return label if word == code else word


def _drawn(
    picture: Image.Image, polygon: Polygon, boxes: tuple[Box, ...], caption: Caption, masks: tuple[Polygon, ...]
) -> bytes:
    picture.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX), Image.Resampling.BILINEAR)
    size_px = max(13, round(picture.width / 44))
    picture = _with_zone(picture, polygon)
    draw = ImageDraw.Draw(picture)
    colour = _COLOURS[caption.severity]
    for box in boxes:
        _draw_box(draw, picture.size, box, colour, font(size_px), caption.language)
    # Black once more: a mask that is plainly empty can be checked by anyone, one with a tint in it cannot.
    drawn = _with_band(_masked(picture, masks), caption, colour, size_px)
    out = io.BytesIO()
    drawn.save(out, "JPEG", quality=JPEG_QUALITY)
    return out.getvalue()


def _with_zone(picture: Image.Image, polygon: Polygon) -> Image.Image:
    corners = [(x * (picture.width - 1), y * (picture.height - 1)) for x, y in polygon]
    shade = Image.new("L", picture.size, 0)
    ImageDraw.Draw(shade).polygon(corners, fill=36)
    picture.paste(_ZONE, (0, 0), shade)
    width = max(2, round(picture.width / 400))
    ImageDraw.Draw(picture).line([*corners, corners[0]], fill=_ZONE, width=width, joint="curve")
    return picture


def _draw_box(
    draw: ImageDraw.ImageDraw, size: tuple[int, int], box: Box, colour: tuple[int, int, int], face: Font, language: str
) -> None:
    width, height = size
    x1, y1, x2, y2 = box.x1 * width, box.y1 * height, box.x2 * width, box.y2 * height
    draw.rectangle((x1, y1, x2, y2), outline=colour, width=max(2, round(width / 320)))
    text = f"{label_name(box.label, language)} {box.confidence:.0%}"
    left, top, right, bottom = draw.textbbox((0, 0), text, font=face)
    wide, high = right - left + 10, bottom - top + 8
    x = min(max(0.0, x1), width - wide)
    y = y1 - high if y1 >= high else min(y1, height - high)
    draw.rectangle((x, y, x + wide, y + high), fill=colour)
    draw.text((x + 5 - left, y + 4 - top), text, font=face, fill=(16, 16, 16))


def _with_band(picture: Image.Image, caption: Caption, colour: tuple[int, int, int], size_px: int) -> Image.Image:
    """The picture with a band beneath it, so that nothing of it is covered."""
    face, small = font(size_px), font(max(11, round(size_px * 0.8)))
    line = round(size_px * 1.55)
    drawn = Image.new("RGB", (picture.width, picture.height + 2 * line + size_px // 2), _BAND)
    drawn.paste(picture, (0, 0))
    draw = ImageDraw.Draw(drawn)
    top = picture.height
    draw.rectangle((0, top, max(4, size_px // 3), drawn.height), fill=colour)
    pad = size_px
    local = caption.captured_at.astimezone(caption.local)
    when = f"{local:%Y-%m-%d %H:%M:%S} UTC{local.isoformat()[-6:]}"
    when_width = draw.textlength(when, font=small)
    room = drawn.width - 2 * pad
    first, room_of_name = top + size_px // 3, float(room)
    if caption.simulated:
        simulated = i18n.text("analytics.evidence_simulated", caption.language)
        room_of_name -= draw.textlength(simulated, font=small) + pad
        draw.text((pad + room - draw.textlength(simulated, font=small), first), simulated, font=small, fill=_TEXT)
    draw.text((pad, first), _fitted(draw, caption.camera_name, face, room_of_name), font=face, fill=_TEXT)
    what = i18n.text("analytics.evidence_what", caption.language, rule=caption.rule_name, zone=caption.zone_name)
    second = first + line
    draw.text((pad, second), _fitted(draw, what, small, room - when_width - pad), font=small, fill=_QUIET)
    draw.text((drawn.width - pad - when_width, second), when, font=small, fill=_TEXT)
    return drawn


def _fitted(draw: ImageDraw.ImageDraw, text: str, face: Font, room_px: float) -> str:
    """The text in one line, cut with an ellipsis where it is too long; what does not print is left out."""
    text = "".join(character for character in " ".join(text.split()) if character.isprintable())
    if draw.textlength(text, font=face) <= room_px:
        return text
    while text and draw.textlength(text + "…", font=face) > room_px:
        text = text[:-1]
    return text + "…"
