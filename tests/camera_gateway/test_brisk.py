"""Tries that are given up early, and those that are not."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from camera_gateway.brisk import BRISK_S, heard_to_its_end, run_briskly
from camera_gateway.sources.base import Sink
from camera_gateway.stream import Stream
from hub.errors import ErrorKind, HubError
from tests.support.clock import FakeClock


@dataclass
class Handshake:
    connected: bool = False
    described: bool = False
    playing: bool = False


class Source:
    """It does what the test says, and counts its goodbyes."""

    def __init__(self) -> None:
        self.handshake = Handshake()
        self.goodbyes = 0
        self.end: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(self, sink: Sink) -> None:
        try:
            await self.end
        finally:
            self.goodbyes += 1


class Silent:
    """A source that tells nothing of its handshake."""

    async def run(self, sink: Sink) -> None:
        await asyncio.get_running_loop().create_future()


async def begin(source: Source, clock: FakeClock) -> asyncio.Task[None]:
    return asyncio.create_task(run_briskly(source, Stream(1000), clock))


async def test_one_that_is_accepted_and_hears_nothing_is_given_up(clock: FakeClock) -> None:
    source = Source()
    trying = await begin(source, clock)
    source.handshake.connected = True
    await clock.advance(BRISK_S - 0.3)
    assert not trying.done()
    await clock.advance(1)
    with pytest.raises(HubError, match="no_answer"):
        await trying
    assert source.goodbyes == 1


async def test_each_step_has_its_time_and_one_that_plays_has_its_own_patience(clock: FakeClock) -> None:
    source = Source()
    trying = await begin(source, clock)
    for step in ("connected", "described", "playing"):
        setattr(source.handshake, step, True)
        await clock.advance(BRISK_S - 0.5)
        assert not trying.done()
    await clock.advance(3600)
    assert not trying.done()
    assert "brisk" not in {task.get_name() for task in asyncio.all_tasks()}  # no task more than any other camera
    source.end.set_exception(HubError(ErrorKind.TIMEOUT, "camera_gateway.no_media"))
    with pytest.raises(HubError, match="no_media"):
        await trying


async def test_connecting_is_not_hurried(clock: FakeClock) -> None:
    trying = await begin(Source(), clock)
    await clock.advance(60)
    assert not trying.done()
    trying.cancel()
    await asyncio.wait({trying})


async def test_a_source_that_tells_nothing_is_not_hurried(clock: FakeClock) -> None:
    trying = asyncio.create_task(run_briskly(Silent(), Stream(1000), clock))
    await clock.advance(60)
    assert not trying.done()
    trying.cancel()
    await asyncio.wait({trying})


async def test_cancelled_it_takes_the_source_with_it(clock: FakeClock) -> None:
    source = Source()
    trying = await begin(source, clock)
    await clock.advance(0.1)
    trying.cancel()
    await asyncio.wait({trying})
    assert trying.cancelled()
    assert source.goodbyes == 1


async def test_only_one_that_played_would_have_shown_a_picture_until_its_end(clock: FakeClock) -> None:
    source = Source()
    assert not heard_to_its_end(source)
    source.handshake.connected = source.handshake.described = True
    assert not heard_to_its_end(source)
    source.handshake.playing = True
    assert heard_to_its_end(source)
    assert heard_to_its_end(Silent())
