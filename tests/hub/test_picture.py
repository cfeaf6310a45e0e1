"""Pictures: what comes in is hostile, what a mask touches is black, what goes out is a JPEG."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from functools import cache

import av
import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import ErrorKind, HubError
from hub.picture import Picture, blacken, decode_keyframe, encode_jpeg


@cache
def keyframe(width: int = 320, height: int = 192, codec: str = "h264") -> bytes:
    """One keyframe in Annex B with its parameter sets: left half blue, right half red."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:, : width // 2] = (200, 40, 40)
    picture[:, width // 2 :] = (40, 40, 200)
    file = io.BytesIO()
    encoder, quiet = ("libx265", {"x265-params": "log-level=none:pools=none"}) if codec == "h265" else ("libx264", {})
    with av.open(file, "w", format="hevc" if codec == "h265" else "h264") as out:
        stream = out.add_stream(encoder, rate=10, options={"preset": "ultrafast", **quiet})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for packet in [*stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")), *stream.encode(None)]:
            out.mux(packet)
    return file.getvalue()


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_a_keyframe_becomes_a_picture_of_its_size_and_colours(codec: str) -> None:
    picture = decode_keyframe(keyframe(codec=codec), codec)
    assert picture.shape == (192, 320, 3)
    assert picture.dtype == np.uint8
    assert np.abs(picture[96, 40].astype(int) - (200, 40, 40)).max() < 12
    assert np.abs(picture[96, 280].astype(int) - (40, 40, 200)).max() < 12


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\x00\x00\x01",
        b"\x00\x00\x00\x01\x67",
        b"not a picture at all" * 50,
        bytes(100_000),
        b"\xff" * 100_000,
        b"file:///etc/passwd",
        b"#EXTM3U\nfile:///etc/passwd\n",
    ],
)
def test_bytes_that_hold_no_picture_are_a_sentence(data: bytes) -> None:
    with pytest.raises(HubError) as caught:
        decode_keyframe(data)
    assert caught.value.kind is ErrorKind.PROTOCOL
    assert caught.value.code == "hub.picture_undecodable"


@pytest.mark.parametrize(("codec", "decoded_as"), [("h264", "h265"), ("h265", "h264")])
def test_a_keyframe_of_another_codec_than_told_is_undecodable(codec: str, decoded_as: str) -> None:
    with pytest.raises(HubError) as caught:
        decode_keyframe(keyframe(codec=codec), decoded_as)
    assert caught.value.code == "hub.picture_undecodable"


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_damaged_keyframes_give_a_picture_or_a_hub_error_and_nothing_else(codec: str) -> None:
    dice = random.Random(7)
    for _ in range(300):
        data = bytearray(keyframe(codec=codec))
        for _ in range(dice.choice((1, 4, 40))):
            data[dice.randrange(len(data))] = dice.randrange(256)
        if dice.random() < 0.4:
            del data[dice.randrange(len(data)) :]
        try:
            decode_keyframe(bytes(data), codec)
        except HubError as error:
            assert error.code.startswith("hub.picture_")  # noqa: PT017 - either outcome is right


def test_a_picture_of_more_than_sixteen_megapixels_is_refused() -> None:
    with pytest.raises(HubError) as caught:
        decode_keyframe(keyframe(4608, 4096))
    assert caught.value.code in ("hub.picture_too_large", "hub.picture_undecodable")


def test_an_unknown_codec_is_refused() -> None:
    with pytest.raises(HubError) as caught:
        decode_keyframe(keyframe(), "mjpeg")
    assert caught.value.code == "hub.picture_codec"


corner = st.tuples(st.floats(0, 1), st.floats(0, 1))


@settings(max_examples=60, deadline=None)
@given(st.lists(corner, min_size=3, max_size=8), st.sampled_from([(64, 48), (97, 55), (160, 90)]))
def test_no_pixel_that_a_mask_touches_keeps_its_colour(
    mask: Sequence[tuple[float, float]], size: tuple[int, int]
) -> None:
    width, height = size
    picture: Picture = np.full((height, width, 3), 255, np.uint8)
    blacken(picture, [tuple(mask)])
    # The same polygon drawn sixteen times finer: any pixel with a drawn fine pixel in it is touched.
    fine = np.zeros((height * 16, width * 16), np.uint8)
    cv2.fillPoly(fine, [np.array([[x * width * 16, y * height * 16] for x, y in mask]).astype(np.int32)], 1)
    touched = fine.reshape(height, 16, width, 16).max(axis=(1, 3)) > 0
    assert not picture[touched].any()


def test_what_lies_outside_every_mask_is_untouched() -> None:
    picture: Picture = np.full((90, 160, 3), 255, np.uint8)
    blacken(picture, [((0.0, 0.0), (0.25, 0.0), (0.25, 0.5), (0.0, 0.5))])
    assert not picture[:45, :40].any()
    assert picture[48:, :].all()
    assert picture[:, 43:].all()


def test_a_jpeg_is_the_same_picture_again() -> None:
    picture = decode_keyframe(keyframe())
    data = encode_jpeg(picture)
    assert data[:2] == b"\xff\xd8"
    again = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert again is not None
    assert np.abs(again.astype(int) - picture).mean() < 4
