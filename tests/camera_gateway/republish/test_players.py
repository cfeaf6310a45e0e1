"""Players that nobody here wrote pull a shared camera with its login, and have nothing to complain of."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.camera_gateway.republish.conftest import Shared
from tests.support.gstreamer import PYTHON, lack
from tests.support.partner import PASSWORD

_NO_FFMPEG = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
MASK = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5))
SHOWN_PX = (160, 90)


def with_login(shared: Shared) -> str:
    return shared.url().replace("rtsp://", f"rtsp://police:{PASSWORD}@")


async def run(*command: str) -> tuple[int, bytes, str]:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(60):
        out, told = await process.communicate()
    return process.returncode or 0, out, told.decode()


@_NO_FFMPEG
async def test_ffmpeg_plays_five_seconds_without_a_warning(shared: Shared) -> None:
    """By TCP from the start; else it says that it was refused UDP, and comes by TCP."""
    command = ("ffmpeg", "-v", "warning", "-rtsp_transport", "tcp", "-i", with_login(shared))
    code, out, told = await run(*command, "-t", "5", "-f", "framemd5", "-")
    assert (code, told) == (0, "")
    assert out.count(b"\n0,") >= 100


@_NO_FFMPEG
async def test_of_a_masked_camera_the_picture_beneath_the_mask_never_leaves(shared: Shared) -> None:
    await shared.put("cam_1", 2, shares=(shared.police,), masks=(MASK,))
    width, height = SHOWN_PX
    scaled = ("-vf", f"scale={width}:{height}", "-frames:v", "20", "-f", "rawvideo", "-pix_fmt", "gray", "-")
    code, out, told = await run("ffmpeg", "-v", "warning", "-rtsp_transport", "tcp", "-i", with_login(shared), *scaled)
    assert (code, told) == (0, "")
    size = width * height
    pictures = [out[at : at + size] for at in range(0, len(out), size)]
    assert len(pictures) == 20
    for one in pictures:
        masked = [one[row * width + column] for row in range(height // 2 - 3) for column in range(width // 2 - 3)]
        assert max(masked) <= 40
        assert max(one) > 40


_PULL = """
import sys, gi
gi.require_version("Gst", "1.0")
from gi.repository import Gst
Gst.init(None)
pipeline = Gst.parse_launch(sys.argv[1])
pipeline.set_state(Gst.State.PLAYING)
kinds = Gst.MessageType.ERROR | Gst.MessageType.WARNING | Gst.MessageType.EOS
message = pipeline.get_bus().timed_pop_filtered(30 * Gst.SECOND, kinds)
pipeline.set_state(Gst.State.NULL)
sys.exit("no end" if message is None else 0 if message.type == Gst.MessageType.EOS else str(message.get_structure()))
"""


async def test_gstreamer_plays_by_the_login_it_knows(shared: Shared, tmp_path: Path) -> None:
    if reason := lack():
        pytest.skip(reason)
    written = tmp_path / "played.h264"
    pipeline = (
        f"rtspsrc location={shared.url()} user-id=police user-pw={PASSWORD} ! rtph264depay ! h264parse ! "
        f"video/x-h264,stream-format=byte-stream,alignment=au ! identity eos-after=75 ! filesink location={written}"
    )
    code, _, told = await run(PYTHON, "-c", _PULL, pipeline)
    assert (code, told) == (0, "")
    nals = written.read_bytes().split(b"\x00\x00\x01")[1:]
    assert sum(nal[0] & 31 in (1, 5) for nal in nals) >= 70
