"""The simulated cameras seen from a bare client: they speak RTSP, ask for a login, and send continuous media."""

from __future__ import annotations

import asyncio
import base64
import shutil
from itertools import pairwise

import pytest

from camera_gateway.simulator.clip import moving_bar
from camera_gateway.simulator.login import LoginScheme
from camera_gateway.simulator.server import SimulatedCamera, SimulatedFleet
from tests.support.rtsp_talk import Talk, digest

FAST = moving_bar(seconds=2.0, fps=25.0)


async def test_media_runs_past_the_end_of_the_loop_without_a_jump() -> None:
    short = moving_bar(seconds=1.0, fps=25.0)
    async with SimulatedFleet([SimulatedCamera(clip=short)]) as fleet, Talk(fleet.url(0)) as talk:
        assert (await talk.play()).status == 200
        packets = await talk.packets(40)
    assert {(b.sequence - a.sequence) % 65536 for a, b in pairwise(packets)} == {1}
    steps = {(b.timestamp - a.timestamp) % 2**32 for a, b in pairwise(packets)}
    assert steps <= {0, 3600}
    assert packets[0].sps


async def test_the_description_names_the_parameter_sets_and_the_media_begins_with_them() -> None:
    async with SimulatedFleet([SimulatedCamera(clip=FAST)]) as fleet, Talk(fleet.url(0)) as talk:
        text = (await talk.ask("DESCRIBE", "Accept: application/sdp")).body.decode()
        assert f"sprop-parameter-sets={base64.b64encode(FAST.sps).decode()}," in text
        answer = await talk.play()
        first = await talk.packet()
        assert first.payload == FAST.sps
        assert f"seq={first.sequence};rtptime={first.timestamp}" in answer.one("RTP-Info")


async def test_cameras_of_one_port_begin_at_their_own_place_of_the_loop() -> None:
    clip = moving_bar(seconds=8.0)
    cameras = [SimulatedCamera(clip=clip), SimulatedCamera(clip=clip, start_s=4.0)]
    async with SimulatedFleet(cameras) as fleet, Talk(fleet.url(0)) as one, Talk(fleet.url(1)) as two:
        await one.play()
        await two.play()
        first, second = await one.packet(), await two.packet()
    assert (second.timestamp - first.timestamp) / 90_000 == pytest.approx(4.0, abs=0.3)


@pytest.mark.parametrize("scheme", list(LoginScheme))
async def test_the_right_password_is_let_in_and_a_wrong_one_is_not(scheme: LoginScheme) -> None:
    camera = SimulatedCamera(username="admin", password="p:w 中", scheme=scheme)
    async with SimulatedFleet([camera]) as fleet, Talk(fleet.url(0)) as talk:
        challenges = (await talk.ask("DESCRIBE")).all("WWW-Authenticate")
        assert len(challenges) == (2 if scheme in (LoginScheme.DIGEST_BOTH, LoginScheme.DIGEST_OR_BASIC) else 1)
        for challenge in challenges:
            for password, status in (("wrong", 401), ("p:w 中", 200)):
                if challenge.startswith("Basic"):
                    pair = base64.b64encode(f"admin:{password}".encode()).decode()
                    header = f"Authorization: Basic {pair}"
                else:
                    header = digest(challenge, "DESCRIBE", fleet.url(0), "admin", password)
                assert (await talk.ask("DESCRIBE", header)).status == status


async def test_an_old_nonce_is_stale_and_a_wrong_password_is_not() -> None:
    camera = SimulatedCamera(username="admin", password="x", nonce_s=0.0)
    async with SimulatedFleet([camera]) as fleet, Talk(fleet.url(0)) as talk:
        challenge = (await talk.ask("DESCRIBE")).one("WWW-Authenticate")
        late = await talk.ask("DESCRIBE", digest(challenge, "DESCRIBE", fleet.url(0), "admin", "x"))
        assert late.status == 401
        assert 'stale="TRUE"' in late.one("WWW-Authenticate")
        wrong = await talk.ask("DESCRIBE", digest(challenge, "DESCRIBE", fleet.url(0), "admin", "y"))
        assert 'stale="FALSE"' in wrong.one("WWW-Authenticate")


