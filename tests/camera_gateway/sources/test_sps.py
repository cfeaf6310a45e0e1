"""Sequence parameter sets of real cameras, and hostile ones."""

from __future__ import annotations

import base64
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from camera_gateway.sources.rtsp.sps import SIDE_MAX_PX, parse_sps

REAL = [
    # base64, width, height, frame rate, codec string, where from
    ("Z0IAHvQCgC3I", 1280, 720, None, "avc1.42001e"),  # WebRTC#417
    ("Z2QAM6wVFKAoAPGQ", 2560, 1920, None, "avc1.640033"),  # Reolink, go2rtc
    ("J00AII1qBQB5oQAAAwABAAADACiE", 1280, 960, 20.0, "avc1.4d0020"),  # moonfire#213
    ("Z2QAFqzGoCgPaEAAAAMAQAAAB6E=", 640, 480, 15.0, "avc1.640016"),  # TP-Link MERCURY
    ("Z00AHpY1QWh7TcBAQECA", 720, 480, None, "avc1.4d001e"),  # mediamtx#95
    ("Z0IAH5WoPASaEAAAcIAAFfkIQA==", 960, 576, 25.0, "avc1.42001f"),  # FFmpeg PR 181
]


@pytest.mark.parametrize(("text", "width", "height", "rate", "codec"), REAL)
def test_a_real_set_gives_size_rate_and_codec(
    text: str, width: int, height: int, rate: float | None, codec: str
) -> None:
    found = parse_sps(base64.b64decode(text))
    assert (found.width_px, found.height_px, found.frame_rate, found.codec_string) == (width, height, rate, codec)


def test_baseline_has_no_reordering() -> None:
    assert parse_sps(base64.b64decode("Z0IAHvQCgC3I")).reorder_frames == 0


@pytest.mark.parametrize("nal", [b"", b"\x67", b"\x67\x42\x00\x1e", b"\x68" + bytes(10), b"\x67" + bytes(40)])
def test_what_is_no_set_is_a_value_error(nal: bytes) -> None:
    with pytest.raises(ValueError, match=r"set|end|size|format|order|number"):
        parse_sps(nal)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=120))
def test_any_bytes_give_a_sane_size_or_a_value_error(body: bytes) -> None:
    with suppress(ValueError):
        found = parse_sps(b"\x67" + body)
        assert 0 < found.width_px <= SIDE_MAX_PX
        assert 0 < found.height_px <= SIDE_MAX_PX
        assert found.frame_rate is None or 0 < found.frame_rate <= 240


@pytest.mark.parametrize(("text", "width", "height", "rate", "codec"), REAL)
def test_a_set_cut_anywhere_is_a_value_error_or_the_same_size(
    text: str, width: int, height: int, rate: float | None, codec: str
) -> None:
    nal = base64.b64decode(text)
    for end in range(len(nal)):
        with suppress(ValueError):
            assert parse_sps(nal[:end]).codec_string == codec
