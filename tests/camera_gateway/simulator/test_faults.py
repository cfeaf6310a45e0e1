"""Each fault of the table, seen from a bare client; faults come and go while the camera runs."""

from __future__ import annotations

import asyncio
import sys
from itertools import pairwise

import pytest

from camera_gateway.simulator.clip import Clip, Coding, moving_bar
from camera_gateway.simulator.codec import H265
from camera_gateway.simulator.faults import FAULTS, Fault, FaultName
from camera_gateway.simulator.server import SimulatedCamera, SimulatedFleet
from hub.errors import HubError
from tests.support.rtsp_talk import Rtp, Talk

CLIP = moving_bar(seconds=4.0, fps=25.0)


def faulty(*faults: str, own_port: bool = False) -> SimulatedFleet:
    return SimulatedFleet([SimulatedCamera(clip=CLIP, faults=faults, own_port=own_port)])


def test_every_name_has_a_row_and_an_unknown_one_is_a_sentence() -> None:
    assert set(FAULTS) == set(FaultName)
    with pytest.raises(HubError, match=r"simulator\.fault_unknown"):
        Fault.parse("explode")
    with pytest.raises(HubError, match=r"simulator\.fault_argument"):
        Fault.parse("stall:soon")
    assert Fault.parse("redirect:rtsp://h/x").argument == "rtsp://h/x"


async def test_refuse_has_no_listener_and_comes_back_at_the_same_address() -> None:
    async with faulty("refuse") as fleet:
        with pytest.raises(ConnectionRefusedError):
            await Talk(fleet.url(0)).__aenter__()
        address = fleet.url(0)
        await fleet.set_faults(0)
        assert fleet.url(0) == address
        async with Talk(address) as talk:
            assert (await talk.ask("DESCRIBE")).status == 200
            await fleet.set_faults(0, "refuse")
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await talk.ask("DESCRIBE")
        with pytest.raises(ConnectionRefusedError):
            await Talk(address).__aenter__()


async def test_silent_answers_nothing() -> None:
    async with faulty("silent") as fleet, Talk(fleet.url(0)) as talk:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await talk.ask("DESCRIBE")


@pytest.mark.parametrize(
    ("fault", "method", "status"),
    [
        ("not-found", "DESCRIBE", 404),
        ("login", "DESCRIBE", 401),
        ("redirect", "DESCRIBE", 302),
        ("no-tcp", "PLAY", 461),
    ],
)
async def test_an_answer_that_is_a_refusal(fault: str, method: str, status: int) -> None:
    async with faulty(fault) as fleet, Talk(fleet.url(0)) as talk:
        answer = await (talk.play() if method == "PLAY" else talk.ask(method))
        assert answer.status == status
        if fault == "redirect":
            assert answer.one("Location").startswith("rtsp://203.0.113.9")


async def test_huge_promises_two_gigabytes() -> None:
    async with faulty("huge") as fleet, Talk(fleet.url(0)) as talk:
        assert (await talk.ask("DESCRIBE")).one("Content-Length") == "2147483648"


async def test_one_session_turns_the_second_away_until_the_first_has_gone() -> None:
    async with faulty("one-session") as fleet, Talk(fleet.url(0)) as one, Talk(fleet.url(0)) as two:
        assert (await one.play()).status == 200
        assert (await two.play()).status == 453
        await one.ask("TEARDOWN")
        assert (await two.play()).status == 200


async def test_early_media_comes_before_the_answer_to_play() -> None:
    async with faulty("early-media") as fleet, Talk(fleet.url(0)) as talk:
        answer = await talk.ask("SETUP", "Transport: RTP/AVP/TCP;interleaved=0-1")
        talk.session = answer.one("Session").partition(";")[0]
        talk.writer.write(f"PLAY {talk.url} RTSP/1.0\r\nCSeq: 9\r\nSession: {talk.session}\r\n\r\n".encode())
        assert (await talk.reader.readexactly(1)) == b"$"


async def test_other_channels_than_asked() -> None:
    async with faulty("channels:4") as fleet, Talk(fleet.url(0)) as talk:
        answer = await talk.ask("SETUP", "Transport: RTP/AVP/TCP;interleaved=0-1")
        assert "interleaved=4-5" in answer.one("Transport")
        talk.session = answer.one("Session").partition(";")[0]
        await talk.ask("PLAY")
        assert (await talk.packet()).channel == 4


async def test_misnamed_tells_the_other_codec() -> None:
    async with faulty("misnamed") as fleet, Talk(fleet.url(0)) as talk:
        body = (await talk.ask("DESCRIBE")).body
        assert b"H265/90000" in body
        assert b"fmtp" not in body
        await talk.play()
        assert (await talk.packet()).sps


async def test_no_sprop_leaves_the_parameter_sets_to_the_stream() -> None:
    async with faulty("no-sprop") as fleet, Talk(fleet.url(0)) as talk:
        assert b"sprop" not in (await talk.ask("DESCRIBE")).body
        await talk.play()
        assert (await talk.packet()).sps


async def media(fleet: SimulatedFleet, seconds: float) -> list[Rtp]:
    """What arrives within `seconds`."""
    found: list[Rtp] = []
    async with Talk(fleet.url(0)) as talk:
        await talk.play()
        try:
            async with asyncio.timeout(seconds):
                while True:
                    found.append(await talk.packet(seconds))
        except TimeoutError:
            return found


