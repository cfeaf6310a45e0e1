"""`probe demo`: the whole of it on this machine with simulated cameras, seeded as a person would, in one command.

Chooses ports and a folder, starts the simulator and the hub under one supervisor, fills the hub over REST, waits
until each camera has delivered a picture, says where to go, and stays until it is interrupted. Nothing is left
running; the folder is removed unless `--data` named it. The main thread runs the supervisor's loop; the seeding runs
in one thread beside it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from json import dumps as json_text
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from hub.clock import Clock, SystemClock
from hub.errors import ErrorKind, HubError
from hub.settings import Settings
from probe import demo_material, demo_places, ports
from probe.child import LineSink
from probe.console_client import ConsoleClient
from probe.demo_seed import DemoCamera, DemoUser, Seed, SimulatedCamera, delivering
from probe.language import say
from probe.launch import HubHere, logging_to
from probe.printer import print_json
from probe.service import ServiceSpec

app = typer.Typer(add_completion=False)

READY_WITHIN_S = 60.0
_MORE_FOR_EACH_CAMERA_S = 0.5
_ASK_EVERY_S = 0.25


@dataclass(frozen=True, slots=True)
class DemoReady:
    """What there is to show once every camera has delivered a picture."""

    url: str
    gateway_url: str
    users: Sequence[DemoUser]
    cameras: Sequence[DemoCamera]
    drawn: bool
    data_dir: Path


@dataclass(frozen=True, slots=True)
class DemoWish:
    """What was asked for."""

    cameras: int
    clip: Path | None
    port: int
    simulator_port: int
    data_dir: Path
    states: bool
    keep_in: Path | None = None  # what was drawn or coded is kept there for the next demo; None: gone with this one


class _Offered(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    name: str
    rtsp_url: str
    zone: tuple[tuple[float, float], ...] = demo_places.ZONE


class _SimulatorLine(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    cameras: tuple[_Offered, ...]


@app.command(help=say("group_demo"))
def demo(
    cameras: Annotated[int, typer.Option("--cameras", min=1, max=1000, help=say("opt_demo_cameras"))] = 9,
    clip: Annotated[Path | None, typer.Option("--clip", help=say("opt_demo_clip"))] = None,
    port: Annotated[int, typer.Option("--port", help=say("opt_demo_port"))] = 8600,
    data: Annotated[Path | None, typer.Option("--data", help=say("opt_demo_data"), file_okay=False)] = None,
    states: Annotated[bool, typer.Option("--states", help=say("opt_demo_states"))] = False,
    json: Annotated[bool, typer.Option("--json", help=say("opt_json"))] = False,
) -> None:
    """Run the demo until it is interrupted."""
    if clip is not None and not clip.is_file():
        raise HubError(ErrorKind.INVALID, "probe.no_such_clip", file=str(clip))
    simulator_port = ports.free_port()
    ports.require_free(
        {
            say("port_console"): port,
            say("port_gateway"): port + 1,
            say("port_detect"): port + 2,
            say("port_judge"): port + 3,
        }
    )
    found = clip or demo_material.find(demo_material.CLIP)
    # What somebody filmed themselves is kept nowhere but in this demo's own folder.
    scenes = demo_material.cache_dir() / "simulator" if clip is None else None
    with _folder(data) as data_dir:
        wish = DemoWish(cameras, found, port, simulator_port, data_dir, states, scenes)
        os.environ.update(environment_of(wish))
        settings = Settings()
        if found is not None:
            demo_material.place_weights(settings)
        with logging_to(data_dir / "demo.log", settings) as to_file:
            lines = SimulatorLines(to_file)
            hub = HubHere(settings, SystemClock(), [simulator(wish)])
            hub.run(lambda here, give_up: _present(wish, here, lines, give_up, json), lines)


def environment_of(wish: DemoWish) -> dict[str, str]:
    """The settings of the demo's hub, as its processes read them."""
    return {
        "PROBE_DATA_DIR": str(wish.data_dir),
        "PROBE_CONSOLE__PORT": str(wish.port),
        "PROBE_GATEWAY__PORT": str(wish.port + 1),
        "PROBE_GATEWAY__WEBRTC_PORT": str(wish.port + 5),
        "PROBE_ANALYTICS__DETECT_PORT": str(wish.port + 2),
        "PROBE_ANALYTICS__JUDGE_PORT": str(wish.port + 3),
        # The simulated cameras, and whatever camera of their own people try here. Our own ports stay refused.
        "PROBE_ADDRESSES__ALLOW": json_text([*Settings().addresses.allow, "127.0.0.0/8"]),
        # All the demo's cameras are one address; the limit is there for NVRs, which do not like many logins at once.
        "PROBE_GATEWAY__OPENS_PER_ADDRESS_S": "40",
        "PROBE_CENTRE_NAME": demo_places.CENTRE_NAME,
    }


