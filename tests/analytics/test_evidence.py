"""Evidence: what is drawn can be read, nothing of the picture is covered, bad input is a sentence."""

from __future__ import annotations

import io
import logging
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from PIL import Image, ImageDraw

from analytics.evidence import Caption, draw_evidence, label_name
from hub import font as fonts
from hub.contracts.severity import Severity
from hub.errors import HubError
from hub.picture import encode_jpeg
from tests.analytics.makers import LOWER_HALF, person, scene


def caption(**changes: object) -> Caption:
    values: dict[str, object] = {
        "camera_name": "水库东岸 1 号",
        "rule_name": "夜间闯入",
        "zone_name": "水边",
        "captured_at": datetime(2026, 3, 2, 1, 0, tzinfo=UTC),
        "local": ZoneInfo("Asia/Shanghai"),
        "severity": Severity.ORANGE,
        "simulated": False,
        "language": "zh",
        **changes,
    }
    return Caption(**values)  # type: ignore[arg-type]


def drawn(**changes: object) -> np.ndarray:
    data = draw_evidence(encode_jpeg(scene(150, size=(640, 384))), LOWER_HALF, (person(),), caption(**changes))
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


def test_the_band_stands_beneath_the_picture_and_not_upon_it() -> None:
    picture = drawn()
    assert picture.shape[1] == 640
    assert picture.shape[0] > 384 + 30
    assert np.abs(picture[20:60, 20:200] - scene(size=(640, 384))[20:60, 20:200, ::-1]).mean() < 8


@pytest.mark.parametrize(
    "changes",
    [
        {"camera_name": "水库西岸 2 号"},
        {"rule_name": "白天闯入"},
        {"zone_name": "岸边"},
        {"captured_at": datetime(2026, 3, 2, 1, 0, 1, tzinfo=UTC)},
        {"local": ZoneInfo("Europe/Lisbon")},
        {"severity": Severity.RED},
        {"simulated": True},
        {"language": "en"},
    ],
)
def test_each_thing_that_the_caption_says_is_seen(changes: dict[str, object]) -> None:
    assert np.abs(drawn() - drawn(**changes)).max() > 60


def test_a_box_at_the_edge_of_the_picture_keeps_its_label_inside() -> None:
    for box in (person(x=0.95, foot_y=0.3), person(x=0.05, foot_y=1.0)):
        draw_evidence(encode_jpeg(scene(150)), LOWER_HALF, (box,), caption())


def test_names_longer_than_the_picture_are_cut_and_line_breaks_do_no_harm() -> None:
    for name in ("很长的摄像机名称" * 40, "第一行\n第二行", "", "\u202e\x00"):
        draw_evidence(
            encode_jpeg(scene(150)), LOWER_HALF, (), caption(camera_name=name, rule_name=name, zone_name=name)
        )


def test_a_large_picture_is_shrunk() -> None:
    large = encode_jpeg(np.zeros((1520, 2688, 3), np.uint8))
    with Image.open(io.BytesIO(draw_evidence(large, LOWER_HALF, (), caption()))) as picture:
        assert picture.width == 1280


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff", b"GIF89a", b"\x89PNG\r\n\x1a\n" + bytes(100)])
def test_what_is_no_jpeg_is_a_sentence(data: bytes) -> None:
    with pytest.raises(HubError) as caught:
        draw_evidence(data, LOWER_HALF, (), caption())
    assert caught.value.code == "analytics.evidence_unreadable"


def test_labels_have_words_in_both_languages() -> None:
    assert [label_name("person", "zh"), label_name("person", "en"), label_name("toaster", "zh")] == [
        "人",
        "person",
        "toaster",
    ]


@pytest.mark.skipif(fonts.chinese_font() is None, reason="no font with Chinese here; `make setup` brings one")
def test_chinese_characters_are_drawn_as_themselves_and_not_as_boxes() -> None:
    def shape(text: str) -> bytes:
        canvas = Image.new("L", (40, 40), 0)
        ImageDraw.Draw(canvas).text((2, 2), text, font=fonts.font(30), fill=255)
        return canvas.tobytes()

    missing = shape("\U0010ffff")
    assert len({shape(character) for character in "人车水边预警闯入夜间0a"}) == 12
    assert missing not in {shape(character) for character in "人车水边预警闯入夜间"}


def test_without_any_chinese_font_latin_is_drawn_and_a_warning_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    monkeypatch.setattr(fonts, "OWN", "absent.ttf")
    monkeypatch.setattr(fonts, "SYSTEM", (str(broken), str(tmp_path / "absent.ttc")))
    fonts.chinese_font.cache_clear()
    fonts.font.cache_clear()
    try:
        with caplog.at_level(logging.WARNING):
            draw_evidence(encode_jpeg(scene(150)), LOWER_HALF, (person(),), caption())
            draw_evidence(encode_jpeg(scene(150)), LOWER_HALF, (person(),), caption())
    finally:
        fonts.chinese_font.cache_clear()
        fonts.font.cache_clear()
