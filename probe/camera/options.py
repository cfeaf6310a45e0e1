"""The options that the camera commands share, in the chosen language."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hub.contracts.camera import Transport
from hub.contracts.severity import Severity
from hub.contracts.watch import WatchMode
from probe.language import say

JsonFlag = Annotated[bool, typer.Option("--json", help=say("opt_json"))]
DataOption = Annotated[Path | None, typer.Option("--data", help=say("opt_data_of_hub"), file_okay=False)]
UrlOption = Annotated[str | None, typer.Option("--url", help=say("opt_url"))]
PersonOption = Annotated[str | None, typer.Option("--as", help=say("opt_as"))]
UsernameOption = Annotated[str | None, typer.Option("--user", "-u", help=say("opt_user"))]
PasswordStdin = Annotated[bool, typer.Option("--password-stdin", help=say("opt_password_stdin"))]
CameraArgument = Annotated[str, typer.Argument(metavar="CAMERA", help=say("arg_camera"))]

WatchOption = Annotated[WatchMode | None, typer.Option("--watch", help=say("opt_watch"))]
EveryOption = Annotated[int | None, typer.Option("--every", help=say("opt_every"), min=1, max=1440)]
TransportOption = Annotated[Transport | None, typer.Option("--transport", help=say("opt_transport"))]
AudioOption = Annotated[bool | None, typer.Option("--audio/--no-audio", help=say("opt_audio"))]
ImportanceOption = Annotated[Severity | None, typer.Option("--importance", help=say("opt_importance"))]

CodeOption = Annotated[str | None, typer.Option("--code", metavar="20_DIGITS", help=say("opt_code"))]
LongitudeOption = Annotated[float | None, typer.Option("--longitude", help=say("opt_longitude"))]
LatitudeOption = Annotated[float | None, typer.Option("--latitude", help=say("opt_latitude"))]
RecordingsOption = Annotated[str | None, typer.Option("--recordings", help=say("opt_recordings"))]
TagOption = Annotated[list[str] | None, typer.Option("--tag", help=say("opt_tag"))]
