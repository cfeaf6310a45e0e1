"""Places on lines whose budgets are never exceeded: who goes first, who gives way, whose turn it is."""

from __future__ import annotations

import asyncio
import random

import pytest

from camera_gateway.uplink import FILLED, REMEMBERED_S, TURN_S, UNKNOWN_KBPS, WINDOW_S, Claim, Rank, Uplinks
from hub.contracts.uplink import Uplink
from tests.support.clock import FakeClock, settle


def line(uplink_id: str = "village", mbit_s: float | None = None, connections: int | None = None) -> Uplink:
    return Uplink(uplink_id=uplink_id, name=uplink_id, mbit_s=mbit_s, connections=connections)


class Camera:
    """It opens when it has a place, gives way when told (after `goodbye_s`), and takes `kbps` meanwhile."""

    def __init__(self, site: Site, name: str, rank: Rank, *uplinks: Uplink, kbps: float = 500.0) -> None:
        self.site, self.name, self.rank, self.uplinks, self.kbps = site, name, rank, uplinks, kbps
        self.bytes = 0.0
        self.told_to_go = 0
        self.claim: Claim | None = None
        self.task: asyncio.Task[None] | None = None

    def ask(self) -> None:
        self.claim = Claim(self.name, self.uplinks, self.rank, lambda: int(self.bytes), self._give_way)
        self.task = asyncio.create_task(self.site.uplinks.place(self.claim))

    def _give_way(self) -> None:
        self.told_to_go += 1

    @property
    def open(self) -> bool:
        return self.claim is not None and self.claim.placed

    @property
    def leaving(self) -> bool:
        return self.claim is not None and self.claim.leaving

    async def leave(self) -> None:
        if self.task is not None and self.claim is not None:
            if not self.task.done():
                self.task.cancel()
                await asyncio.wait({self.task})
            self.site.uplinks.leave(self.claim)
        self.claim = self.task = None


class Site:
    def __init__(self, clock: FakeClock, own: Uplink | None = None) -> None:
        self.clock = clock
        self.uplinks = Uplinks(clock, own)
        self.cameras: list[Camera] = []

    async def add(self, name: str, rank: Rank, *uplinks: Uplink, kbps: float = 500.0) -> Camera:
        camera = Camera(self, name, rank, *uplinks, kbps=kbps)
        self.cameras.append(camera)
        camera.ask()
        await settle()
        return camera

    async def pass_s(self, seconds: int, *, goodbyes: bool = True) -> None:
        """Seconds go by with media; who was told to give way goes (and asks anew) at the end of each."""
        for _ in range(seconds):
            await self.clock.advance(1.0)
            for camera in self.cameras:
                if camera.open:
                    camera.bytes += camera.kbps * 1000 / 8
            self.uplinks.review()
            if goodbyes:
                await self.goodbyes()

    async def goodbyes(self) -> None:
        for camera in self.cameras:
            if camera.leaving:
                await camera.leave()
                camera.ask()
        await settle()

    def open(self) -> set[str]:
        return {camera.name for camera in self.cameras if camera.open}


@pytest.fixture
def site(clock: FakeClock) -> Site:
    return Site(clock)


async def test_a_line_without_a_budget_holds_nobody_up(site: Site) -> None:
    for number in range(50):
        await site.add(f"cam_{number}", Rank.CONTINUOUS, line())
    assert len(site.open()) == 50
    assert list(site.uplinks.lines()) == []


async def test_no_more_connections_than_the_line_may_have_and_the_first_come_is_the_first_served(site: Site) -> None:
    village = line(connections=2)
    cameras = [await site.add(f"cam_{n}", Rank.CONTINUOUS, village) for n in range(4)]
    assert site.open() == {"cam_0", "cam_1"}
    (use,) = site.uplinks.lines()
    assert (use.connections, use.waiting) == (2, 2)
    await cameras[0].leave()
    await settle()
    assert site.open() == {"cam_1", "cam_2"}


async def test_each_of_its_lines_and_the_gateways_own_must_have_a_place(clock: FakeClock) -> None:
    site = Site(clock, own=line("gateway:one", connections=3))
    village, partner = line("village", connections=2), line("partner", connections=1)
    await site.add("cam_0", Rank.CONTINUOUS, village, partner)
    await site.add("cam_1", Rank.CONTINUOUS, village, partner)  # the partner's is full
    await site.add("cam_2", Rank.CONTINUOUS, village)
    await site.add("cam_3", Rank.CONTINUOUS)
    await site.add("cam_4", Rank.CONTINUOUS)  # the gateway's is full
    assert site.open() == {"cam_0", "cam_2", "cam_3"}


