"""The options that the camera commands share, in the chosen language."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from probe.language import say

JsonFlag = Annotated[bool, typer.Option("--json", help=say("opt_json"))]
DataOption = Annotated[Path | None, typer.Option("--data", help=say("opt_data_of_hub"), file_okay=False)]
UrlOption = Annotated[str | None, typer.Option("--url", help=say("opt_url"))]
PersonOption = Annotated[str | None, typer.Option("--as", help=say("opt_as"))]
UsernameOption = Annotated[str | None, typer.Option("--user", "-u", help=say("opt_username"))]
PasswordStdin = Annotated[bool, typer.Option("--password-stdin", help=say("opt_password_stdin"))]
CameraArgument = Annotated[str, typer.Argument(metavar="CAMERA", help=say("arg_camera"))]
