"""H.265 sequence parameter sets: of cameras and encoders as found in descriptions, and hostile ones."""

from __future__ import annotations

import base64
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from camera_gateway.simulator.clip import Coding, moving_bar
from camera_gateway.simulator.codec import H265
from camera_gateway.sources.rtsp.h265_sps import parse_h265_sps
from camera_gateway.sources.rtsp.sps import SIDE_MAX_PX

REAL = [
    # base64, width, height, frame rate, codec string
    ("QgEBAWAAAAMAAAMAAAMAAAMAlqADwIAQ5Za5JMmuWcBSSgAAB9AAAHUwgkA=", 1920, 1080, 15.0, "hvc1.1.6.L150"),
    ("QgEBAWAAAAMAkAAAAwAAAwB4oAPAgBDllmZpJMrgEAAAAwAQAAADAeCA", 1920, 1080, 30.0, "hvc1.1.6.L120.90"),
    ("QgEBAWAAAAMAkAAAAwAAAwBdoAUCAeFllZpJMrwFoCAAAAMAIAAAAwPB", 640, 480, 30.0, "hvc1.1.6.L93.90"),
    ("QgEBAWAAAAMAsAAAAwAAAwBdoAKAgC0WNrkky/AIAAADAAgAAAMBlQg=", 1280, 720, 50.0, "hvc1.1.6.L93.B0"),
    ("QgEBAWAAAAMAAAMAAAMAAAMAlqAB4CACHH+KrTuiS7I=", 3840, 2160, None, "hvc1.1.6.L150"),
    ("QgEBAWAAAAMAsAAAAwAAAwCZoAHgIAIcWNrkkUvzcBAQEAg=", 3840, 2160, None, "hvc1.1.6.L153.B0"),
    ("QgEBAWAAAAMAkAAAAwAAAwA/oAUCAXHy5bpKTC8BAQAAAwABAAADAA8I", 640, 360, 15.0, "hvc1.1.6.L63.90"),
]


@pytest.mark.parametrize(("text", "width", "height", "rate", "codec"), REAL)
def test_a_real_set_gives_size_rate_and_codec(
    text: str, width: int, height: int, rate: float | None, codec: str
) -> None:
    found = parse_h265_sps(base64.b64decode(text))
    assert (found.width_px, found.height_px, found.frame_rate, found.codec_string) == (width, height, rate, codec)


@pytest.mark.parametrize(("b_frames", "reorder"), [(0, 0), (1, 1), (3, 2)])
def test_how_far_pictures_are_reordered_is_told(b_frames: int, reorder: int) -> None:
    clip = moving_bar(seconds=1, coding=Coding(codec=H265, b_frames=b_frames))
    assert parse_h265_sps(clip.sps).reorder_frames == reorder


@pytest.mark.parametrize(("width", "height"), [(320, 180), (322, 182), (1920, 1080), (64, 2160)])
def test_the_conformance_window_is_applied(width: int, height: int) -> None:
    clip = moving_bar(seconds=0.1, width_px=width, height_px=height, coding=Coding(codec=H265))
    found = parse_h265_sps(clip.sps)
    assert (found.width_px, found.height_px, found.chroma_format, found.luma_bits) == (width, height, 1, 8)


@pytest.mark.parametrize("nal", [b"", b"\x42\x01", b"\x40\x01" + bytes(40), b"\x42\x01" + bytes(40), b"\x42\x01\x0f"])
def test_what_is_no_set_is_a_value_error(nal: bytes) -> None:
    with pytest.raises(ValueError, match=r"set|end|size|format|order|number"):
        parse_h265_sps(nal)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=120))
def test_any_bytes_give_a_sane_size_or_a_value_error(body: bytes) -> None:
    for beginning in (b"\x42\x01", base64.b64decode(REAL[0][0])[:20]):
        with suppress(ValueError):
            found = parse_h265_sps(beginning + body)
            assert 0 < found.width_px <= SIDE_MAX_PX
            assert 0 < found.height_px <= SIDE_MAX_PX
            assert found.frame_rate is None or 0 < found.frame_rate <= 240
            assert found.reorder_frames is None or 0 <= found.reorder_frames <= 16
            assert found.codec_string.startswith("hvc1.")


@pytest.mark.parametrize(("text", "width", "height", "rate", "codec"), REAL)
def test_a_set_cut_anywhere_is_a_value_error_or_the_same_size(
    text: str, width: int, height: int, rate: float | None, codec: str
) -> None:
    nal = base64.b64decode(text)
    for end in range(len(nal)):
        with suppress(ValueError):
            found = parse_h265_sps(nal[:end])
            assert (found.width_px, found.height_px, found.codec_string) == (width, height, codec)