async def test_a_person_goes_before_a_camera_that_nobody_watches_and_it_is_closed_first(site: Site) -> None:
    village = line(connections=1)
    quiet = await site.add("quiet", Rank.CONTINUOUS, village)
    watched = await site.add("watched", Rank.WATCHED, village)
    assert quiet.told_to_go == 1
    assert not watched.open  # the connection of the other is still there
    assert watched.claim is not None
    assert not watched.claim.hopeless
    await site.goodbyes()
    assert site.open() == {"watched"}
    await watched.leave()
    await settle()
    assert site.open() == {"quiet"}


async def test_a_look_goes_before_the_continuous_and_after_the_watched(site: Site) -> None:
    village = line(connections=2)
    await site.add("watched", Rank.WATCHED, village)
    quiet = await site.add("quiet", Rank.CONTINUOUS, village)
    await site.add("look", Rank.LOOK, village)
    await site.goodbyes()
    assert site.open() == {"watched", "look"}
    assert quiet.told_to_go == 1


async def test_who_lingers_gives_way_to_anybody(site: Site) -> None:
    village = line(connections=1)
    await site.add("lingers", Rank.LINGERING, village)
    await site.add("quiet", Rank.CONTINUOUS, village)
    await site.goodbyes()
    assert site.open() == {"quiet"}


async def test_among_people_nobody_is_thrown_out_and_the_next_one_hears_that_it_is_full(site: Site) -> None:
    village = line(connections=1)
    first = await site.add("first", Rank.WATCHED, village)
    second = await site.add("second", Rank.WATCHED, village)
    await site.pass_s(600)
    assert first.told_to_go == 0
    assert second.claim is not None
    assert second.claim.hopeless
    site.uplinks.rank(first.claim or second.claim, Rank.LINGERING)  # the first one's viewer has gone
    await site.goodbyes()
    assert site.open() == {"second"}


async def test_continuous_cameras_that_do_not_all_fit_take_turns(site: Site) -> None:
    village = line(connections=2)
    for number in range(6):
        await site.add(f"cam_{number}", Rank.CONTINUOUS, village)
    seen: set[str] = set()
    for _ in range(4):
        seen |= site.open()
        assert len(site.open()) == 2
        await site.pass_s(int(TURN_S) + 1)
    assert len(seen) == 6


async def test_what_an_opening_will_take_is_what_it_took_or_what_its_neighbours_take(site: Site) -> None:
    village = line(mbit_s=4.0)
    await site.add("cam_0", Rank.CONTINUOUS, village)
    await site.add("cam_1", Rank.CONTINUOUS, village)
    assert site.open() == {"cam_0"}  # two unknown ones would be taken for 4 Mbit/s, and some must stay free
    await site.pass_s(int(WINDOW_S) + 1)
    assert site.open() == {"cam_0", "cam_1"}
    for number in range(2, 20):
        await site.add(f"cam_{number}", Rank.CONTINUOUS, village)
    (use,) = site.uplinks.lines()
    assert len(site.open()) == 6  # 525 kbit/s each with what carries it
    assert use.kbps <= FILLED * 4000


async def test_a_camera_on_a_line_narrower_than_a_main_stream_is_tried_all_the_same(site: Site) -> None:
    assert UNKNOWN_KBPS > 1000
    await site.add("cam_0", Rank.CONTINUOUS, line(mbit_s=1.0), kbps=300)
    assert site.open() == {"cam_0"}


async def test_when_rates_grow_the_newest_that_nobody_watches_is_closed_until_the_budget_holds(site: Site) -> None:
    village = line(mbit_s=4.0)
    watched = await site.add("watched", Rank.WATCHED, village)
    await site.pass_s(7)
    older = await site.add("older", Rank.CONTINUOUS, village)
    await site.pass_s(1)
    newer = await site.add("newer", Rank.CONTINUOUS, village)
    await site.pass_s(7)
    assert site.open() == {"watched", "older", "newer"}
    watched.kbps = 3000
    await site.pass_s(int(WINDOW_S), goodbyes=False)
    assert (watched.told_to_go, older.told_to_go, newer.told_to_go) == (0, 0, 1)
    await site.goodbyes()
    assert site.open() == {"watched", "older"}


