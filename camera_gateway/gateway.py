"""One camera gateway put together: who is made of what, what runs, in which order it stops.

Everything runs on one event loop; decoding of snapshots and drawing anew in threads apart. Made once Redis answers;
used by `gateway run`, by the bench and by tests alike.
"""

from __future__ import annotations

import asyncio
import random
from zoneinfo import ZoneInfo

from camera_gateway import garbage
from camera_gateway.admission import Admission
from camera_gateway.cure.fixes import Fixes
from camera_gateway.doctor.gateway_tests import CameraTests
from camera_gateway.frames import FramePublisher
from camera_gateway.joining import Joining
from camera_gateway.joining_onvif import OnvifJoining
from camera_gateway.knock import Knocker
from camera_gateway.live.mse import MsePlayers
from camera_gateway.live.seats import Seats
from camera_gateway.live.transcode import Transcodings
from camera_gateway.live.webrtc.players import WhepPlayers
from camera_gateway.manager import Manager
from camera_gateway.names import Names
from camera_gateway.onvif.devices import Devices
from camera_gateway.onvif.events import EventWatch
from camera_gateway.onvif.ptz import Ptz
from camera_gateway.onvif.wire import OnvifWire
from camera_gateway.opening import Ramp
from camera_gateway.republish.server import Republisher
from camera_gateway.republish.showing import Surroundings as Republishing
from camera_gateway.snapshot import Snapshots
from camera_gateway.status import StatusReporter
from camera_gateway.surroundings import SourceMaker, Surroundings
from camera_gateway.sweep import Sweeps
from camera_gateway.uplink import Uplinks
from camera_gateway.viewing import Register
from hub import log
from hub.addresses import AddressPolicy
from hub.bus import Bus
from hub.clock import Clock
from hub.contracts.camera import CameraSpec
from hub.contracts.uplink import Uplink
from hub.errors import HubError
from hub.secrets import MasterKey
from hub.settings import GatewaySettings, Settings
from hub.tickets import TicketSigner

logger = log.get("camera_gateway.gateway")

_LAST_WORDS_S = 1.0
_CANCEL_S, _CANCEL_TRIES = 0.2, 5


class Gateway:
    """The parts, and the tasks that keep them going between `begin` and `close`."""

    def __init__(self, settings: Settings, bus: Bus, key: MasterKey, clock: Clock, make_source: SourceMaker) -> None:
        mine = settings.gateway
        self.id = mine.id
        self.clock = clock
        self.ramp = Ramp(clock, mine.opens_per_s, mine.opens_per_address_s)
        self.frames = FramePublisher(bus, clock, mine.id)
        self.statuses = StatusReporter(bus, clock)
        self.register = Register(bus, clock, mine.id)
        signer = TicketSigner(key.derive(b"tickets"), clock)
        self.admission = Admission(signer, bus, clock, settings.console.ticket_s)

        def open_password(spec: CameraSpec) -> str | None:
            return None if spec.sealed_password is None else key.open(spec.sealed_password, spec.camera_id)

        own_ports = (
            mine.port,
            mine.republish_port,
            settings.console.port,
            settings.analytics.detect_port,
            settings.analytics.judge_port,
        )
        policy = AddressPolicy(settings.addresses.allow, own_ports, Names())
        self.uplinks = Uplinks(clock, _own_line(mine))
        self.knocker = Knocker(clock, policy)
        around = Surroundings(
            settings=mine,
            clock=clock,
            policy=policy,
            ramp=self.ramp,
            uplinks=self.uplinks,
            knocker=self.knocker,
            make_source=make_source,
            open_password=open_password,
            statuses=self.statuses,
            frames=self.frames,
            rng=random.Random(),  # noqa: S311 - spreads reconnects, guards nothing
            grace_until_s=clock.monotonic() + mine.restart_grace_s,
        )
        self.manager = Manager(around, bus, self.admission)
        self.transcodings = Transcodings(mine.transcode_mpixel_s, ZoneInfo(settings.timezone), mine.gop_max_bytes)
        seats = Seats(mine, self.manager.cameras.get, lambda: self.manager.viewers)
        self.players = MsePlayers(mine, self.admission, self.register, seats, self.transcodings)
        self.whep = WhepPlayers(mine, self.admission, self.register, seats, self.transcodings, clock)
        republishing = Republishing(
            mine, clock, seats, self.register, self.transcodings, settings.console.watermark == "all"
        )
        self.republisher = Republisher(republishing, self.manager.cameras, key)
        self.snapshots = Snapshots(clock)
        self.onvif_wire = OnvifWire()
        self.tests = CameraTests(around, self.onvif_wire)
        self.fixes = Fixes(around, self.onvif_wire)
        self.finder = OnvifJoining(self.onvif_wire, policy, clock)
        self.joining = Joining(
            clock, self.finder.discover, self.finder.read, lambda: tuple(self.manager.cameras.values()), key.open
        )
        self.devices = Devices(self.onvif_wire, policy, clock, open_password)
        self.ptz = Ptz(clock, self.devices, self.register, self.manager.spec)
        self.camera_events = EventWatch(around, self.devices, bus, self.manager.cameras)
        self.sweeps = Sweeps(self.manager.cameras, around)
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self) -> None:
        """Start all loops."""
        manager = self.manager
        loops = {
            "register": self.register.run(),
            "frames": self.frames.run(),
            "statuses": self.statuses.run(),
            "knocks": self.knocker.run(),
            "specs": manager.follow(),
            "tick": manager.tick(),
            "webrtc": self.whep.run(),
            "republish": self.republisher.run(),
            "ptz": self.ptz.run(),
            "camera events": self.camera_events.run(),
            "hello": self.finder.hellos(self.joining.heard),
            "garbage": garbage.collect(self.clock),
        }
        self._tasks = [asyncio.create_task(loop, name=name) for name, loop in loops.items()]

    async def close(self) -> None:
        """Viewers are told, cameras get a goodbye, what was seen is written down; at most about three seconds."""
        self.sweeps.stop()
        await _end(self._tasks)
        await asyncio.gather(self.ptz.close(), self.camera_events.close())
        await self.manager.close()
        await self.whep.close()
        await self.republisher.close()
        await self.onvif_wire.close()
        # The handlers of the viewers write their closings while their goodbyes are said.
        await asyncio.sleep(0.05)
        self.register.close_all()
        self.snapshots.close()
        self.transcodings.close()
        try:
            async with asyncio.timeout(_LAST_WORDS_S):
                await self.register.flush()
        except (TimeoutError, HubError) as error:
            # What could not be written is closed by the next self of this gateway, from what Redis has as open.
            logger.warning("gateway.viewings_unpublished", count=self.register.waiting, error=repr(error))
        await self.transcodings.joined()


def _own_line(mine: GatewaySettings) -> Uplink | None:
    """The gateway's own, where it has a budget."""
    if mine.uplink_mbit_s is None and mine.uplink_connections is None:
        return None
    uplink_id = f"gateway:{mine.id}"[:64]
    return Uplink(
        uplink_id=uplink_id, name=mine.id[:64], mbit_s=mine.uplink_mbit_s, connections=mine.uplink_connections
    )


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel them, again if need be: a library between may lose a cancellation."""
    left = set(tasks)
    for _ in range(_CANCEL_TRIES):
        for task in left:
            task.cancel()
        if left:
            _, left = await asyncio.wait(left, timeout=_CANCEL_S)
    if left:
        logger.error("gateway.tasks_left", names=[task.get_name() for task in left])
