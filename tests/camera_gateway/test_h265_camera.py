"""An H.265 camera from end to end of a gateway: snapshot, keyframes for the detectors, live; beside one of H.264."""

from __future__ import annotations

import io

import av
import pytest

from camera_gateway.simulator.clip import Coding, moving_bar
from camera_gateway.simulator.codec import H265
from camera_gateway.simulator.server import SimulatedCamera, SimulatedFleet
from hub import picture
from hub.bus import Topic
from hub.contracts.camera import CameraState
from hub.contracts.frame import Frame
from hub.contracts.ticket import TicketAction
from hub.settings import Settings
from tests.support.gateway import gateway_settings, running_gateway, spec_of, until


@pytest.mark.parametrize("b_frames", [0, 3])
async def test_it_is_seen_looked_at_and_watched(redis_settings: Settings, b_frames: int) -> None:
    clip = moving_bar(coding=Coding(codec=H265, b_frames=b_frames))
    async with (
        SimulatedFleet([SimulatedCamera(clip=clip)]) as fleet,
        running_gateway(gateway_settings(redis_settings)) as running,
    ):
        await running.bus.put_spec(spec_of("cam_1", fleet.url(0)))
        await until(lambda: running.gateway.manager.cameras.get("cam_1"))
        camera = running.gateway.manager.cameras["cam_1"]
        await until(lambda: camera.condition.state is CameraState.ONLINE)
        assert camera.condition.facts.codec == "h265"

        ticket = running.ticket("cam_1", TicketAction.SNAPSHOT)
        async with running.http.get(running.url(f"/snapshot/cam_1.jpg?ticket={ticket}")) as answer:
            assert answer.status == 200
            assert (await answer.read())[:2] == b"\xff\xd8"

        (delivery, *_) = await running.bus.read(Topic.FRAMES, "detect", "one", block_ms=3000)
        frame = delivery.parse(Frame)
        assert frame.codec == "h265"
        assert delivery.data is not None
        assert picture.decode_keyframe(delivery.data, frame.codec).shape == (180, 320, 3)

        watched = await running.watch("cam_1", codecs="h264,h265")
        await watched.until(lambda one: len(one.binaries) >= 15)
        assert watched.texts[0]["type"] == "init"
        assert watched.texts[0]["codec"] == "hvc1.1.6.L60.90"
        with av.open(io.BytesIO(b"".join(watched.binaries)), "r") as played:
            assert played.streams.video[0].codec_context.name == "hevc"
            assert len(list(played.decode(video=0))) == len(watched.binaries) - 1
