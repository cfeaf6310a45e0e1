"""`probe camera change | remove`: another way of watching; a camera taken out after saying what is lost."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from hub.errors import ErrorKind, HubError
from probe.camera.options import (
    AudioOption,
    CameraArgument,
    CodeOption,
    DataOption,
    EveryOption,
    ImportanceOption,
    JsonFlag,
    LatitudeOption,
    LongitudeOption,
    PersonOption,
    RecordingsOption,
    TagOption,
    TransportOption,
    UrlOption,
    WatchOption,
)
from probe.camera.record import CameraRecord, find_area, find_camera
from probe.camera.watching import described, watching
from probe.language import say
from probe.printer import print_json, print_line
from probe.target import Target


def change(
    camera: CameraArgument,
    name: Annotated[str | None, typer.Option("--name", "-n", help=say("opt_name"))] = None,
    area: Annotated[str | None, typer.Option("--area", "-a", help=say("opt_area"))] = None,
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
    data: DataOption = None,
    url: UrlOption = None,
    person: PersonOption = None,
    json: JsonFlag = False,
) -> None:
    """Change what is given; what is not stays."""
    body = watching(watch, every, transport, audio, importance)
    body |= described(code, longitude, latitude, recordings, tag)
    body |= {key: value for key, value in (("name", name), ("place", place)) if value is not None}
    if not body and area is None:
        raise HubError(ErrorKind.INVALID, "probe.nothing_to_change")
    with Target(data, url, person).connect() as client:
        found = find_camera(client, camera)
        if area is not None:
            body["area_id"] = find_area(client, area).id
        changed = client.send(CameraRecord, "PATCH", f"/api/cameras/{found.id}", body)
        if json:
            print_json(changed.model_dump(mode="json"))
        else:
            print_line(say("camera_changed", name=changed.name))


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