def simulator(wish: DemoWish) -> ServiceSpec:
    """The process that plays the cameras; it draws while the services start."""
    arguments = ["sim", "--cameras", str(wish.cameras), "--port", str(wish.simulator_port), "--json"]
    if wish.clip is not None:
        arguments += ["--clip", str(wish.clip)]
    if wish.keep_in is not None:
        arguments += ["--cache", str(wish.keep_in)]
    return ServiceSpec(
        name="simulator",
        argv=(sys.executable, "-m", "probe.cli", *arguments),
        ports=(("127.0.0.1", wish.simulator_port),),
        ready=_accepts("127.0.0.1", wish.simulator_port),
    )


class SimulatorLines:
    """Hands all lines on, keeps the simulator's line of JSON; written by the supervisor's loop, read by one thread."""

    def __init__(self, onward: LineSink) -> None:
        self._onward = onward
        self._said = threading.Event()
        self._line = ""

    def __call__(self, service: str, stream: str, line: str) -> None:
        """A sink of the supervisor."""
        if service == "simulator" and stream == "stdout":
            self._line = line
            self._said.set()
            return
        self._onward(service, stream, line)

    def wait(self) -> str:
        """Its line of JSON. Raises HubError BROKEN when it does not come."""
        if not self._said.wait(READY_WITHIN_S):
            raise HubError(ErrorKind.BROKEN, "probe.simulator_silent")
        return self._line


def _present(wish: DemoWish, hub: HubHere, lines: SimulatorLines, give_up: threading.Event, json: bool) -> None:
    simulated = simulated_cameras(lines.wait())
    drawn = wish.clip is None
    with hub.client() as client:
        seed = Seed(client, hub.clock, drawn=drawn, labels=("person", "motion") if drawn else ("person",))
        seed.areas()
        users = seed.people()
        cameras = seed.cameras(simulated)
        if wish.states:
            seed.states(simulated[0])
        if not _all_deliver(client, cameras, hub.clock, give_up):
            return
    ready = DemoReady(hub.console_url, hub.gateway_url, users, cameras, drawn, wish.data_dir)
    if json:
        print_json(line_of(ready))
    else:
        from probe.demo_welcome import welcome

        welcome(ready)


def _all_deliver(client: ConsoleClient, cameras: Sequence[DemoCamera], clock: Clock, give_up: threading.Event) -> bool:
    """Wait until each has delivered a picture; False when it was interrupted."""
    end = clock.monotonic() + READY_WITHIN_S + _MORE_FOR_EACH_CAMERA_S * len(cameras)
    while (count := delivering(client, cameras)) < len(cameras):
        if clock.monotonic() > end:
            raise HubError(ErrorKind.TIMEOUT, "probe.demo_not_ready", count=count, all=len(cameras))
        if give_up.wait(_ASK_EVERY_S):
            return False
    return True


def _accepts(host: str, port: int) -> Callable[[], Awaitable[bool]]:
    async def ask() -> bool:
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            return False
        writer.close()
        return True

    return ask


def simulated_cameras(line: str) -> list[SimulatedCamera]:
    """What the simulator's line of JSON offers."""
    try:
        offered = _SimulatorLine.model_validate_json(line).cameras
    except ValidationError as error:
        raise HubError(ErrorKind.BROKEN, "probe.simulator_silent") from error
    return [SimulatedCamera(camera.name, camera.rtsp_url, camera.zone) for camera in offered]


def line_of(ready: DemoReady) -> JsonValue:
    """The demo's one line of JSON."""
    return {
        "url": ready.url,
        "gateway_url": ready.gateway_url,
        "users": [{"name": u.name, "role": u.role, "password": u.password} for u in ready.users],
        "cameras": [{"id": c.id, "name": c.name, "rtsp_url": c.rtsp_url} for c in ready.cameras],
    }


@contextlib.contextmanager
def _folder(named: Path | None) -> Iterator[Path]:
    if named is not None:
        try:
            named.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise HubError(ErrorKind.INVALID, "probe.cannot_write", file=str(named), why=error.strerror) from error
        yield named.resolve()
        return
    made = Path(tempfile.mkdtemp(prefix="probe-demo-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
        sys.stdout.flush()
