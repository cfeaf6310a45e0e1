"""The command `probe sim`: simulated cameras on loopback until it is told to stop, and one line saying where they are.

Runs its own event loop (uvloop where there is one). Clips are made before the port opens, so that the line means ready.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from camera_gateway.simulator.clip import Coding
from camera_gateway.simulator.codec import CODECS
from camera_gateway.simulator.faults import FAULTS, Fault
from camera_gateway.simulator.login import LoginScheme
from camera_gateway.simulator.onvif.discovery import PORT as DISCOVERY_PORT
from camera_gateway.simulator.onvif.faults import ONVIF_FAULTS, OnvifFault
from camera_gateway.simulator.onvif.pairs import paired
from camera_gateway.simulator.onvif.server import OnvifFleet
from camera_gateway.simulator.onvif.state import OnvifCamera
from camera_gateway.simulator.places import Place, places_for
from camera_gateway.simulator.server import SimulatedCamera, SimulatedFleet
from hub.errors import ErrorKind, HubError
from hub.settings import Settings

app = typer.Typer(add_completion=False)
_Fault = TypeVar("_Fault")


class CodecName(StrEnum):
    """Of `--codec`."""

    H264 = "h264"
    H265 = "h265"


class Discovery(StrEnum):
    """Of `--discovery`."""

    NONE = "none"
    UNICAST = "unicast"
    MULTICAST = "multicast"


@dataclass(frozen=True, slots=True)
class _Wish:
    """Where they listen, and what is printed."""

    host: str
    port: int
    json_wanted: bool
    discovery: Discovery = Discovery.NONE


_FAULTS_HELP = "NAME, NAME:ARGUMENT or CAMERA=NAME (1, 2, …). " + "; ".join(
    f"{name}: {kind.meaning}" + (f" (default {kind.default})" if kind.default else "") for name, kind in FAULTS.items()
)
_ONVIF_FAULTS_HELP = "As --fault, for what they say by ONVIF. " + "; ".join(
    f"{name}: {kind.meaning}" + (f" (default {kind.default})" if kind.default else "")
    for name, kind in ONVIF_FAULTS.items()
)


@app.command()
def sim(
    cameras: Annotated[int, typer.Option(min=1, max=2000, help="How many cameras.")] = 1,
    clip: Annotated[Path | None, typer.Option(help="A video file to play; without it, drawn scenes.")] = None,
    scene: Annotated[str | None, typer.Option(help="day or night: only drawn scenes of that kind.")] = None,
    codec: Annotated[CodecName, typer.Option(help="How the pictures are coded.")] = CodecName.H264,
    b_frames: Annotated[int, typer.Option(min=0, max=8, help="B-frames between two others.")] = 0,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one.")] = 0,
    user: Annotated[str | None, typer.Option(help="Ask for this user name.")] = None,
    password: Annotated[str, typer.Option(envvar="PROBE_SIM_PASSWORD", help="And this password.")] = "",
    login: Annotated[LoginScheme, typer.Option(help="How the cameras ask for it.")] = LoginScheme.DIGEST,
    fault: Annotated[list[str] | None, typer.Option(help=_FAULTS_HELP)] = None,
    session_timeout: Annotated[int, typer.Option(min=1, help="Seconds without a request until a session ends.")] = 60,
    sound: Annotated[
        bool, typer.Option("--sound", help="The cameras hear something: G.711 on a second track.")
    ] = False,
    onvif: Annotated[
        bool, typer.Option("--onvif", help="They speak ONVIF too: a second, smaller stream, PTZ, events, settings.")
    ] = False,
    onvif_port: Annotated[int, typer.Option(min=0, max=65535, help="Of the first; the next has the next. 0: any.")] = 0,
    onvif_fault: Annotated[list[str] | None, typer.Option(help=_ONVIF_FAULTS_HELP)] = None,
    discovery: Annotated[
        Discovery, typer.Option(help="With --onvif: answer WS-Discovery on UDP 3702, asked at the address or by all.")
    ] = Discovery.NONE,
    cache: Annotated[Path | None, typer.Option(help="Where encoded clips are kept.")] = None,
    json_wanted: Annotated[bool, typer.Option("--json", help="One line of JSON when ready.")] = False,
) -> None:
    """Cameras that are not there: RTSP from a clip or a drawn scene, with faults on request."""
    if scene not in (None, "day", "night"):
        raise HubError(ErrorKind.INVALID, "simulator.scene_unknown", name=scene)
    everywhere, alone = _faults(fault or [], cameras, Fault.parse)
    said_everywhere, said_alone = _faults(onvif_fault or [], cameras, OnvifFault.parse)
    kept = cache or Settings().data_dir / "simulator"
    coding = Coding(codec=CODECS[codec.value], b_frames=b_frames)
    places = places_for(cameras, clip=clip, light=scene, cache=kept, coding=None if coding == Coding() else coding)
    fleet = [
        SimulatedCamera(
            name=place.name,
            clip=place.clip,
            start_s=place.start_s,
            username=user,
            password=password,
            scheme=login,
            session_timeout_s=session_timeout,
            sound=sound,
            faults=tuple(everywhere + alone.get(number, [])),
        )
        for number, place in enumerate(places, 1)
    ]
    faces: list[OnvifCamera] = []
    if onvif:
        wrongs = [said_everywhere + said_alone.get(number, []) for number in range(1, cameras + 1)]
        fleet, faces = paired(fleet, wrongs, onvif_port)
    serving = _serve(fleet, faces, places, _Wish(host, port, json_wanted, discovery))
    try:
        import uvloop
    except ImportError:  # a Windows laptop
        asyncio.run(serving)
    else:
        uvloop.run(serving)


def _faults(
    texts: list[str], cameras: int, parse: Callable[[str], _Fault]
) -> tuple[list[_Fault], dict[int, list[_Fault]]]:
    everywhere: list[_Fault] = []
    alone: dict[int, list[_Fault]] = {}
    for text in texts:
        which, equals, fault = text.partition("=")
        if equals and which.isdigit():
            if not 1 <= int(which) <= cameras:
                raise HubError(ErrorKind.INVALID, "simulator.no_such_camera", number=which, cameras=cameras)
            alone.setdefault(int(which), []).append(parse(fault))
        else:
            everywhere.append(parse(text))
    return everywhere, alone


async def _serve(cameras: list[SimulatedCamera], faces: list[OnvifCamera], places: list[Place], wish: _Wish) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    if os.name == "posix":
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopping.set)
    async with AsyncExitStack() as stack:
        try:
            fleet = await stack.enter_async_context(SimulatedFleet(cameras, host=wish.host, port=wish.port))
        except OSError as error:
            raise HubError(ErrorKind.CONFLICT, "simulator.port_taken", port=wish.port) from error
        onvif = await _speak(stack, fleet, faces, wish) if faces else None
        about = [_told(fleet, onvif, place, index) for index, place in enumerate(places)]
        if wish.json_wanted:
            text = json.dumps({"cameras": about}, ensure_ascii=False)
        else:
            text = "\n".join(_line(camera) for camera in about)
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
        await stopping.wait()


async def _speak(stack: AsyncExitStack, fleet: SimulatedFleet, faces: list[OnvifCamera], wish: _Wish) -> OnvifFleet:
    answers = wish.discovery is not Discovery.NONE
    onvif = OnvifFleet(
        fleet,
        faces,
        host=wish.host,
        discovery_port=DISCOVERY_PORT if answers else None,
        multicast=wish.discovery is Discovery.MULTICAST,
    )
    try:
        return await stack.enter_async_context(onvif)
    except OSError as error:
        port = faces[0].port or DISCOVERY_PORT
        raise HubError(ErrorKind.CONFLICT, "simulator.port_taken", port=port) from error


def _told(fleet: SimulatedFleet, onvif: OnvifFleet | None, place: Place, index: int) -> dict[str, object]:
    said: dict[str, object] = {
        "name": place.name,
        "rtsp_url": fleet.url(index),
        "scene": place.scene,
        "zone": place.zone,
    }
    return said if onvif is None else said | {"onvif_url": onvif.url(index)}


def _line(camera: dict[str, object]) -> str:
    return "  ".join(str(camera[key]) for key in ("rtsp_url", "onvif_url", "name") if key in camera)
