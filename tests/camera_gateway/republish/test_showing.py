"""What a unit is shown: with its name on it where the township says so, and in the codec that its camera sends."""

from __future__ import annotations

import asyncio
import base64
import re
import shutil

import pytest

from camera_gateway.live.broadcast import Broadcast
from camera_gateway.live.transcode import Transcodings
from camera_gateway.live.transcoding import Pulled
from camera_gateway.live.viewer import End
from camera_gateway.simulator.clip import Clip, Coding, moving_bar
from camera_gateway.simulator.codec import H265
from camera_gateway.simulator.server import SimulatedCamera
from hub.settings import Settings
from tests.camera_gateway.republish.conftest import sharing, sharing_settings
from tests.support.partner import PASSWORD, Partner


@pytest.mark.parametrize(
    ("watermark", "drawn"),
    [
        ("none", None),
        ("household", None),  # no household's camera is handed on
        ("all", "Police"),
    ],
)
async def test_a_unit_sees_its_own_name_where_all_pictures_carry_one(
    redis_settings: Settings, monkeypatch: pytest.MonkeyPatch, watermark: str, drawn: str | None
) -> None:
    asked: list[str | None] = []
    given = Transcodings.open

    def opened(self: Transcodings, camera: Pulled, watermark: str | None, plays: frozenset[str]) -> Broadcast | End:
        asked.append(watermark)
        return given(self, camera, watermark, plays)

    monkeypatch.setattr(Transcodings, "open", opened)
    settings = sharing_settings(redis_settings)
    settings = settings.model_copy(update={"console": settings.console.model_copy(update={"watermark": watermark})})
    async with sharing(settings, [SimulatedCamera(), SimulatedCamera()]) as shared, Partner(shared.url()) as player:
        assert (await player.play()).status == 200
        await player.packets(10)
        assert shared.running.gateway.transcodings.running == (drawn is not None)
    assert set(asked) == {drawn}


@pytest.fixture(scope="module", params=[0, 3], ids=["no B-frames", "B-frames"])
def clip(request: pytest.FixtureRequest) -> Clip:
    return moving_bar(seconds=2.0, fps=25.0, coding=Coding(codec=H265, b_frames=request.param))


async def test_an_h265_camera_is_described_and_sent_as_it_is(redis_settings: Settings, clip: Clip) -> None:
    """RFC 7798: 7.1 the parameters, 4.4.2 the aggregated sets, 4.4.1 what fits one packet."""
    async with sharing(sharing_settings(redis_settings), [SimulatedCamera(clip=clip), SimulatedCamera()]) as shared:
        async with Partner(shared.url()) as player:
            described = (await player.login("DESCRIBE")).body.decode()
            assert "a=rtpmap:96 H265/90000\r\n" in described
            told = dict(re.findall(r"(sprop-\w+)=([A-Za-z0-9+/=,]+)", described))
            kinds = {"sprop-vps": 32, "sprop-sps": 33, "sprop-pps": 34}
            assert {name: base64.b64decode(sets)[0] >> 1 & 63 for name, sets in told.items()} == kinds
            assert tuple(base64.b64decode(told[name]) for name in kinds) == clip.parameter_sets
            assert (await player.play()).status == 200
            packets = await player.packets(60)
        assert shared.running.gateway.transcodings.running == 0
    sets, *rest = (one.payload for one in packets)
    assert sets[:2] == bytes((48 << 1, 1))
    assert sets[2:] == b"".join(len(one).to_bytes(2, "big") + one for one in clip.parameter_sets)
    sent = {nal for picture in clip.pictures for nal in picture.nals}
    whole = [payload for payload in rest if payload[0] >> 1 & 63 < 48]
    assert len(whole) > 30
    assert set(whole) <= sent, "each as the camera sent it"
    assert all(len(payload) <= 1_200 for payload in rest)


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
async def test_ffmpeg_plays_an_h265_camera_without_a_warning(redis_settings: Settings, clip: Clip) -> None:
    async with sharing(sharing_settings(redis_settings), [SimulatedCamera(clip=clip), SimulatedCamera()]) as shared:
        url = shared.url().replace("rtsp://", f"rtsp://police:{PASSWORD}@")
        command = ("ffmpeg", "-v", "warning", "-rtsp_transport", "tcp", "-i", url, "-frames:v", "50")
        process = await asyncio.create_subprocess_exec(
            *command, "-f", "framemd5", "-", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        async with asyncio.timeout(60):
            out, told = await process.communicate()
    assert (process.returncode, told.decode()) == (0, "")
    assert out.count(b"\n0,") == 50
