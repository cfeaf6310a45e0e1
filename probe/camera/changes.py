"""`probe camera remove`: takes a camera out of the hub after saying what is lost."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from hub.errors import ErrorKind, HubError
from probe.camera.options import CameraArgument, DataOption, JsonFlag, PersonOption, UrlOption
from probe.camera.record import find_camera
from probe.language import say
from probe.printer import print_json, print_line
from probe.target import Target


def remove(
    camera: CameraArgument,
    yes: Annotated[bool, typer.Option("--yes", "-y", help=say("opt_yes"))] = False,
    data: DataOption = None,
    url: UrlOption = None,
    person: PersonOption = None,
    json: JsonFlag = False,
) -> None:
    """Remove a camera after asking."""
    with Target(data, url, person).connect() as client:
        found = find_camera(client, camera)
        if not yes:
            if not sys.stdin.isatty():
                raise HubError(ErrorKind.INVALID, "probe.say_yes", name=found.name)
            typer.confirm(say("remove_question", name=found.name), abort=True)
        client.request("DELETE", f"/api/cameras/{found.id}")
        if json:
            print_json({"id": found.id, "removed": True})
        else:
            print_line(say("camera_removed", name=found.name))