async def test_a_camera_that_alone_is_too_much_stays_closed_holds_nobody_up_and_is_tried_again_later(
    site: Site,
) -> None:
    village = line(mbit_s=2.0)
    fat = await site.add("fat", Rank.CONTINUOUS, village, kbps=5000)
    await site.pass_s(int(WINDOW_S) + 1)
    assert not fat.open
    assert fat.claim is not None
    assert fat.claim.hopeless
    await site.add("slim", Rank.CONTINUOUS, village, kbps=300)
    assert site.open() == {"slim"}
    fat.kbps = 300
    await site.pass_s(int(REMEMBERED_S) + 2)
    assert site.open() == {"slim", "fat"}


async def test_a_budget_that_is_made_smaller_holds_at_the_next_review(site: Site) -> None:
    cameras = [await site.add(f"cam_{n}", Rank.CONTINUOUS, line(connections=4)) for n in range(4)]
    for camera in cameras:
        assert camera.claim is not None
        camera.uplinks = (line(connections=1),)
        site.uplinks.move(camera.claim, camera.uplinks)
    await site.pass_s(1)
    assert len(site.open()) == 1


async def test_who_is_cancelled_while_waiting_leaves_no_trace(site: Site) -> None:
    village = line(connections=1)
    first = await site.add("first", Rank.CONTINUOUS, village)
    second = await site.add("second", Rank.CONTINUOUS, village)
    await second.leave()
    await first.leave()
    assert site.uplinks.waiting == 0
    assert list(site.uplinks.lines()) == []


@pytest.mark.parametrize("seed", range(10))
async def test_whatever_comes_and_goes_no_budget_is_exceeded(clock: FakeClock, seed: int) -> None:
    """Connections never; Mbit/s, as measured, never for longer than the window in which a rate is measured."""
    rng = random.Random(seed)
    lines = [line(f"line_{n}", rng.choice((None, 1.5, 4.0, 20.0)), rng.choice((None, 1, 3, 8))) for n in range(4)]
    site = Site(clock, own=line("gateway:own", mbit_s=12.0, connections=10))
    for _ in range(250):
        for _ in range(rng.randrange(3)):
            if len(site.cameras) < 30 and rng.random() < 0.4:
                mine = rng.sample(lines, rng.randrange(3))
                await site.add(f"c{len(site.cameras)}", rng.choice(list(Rank)), *mine, kbps=rng.uniform(50, 3000))
            elif site.cameras:
                camera = rng.choice(site.cameras)
                match rng.randrange(4):
                    case 0:
                        await camera.leave()
                    case 1 if camera.claim is None:
                        camera.ask()
                    case 2:
                        camera.kbps = rng.uniform(50, 3000)
                    case _ if camera.claim is not None:
                        site.uplinks.rank(camera.claim, rng.choice(list(Rank)))
        await site.pass_s(1, goodbyes=rng.random() < 0.7)
        for use in site.uplinks.lines():
            uplink = use.uplink
            assert uplink.connections is None or use.connections <= uplink.connections
            staying = sum(
                c.claim.kbps
                for c in site.cameras
                if c.claim is not None and c.open and not c.leaving and uplink in c.claim.uplinks
            )
            assert uplink.mbit_s is None or staying <= uplink.mbit_s * 1000 * (1 + 1e-9)
    await site.pass_s(int(WINDOW_S) + 2)
    for use in site.uplinks.lines():
        really = sum(c.kbps for c in site.cameras if c.claim is not None and c.open and use.uplink in c.claim.uplinks)
        assert use.uplink.mbit_s is None or really <= use.uplink.mbit_s * 1000
    assert site.uplinks.gave_way > 0


async def test_with_everybody_gone_the_ledger_is_empty(clock: FakeClock) -> None:
    site = Site(clock, own=line("gateway:own", connections=2))
    for number in range(5):
        await site.add(f"cam_{number}", Rank.CONTINUOUS, line(connections=3))
    for camera in site.cameras:
        await camera.leave()
    assert site.open() == set()
    assert list(site.uplinks.lines()) == []