async def test_no_inband_and_no_keyframe_and_loss_are_seen_in_the_packets() -> None:
    async with faulty("no-inband") as fleet:
        packets = await media(fleet, 0.4)
        assert packets[0].keyframe
        assert not any(p.sps for p in packets)
    async with faulty("no-keyframe:60") as fleet:
        packets = await media(fleet, 2.5)
        assert packets
        assert not any(p.keyframe for p in packets)
    async with faulty("loss:10") as fleet:
        packets = await media(fleet, 1.0)
        gaps = [b.sequence - a.sequence for a, b in pairwise(packets)]
        assert gaps.count(2) == (len(packets) - 1) // 9
        assert set(gaps) == {1, 2}


async def test_stall_keeps_the_connection_and_reset_does_not() -> None:
    async with faulty("stall:0.3") as fleet, Talk(fleet.url(0)) as talk:
        await talk.play()
        await talk.packets(5)
        with pytest.raises(TimeoutError):
            await talk.packets_until_they_end(0.5)
        assert (await talk.ask("GET_PARAMETER")).status == 200
    async with faulty("reset:0.3") as fleet, Talk(fleet.url(0)) as talk:
        await talk.play()
        with pytest.raises(ConnectionResetError):
            await talk.packets_until_they_end()


async def test_rtcp_only_says_that_it_lives_and_shows_nothing() -> None:
    async with faulty("rtcp-only") as fleet, Talk(fleet.url(0)) as talk:
        await talk.play()
        head = await talk.reader.readexactly(4)
        assert head[1] == 1
        assert (await talk.reader.readexactly(int.from_bytes(head[2:4])))[1] == 200
        with pytest.raises(TimeoutError):
            await talk.packet(0.5)


@pytest.mark.skipif(sys.platform != "linux", reason="how a full accept queue is treated is the system's affair")
async def test_a_black_hole_neither_takes_nor_refuses_and_what_was_open_falls_silent() -> None:
    async with faulty(own_port=True) as fleet, Talk(fleet.url(0)) as talk:
        await talk.play()
        await talk.packets(3)
        await fleet.set_faults(0, "black-hole")
        with pytest.raises(TimeoutError):
            await talk.packets_until_they_end(0.4)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await Talk(fleet.url(0)).__aenter__()
        await fleet.set_faults(0)
        async with Talk(fleet.url(0)) as again:
            assert (await again.ask("DESCRIBE")).status == 200


async def test_refused_passwords_are_counted_as_a_camera_would_that_locks_the_account() -> None:
    async with faulty("login") as fleet, Talk(fleet.url(0)) as talk:
        await talk.ask("DESCRIBE")
        await talk.ask("DESCRIBE", "Authorization: Basic YTpi")
        assert fleet.passwords_refused(0) == 1


async def test_garbage_and_drip_are_not_media() -> None:
    async with faulty("garbage") as fleet, Talk(fleet.url(0)) as talk:
        await talk.play()
        with pytest.raises((AssertionError, TimeoutError)):
            await talk.packets(20)
    async with faulty("drip:10") as fleet, Talk(fleet.url(0)) as talk:
        await talk.play()
        await asyncio.sleep(1.0)
        assert 5 <= len(await talk.reader.read(10_000)) <= 12


@pytest.mark.parametrize("fault", ["time-jump:0.3", "time-wrap:0.3"])
async def test_rtp_time_runs_evenly_save_for_the_one_step(fault: str) -> None:
    async with faulty(fault) as fleet:
        packets = await media(fleet, 0.8)
    steps = [b.timestamp - a.timestamp for a, b in pairwise(packets)]
    odd = [step for step in steps if step not in (0, 3600)]
    assert len(odd) == 1
    assert odd[0] < -1_000_000


@pytest.mark.parametrize("clip", [CLIP, moving_bar(1, fps=25, coding=Coding(codec=H265))], ids=["h264", "h265"])
async def test_a_changed_size_begins_with_another_sps_at_a_keyframe(clip: Clip) -> None:
    async with SimulatedFleet([SimulatedCamera(clip=clip, faults=("sps-change:0.2",))]) as fleet:
        kinds = [(clip.codec.kind_of(p.payload), p.payload) for p in await media(fleet, 5.0)]
    sets = [nal for kind, nal in kinds if kind == clip.codec.sets[-2]]
    assert sets[0] == clip.sps
    assert sets[-1] != clip.sps
    first = kinds.index((clip.codec.sets[-2], sets[-1]))
    assert next(kind for kind, _ in kinds[first:] if kind not in clip.codec.sets) in {*clip.codec.keys, 28, 49}


async def test_a_frozen_picture_still_sends_but_nearly_nothing() -> None:
    async with faulty("freeze:0.2") as fleet:
        packets = await media(fleet, 1.5)
    assert max(len(p.payload) for p in packets[-8:]) < 60


async def test_faults_come_and_go_while_it_plays() -> None:
    async with faulty() as fleet, Talk(fleet.url(0)) as talk:
        await talk.play()
        await talk.packets(5)
        await fleet.set_faults(0, "stall:0")
        with pytest.raises(TimeoutError):
            await talk.packets_until_they_end(0.4)
        await fleet.set_faults(0)
        assert (await talk.packet()).payload


async def test_a_deaf_camera_answers_options_but_not_get_parameter() -> None:
    async with faulty("deaf") as fleet, Talk(fleet.url(0)) as talk:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await talk.ask("GET_PARAMETER")
        assert (await talk.ask("OPTIONS")).status == 200


async def test_a_slow_camera_answers_late() -> None:
    async with faulty("slow:0.3") as fleet, Talk(fleet.url(0)) as talk:
        began = asyncio.get_running_loop().time()
        await talk.ask("OPTIONS")
        assert asyncio.get_running_loop().time() - began >= 0.29
