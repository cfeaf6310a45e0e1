"""`probe camera add`: registers a camera with the running hub and waits, for a bounded time, for its first picture."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from typing import Annotated
from urllib.parse import urlsplit

import typer
from pydantic import JsonValue

from hub.clock import Clock, SystemClock
from hub.contracts.camera import CameraKind, CameraState, Cause
from hub.errors import ErrorKind, HubError
from probe.camera.options import (
    AudioOption,
    CodeOption,
    DataOption,
    EveryOption,
    ImportanceOption,
    JsonFlag,
    LatitudeOption,
    LongitudeOption,
    PasswordStdin,
    PersonOption,
    RecordingsOption,
    TagOption,
    TransportOption,
    UrlOption,
    UsernameOption,
    WatchOption,
)
from probe.camera.record import CameraRecord, find_area
from probe.camera.watching import described, watching
from probe.console_client import ConsoleClient
from probe.language import say
from probe.printer import print_json, print_line
from probe.target import Target, ask_password

_HOPELESS = {  # waiting longer will not help: somebody has to change something
    Cause.LOGIN_REFUSED,
    Cause.NOT_FOUND,
    Cause.CODEC,
    Cause.FORBIDDEN_ADDRESS,
    Cause.REDIRECTED,
    Cause.NO_CONSENT,
    Cause.DISABLED,
}
_ASK_EVERY_S = 0.25


def add(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help=say("arg_address"))],
    name: Annotated[str | None, typer.Option("--name", "-n", help=say("opt_name"))] = None,
    area: Annotated[str | None, typer.Option("--area", "-a", help=say("opt_area"))] = None,
    kind: Annotated[CameraKind, typer.Option("--kind", help=say("opt_kind"))] = CameraKind.PUBLIC,
    place: Annotated[str | None, typer.Option("--place", help=say("opt_place"))] = None,
    watch: WatchOption = None,
    every: EveryOption = None,
    transport: TransportOption = None,
    audio: AudioOption = None,
    importance: ImportanceOption = None,
    code: CodeOption = None,
    longitude: LongitudeOption = None,
    latitude: LatitudeOption = None,
    recordings: RecordingsOption = None,
    tag: TagOption = None,
    user: UsernameOption = None,
    password_stdin: PasswordStdin = False,
    wait: Annotated[float, typer.Option("--wait", help=say("opt_wait"), min=0)] = 20.0,
    data: DataOption = None,
    url: UrlOption = None,
    person: PersonOption = None,
    json: JsonFlag = False,
) -> None:
    """Add a camera and wait for its first picture; exit 1 with the reason when none comes."""
    body: dict[str, JsonValue] = {"name": name or default_name(address), "kind": kind.value}
    body[_field_of(address)] = address
    body |= watching(watch, every, transport, audio, importance)
    body |= described(code, longitude, latitude, recordings, tag)
    if place is not None:
        body["place"] = place
    if user is not None:
        body["username"] = user
        body["password"] = read_camera_password(user, password_stdin)
    with Target(data, url, person).connect() as client:
        body["area_id"] = find_area(client, area).id
        camera = client.send(CameraRecord, "POST", "/api/cameras", body)
        if not json:
            print_line(say("camera_registered", name=camera.name, id=camera.id))
            for line in _what_it_is(camera):
                print_line(line)
        last = camera
        for last in follow(client, camera.id, wait, SystemClock()):
            if not json and last.state is not CameraState.ONLINE:
                print_line(say("camera_waits", state=last.state_text()))
        if json:
            print_json(last.model_dump(mode="json"))
    if wait == 0:
        return
    if last.state is not CameraState.ONLINE:
        raise HubError(ErrorKind.UNREACHABLE, "probe.camera_no_picture", name=last.name, reason=last.reason())
    if not json:
        print_line(say("camera_first_picture", name=last.name, facts=facts_text(last)))


def follow(client: ConsoleClient, camera_id: str, wait_s: float, clock: Clock) -> Iterator[CameraRecord]:
    """The camera each time its state or cause changed, until it is online, is hopeless, or `wait_s` is over."""
    end = clock.monotonic() + wait_s
    seen: tuple[CameraState, Cause] | None = None
    while clock.monotonic() < end:
        camera = client.get(CameraRecord, f"/api/cameras/{camera_id}")
        if (camera.state, camera.cause) != seen:
            seen = (camera.state, camera.cause)
            yield camera
        if camera.state is CameraState.ONLINE or camera.cause in _HOPELESS:
            return
        asyncio.run(clock.sleep(_ASK_EVERY_S))


def facts_text(camera: CameraRecord) -> str:
    """`H264 768×432 10 fps`, as far as it is known."""
    facts = camera.facts
    parts = [facts.codec.upper() if facts.codec else ""]
    parts.append(f"{facts.width_px}×{facts.height_px}" if facts.width_px and facts.height_px else "")
    parts.append(f"{facts.frame_rate:g} fps" if facts.frame_rate else "")
    return " ".join(part for part in parts if part)


def _field_of(address: str) -> str:
    """An RTSP address with a path is taken as it is; of anything else the device is asked which stream to pull."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "url"
    names_stream = parts.scheme.lower() in ("rtsp", "rtsps") and parts.path not in ("", "/")
    return "url" if names_stream else "address"


def _what_it_is(camera: CameraRecord) -> Iterator[str]:
    """What the device said of itself, and why this of its streams."""
    device = camera.device
    words = " ".join(part for part in (device.manufacturer, device.model, device.firmware) if part)
    if words:
        yield f"  {words}"
    for profile in camera.profiles:
        if profile.pulled:
            yield from (f"  {why}" for why in profile.why_text)


def default_name(address: str) -> str:
    """A name for a camera that was given none: its host and path, without credentials."""
    try:
        parts = urlsplit(address if "://" in address else f"//{address}")
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.hostname or '?'}{port}{parts.path}"[:60]
    except ValueError:
        return "?"


def read_camera_password(user: str, from_stdin: bool) -> str:
    """The camera's password: a line of standard input, or `PROBE_CAMERA_PASSWORD`, or asked at the terminal."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return ask_password(say("password_of_camera", user=user), "PROBE_CAMERA_PASSWORD")
