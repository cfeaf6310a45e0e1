"""RTP by UDP: order restored within bounds, strangers not heard, ports given back, and TCP where UDP does not come."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from camera_gateway.service import rtsp_sources
from camera_gateway.sources.base import cause_of
from camera_gateway.sources.rtsp.client import RtspSource
from camera_gateway.sources.rtsp.connection import Timeouts
from camera_gateway.sources.rtsp.datagrams import DatagramPair
from camera_gateway.sources.rtsp.habits import Habits
from camera_gateway.sources.rtsp.reorder import HELD_MAX, Reorder
from hub.addresses import AddressPolicy
from hub.clock import SystemClock
from hub.contracts.camera import CameraSpec, Cause, Transport
from hub.errors import HubError
from hub.settings import GatewaySettings
from tests.support.pulling import pulling
from tests.support.rtp import rtp
from tests.support.rtsp_server import Asked, Reply, RtspServer, pictures, reply
from tests.support.sink import KeepingSink
from tests.support.sound import PCMA_TRACK, HearingSink, with_sound
from tests.support.udp_camera import UdpCamera, packet_of

QUICK = Timeouts(connect_s=1.0, answer_s=0.3, media_s=1.0, keyframe_s=1.5, goodbye_s=0.3, keep_alive_s=0.2, udp_s=0.3)


async def source_of(server: RtspServer, habits: Habits | None = None) -> RtspSource:
    address = await AddressPolicy(allow=["127.0.0.0/8"]).resolve(server.url)
    clock = SystemClock()
    return RtspSource(address, None, None, clock, QUICK, transport=Transport.UDP, habits=habits)


@asynccontextmanager
async def running(
    server: RtspServer, sink: KeepingSink, habits: Habits | None = None
) -> AsyncIterator[tuple[RtspSource, asyncio.Task[None]]]:
    source = await source_of(server, habits)
    async with pulling(source, sink) as task:
        yield source, task


def answers(camera: UdpCamera) -> dict[str, Reply | list[Reply]]:
    return {"SETUP": camera.set_up, "PLAY": camera.play}


ORDERS: list[tuple[str, list[int], list[int], int]] = [
    ("as they were sent", list(range(10)), list(range(10)), 0),
    ("two changed places", [0, 2, 1, 3, 5, 4, 6, 7], list(range(8)), 0),
    ("one far behind", [0, 2, 3, 4, 5, 6, 1, 7], list(range(8)), 0),
    ("doubled", [0, 0, 1, 1, 2, 3, 3, 4], list(range(5)), 0),
    ("one lost: the pictures to the next keyframe", [0, 1, 3, 4, 5, 6, 7], [0, 1, 5, 6, 7], 1),
    ("lost and late at once", [0, 3, 1, 4, 5, 7, 6], [0, 1, 5, 6, 7], 1),
]


@pytest.mark.parametrize(("order", "seen", "lost"), [row[1:] for row in ORDERS], ids=[row[0] for row in ORDERS])
async def test_pictures_come_in_their_order_whatever_the_network_did(
    order: list[int], seen: list[int], lost: int
) -> None:
    with UdpCamera(order) as camera:
        async with RtspServer(answers(camera)) as server:
            sink = KeepingSink()
            async with running(server, sink) as (source, _):
                await sink.has(len(seen))
                assert [unit.media_time // 3600 for unit in sink.units] == seen
                assert source.counters.lost_packets == lost
            await server.was_asked("TEARDOWN")
            transport = server.first("SETUP").headers["transport"]
            assert transport.startswith("RTP/AVP;unicast;client_port=")
            assert camera.client[0] % 2 == 0
            assert camera.client[1] == camera.client[0] + 1


async def test_the_way_back_is_opened_and_reports_are_sent() -> None:
    with UdpCamera(range(5)) as camera:
        async with RtspServer(answers(camera)) as server:
            sink = KeepingSink()
            async with running(server, sink) as (source, _):
                await sink.has(5)
                camera.send([packet_of(5)])
                await server.was_asked("GET_PARAMETER", 3)
                opened, reports = camera.heard()
                assert opened == [bytes.fromhex("80") + bytes(11)]
                assert reports
                assert reports[0][1] == 201
                assert reports[0][8:12] == (0x1234).to_bytes(4, "big")
                assert source.handshake.kept_alive >= 2


async def test_a_goodbye_by_udp_ends_it() -> None:
    with UdpCamera(range(5)) as camera:
        async with RtspServer(answers(camera)) as server:
            sink = KeepingSink()
            async with running(server, sink) as (_, task):
                await sink.has(5)
                camera.send_control(bytes.fromhex("81cb000100001234"))
                with pytest.raises(HubError, match="stream_ended"):
                    await task


async def test_strangers_and_nonsense_are_not_heard() -> None:
    with UdpCamera(range(3)) as camera, UdpCamera(ip="127.0.0.2") as stranger:
        async with RtspServer(answers(camera)) as server:
            sink = KeepingSink()
            async with running(server, sink) as (source, _):
                await sink.has(3)
                stranger.client = camera.client
                stranger.send([packet_of(number) for number in range(3, 9)])
                camera.send([b"", b"\x80", bytes(40), b"\x80\x60\x00\x03" + bytes(4)])
                camera.send([packet_of(3)])
                await sink.has(4)
                assert [unit.media_time // 3600 for unit in sink.units] == [0, 1, 2, 3]
                assert source.counters.lost_packets == 0


async def test_a_wrong_codec_by_udp_ends_it_as_by_tcp() -> None:
    with UdpCamera() as camera:
        async with RtspServer(answers(camera)) as server, running(server, KeepingSink()) as (_, task):
            await server.was_asked("PLAY")
            camera.send([rtp(n, 0, nal) for n, nal in enumerate((b"\x40\x01a", b"\x42\x01b"))])
            with pytest.raises(HubError, match="codec_differs"):
                await task


async def test_picture_and_sound_each_have_their_ports() -> None:
    def described(asked: Asked) -> bytes:
        return reply(asked, body=with_sound(PCMA_TRACK))

    with UdpCamera(range(5)) as camera, UdpCamera() as speaker:
        given: dict[str, Reply | list[Reply]] = {"SETUP": [camera.set_up, speaker.set_up], "DESCRIBE": described}
        async with RtspServer(given | {"PLAY": camera.play}) as server:
            sink = HearingSink()
            async with running(server, sink):
                await sink.has(5)
                speaker.send([rtp(n, n * 160, b"a" * 160, payload_type=8, ssrc=7) for n in (0, 2, 1)])
                await sink.hears(3)
                assert [unit.media_time for unit in sink.sounds] == [0, 160, 320]
                assert not set(camera.client) & set(speaker.client)


@pytest.mark.parametrize("says_ports", [True, False])
async def test_ports_are_given_back(says_ports: bool) -> None:
    with UdpCamera(range(3), says_ports=says_ports) as camera:
        async with RtspServer(answers(camera)) as server:
            sink = KeepingSink()
            async with running(server, sink):
                await sink.has(3)
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken, pytest.raises(OSError, match="in use"):
                    taken.bind(("127.0.0.1", camera.client[0]))
            for port in camera.client:
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
                    free.bind(("127.0.0.1", port))


# to TCP


async def test_a_camera_without_udp_is_asked_for_tcp_in_the_same_breath() -> None:
    refusing: Reply = lambda asked: reply(asked, status="461 Unsupported Transport")  # noqa: E731
    agreeing: Reply = lambda asked: reply(asked, f"Transport: {asked.headers['transport']}", "Session: 1")  # noqa: E731
    async with RtspServer({"SETUP": [refusing, agreeing]}, media=pictures(5)) as server:
        sink = KeepingSink()
        async with running(server, sink):
            await sink.has(5)
        assert server.connections == 1
        assert "interleaved=0-1" in [asked for asked in server.asked if asked.method == "SETUP"][1].headers["transport"]


async def test_a_camera_that_chooses_tcp_itself_is_taken_at_its_word() -> None:
    chosen: Reply = lambda asked: reply(asked, "Transport: RTP/AVP/TCP;unicast;interleaved=4-5")  # noqa: E731
    async with RtspServer({"SETUP": chosen}, media=pictures(5, channel=4)) as server:
        sink = KeepingSink()
        async with running(server, sink):
            await sink.has(5)


async def test_where_nothing_comes_by_udp_it_is_said_and_the_next_try_is_tcp() -> None:
    habits = Habits(SystemClock())
    with UdpCamera() as camera:
        async with RtspServer(answers(camera)) as server:
            async with running(server, KeepingSink(), habits) as (_, task):
                with pytest.raises(HubError) as caught:
                    await task
            assert caught.value.code == "camera_gateway.udp_silent"
            assert cause_of(caught.value) is Cause.NO_MEDIA
            await server.was_asked("TEARDOWN")
            server.answers, server.media, sink = {}, pictures(5), KeepingSink()
            async with running(server, sink, habits):
                await sink.has(5)
            assert server.asked[-1].method == "TEARDOWN"


async def test_what_came_by_udp_and_stops_is_no_media_and_not_udp_s_fault() -> None:
    habits = Habits(SystemClock())
    with UdpCamera(range(5)) as camera:
        async with RtspServer(answers(camera)) as server, running(server, KeepingSink(), habits) as (source, task):
            with pytest.raises(HubError, match="no_media"):
                await task
            assert source.counters.units == 5


async def test_the_gateway_asks_for_udp_where_the_camera_s_record_says_so() -> None:
    clock = SystemClock()
    with UdpCamera(range(5)) as camera:
        async with RtspServer(answers(camera)) as server:
            spec = CameraSpec(
                camera_id="cam_1",
                revision=1,
                name="one",
                area_id="area_1",
                gateway_id="gateway-1",
                url=server.url,
                transport=Transport.UDP,
            )
            address = await AddressPolicy(allow=["127.0.0.0/8"]).resolve(spec.url)
            sink = KeepingSink()
            task = asyncio.ensure_future(rtsp_sources(GatewaySettings(), clock)(address, spec, None).run(sink))
            await sink.has(5)
            assert "client_port" in server.first("SETUP").headers["transport"]
            task.cancel()
            await asyncio.wait({task}, timeout=2)


# the window alone


class Order:
    def __init__(self, **limits: float) -> None:
        self.given: list[int] = []
        self.window = Reorder(self._take, **limits)  # type: ignore[arg-type]  # held_max alone is an int

    def _take(self, data: bytes, start: int, end: int) -> None:
        self.given.append(int.from_bytes(data[2:4], "big"))

    def put(self, *numbers: int) -> list[int]:
        for number in numbers:
            self.window.packet(rtp(number, 0, b"x"))
        return self.given


async def test_the_window_holds_no_more_than_its_limit() -> None:
    order = Order(hold_s=60.0)
    assert order.put(0, *range(2, 2 + HELD_MAX)) == [0]
    assert order.put(2 + HELD_MAX) == [0, *range(2, 3 + HELD_MAX)]
    assert order.put(1)[-1] == 2 + HELD_MAX  # too late
    assert order.window.late == 1
    order.window.close()


async def test_the_window_waits_no_longer_than_its_limit() -> None:
    order = Order(hold_s=0.05)
    assert order.put(0, 2, 3, 6) == [0]
    async with asyncio.timeout(5):
        while len(order.given) < 4:  # noqa: ASYNC110 - it waits for its timer
            await asyncio.sleep(0.01)
    assert order.given == [0, 2, 3, 6]
    assert order.put(7) == [0, 2, 3, 6, 7]


async def test_the_window_closed_gives_nothing_more() -> None:
    order = Order(hold_s=0.01)
    order.put(0, 2)
    order.window.close()
    await asyncio.sleep(0.05)
    assert order.given == [0]


async def test_numbers_wrap_and_begin_anew() -> None:
    order = Order(hold_s=60.0)
    assert order.put(0xFFFE, 0, 0xFFFF, 1) == [0xFFFE, 0xFFFF, 0, 1]
    assert order.put(30_000, 30_001)[-2:] == [30_000, 30_001]  # the camera began again
    assert order.put(5, 6)[-2:] == [5, 6]
    order.window.close()


async def test_whatever_the_order_nothing_is_given_twice_or_backwards() -> None:
    rng = random.Random(20261125)
    for _ in range(200):
        order = Order(hold_s=60.0, held_max=16)
        numbers = [n for n in range(300) if rng.random() > 0.05]
        numbers.sort(key=lambda n: n + rng.uniform(0, 10))
        order.put(*numbers)
        given = order.given
        assert given == sorted(set(given))
        assert len(given) + order.window.late >= len(numbers) - 16
        order.window.close()


async def test_a_pair_is_an_even_port_and_the_next() -> None:
    pairs = [DatagramPair.open("127.0.0.1", "127.0.0.1") for _ in range(20)]
    assert all(pair.port % 2 == 0 for pair in pairs)
    assert len({pair.port for pair in pairs}) == 20
    for pair in pairs:
        pair.close()
