"""The source against the simulator's cameras and their faults of signalling: two programs that share no line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise

import av
import pytest

from camera_gateway.simulator.clip import moving_bar
from camera_gateway.simulator.login import LoginScheme
from camera_gateway.simulator.server import SimulatedCamera, SimulatedFleet
from camera_gateway.sources.base import SessionLimitError
from camera_gateway.sources.rtsp.client import RtspSource
from camera_gateway.sources.rtsp.connection import Timeouts
from camera_gateway.sources.rtsp.habits import Habits
from hub.addresses import AddressPolicy
from hub.clock import SystemClock
from hub.errors import HubError
from tests.support.sound import HearingSink

CLIP = moving_bar(seconds=2.0, fps=25.0)
QUICK = Timeouts(connect_s=1.0, answer_s=0.3, media_s=5.0, goodbye_s=0.5, keep_alive_s=0.2, doubt_s=0.3)


class Pulled:
    """One try at the fleet's first camera."""

    def __init__(self, source: RtspSource, sink: HearingSink, task: asyncio.Task[None]) -> None:
        self.source, self.sink, self.task = source, sink, task

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not true():
                assert not self.task.done(), self.task.exception()
                await asyncio.sleep(0.02)

    async def error(self) -> HubError:
        async with asyncio.timeout(10):
            with pytest.raises(HubError) as caught:
                await self.task
        return caught.value


@asynccontextmanager
async def pulling(
    fleet: SimulatedFleet, *, habits: Habits | None = None, login: bool = False, wants_audio: bool = True
) -> AsyncIterator[Pulled]:
    address = await AddressPolicy(allow=["127.0.0.0/8"]).resolve(fleet.url(0))
    name, word = ("admin", "secret-word") if login else (None, None)
    source = RtspSource(address, name, word, SystemClock(), QUICK, habits=habits)
    sink = HearingSink(wants_audio=wants_audio)
    task = asyncio.ensure_future(source.run(sink))
    try:
        yield Pulled(source, sink, task)
    finally:
        task.cancel()
        await asyncio.wait({task}, timeout=3)


def fleet_of(*faults: str, session_timeout_s: int = 60, sound: bool = False) -> SimulatedFleet:
    camera = SimulatedCamera(clip=CLIP, faults=faults, session_timeout_s=session_timeout_s, sound=sound)
    return SimulatedFleet([camera])


async def test_the_sound_of_a_camera_is_what_it_hears() -> None:
    async with fleet_of(sound=True) as fleet, pulling(fleet) as pulled:
        await pulled.until(lambda: len(pulled.sink.sounds) >= 30)
        times = [unit.media_time for unit in pulled.sink.sounds]
        assert {late - early for early, late in pairwise(times)} == {320}
        decoder = av.CodecContext.create("pcm_alaw", "r")
        decoder.sample_rate, decoder.layout = 8000, "mono"
        heard = b"".join(unit.data for unit in pulled.sink.sounds)
        (frame,) = decoder.decode(av.Packet(heard))
        samples = frame.to_ndarray()[0]
        assert 2_800 <= abs(samples).max() <= 3_200
        assert pulled.sink.units
        assert pulled.source.clock_facts.reports >= 1
        assert abs(pulled.source.clock_facts.offset_s or 60.0) < 1.0


async def test_a_refused_sound_leaves_the_picture() -> None:
    async with fleet_of("no-sound", sound=True) as fleet, pulling(fleet) as pulled:
        await pulled.until(lambda: len(pulled.sink.units) >= 10)
        assert not pulled.sink.sounds
        assert pulled.source.handshake.audio == "PCMA 8 kHz"


@pytest.mark.parametrize("scheme", list(LoginScheme))
async def test_nonces_that_expire_all_the_time_do_not_end_the_session(scheme: LoginScheme) -> None:
    camera = SimulatedCamera(clip=CLIP, username="admin", password="secret-word", scheme=scheme, nonce_s=0.3)
    async with SimulatedFleet([camera]) as fleet, pulling(fleet, login=True) as pulled:
        await pulled.until(lambda: pulled.source.handshake.kept_alive >= 6)
        assert fleet.methods(0).count("PLAY") <= 2
        assert fleet.counts().sessions == 1


async def test_a_password_that_no_longer_holds_ends_the_session() -> None:
    camera = SimulatedCamera(clip=CLIP, username="admin", password="secret-word", faults=("login-expires:0.5",))
    async with SimulatedFleet([camera]) as fleet, pulling(fleet, login=True) as pulled:
        await pulled.until(lambda: bool(pulled.sink.units))
        assert (await pulled.error()).code == "camera_gateway.login_refused"


async def test_a_session_that_the_camera_forgot_is_told_from_a_camera_that_is_silent() -> None:
    async with fleet_of("forgets:0.5") as fleet, pulling(fleet) as pulled:
        await pulled.until(lambda: bool(pulled.sink.units))
        assert (await pulled.error()).code == "camera_gateway.session_gone"


@pytest.mark.parametrize("fault", ["deaf", "unwilling"])
async def test_a_camera_without_get_parameter_is_kept_alive_past_its_time_out(fault: str) -> None:
    async with fleet_of(fault, session_timeout_s=1) as fleet, pulling(fleet) as pulled:
        await pulled.until(lambda: len(pulled.sink.units) >= 60)  # 2.4 s
        assert fleet.methods(0).count("GET_PARAMETER") == 1


async def test_a_camera_that_closes_on_it_is_lost_once() -> None:
    habits = Habits(SystemClock())
    async with fleet_of("closes", session_timeout_s=1) as fleet:
        async with pulling(fleet, habits=habits) as first:
            assert (await first.error()).code == "camera_gateway.connection_lost"
        async with pulling(fleet, habits=habits) as second:
            await second.until(lambda: len(second.sink.units) >= 40)


async def test_a_session_left_behind_by_a_killed_gateway_is_waited_out() -> None:
    async with fleet_of("one-session", "keeps-session", session_timeout_s=1) as fleet:
        async with pulling(fleet) as killed:
            await killed.until(lambda: bool(killed.sink.units))
            fleet.drop_connections(0)
            assert (await killed.error()).code == "camera_gateway.connection_lost"
        async with pulling(fleet) as too_soon:
            error = await too_soon.error()
        assert isinstance(error, SessionLimitError)
        assert error.retry_after_s == 15.0
        assert fleet.counts().sessions == 0
        await asyncio.sleep(1.1)
        async with pulling(fleet) as later:
            await later.until(lambda: bool(later.sink.units))
            assert fleet.counts().sessions == 1
        async with pulling(fleet) as at_once:  # after a TEARDOWN nothing is left behind
            await at_once.until(lambda: bool(at_once.sink.units))