async def test_a_session_without_requests_ends_and_a_kept_one_does_not() -> None:
    async with (
        SimulatedFleet([SimulatedCamera(clip=FAST, session_timeout_s=1)]) as fleet,
        Talk(fleet.url(0)) as idle,
        Talk(fleet.url(0)) as kept,
    ):
        await idle.play()
        await kept.play()
        for _ in range(4):
            await asyncio.sleep(0.5)
            assert (await kept.ask("GET_PARAMETER")).status == 200
        async with asyncio.timeout(1):
            await idle.reader.read()  # to the end: it was closed
        assert fleet.counts().sessions == 1


async def test_udp_is_refused_with_461_and_a_foreign_session_with_454() -> None:
    async with SimulatedFleet([SimulatedCamera()]) as fleet, Talk(fleet.url(0)) as talk:
        assert (await talk.play("RTP/AVP;unicast;client_port=5000-5001")).status == 461
        talk.session = "12345678"
        assert (await talk.ask("PLAY")).status == 454


async def test_teardown_ends_the_media_and_the_counts_stay() -> None:
    async with SimulatedFleet([SimulatedCamera(clip=FAST)]) as fleet, Talk(fleet.url(0)) as talk:
        await talk.play()
        await talk.packets(5)
        assert fleet.counts(0).sessions == 1
        await talk.ask("TEARDOWN")
        counts = fleet.counts(0)
        assert (counts.sessions, counts.dropped) == (0, 0)
        assert counts.sent >= 3
        assert fleet.methods(0) == ["SETUP", "PLAY", "TEARDOWN"]


async def test_a_client_that_does_not_read_loses_pictures_and_nobody_else_does() -> None:
    rng_clip = moving_bar(seconds=2.0, width_px=640, height_px=360, fps=25.0)
    async with (
        SimulatedFleet([SimulatedCamera(clip=rng_clip)] * 2) as fleet,
        Talk(fleet.url(0)) as slow,
        Talk(fleet.url(0)) as quick,
    ):
        await slow.play()
        await quick.play()
        playing = fleet._cameras[0].playing[0]
        playing.choked = True  # what the transport says when its buffer is full
        await quick.packets(30)
        playing.choked = False
        await quick.packets(10)
        assert playing.dropped > 10
        assert fleet._cameras[0].playing[1].dropped == 0


async def test_paused_media_stops_for_all_and_every_picture_is_counted() -> None:
    async with SimulatedFleet([SimulatedCamera(clip=FAST)] * 3) as fleet:
        talks = [Talk(fleet.url(0)) for _ in range(3)]
        for talk in talks:
            await talk.__aenter__()
            await talk.play()
        await asyncio.sleep(0.4)
        fleet.pause()
        await asyncio.sleep(0.1)
        sent = fleet.counts().sent
        await asyncio.sleep(0.2)
        assert fleet.counts().sent == sent
        markers = 0
        for talk in talks:
            while True:
                try:
                    markers += (await talk.packet(0.2)).marker
                except TimeoutError:
                    break
            talk.writer.close()
        assert markers == sent


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="no ffmpeg on the path")
@pytest.mark.slow
async def test_ffmpeg_plays_it_with_a_login_and_complains_of_nothing() -> None:
    camera = SimulatedCamera(clip=FAST, username="admin", password="secret")
    async with SimulatedFleet([camera]) as fleet:
        command = ["ffmpeg", "-v", "warning", "-rtsp_transport", "tcp", "-i", fleet.url(0, login=True)]
        process = await asyncio.create_subprocess_exec(
            *command, "-t", "3", "-f", "null", "-", stderr=asyncio.subprocess.PIPE
        )
        async with asyncio.timeout(20):
            _, said = await process.communicate()
        assert process.returncode == 0
        assert b"error" not in said.lower(), said
        assert fleet.methods(0)[-1] == "TEARDOWN"
