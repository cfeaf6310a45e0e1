"""`probe camera discover --register`: the hub's gateway searches, and all that answer to a login are registered.

Registers one after the other, as a person would, with one line each; what is registered already is left alone, so
that a second run does the rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

import typer
from pydantic import BaseModel, ConfigDict, JsonValue

from hub.clock import Clock, SystemClock
from hub.contracts.camera import CameraKind
from hub.errors import ErrorKind, HubError
from hub.plain import plain
from probe.camera.record import CameraRecord, find_area
from probe.console_client import ConsoleClient
from probe.language import say
from probe.printer import print_json, print_line
from probe.target import Target

_ASK_EVERY_S = 0.5
_TOO_FAST_S = 2.0
_MOST_TRIES = 20  # of one device while the console says "too often"


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class KnownCamera(_Answer):
    """A camera that a device is already; without a name where it is none of ours to see."""

    id: str | None = None
    name: str | None = None


class FoundDevice(_Answer):
    """A device of a search."""

    address: str
    ip: str
    name: str | None = None
    hardware: str | None = None
    cameras: tuple[KnownCamera, ...] = ()

    @property
    def title(self) -> str:
        """What it is called until somebody names it."""
        told = " ".join(dict.fromkeys(part for part in (self.name, self.hardware) if part))
        return f"{plain(told)[:40]} {self.ip}".strip()[:64]


class Discovery(_Answer):
    """A search as the console answers it."""

    id: str
    state: str
    problem: str | None = None
    devices: tuple[FoundDevice, ...] = ()


@dataclass(frozen=True, slots=True)
class Login:
    """Of the devices."""

    username: str | None
    password: str | None = field(repr=False)

    @property
    def body(self) -> dict[str, JsonValue]:
        """As the console takes it."""
        return {} if self.username is None else {"username": self.username, "password": self.password}


def join_all(
    range_: str | None, area: str | None, kind: CameraKind, login: Login, target: Target, *, json: bool
) -> None:
    """Search by the hub, register what answers to the login. Exit 1 where a device could not be."""
    clock = SystemClock()
    outcomes: list[JsonValue] = []
    failed = 0
    with target.connect() as client:
        area_id = find_area(client, area).id
        found = search(client, range_, clock)
        for device in found.devices:
            body: dict[str, JsonValue] = {"name": device.title, "area_id": area_id, "address": device.address}
            body |= {"kind": kind.value, **login.body}
            outcome, said = _registered(client, device, body, clock)
            failed += outcome == "failed"
            outcomes.append({"address": device.address, "outcome": outcome, "detail": said})
            if not json:
                print_line(f"{_SIGNS[outcome]} {device.address}  {_told(device)}  {said}")
    if json:
        print_json({"devices": outcomes})
    else:
        counts = {name: sum(_outcome(one) == name for one in outcomes) for name in ("new", "known", "failed")}
        print_line(say("registered_devices", **counts))
    _complain(found)
    if failed:
        raise typer.Exit(1)


_SIGNS = {"new": "✓", "known": "·", "failed": "✗"}


def search(client: ConsoleClient, range_: str | None, clock: Clock) -> Discovery:
    """One search, to its end."""
    wish: dict[str, JsonValue] = {} if range_ is None else {"range": range_}
    found = client.send(Discovery, "POST", "/api/discoveries", wish)
    while found.state == "running":
        asyncio.run(clock.sleep(_ASK_EVERY_S))
        found = client.get(Discovery, f"/api/discoveries/{found.id}")
    return found


def _registered(
    client: ConsoleClient, device: FoundDevice, body: dict[str, JsonValue], clock: Clock
) -> tuple[str, str]:
    """`(outcome, what to say)`. Of a recorder each channel is a camera; the first bears the name alone."""
    if device.cameras:
        return "known", say("device_known", names=" ".join(_names(device)))
    try:
        first = _made(client, body, clock)
        for number, channel in enumerate(first.channels[1:], 2):
            _made(client, body | {"channel": channel, "name": f"{device.title[:58]} {number}"}, clock)
    except HubError as error:
        known = error.params.get("problem") == "patrol_console.camera_known"
        return "known" if known else "failed", str(error.params.get("says", error.code))
    if len(first.channels) > 1:
        return "new", say("recorder_registered", name=first.name, count=len(first.channels))
    return "new", say("device_registered", name=first.name, id=first.id)


def _made(client: ConsoleClient, body: dict[str, JsonValue], clock: Clock) -> CameraRecord:
    """One camera; a console that says "too often" is given time."""
    for left in reversed(range(_MOST_TRIES)):
        try:
            return client.send(CameraRecord, "POST", "/api/cameras", body)
        except HubError as error:
            if error.kind is not ErrorKind.LIMITED or left == 0:
                raise
        asyncio.run(clock.sleep(_TOO_FAST_S))
    raise AssertionError("the last try returns or raises")


def _names(device: FoundDevice) -> Iterator[str]:
    for camera in device.cameras:
        yield camera.name or "…"


def _told(device: FoundDevice) -> str:
    words = " ".join(dict.fromkeys(part for part in (device.name, device.hardware) if part))
    ours = f"[{' '.join(_names(device))}]" if device.cameras else ""
    return f"{plain(words)} {ours}".strip()


def _outcome(one: JsonValue) -> str:
    return str(one.get("outcome")) if isinstance(one, dict) else ""


def _complain(found: Discovery) -> None:
    if found.problem is not None:
        raise HubError(ErrorKind.UNAVAILABLE, "probe.console_says", says=found.problem)
