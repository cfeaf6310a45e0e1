"""`probe camera ptz`: turn a camera of the hub's, go to its presets, set and remove them; others are told who holds it.

A move is said again a few times a second for as long as it is wished, then stopped; whoever breaks off with Ctrl-C
stops it too. What the terminal forgets, the gateway and the camera end by themselves.
"""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import Annotated, Final

import typer
from pydantic import JsonValue

from hub.clock import Clock, SystemClock
from hub.contracts.ptz import PtzCommand, PtzPreset, PtzState, PtzVerb
from hub.errors import ErrorKind, HubError
from probe.camera.options import CameraArgument, DataOption, JsonFlag, PersonOption, UrlOption
from probe.camera.record import find_camera
from probe.console_client import ConsoleClient
from probe.language import say
from probe.printer import print_json, print_line, print_table
from probe.target import Target

AGAIN_S: Final = 0.4


class Turn(StrEnum):
    """What is wanted."""

    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"
    IN = "in"
    OUT = "out"
    STOP = "stop"
    HOME = "home"
    PRESET = "preset"  # without a name: which there are
    SET_PRESET = "set-preset"
    REMOVE_PRESET = "remove-preset"


_WAYS: Final[dict[Turn, tuple[int, int, int]]] = {
    Turn.LEFT: (-1, 0, 0),
    Turn.RIGHT: (1, 0, 0),
    Turn.UP: (0, 1, 0),
    Turn.DOWN: (0, -1, 0),
    Turn.IN: (0, 0, 1),
    Turn.OUT: (0, 0, -1),
}


def turn(
    camera: CameraArgument,
    action: Annotated[Turn, typer.Argument(help=say("arg_turn"))],
    preset: Annotated[str | None, typer.Argument(metavar="PRESET", help=say("arg_preset"))] = None,
    seconds: Annotated[float, typer.Option("--seconds", min=0.1, max=60, help=say("opt_turn_seconds"))] = 1.0,
    after: Annotated[int | None, typer.Option("--after", min=0, max=86_400, help=say("opt_home_after"))] = None,
    speed: Annotated[float, typer.Option("--speed", min=0.05, max=1, help=say("opt_turn_speed"))] = 0.5,
    data: DataOption = None,
    url: UrlOption = None,
    person: PersonOption = None,
    json: JsonFlag = False,
) -> None:
    """Turn a camera, or go to one of its presets."""
    with Target(data, url, person).connect() as client:
        found = find_camera(client, camera)
        head = _Head(client, f"/api/cameras/{found.id}/ptz")
        if after is not None:
            home: JsonValue = {"after_s": after or None, "preset": None}
            client.request("PUT", f"/api/cameras/{found.id}/ptz/home", home)
        way = _WAYS.get(action)
        state = head.do(action, preset) if way is None else head.move(way, speed, seconds, SystemClock())
    if json:
        print_json(state.model_dump(mode="json"))
    elif action is Turn.PRESET and preset is None:
        _print_presets(state.presets or ())
    elif action is Turn.SET_PRESET:
        print_line(say("preset_set", name=found.name, preset=preset or state.preset or "–", token=state.preset or "–"))
    else:
        print_line(say("turned", name=found.name))


class _Head:
    def __init__(self, client: ConsoleClient, path: str) -> None:
        self._client, self._path = client, path

    def move(self, way: tuple[int, int, int], speed: float, seconds: float, clock: Clock) -> PtzState:
        pan, tilt, zoom = (axis * speed for axis in way)
        wish = PtzCommand(verb=PtzVerb.MOVE, pan=pan, tilt=tilt, zoom=zoom)
        end_s = clock.monotonic() + seconds
        try:
            while True:
                self._say(wish)
                left_s = end_s - clock.monotonic()
                if left_s <= 0:
                    break
                asyncio.run(clock.sleep(min(AGAIN_S, left_s)))
        finally:
            self._say(PtzCommand(verb=PtzVerb.STOP))
        return self._say(PtzCommand(verb=PtzVerb.RELEASE))

    def do(self, action: Turn, preset: str | None) -> PtzState:
        match action:
            case Turn.STOP:
                self._say(PtzCommand(verb=PtzVerb.STOP))
            case Turn.HOME:
                self._say(PtzCommand(verb=PtzVerb.HOME))
            case Turn.SET_PRESET:
                known = self._named(preset) if preset is not None else None
                token = known.token if known is not None else None
                made = self._say(PtzCommand(verb=PtzVerb.SET, name=preset, preset=token))
                self._say(PtzCommand(verb=PtzVerb.RELEASE))
                return made
            case Turn.PRESET if preset is None:
                return self._say(PtzCommand(verb=PtzVerb.LOOK))
            case _:
                chosen = self._named(preset or "")
                if chosen is None:
                    raise HubError(ErrorKind.INVALID, "probe.no_preset", preset=preset or "")
                verb = PtzVerb.GO if action is Turn.PRESET else PtzVerb.REMOVE
                self._say(PtzCommand(verb=verb, preset=chosen.token))
        return self._say(PtzCommand(verb=PtzVerb.RELEASE))

    def _named(self, text: str) -> PtzPreset | None:
        """By its name, else by its token."""
        presets = self._say(PtzCommand(verb=PtzVerb.LOOK)).presets or ()
        by_name = (one for one in presets if one.name == text)
        return next(by_name, next((one for one in presets if one.token == text), None))

    def _say(self, wish: PtzCommand) -> PtzState:
        return self._client.send(PtzState, "POST", self._path, wish.model_dump(mode="json"))


def _print_presets(presets: tuple[PtzPreset, ...]) -> None:
    if not presets:
        print_line(say("no_presets"))
        return
    print_table((say("head_preset"), say("head_name")), ((one.token, one.name) for one in presets))
