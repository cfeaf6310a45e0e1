"""Bare connects to cameras that are dark or at rest: who is told what, how often, and what it may cost."""

from __future__ import annotations

import asyncio
import socket
from functools import partial

import pytest

from camera_gateway.knock import AT_ONCE, TIMEOUT_S, Knocker
from hub.addresses import AddressPolicy, PinnedAddress
from tests.support.clock import FakeClock, settle


class Town:
    """Addresses that accept, refuse or swallow."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.black_holes: set[str] = set()
        self.up: set[str] = set()
        self.connects: list[str] = []
        self.at_once = self.most_at_once = 0
        self.told: dict[str, list[bool]] = {}
        self.knocker = Knocker(clock, AddressPolicy(), self.connect)
        self.running = asyncio.create_task(self.knocker.run())

    async def connect(self, address: PinnedAddress) -> bool:
        self.connects.append(address.ip)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if address.ip in self.black_holes:
                await asyncio.get_running_loop().create_future()
            return address.ip in self.up
        finally:
            self.at_once -= 1

    def watch(self, camera_id: str, ip: str, every_s: float = 5.0) -> None:
        said = self.told.setdefault(camera_id, [])
        self.knocker.watch(camera_id, f"rtsp://{ip}/{camera_id}", every_s, said.append)


@pytest.fixture
async def town(clock: FakeClock) -> Town:
    return Town(clock)


async def test_each_knock_is_told_and_none_after_it_is_forgotten(town: Town) -> None:
    town.watch("cam_1", "10.0.0.1")
    await town.clock.advance(11)
    assert town.told["cam_1"] == [False, False]
    town.up.add("10.0.0.1")
    await town.clock.advance(5.5)
    assert town.told["cam_1"] == [False, False, True]
    town.knocker.forget("cam_1")
    await town.clock.advance(60)
    assert len(town.connects) == 3
    assert town.knocker.watched == 0


async def test_a_recorder_is_knocked_at_once_for_all_its_cameras(town: Town) -> None:
    for number in range(32):
        town.watch(f"cam_{number}", "10.0.0.1")
    town.up.add("10.0.0.1")
    await town.clock.advance(5.5)
    assert town.connects == ["10.0.0.1"]
    assert all(said == [True] for said in town.told.values())


async def test_six_hundred_black_holes_hold_few_sockets_and_no_other_camera_up(town: Town) -> None:
    for number in range(600):
        ip = f"10.1.{number // 200}.{number % 200 + 1}"
        town.black_holes.add(ip)
        town.watch(f"hole_{number}", ip)
    town.up.add("10.0.0.1")
    town.watch("cam_1", "10.0.0.1")
    await town.clock.advance(5 + 601 / AT_ONCE * (TIMEOUT_S + 0.5) + 1)
    assert town.told["cam_1"][0] is True
    assert all(said[0] is False for name, said in town.told.items() if name != "cam_1")
    assert town.most_at_once <= AT_ONCE


async def test_an_address_that_may_not_be_joined_is_never_connected_to(town: Town) -> None:
    town.watch("cam_1", "8.8.8.8")
    town.watch("cam_2", "127.0.0.1")
    await town.clock.advance(20)
    assert town.connects == []


async def test_forgotten_in_the_middle_of_a_knock_nobody_is_told(town: Town) -> None:
    town.black_holes.add("10.0.0.1")
    town.watch("cam_1", "10.0.0.1")
    await town.clock.advance(5.3)
    assert town.at_once == 1
    town.knocker.forget("cam_1")
    await town.clock.advance(10)
    assert town.told["cam_1"] == []
    assert (town.at_once, len(town.connects)) == (0, 1)


async def test_its_end_leaves_no_connect_behind(town: Town) -> None:
    town.black_holes.add("10.0.0.1")
    town.watch("cam_1", "10.0.0.1")
    await town.clock.advance(5.3)
    town.running.cancel()
    await settle()
    assert town.at_once == 0


async def test_a_real_port_accepts_and_a_closed_one_does_not(clock: FakeClock) -> None:
    told: asyncio.Queue[tuple[str, bool]] = asyncio.Queue()

    def tell(name: str, accepts: bool) -> None:
        told.put_nowait((name, accepts))

    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        knocker = Knocker(clock, AddressPolicy(allow=("127.0.0.1",)))
        for name, one in (("up", server), ("down", closed)):
            url = f"rtsp://127.0.0.1:{one.getsockname()[1]}/"
            knocker.watch(name, url, 5, partial(tell, name), 0)
        knocker.begin_due()
        async with asyncio.timeout(5):
            assert {await told.get(), await told.get()} == {("up", True), ("down", False)}
        connection, _ = server.accept()
        with connection:
            assert connection.recv(1) == b""  # not a word was said


async def test_one_that_is_forgotten_before_its_knock_began_is_no_error(town: Town) -> None:
    town.watch("cam_1", "10.0.0.1", every_s=0.1)
    await town.clock.advance(0.11)
    town.knocker.begin_due()
    town.knocker.forget("cam_1")
    begun = [task for task in asyncio.all_tasks() if task.get_name() == "knock"]
    await settle()
    assert [task.exception() for task in begun] == [None] * len(begun)
    assert begun
    assert town.connects == []
    town.up.add("10.0.0.1")
    town.watch("cam_1", "10.0.0.1")
    await town.clock.advance(6)
    assert town.told["cam_1"] == [True]


async def test_one_that_accepts_and_says_nothing_is_asked_and_told_of_when_it_answers(clock: FakeClock) -> None:
    told: asyncio.Queue[tuple[str, bool]] = asyncio.Queue()
    speaks: set[str] = set()
    asked: list[str] = []

    def tell(name: str, answers: bool) -> None:
        told.put_nowait((name, answers))

    async def recorder(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0].decode()
        asked.append(first)
        if any(f"/{name} " in first for name in speaks):
            writer.write(b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n")
        else:
            writer.write_eof()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(recorder, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        knocker = Knocker(clock, AddressPolicy(allow=("127.0.0.1",)))
        speaks.add("one")
        for name in ("one", "two"):  # two channels of one recorder: one hangs
            knocker.watch(name, f"rtsp://127.0.0.1:{port}/{name}", 5, partial(tell, name), 0, asks=True)
        knocker.begin_due()
        async with asyncio.timeout(5):
            assert {await told.get(), await told.get()} == {("one", True), ("two", False)}
        assert sorted(asked) == [f"OPTIONS rtsp://127.0.0.1:{port}/{name} RTSP/1.0" for name in ("one", "two")]


async def test_over_tls_nobody_is_asked(town: Town) -> None:
    town.up.add("10.0.0.1")
    said: list[bool] = []
    town.knocker.watch("cam_1", "rtsps://10.0.0.1/cam_1", 5, said.append, asks=True)
    await town.clock.advance(5.5)
    assert (town.connects, said) == (["10.0.0.1"], [True])
