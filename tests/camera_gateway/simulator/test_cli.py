"""`probe sim` as a child process: one line when ready, faults of single cameras, a clean end."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import av
import pytest

from camera_gateway.simulator.clip import moving_bar
from tests.support.rtsp_talk import Talk
from tests.support.soap_talk import ask


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """A small file as anybody might have one."""
    file = tmp_path / "film.mp4"
    with av.open(str(file), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"bf": "2"})
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for number in range(30):
            frame = av.VideoFrame(160, 120, "yuv420p")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file


@asynccontextmanager
async def sim(*arguments: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, list[dict[str, Any]]]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "probe.cli", "sim", "--json", *arguments, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            line = await process.stdout.readline()
        yield process, json.loads(line)["cameras"]
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_one_line_when_ready_and_a_clean_end(video: Path, tmp_path: Path) -> None:
    options = ["--clip", str(video), "--cache", str(tmp_path), "--user", "admin", "--password", "secret"]
    async with sim("--cameras", "3", *options, "--fault", "2=not-found") as (process, cameras):
        assert [c["name"] for c in cameras] == ["村口东", "水库东岸", "学校北门"]
        assert "secret" not in json.dumps(cameras)
        async with Talk(cameras[0]["rtsp_url"]) as talk:
            assert (await talk.ask("DESCRIBE")).status == 401
        async with Talk(cameras[1]["rtsp_url"]) as talk:
            assert (await talk.ask("DESCRIBE")).status == 404
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(5):
            assert await process.wait() == 0


async def test_cameras_speak_h265_on_request(video: Path, tmp_path: Path) -> None:
    options = ["--clip", str(video), "--cache", str(tmp_path), "--codec", "h265", "--b-frames", "2"]
    async with sim(*options) as (_, cameras), Talk(cameras[0]["rtsp_url"]) as talk:
        assert b"a=rtpmap:96 H265/90000" in (await talk.ask("DESCRIBE")).body


@pytest.mark.parametrize(
    "wrong", [["--fault", "explode"], ["--clip", "no-such-file.mp4"], ["--scene", "dusk"], ["--fault", "9=stall"]]
)
async def test_wrong_use_is_one_sentence_and_status_two(wrong: list[str], tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "probe.cli", "sim", "--cache", str(tmp_path), *wrong, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(30):
        _, said = await process.communicate()
    assert process.returncode == 2
    assert said.count(b"\n") == 1
    assert b"Traceback" not in said


async def test_a_taken_port_is_a_sentence(video: Path, tmp_path: Path) -> None:
    kept = ["--clip", str(video), "--cache", str(tmp_path)]
    async with sim(*kept) as (_, cameras):
        port = cameras[0]["rtsp_url"].split(":")[2].split("/")[0]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "probe.cli", "sim", *kept, "--port", port), stderr=asyncio.subprocess.PIPE
        )
        async with asyncio.timeout(30):
            _, said = await process.communicate()
        assert process.returncode == 1
        assert port in said.decode()


def test_a_loop_is_coded_without_b_frames_and_closed() -> None:
    clip = moving_bar()
    assert all(p.keyframe == (number in clip.keyframes) for number, p in enumerate(clip.pictures))
    assert len(clip.pictures) == 40


async def test_with_onvif_each_camera_says_where_and_names_two_streams(video: Path, tmp_path: Path) -> None:
    options = ["--clip", str(video), "--cache", str(tmp_path), "--onvif", "--onvif-fault", "2=only-media2"]
    async with sim("--cameras", "2", *options) as (_, cameras):
        inside = "<Type>All</Type>"
        told = await ask(cameras[0]["onvif_url"], "media2_service:GetProfiles", inside)
        assert told.all("Width") == ["160", "80"]
        assert (await ask(cameras[0]["onvif_url"], "media_service:GetProfiles")).status == 200
        assert (await ask(cameras[1]["onvif_url"], "media_service:GetProfiles")).status == 500
