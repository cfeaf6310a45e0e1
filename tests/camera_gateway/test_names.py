"""Host names of cameras: a resolver that hangs holds nobody else up."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from camera_gateway.names import THREADS, Names
from hub.addresses import AddressPolicy
from hub.errors import HubError


class Resolver:
    """It answers from a table, and hangs where the test says so."""

    def __init__(self) -> None:
        self.table: dict[str, list[str]] = {}
        self.asked: list[str] = []
        self.hangs: set[str] = set()
        self.go = threading.Event()

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        if host in self.hangs:
            self.go.wait(20)
        if host not in self.table:
            raise OSError("no such name")
        return self.table[host]


async def test_a_name_is_what_the_resolver_says_and_else_an_error() -> None:
    resolver = Resolver()
    resolver.table["camera.lan"] = ["10.0.0.7"]
    names = Names(resolver)
    assert await names("camera.lan", 554) == ["10.0.0.7"]
    with pytest.raises(OSError, match="no such name"):
        await names("nobody.lan", 554)
    policy = AddressPolicy(resolver=names)
    assert (await policy.resolve("rtsp://camera.lan/live")).ip == "10.0.0.7"
    with pytest.raises(HubError, match=r"hub\.address_unknown_host"):
        await policy.resolve("rtsp://nobody.lan/live")


async def test_what_a_name_was_is_told_while_the_resolver_hangs_and_it_is_asked_once() -> None:
    resolver = Resolver()
    resolver.table["camera.lan"] = ["10.0.0.7"]
    names = Names(resolver)
    await names("camera.lan", 554)
    resolver.hangs.add("camera.lan")
    answers = await asyncio.gather(*(names("camera.lan", 554) for _ in range(50)))
    assert answers == [["10.0.0.7"]] * 50
    assert resolver.asked == ["camera.lan"] * 2
    resolver.go.set()


async def test_names_that_hang_hold_up_no_address_and_no_thread_of_the_loop() -> None:
    resolver = Resolver()
    resolver.hangs |= {f"hang{n}.lan" for n in range(40)}
    policy = AddressPolicy(resolver=Names(resolver))
    before = threading.active_count()
    hanging = [asyncio.create_task(policy.resolve(f"rtsp://hang{n}.lan/")) for n in range(40)]
    await asyncio.sleep(0.05)
    assert (await policy.resolve("rtsp://10.0.0.7/")).ip == "10.0.0.7"
    assert threading.active_count() - before <= THREADS
    async with asyncio.timeout(5):  # the loop's own threads are free
        assert await asyncio.get_running_loop().run_in_executor(None, lambda: 1) == 1
    for task in hanging:
        task.cancel()
    resolver.go.set()
    await asyncio.gather(*hanging, return_exceptions=True)


async def test_a_name_that_moved_is_followed() -> None:
    resolver = Resolver()
    resolver.table["camera.lan"] = ["10.0.0.7"]
    names = Names(resolver)
    await names("camera.lan", 554)
    resolver.table["camera.lan"] = ["10.0.0.8"]
    assert await names("camera.lan", 554) == ["10.0.0.8"]


async def test_a_name_that_is_gone_is_still_what_it_was() -> None:
    resolver = Resolver()
    resolver.table["camera.lan"] = ["10.0.0.7"]
    names = Names(resolver)
    await names("camera.lan", 554)
    resolver.table.clear()
    assert await names("camera.lan", 554) == ["10.0.0.7"]
